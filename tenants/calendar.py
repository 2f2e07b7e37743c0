"""The working-day calendar as the database holds it."""

from datetime import date

from sqlalchemy import extract, select

from portal.kernel.workdays import Calendar
from tenants.db import db
from tenants.models import CalendarDay


def calendar(around: date, *, years_ahead: int = 1) -> Calendar:
    """The calendar of the years from the one before ``around`` to ``years_ahead`` after it; one statement."""
    wanted = range(around.year - 1, around.year + years_ahead + 1)
    rows = db.session.execute(
        select(CalendarDay.day, CalendarDay.is_workday).where(extract("year", CalendarDay.day).in_(wanted))
    )
    days = {row.day: row.is_workday for row in rows}
    whole = {
        year
        for year in wanted
        if sum(day.year == year for day in days) == (date(year, 12, 31) - date(year, 1, 1)).days + 1
    }
    return Calendar(days, frozenset(whole))
