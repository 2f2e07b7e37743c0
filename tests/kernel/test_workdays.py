"""Working days: 调休 included, a missing year refused."""

from datetime import date, timedelta
from typing import Final

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.kernel.errors import Misconfigured
from portal.kernel.workdays import Calendar, add_workdays, end_of, workdays_between

YEARS: Final = range(2016, 2027)


def _year(year: int) -> dict[date, bool]:
    first = date(year, 1, 1)
    return {
        day: chinese_calendar.is_workday(day)
        for day in (first + timedelta(days=n) for n in range(366))
        if day.year == year
    }


CALENDAR = Calendar({day: works for year in YEARS for day, works in _year(year).items()}, frozenset(YEARS))


@pytest.mark.parametrize(
    ("start", "count", "expected"),
    (
        (date(2026, 11, 20), 1, date(2026, 11, 23)),
        (date(2026, 11, 20), 3, date(2026, 11, 25)),
        # 春节 2024: 2024-02-10 to 02-17 rest, Sunday 02-04 and 02-18 work
        (date(2024, 2, 2), 1, date(2024, 2, 4)),
        (date(2024, 2, 9), 1, date(2024, 2, 18)),
        (date(2024, 2, 8), 3, date(2024, 2, 19)),
    ),
)
def test_days_are_counted_from_the_day_after(start: date, count: int, expected: date) -> None:
    assert add_workdays(start, count, CALENDAR) == expected


def test_a_year_nobody_entered_is_refused_by_name() -> None:
    with pytest.raises(Misconfigured) as missing:
        add_workdays(date(2026, 12, 30), 5, CALENDAR)

    assert missing.value.key == "calendar.2027"


@given(st.dates(date(2016, 1, 1), date(2026, 6, 30)), st.integers(1, 60))
def test_adding_and_counting_agree(start: date, count: int) -> None:
    end = add_workdays(start, count, CALENDAR)

    assert workdays_between(start, end, CALENDAR) == count
    assert workdays_between(end, start, CALENDAR) == -count
    assert CALENDAR.is_workday(end)


def test_a_day_ends_at_its_last_second_in_shanghai() -> None:
    assert end_of(date(2026, 11, 25)).isoformat() == "2026-11-25T23:59:59+08:00"


def test_nothing_is_not_a_number_of_working_days() -> None:
    with pytest.raises(ValueError, match="starts at 1"):
        add_workdays(date(2026, 11, 20), 0, CALENDAR)
