"""Loading the demo world, once: last year from beginning to end, this year with work at every step.

The clock is put back to last March, everything is done in its order by those whose work it is, and the clock
comes home.
"""

from datetime import date, datetime, time, timedelta
from typing import Final
from uuid import UUID

from portal import tender
from portal.audit import ring_due
from portal.contract import DeliverableKind
from portal.demo import clock, settling, walk
from portal.demo.people import SHIZONG
from portal.demo.settling import World
from portal.demo.walk import Work
from portal.kernel.clock import SHANGHAI
from portal.kernel.workdays import day_of
from portal.subject import subjects_for_choice
from tenants import scope
from tenants.calendar import calendar

BEGINS: Final = (3, 3)  # month and day of last year
MORNING: Final = time(9, 30)


def load() -> World:
    """Make the demo world by the actions its people would call. The database must hold no bureau yet."""
    with scope.entered(scope.operator_system("demo")):
        today = scope.now()
    world = World()
    clock.reach(datetime.combine(date(today.year - 1, *BEGINS), MORNING, SHANGHAI))
    settling.settle_in(world)
    subjects = _subjects(world)
    last_year(world, today.year - 1, subjects)
    this_year(world, today, subjects)
    clock.back()
    ring_due()
    return world


def _subjects(world: World) -> list[UUID]:
    with scope.entered(scope.system(world.bureaus[SHIZONG], "demo")):
        return [subject.id for subject in subjects_for_choice()]


def last_year(world: World, year: int, subjects: list[UUID]) -> None:
    """Two evaluations, from the commission to the standings; the second below the cutoff."""
    ways: tuple[tuple[str, UUID, dict[str, str], tuple[int, int, int], int], ...] = (
        (
            "财政重点绩效评价（一）",
            subjects[0],
            {"firm01": "168000", "firm02": "172000", "firm03": "159000"},
            (1, 2, 2),
            1,
        ),
        (
            "财政重点绩效评价（二）",
            subjects[1],
            {"firm02": "158000", "firm04": "143000", "firm06": "151000"},
            (13, 14, 15),
            6,
        ),
    )
    for number, (name, subject, firms, losses, lost) in enumerate(ways, 1):
        made = walk.contracted(world, Work(f"师宗县{year}年{name}", year, (subject,), "180000"), firms)
        walk.pass_days(5)
        walk.accepted(world, made, DeliverableKind.PLAN)
        walk.paid(world, made, f"示例发票{year}{number}1")
        walk.pass_days(20)
        walk.visited(world, made)
        walk.accepted(world, made, DeliverableKind.DRAFT)
        walk.heard(world, made)
        walk.pass_days(6)
        walk.accepted(world, made, DeliverableKind.REPORT)
        round_id = walk.drawn(world, made)
        walk.scored(world, round_id, walk.seated(world, round_id), losses)
        walk.told(world, round_id)
        walk.settled(world, made)
        walk.paid(world, made, f"示例发票{year}{number}2")
        walk.appraised(world, made, lost)
    clock.reach(datetime.combine(date(year, 12, 1), MORNING, SHANGHAI))
    row_id = walk.published(world, year)
    walk.pass_days(12)
    walk.finalised(world, row_id)


def this_year(world: World, today: datetime, subjects: list[UUID]) -> None:
    """Something waits in every inbox."""
    year = today.year
    clock.reach(today - timedelta(days=48))
    first = walk.contracted(world, _work(year, "一", subjects[2]), _firms("firm03", "firm01", "firm06"))
    walk.delivered(world, first, (5, 20, 6))
    round_id = walk.drawn(world, first)
    walk.scored(world, round_id, walk.seated(world, round_id), (2, 4, 5))
    walk.told(world, round_id)
    walk.settled(world, first)
    walk.asked_for(world, first)
    walk.filled(world, first, ("KP_UNIT",), 2)
    walk.undersigned(world, first, "KP_UNIT", locked=False)

    clock.reach(today - timedelta(days=24))
    second = walk.contracted(world, _work(year, "二", subjects[3]), _firms("firm07", "firm03", "firm08"))
    walk.delivered(world, second, (3, 8, 4))

    clock.reach(today - timedelta(days=10))
    work = _work(year, "三", subjects[4], subjects[5])
    third = walk.contracted(world, work, _firms("firm01", "firm09", "firm10"))
    walk.accepted(world, third, DeliverableKind.PLAN)
    walk.checked(world, walk.asked_for(world, third))
    walk.accepted(world, third, DeliverableKind.DRAFT, most=1)

    _purchases(world, year, today, subjects)
    clock.reach(today)
    walk.seated(world, walk.drawn(world, second), places=2)
    walk.returned(world, _work(year, "九", *subjects[:2]))
    walk.commissioned(world, _work(year, "十", subjects[9], kind="review"))


def _purchases(world: World, year: int, today: datetime, subjects: list[UUID]) -> None:
    """Purchases that wait at each of their steps, the furthest first."""
    clock.reach(_workdays_before(today, 6))
    signing, deciding, judging, closed = [
        walk.out_with_bids(world, _work(year, number, subject), _firms("firm01", "firm11", "firm12"))
        for number, subject in zip("四五六七", subjects[6:10], strict=True)
    ]
    clock.reach(max(today - timedelta(hours=1), _deadline(world, closed)))
    walk.reviewed(world, signing, walk.ranked)
    walk.offered(world, walk.awarded(world, signing))
    walk.reviewed(world, deciding, walk.ranked)
    walk.reviewed(world, judging, walk.examined)
    walk.concluded(world, judging)
    running = _work(year, "八", subjects[6], kind="review")
    firms = ("firm01", "firm13", "firm14")
    out = walk.issued(world, walk.approved(world, running), f"{running.name}采购", running.ceiling, firms)
    walk.asked(world, out, "firm13")
    held = _work(year, "十一", subjects[7], kind="review")
    still = walk.issued(world, walk.approved(world, held), f"{held.name}采购", held.ceiling, firms)
    walk.suspended(world, still)
    drafted = _work(year, "十二", subjects[8], kind="review")
    walk.submitted(world, walk.approved(world, drafted), f"{drafted.name}采购", drafted.ceiling, firms)


def _work(year: int, number: str, *subjects: UUID, kind: str = "evaluation") -> Work:
    return Work(f"师宗县{year}年财政重点绩效评价（{number}）", year, subjects, "180000", kind=kind)


def _firms(*names: str) -> dict[str, str]:
    """Their prices: the first is the lowest, none abnormally so."""
    return {name: str(150_000 + 6_000 * place) for place, name in enumerate(names)}


def _workdays_before(today: datetime, workdays: int) -> datetime:
    """So many working days before, at the same hour."""
    with scope.entered(scope.operator_system("demo")):
        days = calendar(day_of(today))
    day = today
    while workdays:
        day -= timedelta(days=1)
        workdays -= days.is_workday(day_of(day))
    return day


def _deadline(world: World, tender_id: UUID) -> datetime:
    """Just after the deadline of a purchase."""
    with world.acting(*walk.BUYER):
        return tender.tender(tender_id).response_by + timedelta(minutes=5)
