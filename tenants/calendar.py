"""The working-day calendar: as the database holds it, and as chinesecalendar knows it (2004-2026)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from importlib.metadata import version
from typing import Final

import chinese_calendar
from sqlalchemy import extract, func, select

from portal.kernel.workdays import Calendar
from tenants.db import db
from tenants.models import CalendarDay

FIRST_YEAR: Final = 2004
LAST_YEAR: Final = 2026
KNOWN_SOURCE: Final = (
    f"国务院办公厅关于历年部分节假日安排的通知（chinesecalendar {version('chinesecalendar')} 整理）"
)


@dataclass(frozen=True, slots=True)
class YearHeld:
    """One year of the calendar as it stands: how many days, how many of them worked, and on whose word."""

    year: int
    days: int
    workdays: int
    source: str

    @property
    def missing(self) -> int:
        """How many days of the year are not there."""
        return length(self.year) - self.days

    @property
    def is_whole(self) -> bool:
        """Whether every day of the year is there."""
        return not self.missing


def length(year: int) -> int:
    """How many days the year has."""
    return (date(year + 1, 1, 1) - date(year, 1, 1)).days


def days_of(year: int) -> list[date]:
    """Every day of the year, in order."""
    return [date(year, 1, 1) + timedelta(days=number) for number in range(length(year))]


def calendar(around: date, *, years_ahead: int = 1) -> Calendar:
    """The calendar of the years from the one before ``around`` to ``years_ahead`` after it; one statement."""
    wanted = range(around.year - 1, around.year + years_ahead + 1)
    rows = db.session.execute(
        select(CalendarDay.day, CalendarDay.is_workday).where(
            CalendarDay.day.between(date(wanted[0], 1, 1), date(wanted[-1], 12, 31))
        )
    )
    days = {row.day: row.is_workday for row in rows}
    whole = {year for year in wanted if sum(day.year == year for day in days) == length(year)}
    return Calendar(days, frozenset(whole))


def known_years() -> Mapping[int, Mapping[date, bool]]:
    """What chinesecalendar knows: whether people work, by year and day."""
    return {
        year: {day: chinese_calendar.is_workday(day) for day in days_of(year)}
        for year in range(FIRST_YEAR, LAST_YEAR + 1)
    }


def years_held() -> list[YearHeld]:
    """The years the database holds, the latest first; one statement."""
    year = extract("year", CalendarDay.day)
    rows = db.session.execute(
        select(
            year.label("year"),
            func.count().label("days"),
            func.count().filter(CalendarDay.is_workday).label("workdays"),
            func.max(CalendarDay.source).label("source"),
        )
        .group_by(year)
        .order_by(year.desc())
    )
    return [YearHeld(int(row.year), row.days, row.workdays, row.source) for row in rows]


def days_held(year: int) -> dict[date, bool]:
    """Whether people work, for the days of one year that the database holds."""
    rows = db.session.execute(
        select(CalendarDay.day, CalendarDay.is_workday).where(
            CalendarDay.day.between(date(year, 1, 1), date(year, 12, 31))
        )
    )
    return {row.day: row.is_workday for row in rows}
