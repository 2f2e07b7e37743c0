"""工作日历: reading an operator's file of a year's holidays and working weekends, all of it or nothing.

The file lists the days that differ from the week's habit, as the State Council's yearly notice does; a year
that does not name its fixed public holidays is not the notice of a whole year and is refused.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from portal.kernel.ruling import Clause

HOLIDAYS: Final = Clause("《全国年节及纪念日放假办法》")
COLUMNS: Final = ("日期", "安排", "依据")
WORK: Final = frozenset({"上班", "工作", "工作日", "是"})
REST: Final = frozenset({"休息", "放假", "休", "否"})
FIXED: Final = ((1, 1), (5, 1), (10, 1), (10, 2), (10, 3))
SATURDAY: Final = 5


@dataclass(frozen=True, slots=True)
class DayFault:
    """One thing wrong: the row as the file numbers it, its column, what stands there, the cause's code."""

    row: int
    column: str
    value: str
    code: str
    facts: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Plan:
    """What a sound file says: for each year every day, and on whose word."""

    years: Mapping[int, Mapping[date, bool]]
    sources: Mapping[int, str]


def _day(text: str) -> date | None:
    match = re.fullmatch(
        r"([0-9]{4})\s*[-/.年]\s*([0-9]{1,2})\s*[-/.月]\s*([0-9]{1,2})\s*日?",
        unicodedata.normalize("NFKC", text).strip(),
    )
    try:
        return date(*map(int, match.groups())) if match else None
    except ValueError:
        return None


def _fault(row: int, column: int, cells: Sequence[str], code: str, **facts: object) -> DayFault:
    return DayFault(row, COLUMNS[column], cells[column], code, facts)


def read_days(table: Sequence[Sequence[str]]) -> tuple[Plan, tuple[DayFault, ...]]:
    """Read the rows of a file, its header first. The plan means something only where there is no fault."""
    header = [cell.strip() for cell in table[0]] if table else []
    if header[: len(COLUMNS)] != list(COLUMNS):
        shown = "、".join(header)
        return Plan({}, {}), (DayFault(1, "", shown, "office.calendar_header", {"columns": COLUMNS}),)
    faults: list[DayFault] = []
    said: dict[date, bool] = {}
    rows: dict[date, int] = {}
    sources: dict[int, str] = {}
    for number, raw in enumerate(table[1:], 2):
        cells = [*(cell.strip() for cell in raw), "", "", ""][: len(COLUMNS)]
        if not any(cells):
            continue
        found = _day(cells[0])
        wrong = [
            *((_fault(number, 0, cells, "office.calendar_day"),) if found is None else ()),
            *((_fault(number, 1, cells, "office.calendar_word"),) if cells[1] not in WORK | REST else ()),
            *((_fault(number, 2, cells, "office.calendar_source"),) if not cells[2] else ()),
        ]
        if found is not None and found in rows:
            wrong.append(_fault(number, 0, cells, "office.calendar_repeated", first=rows[found]))
        faults += wrong
        if found is not None and not wrong:
            said[found], rows[found] = cells[1] in WORK, number
            sources.setdefault(found.year, cells[2])
    faults += _unnamed_holidays(said, len(table)) if not faults else []
    if not said and not faults:
        faults.append(DayFault(1, "", "", "office.calendar_empty", {}))
    return Plan({year: _whole(year, said) for year in sources}, sources), tuple(faults)


def _unnamed_holidays(said: Mapping[date, bool], last_row: int) -> list[DayFault]:
    return [
        DayFault(last_row, COLUMNS[0], "", "office.calendar_holiday", {"day": date(year, month, day)})
        for year in sorted({day.year for day in said})
        for month, day in FIXED
        if said.get(date(year, month, day)) is not False
    ]


def _whole(year: int, said: Mapping[date, bool]) -> Mapping[date, bool]:
    """Every day of the year: as said, else by the week."""
    days = [date(year, 1, 1) + timedelta(days=number) for number in range(366)]
    return {day: said.get(day, day.weekday() < SATURDAY) for day in days if day.year == year}
