"""The earliest lawful deadline, around holidays and moved working days; changes and standstills."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.kernel.clock import SHANGHAI
from portal.kernel.errors import Misconfigured
from portal.kernel.workdays import Calendar, add_workdays, day_of, end_of, workdays_between
from portal.tender.rules.deadlines import (
    ORDER_74_45,
    POLICY_45,
    Margin,
    after_change,
    after_suspension,
    deadline_holds,
    earliest,
    last_of,
    margin,
)
from tenants.calendar import days_of, known_years

KNOWN = known_years()
DAYS = Calendar(
    {day: works for year in (2025, 2026) for day, works in KNOWN[year].items()}, frozenset({2025, 2026})
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("issued", "line", "proposed"),
    (
        (date(2026, 11, 20), date(2026, 11, 25), "2026-11-26T17:00"),  # a Friday: the weekend does not count
        (date(2026, 11, 21), date(2026, 11, 25), "2026-11-26T17:00"),  # issued on a Saturday
        (date(2026, 2, 12), date(2026, 2, 24), "2026-02-25T17:00"),  # Saturday 02-14 is worked before 春节
        (date(2026, 9, 29), date(2026, 10, 9), "2026-10-10T17:00"),  # across 国庆; Saturday 10-10 is worked
        (date(2026, 4, 30), date(2026, 5, 8), "2026-05-09T17:00"),  # across 劳动节; Saturday 05-09 is worked
    ),
)
def test_three_working_days_are_counted_by_the_calendar(issued, line, proposed):
    assert last_of(issued, 3, DAYS) == line
    assert earliest(issued, 3, DAYS) == at(proposed)


@pytest.mark.parametrize(
    ("deadline", "stands"),
    (
        ("2026-11-24T23:59:59", Margin.EARLY),
        ("2026-11-25T00:00:00", Margin.AT_THE_LINE),
        ("2026-11-25T23:59:59", Margin.AT_THE_LINE),
        ("2026-11-26T00:00:00", Margin.CLEAR),
    ),
)
def test_a_deadline_on_the_last_day_is_at_the_line(deadline, stands):
    assert margin(at(deadline), date(2026, 11, 20), 3, DAYS) is stands


def test_an_early_deadline_is_refused_with_the_law_or_with_policy():
    early = at("2026-11-24T17:00")
    statutory = deadline_holds(early, date(2026, 11, 20), 3, DAYS, statutory=True)
    internal = deadline_holds(early, date(2026, 11, 20), 3, DAYS, statutory=False)

    assert [each.clause for each in (*statutory.refusals, *internal.refusals)] == [ORDER_74_45, POLICY_45]
    assert statutory.refusals[0].facts == {"workdays": 3, "earliest": at("2026-11-26T17:00")}


def test_a_deadline_at_the_line_is_lawful():
    assert deadline_holds(at("2026-11-25T09:00"), date(2026, 11, 20), 3, DAYS, statutory=True)


def test_a_year_nobody_entered_is_refused_by_name():
    with pytest.raises(Misconfigured, match=r"calendar\.2027"):
        last_of(date(2026, 12, 30), 3, DAYS)


def test_a_change_with_days_enough_moves_nothing():
    deadline = at("2026-11-26T17:00")
    assert after_change(deadline, at("2026-11-20T10:00"), 3, DAYS) == deadline
    assert after_change(deadline, at("2026-11-23T10:00"), 3, DAYS) == deadline  # on the line


def test_a_change_too_near_the_deadline_moves_it():
    assert after_change(at("2026-11-26T17:00"), at("2026-11-24T10:00"), 3, DAYS) == at("2026-11-30T17:00")


@pytest.mark.parametrize(
    ("resumed", "deadline"),
    (
        ("2026-11-24T09:00", "2026-11-27T17:00"),
        ("2026-11-24T09:00:01", "2026-11-30T17:00"),  # a second beyond Friday's close of business
        ("2026-11-25T09:00", "2026-11-30T17:00"),  # a Saturday
    ),
)
def test_a_standstill_moves_the_deadline_by_its_length_to_a_close_of_business(resumed, deadline):
    before, stood = at("2026-11-26T17:00"), at("2026-11-23T09:00")
    assert after_suspension(before, stood, at(resumed), 1, DAYS) == at(deadline)


def test_a_standstill_of_an_hour_still_leaves_three_working_days():
    deadline, stood = at("2026-11-26T17:00"), at("2026-11-26T09:00")
    assert after_suspension(deadline, stood, at("2026-11-26T10:00"), 3, DAYS) == at("2026-12-02T17:00")


DAY = st.sampled_from(days_of(2026)[:340])
COUNT = st.integers(1, 10)


@given(DAY, COUNT)
def test_what_is_proposed_is_always_clear_and_a_working_day(day, count):
    proposed = earliest(day, count, DAYS)
    assert margin(proposed, day, count, DAYS) is Margin.CLEAR
    assert DAYS.is_workday(day_of(proposed))
    assert workdays_between(day, day_of(proposed), DAYS) == count + 1


@given(DAY, COUNT, st.integers(0, 40))
def test_a_deadline_is_early_exactly_before_the_last_day(day, count, later):
    due = end_of(day + timedelta(days=later)) if (day + timedelta(days=later)).year == 2026 else end_of(day)
    stands = margin(due, day, count, DAYS)
    assert (stands is Margin.EARLY) == (day_of(due) < add_workdays(day, count, DAYS))


@given(DAY, COUNT, st.integers(0, 20), st.integers(0, 86399))
def test_a_change_never_brings_the_deadline_forward_and_leaves_days_enough(day, count, ahead, second):
    now = datetime.combine(day, datetime.min.time(), SHANGHAI) + timedelta(seconds=second)
    deadline = now + timedelta(days=min(ahead, (date(2026, 12, 31) - day).days))
    moved = after_change(deadline, now, count, DAYS)
    assert moved >= deadline
    assert margin(moved, day, count, DAYS) is not Margin.EARLY
