"""Working days by an explicit calendar (令94 §42: the opening day is not counted).

A calendar answers for the years it knows; any other year is refused by name, never guessed from weekends.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from portal.kernel.clock import SHANGHAI
from portal.kernel.errors import Misconfigured


@dataclass(frozen=True, slots=True)
class Calendar:
    """``days`` maps a date to whether people work on it; ``years`` are those filled completely."""

    days: Mapping[date, bool]
    years: frozenset[int]

    def is_workday(self, day: date) -> bool:
        """Raises `Misconfigured` for a year that nobody has entered."""
        if day.year not in self.years:
            raise Misconfigured(f"calendar.{day.year}")
        return self.days[day]


def _after(day: date) -> Iterator[date]:
    while True:
        day += timedelta(days=1)
        yield day


def add_workdays(day: date, count: int, calendar: Calendar) -> date:
    """The ``count``-th working day after ``day``, which itself does not count. ``count`` is at least 1."""
    if count < 1:
        msg = "count of working days starts at 1"
        raise ValueError(msg)
    left = count
    for candidate in _after(day):
        left -= calendar.is_workday(candidate)
        if not left:
            return candidate
    raise AssertionError  # the dates never end


def workdays_between(start: date, end: date, calendar: Calendar) -> int:
    """Working days in (start, end]; negative when ``end`` lies before ``start``."""
    if end < start:
        return -workdays_between(end, start, calendar)
    return sum(calendar.is_workday(start + timedelta(days=n)) for n in range(1, (end - start).days + 1))


def end_of(day: date) -> datetime:
    """The last instant of a day in Shanghai, 23:59:59, inclusive (民法典 §203: a day ends at 24:00)."""
    return datetime.combine(day, time(23, 59, 59), SHANGHAI)


def day_of(instant: datetime) -> date:
    """The day in Shanghai on which an instant falls."""
    return instant.astimezone(SHANGHAI).date()
