"""Reading rankings, places and objections, and the facts their rules are asked with."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from portal import firm
from portal.access import Actor
from portal.kernel.errors import NotFound
from portal.kernel.workdays import day_of
from portal.ranking.lifecycle import ObjectionState
from portal.ranking.models import Ranking, RankingObjection, RankingRow
from portal.ranking.queries.collecting import collect, rules_pinned
from portal.ranking.rules import Finding, ObjectionFacts, RankingFacts
from tenants.db import db, tenant_of_session
from tenants.models import Tenant


def ranking(row_id: UUID) -> Ranking:
    """One ranking. Raises `NotFound`."""
    found = db.session.scalar(select(Ranking).where(Ranking.id == row_id))
    if found is None:
        raise NotFound
    return found


def of_year(year: int) -> Ranking | None:
    """The ranking of a year, if one was begun."""
    return db.session.scalar(select(Ranking).where(Ranking.year == year))


def rankings() -> list[Ranking]:
    """The bureau's rankings, the latest year first."""
    return list(db.session.scalars(select(Ranking).order_by(Ranking.year.desc())))


def rows_of(row: Ranking) -> list[RankingRow]:
    """The firms of the current edition in their order."""
    return list(
        db.session.scalars(
            select(RankingRow)
            .where(RankingRow.ranking_id == row.id, RankingRow.edition == row.edition)
            .order_by(RankingRow.place)
        )
    )


def contracts_of(row: Ranking) -> list[UUID]:
    """Every contract of the year, those that count first."""
    counting = [work["contract"] for each in rows_of(row) for work in each.works]
    return [UUID(each) for each in (*counting, *(each["contract"] for each in row.missing))]


def own_rows(row: Ranking, actor: Actor) -> list[RankingRow]:
    """What a firm sees of the current edition: its own place."""
    return [each for each in rows_of(row) if each.firm_id == actor.party_id]


def objections_to(row: Ranking) -> list[RankingObjection]:
    """The objections to a ranking that the actor may read, the latest first."""
    return list(
        db.session.scalars(
            select(RankingObjection)
            .where(RankingObjection.ranking_id == row.id)
            .order_by(RankingObjection.filed_at.desc())
        )
    )


def own_objections(party_id: UUID) -> list[RankingObjection]:
    """What a firm objected to, the latest first; also while its ranking is being corrected."""
    rows = select(RankingObjection).where(RankingObjection.firm_id == party_id)
    return list(db.session.scalars(rows.order_by(RankingObjection.filed_at.desc())))


def objection(row_id: UUID) -> RankingObjection:
    """One objection. Raises `NotFound`."""
    found = db.session.scalar(select(RankingObjection).where(RankingObjection.id == row_id))
    if found is None:
        raise NotFound
    return found


@dataclass(frozen=True, slots=True)
class OwnPlace:
    """A firm's own place in one edition of a ranking that it may read."""

    ranking: Ranking
    row: RankingRow


def own_places(party_id: UUID) -> list[OwnPlace]:
    """Where a firm stands in the rankings now public or final, the latest year first; one statement."""
    found = db.session.execute(
        select(Ranking, RankingRow)
        .join(RankingRow, (RankingRow.ranking_id == Ranking.id) & (RankingRow.edition == Ranking.edition))
        .where(RankingRow.firm_id == party_id, Ranking.published_at.is_not(None))
        .order_by(Ranking.year.desc())
    )
    return [OwnPlace(each[0], each[1]) for each in found]


def own_standings(party_id: UUID) -> list[firm.Standing]:
    """The firm's standings in force in this bureau, the latest year first."""
    return firm.standings_of([party_id]).get(party_id, [])


def bureau_name() -> str:
    """The name of the bureau this transaction acts in."""
    return db.session.scalar(select(Tenant.name).where(Tenant.id == tenant_of_session())) or ""


def facts(
    row: Ranking, *, by: Actor | None, now: datetime, workdays: int | None = None, reason: str = ""
) -> RankingFacts:
    """Everything the rules ask about; figures are compared only where they are about to be published."""
    counted = _objections(row)
    known = RankingFacts(
        today=day_of(now),
        actor_id=by.account_id if by else None,
        drafter_id=row.drafted_by,
        ranked=row.ranked,
        until=row.publicity_until,
        open_objections=counted[ObjectionState.OPEN.value],
        upheld=counted[Finding.UPHELD.value],
        unread=by is not None and by.party_id in row.unread,
        reason=reason,
    )
    if workdays is None:
        return known
    return RankingFacts(
        **{
            **{name: getattr(known, name) for name in RankingFacts.__dataclass_fields__},
            "workdays": workdays,
            "least_workdays": rules_pinned(row).publicity_workdays,
            "same_figures": collect(row.year, now=now).digest == row.figures,
        }
    )


def _objections(row: Ranking) -> Counter[str]:
    """Objections to the current edition, counted by finding, the open ones by their state."""
    found = db.session.execute(
        select(RankingObjection.state, RankingObjection.finding).where(
            RankingObjection.ranking_id == row.id, RankingObjection.edition == row.edition
        )
    )
    return Counter(finding or state for state, finding in found)


def objection_facts(row: Ranking, *, by: Actor, now: datetime) -> ObjectionFacts:
    """What decides whether the actor's firm may object now."""
    waiting = db.session.scalar(
        select(func.count()).where(
            RankingObjection.ranking_id == row.id,
            RankingObjection.firm_id == by.party_id,
            RankingObjection.state == ObjectionState.OPEN.value,
        )
    )
    return ObjectionFacts(
        today=day_of(now),
        until=row.publicity_until,
        published=row.is_public and not row.is_final,
        already_open=bool(waiting),
    )
