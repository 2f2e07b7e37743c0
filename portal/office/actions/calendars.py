"""Filling the working-day calendar: from chinesecalendar, and from the operator's file for later years."""

import csv
import io
from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from portal.access import Actor
from portal.audit import record
from portal.office.rules.days import DayFault, read_days
from tenants.calendar import KNOWN_SOURCE, known_years
from tenants.db import db
from tenants.models import CalendarDay


class BadCalendar(ValueError):
    """A file that is refused whole; carries every fault."""

    def __init__(self, faults: tuple[DayFault, ...]) -> None:
        super().__init__(len(faults))
        self.faults = faults


def fill_known(*, by: Actor | None, now: datetime, only_if_empty: bool = False) -> int:
    """Enter the years chinesecalendar knows; the days that changed. Years the operator entered stay his."""
    if only_if_empty and db.session.scalar(select(CalendarDay.day).limit(1)) is not None:
        return 0
    return _keep(known_years(), dict.fromkeys(known_years(), KNOWN_SOURCE), by=by, now=now)


def load(content: bytes, *, by: Actor | None, now: datetime) -> dict[int, int]:
    """Enter the years of the operator's file, all or nothing; the days that changed, by year.

    Raises `BadCalendar` with every fault.
    """
    plan, faults = read_days(_table(content))
    if faults:
        raise BadCalendar(faults)
    return {
        year: _keep({year: days}, {year: plan.sources[year]}, by=by, now=now)
        for year, days in plan.years.items()
    }


def _table(content: bytes) -> list[list[str]]:
    """The cells of a .csv, in UTF-8 or in what Chinese spreadsheets save by default; none of what is none."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("gb18030", errors="replace")
    try:
        return list(csv.reader(io.StringIO(text)))
    except csv.Error:
        return []


def _keep(
    years: Mapping[int, Mapping[date, bool]],
    sources: Mapping[int, str],
    *,
    by: Actor | None,
    now: datetime,
) -> int:
    """Write the days that are new or different."""
    first, last = date(min(years), 1, 1), date(max(years), 12, 31)
    held = {
        row.day: (row.is_workday, row.source)
        for row in db.session.execute(
            select(CalendarDay.day, CalendarDay.is_workday, CalendarDay.source).where(
                CalendarDay.day.between(first, last)
            )
        )
    }
    rows = [
        {"day": day, "is_workday": works, "source": sources[year]}
        for year, days in years.items()
        for day, works in days.items()
        if held.get(day) != (works, sources[year])
    ]
    if rows:
        statement = insert(CalendarDay)
        db.session.execute(
            statement.on_conflict_do_update(
                index_elements=["day"],
                set_={"is_workday": statement.excluded.is_workday, "source": statement.excluded.source},
            ),
            rows,
        )
    if rows and by is not None:
        record("calendar.load", by=by, now=now, years=sorted(years), days=len(rows), sources=sources)
    return len(rows)
