"""When a buyer may decide, for whom, and until when (政府采购法实施条例 §43; 令74)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from portal.kernel.ruling import Clause, Ruling, unless
from portal.kernel.workdays import Calendar, add_workdays, day_of, end_of

REGULATION_43: Final = Clause("政府采购法实施条例", "第四十三条")
REGULATION_49: Final = Clause("政府采购法实施条例", "第四十九条")


@dataclass(frozen=True, slots=True)
class AwardFacts:
    """An award at the moment the buyer decides. ``place`` is the rank of whom they chose, None for nobody;
    ``first`` the best rank of those who have not refused to sign.
    """

    suspended: bool
    place: int | None
    first: int | None = 1
    ground: str = ""
    has_file: bool = False


def may_decide(f: AwardFacts) -> Ruling:
    """The first in the ranking, unless a documented legal ground stands against it."""
    other = f.place is not None and f.place != f.first
    return (
        unless(f.suspended, "award.suspended")
        & unless(f.place is None, "award.nobody")
        & unless(other and not f.ground.strip(), "award.no_ground", REGULATION_43)
        & unless(other and not f.has_file, "award.no_file", REGULATION_43)
    )


def decide_by(ranked_at: datetime, workdays: int, calendar: Calendar) -> datetime:
    """Until when the buyer decides: the end of the ``workdays``-th working day after the report."""
    return end_of(add_workdays(day_of(ranked_at), workdays, calendar))
