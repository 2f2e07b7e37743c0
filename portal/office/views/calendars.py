"""The working-day calendar: loaded by the operator, read by everybody on a bureau's staff."""

from calendar import Calendar as Grid
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import g, request, url_for

from portal.access import Permission as P
from portal.kernel.workdays import day_of
from portal.office.actions import calendars as actions
from portal.office.actions.calendars import BadCalendar
from portal.office.forms import CalendarForm
from portal.office.views.door import bp
from portal.web.forms import put_errors
from portal.web.guard import allow, current_actor
from portal.web.pages import done, page
from portal.wording import sentence
from tenants.calendar import LAST_YEAR, days_held, years_held

SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Cell:
    """One day of a month's table: its number, and how it differs from the week's habit."""

    number: int
    css: str
    mark: str


@bp.get("/t/<tenant>/calendar")
@allow(P.CALENDAR_READ)
def calendar() -> str:
    """A year, month by month, with the source it rests on."""
    held = years_held()
    asked = request.args.get("year", "")
    year = int(asked) if asked.isdecimal() and len(asked) == 4 else day_of(g.now).year  # noqa: PLR2004
    known = next((each for each in held if each.year == year and each.is_whole), None)
    return page(
        "office/calendar.html",
        year=year,
        known=known,
        months=_months(year, days_held(year)) if known else [],
        years=sorted({each.year for each in held} | {day_of(g.now).year, year}, reverse=True),
    )


def _months(year: int, days: dict[date, bool]) -> list[tuple[int, list[list[Cell | None]]]]:
    def cell(day: date, month: int) -> Cell | None:
        if day.month != month or day not in days:
            return None
        works, weekend = days[day], day.weekday() >= SATURDAY
        if works == weekend:
            return Cell(day.day, "makeup" if works else "holiday", "班" if works else "休")
        return Cell(day.day, "" if works else "rests", "")

    return [
        (month, [[cell(day, month) for day in week] for week in Grid(0).monthdatescalendar(year, month)])
        for month in range(1, 13)
    ]


@bp.get("/operator/calendar")
@allow(P.CALENDAR_LOAD)
def years() -> str:
    """The years entered, and the form that enters another."""
    return page("office/years.html", form=CalendarForm(), years=years_held(), last_known=LAST_YEAR, faults=())


@bp.post("/operator/calendar/known")
@allow(P.CALENDAR_LOAD)
def load_known() -> Any:
    """Enter the years that chinesecalendar knows."""
    changed = actions.fill_known(by=current_actor(), now=g.now)
    return done("office.calendar_loaded", to=url_for("office.years"), years=f"2004—{LAST_YEAR}", days=changed)


@bp.post("/operator/calendar")
@allow(P.CALENDAR_LOAD)
def load() -> Any:
    """Enter the years of a file, all or nothing."""
    form = CalendarForm(request.form)
    faults: tuple[dict[str, object], ...] = ()
    upload = request.files.get("file")
    if upload is None or not upload.filename:
        put_errors(form, {"file": sentence("office.no_calendar_file")})
    else:
        try:
            changed = actions.load(upload.read(), by=current_actor(), now=g.now)
        except BadCalendar as bad:
            faults = tuple(
                {"row": f.row, "column": f.column, "value": f.value, "cause": sentence(f.code, f.facts)}
                for f in bad.faults
            )
        else:
            return done(
                "office.calendar_loaded",
                to=url_for("office.years"),
                years=sorted(changed),
                days=sum(changed.values()),
            )
    return (
        page("office/years.html", form=form, years=years_held(), last_known=LAST_YEAR, faults=faults),
        422,
    )
