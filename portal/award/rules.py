"""When a buyer may decide, for whom, and until when; and what the clock or a list of refusals ends.

Sources: 政府采购法实施条例 §§43, 49; 令74 §49. Below the thresholds the same steps are what the bureau's own
询价通知书 promises, and that is what is cited.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from portal.kernel.ruling import Clause, Ruling, unless
from portal.kernel.workdays import Calendar, add_workdays, day_of, end_of, workdays_between
from portal.tender.rules.moves import cited

REGULATION_43: Final = Clause("政府采购法实施条例", "第四十三条")
REGULATION_49: Final = Clause("政府采购法实施条例", "第四十九条")
ORDER_74_49: Final = Clause("财政部令第74号", "第四十九条")


@dataclass(frozen=True, slots=True)
class AwardFacts:
    """An award at the moment it is decided. ``place`` is the rank of whom the buyer chose, None for nobody;
    ``first`` the best rank of those who have not refused to sign, ``refused`` whether anybody has;
    ``lapses_at`` the instant (inclusive) up to which the buyer is free to choose, None where no choice is
    made for them.
    """

    now: datetime
    lapses_at: datetime | None
    suspended: bool
    place: int | None
    first: int | None = 1
    refused: bool = False
    ground: str = ""
    has_file: bool = False
    statutory: bool = False
    reason: str | None = None


def has_lapsed(lapses_at: datetime | None, now: datetime, *, suspended: bool) -> bool:
    """Whether the buyer's days have passed without a choice; a suspended purchase stands still."""
    return lapses_at is not None and now > lapses_at and not suspended


def may_decide(f: AwardFacts) -> Ruling:
    """The first in the ranking, unless a documented ground stands against it while there is still time."""
    other = f.place is not None and f.place != f.first
    lapsed = has_lapsed(f.lapses_at, f.now, suspended=f.suspended)
    law = cited(REGULATION_43, statutory=f.statutory)
    return (
        unless(f.suspended, "award.suspended")
        & unless(f.place is None, "award.nobody")
        & unless(
            other and lapsed,
            "award.lapsed",
            cited(ORDER_74_49, statutory=f.statutory),
            award_by=f.lapses_at,
        )
        & unless(other and not lapsed and not f.ground.strip(), "award.no_ground", law)
        & unless(other and not lapsed and not f.has_file, "award.no_file", law)
    )


def may_deem(f: AwardFacts) -> Ruling:
    """视为确定: the clock's own move, once the buyer let the days pass and did not suspend the purchase."""
    return unless(f.suspended, "award.suspended") & unless(
        not has_lapsed(f.lapses_at, f.now, suspended=False), "award.not_yet", award_by=f.lapses_at
    )


def may_fail(f: AwardFacts) -> Ruling:
    """After a refusal to sign the buyer takes the next or buys anew, for a reason that all are told (§49)."""
    return unless(
        f.first is not None and not f.refused,
        "award.somebody_left",
        cited(REGULATION_49, statutory=f.statutory),
    ) & unless(f.reason is None or not f.reason.strip(), "award.no_reason")


def decide_by(ranked_at: datetime, workdays: int, calendar: Calendar) -> datetime:
    """Until when the buyer decides: the end of the ``workdays``-th working day after the report."""
    return end_of(add_workdays(day_of(ranked_at), workdays, calendar))


def after_suspension(
    award_by: datetime, suspended_at: datetime, now: datetime, calendar: Calendar
) -> datetime:
    """The buyer keeps the working days that were left when the purchase was suspended, one at the least."""
    left = workdays_between(day_of(suspended_at), max(day_of(suspended_at), day_of(award_by)), calendar)
    return max(award_by, decide_by(now, max(left, 1), calendar))
