"""Draws in each state, made by the actions alone."""

from collections.abc import Mapping, Sequence
from uuid import UUID, uuid4

from portal import draw
from portal.access import Role
from portal.draw import Candidate, Excluded, Outcome, Purpose
from tenants import scope
from tests.support.world import Bureau

TYPED = "314159"


def candidates(bureau: Bureau, count: int) -> list[Candidate]:
    """Somebody to be drawn, with the bureau's marker in each name."""
    return [Candidate(uuid4(), f"{bureau.marker}候选{place}") for place in range(1, count + 1)]


def a_draw(
    bureau: Bureau,
    *,
    entries: Sequence[Candidate] | None = None,
    excluded: Sequence[Excluded] = (),
    takes: Mapping[str, int] | None = None,
    subject_id: UUID | None = None,
    subject_kind: str = "trial",
    seeded: bool = False,
    ended: Outcome | None = None,
) -> UUID:
    """A draw committed by the organiser; ``seeded`` by the approver; ``ended`` and its names released.

    The bureau has an organiser and an approver.
    """
    organiser, approver = bureau.people[Role.ORGANISER], bureau.people[Role.APPROVER]
    with scope.unit_of_work(organiser.scope):
        draw_id = draw.commit(
            Purpose.EXPERTS,
            subject_kind,
            subject_id or uuid4(),
            f"{bureau.marker}评价项目会审",
            entries if entries is not None else candidates(bureau, 5),
            excluded=excluded,
            takes=takes,
            by=organiser.actor,
            now=scope.now(),
        ).id
    if seeded:
        with scope.unit_of_work(approver.scope):
            draw.seed(draw.draw(draw_id), TYPED, by=approver.actor, now=scope.now())
    if ended:
        reason = "" if ended is Outcome.FILLED else "测试需要"
        with scope.unit_of_work(organiser.scope):
            draw.end(draw_id, ended, by=organiser.actor, now=scope.now(), reason=reason)
            draw.release_names(draw_id, by=organiser.actor, now=scope.now())
    return draw_id
