"""Loading the demo world, once: last year from beginning to end, this year with work at every step.

The clock is put back to last March, everything is done in its order by those whose work it is, and the clock
comes home.
"""

from datetime import date, datetime, time, timedelta
from typing import Final
from uuid import UUID

from portal.audit import ring_due
from portal.demo import clock, settling, walk
from portal.demo.people import SHIZONG
from portal.demo.settling import World
from portal.demo.walk import Work
from portal.kernel.clock import SHANGHAI
from portal.subject import subjects_for_choice
from tenants import scope

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
    """Two evaluations, from the commission to the standings."""


def this_year(world: World, today: datetime, subjects: list[UUID]) -> None:
    """Something waits in every inbox."""
    clock.reach(today - timedelta(days=60))
    one = walk.approved(world, Work("示例", today.year, (subjects[0],), "180000"))
    row = walk.issued(world, one, "示例采购", "180000", ("firm01", "firm02", "firm03"))
    walk.answered(world, row, {"firm01": "168000", "firm02": "172000", "firm03": "159000"})
    walk.closed(world, row)
    walk.opened(world, row)
    walk.examined(world, row)
    walk.ranked(world, row)
    made = walk.awarded(world, row)
    walk.signed(world, made)
