"""响应截止时间: the earliest lawful one by the calendar, and what a change or a suspension makes of it.

令74 §45: at least N working days from issue, the day of issue not counted; a change that may affect responses
is told N working days before, else the deadline moves. All days are days in Shanghai.
"""

from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final

from portal.kernel.clock import SHANGHAI
from portal.kernel.ruling import Clause, Ruling, unless
from portal.kernel.workdays import Calendar, add_workdays, day_of

ORDER_74_45: Final = Clause("财政部令第74号", "第四十五条")
POLICY_45: Final = Clause("本局内控制度（参照财政部令第74号第四十五条）")
CLOSE_OF_BUSINESS: Final = time(17, 0)


class Margin(StrEnum):
    """How a deadline stands to the least number of working days: clear, exactly at the line, too early."""

    CLEAR = "clear"
    AT_THE_LINE = "at_the_line"
    EARLY = "early"


def last_of(day: date, workdays: int, calendar: Calendar) -> date:
    """The ``workdays``-th working day after ``day``; the deadline is clear when it lies beyond it.

    Raises `Misconfigured` where the calendar lacks the year.
    """
    return add_workdays(day, workdays, calendar)


def margin(response_by: datetime, day: date, workdays: int, calendar: Calendar) -> Margin:
    """A deadline on the N-th working day itself is 压线: lawful by count, and a risk."""
    line = last_of(day, workdays, calendar)
    due = day_of(response_by)
    if due < line:
        return Margin.EARLY
    return Margin.AT_THE_LINE if due == line else Margin.CLEAR


def earliest(day: date, workdays: int, calendar: Calendar) -> datetime:
    """The earliest deadline without any doubt: 17:00 on the first working day beyond the line."""
    line = last_of(day, workdays, calendar)
    return datetime.combine(add_workdays(line, 1, calendar), CLOSE_OF_BUSINESS, SHANGHAI)


def deadline_holds(
    response_by: datetime | None, day: date, workdays: int, calendar: Calendar, *, statutory: bool
) -> Ruling:
    """Refused before the N-th working day after ``day``."""
    clause = ORDER_74_45 if statutory else POLICY_45
    if response_by is None:
        return unless(blocked=True, code="tender.no_deadline")
    return unless(
        margin(response_by, day, workdays, calendar) is Margin.EARLY,
        "tender.deadline_early",
        clause,
        workdays=workdays,
        earliest=earliest(day, workdays, calendar),
    )


def after_change(response_by: datetime, now: datetime, workdays: int, calendar: Calendar) -> datetime:
    """The deadline after a change: where fewer than N working days remain, the earliest clear one."""
    if margin(response_by, day_of(now), workdays, calendar) is not Margin.EARLY:
        return response_by
    return max(response_by, earliest(day_of(now), workdays, calendar))


def after_suspension(
    response_by: datetime, suspended_at: datetime, now: datetime, workdays: int, calendar: Calendar
) -> datetime:
    """The deadline moved by the time the tender stood still, and N working days at the least.

    It falls neither in the night nor on a holiday: rounded up to the close of business of a working day.
    """
    stood: timedelta = now - suspended_at
    return close_of_business(after_change(response_by + stood, now, workdays, calendar), calendar)


def close_of_business(at: datetime, calendar: Calendar) -> datetime:
    """The first 17:00 of a working day that is not before ``at``."""
    day = day_of(at)
    closes = datetime.combine(day, CLOSE_OF_BUSINESS, SHANGHAI)
    if calendar.is_workday(day) and at <= closes:
        return closes
    return datetime.combine(add_workdays(day, 1, calendar), CLOSE_OF_BUSINESS, SHANGHAI)
