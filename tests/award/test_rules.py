"""Whom a buyer may choose, and until when."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from portal.award.rules import (
    AwardFacts,
    after_suspension,
    decide_by,
    has_lapsed,
    may_decide,
    may_deem,
    may_fail,
)
from portal.kernel.workdays import Calendar

BY = datetime(2026, 12, 3, 15, 59, 59, tzinfo=UTC)  # the last second of a day in Shanghai
EARLY: dict[str, Any] = {"now": BY, "lapses_at": BY, "suspended": False}
LATE: dict[str, Any] = {**EARLY, "now": BY + timedelta(seconds=1)}
DAYS = {date(2026, 1, 1) + timedelta(days=n): (n + 3) % 7 < 5 for n in range(365)}


@pytest.mark.parametrize(
    ("changed", "codes"),
    (
        ({}, ()),
        ({"place": None}, ("award.nobody",)),
        ({"place": 2}, ("award.no_ground", "award.no_file")),
        ({"place": 2, "ground": "放弃成交"}, ("award.no_file",)),
        ({"place": 2, "ground": "放弃成交", "has_file": True}, ()),
        ({"place": 2, "first": 2}, ()),
        ({"suspended": True}, ("award.suspended",)),
        ({**LATE}, ()),
        ({**LATE, "place": 2, "ground": "放弃成交", "has_file": True}, ("award.lapsed",)),
        ({**LATE, "lapses_at": None, "place": 2, "ground": "放弃成交", "has_file": True}, ()),
    ),
)
def test_the_first_or_a_ground_with_its_proof(changed: dict[str, Any], codes: tuple[str, ...]) -> None:
    assert may_decide(AwardFacts(**{**EARLY, "place": 1, **changed})).codes == codes


@pytest.mark.parametrize(
    ("facts", "codes"),
    (
        (EARLY, ("award.not_yet",)),
        (LATE, ()),
        ({**LATE, "lapses_at": None}, ("award.not_yet",)),
        ({**LATE, "suspended": True}, ("award.suspended",)),
    ),
)
def test_the_clock_chooses_one_second_after_the_last_day(
    facts: dict[str, Any], codes: tuple[str, ...]
) -> None:
    assert may_deem(AwardFacts(**facts, place=None)).codes == codes


@pytest.mark.parametrize(
    ("changed", "codes"),
    (
        ({"first": None, "reason": "均书面放弃"}, ()),
        ({"first": None, "reason": "  "}, ("award.no_reason",)),
        ({"first": 2, "refused": True, "reason": "第一名书面放弃"}, ()),
        ({"first": 1, "reason": "不想采购了"}, ("award.somebody_left",)),
    ),
)
def test_a_purchase_may_end_when_somebody_would_not_sign(
    changed: dict[str, Any], codes: tuple[str, ...]
) -> None:
    assert may_fail(AwardFacts(**EARLY, place=None, **changed)).codes == codes


@pytest.mark.parametrize(("statutory", "source"), ((True, "财政部令第74号第四十九条"), (False, "询价通知书")))
def test_the_law_is_cited_in_statutory_purchases_alone(*, statutory: bool, source: str) -> None:
    ruling = may_decide(AwardFacts(**LATE, place=2, ground="放弃成交", has_file=True, statutory=statutory))

    assert [source in str(each.clause) for each in ruling.refusals] == [True]


def test_a_suspended_purchase_lapses_when_it_goes_on() -> None:
    assert has_lapsed(BY, BY + timedelta(days=9), suspended=True) is False
    assert has_lapsed(BY, BY + timedelta(days=9), suspended=False) is True


@pytest.mark.parametrize(
    ("suspended_on", "resumed_on", "award_on"),
    (
        ((2026, 12, 1), (2026, 12, 10), (2026, 12, 14)),  # two working days were left
        ((2026, 12, 3), (2026, 12, 10), (2026, 12, 11)),  # none was left: one at the least
        ((2026, 12, 1), (2026, 12, 1), (2026, 12, 3)),  # and never earlier than before
    ),
)
def test_the_days_left_are_kept_over_a_suspension(
    suspended_on: tuple[int, int, int], resumed_on: tuple[int, int, int], award_on: tuple[int, int, int]
) -> None:
    suspended, resumed = datetime(*suspended_on, 2, tzinfo=UTC), datetime(*resumed_on, 2, tzinfo=UTC)

    kept = after_suspension(BY, suspended, resumed, Calendar(DAYS, frozenset({2026})))

    assert kept.date() == date(*award_on)


def test_the_fifth_working_day_is_the_last() -> None:
    ranked_at = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)  # a Thursday

    assert decide_by(ranked_at, 5, Calendar(DAYS, frozenset({2026}))).date() == date(2026, 12, 3)


def test_a_holiday_is_not_one_of_the_five() -> None:
    ranked_at = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
    days = Calendar({**DAYS, date(2026, 11, 30): False}, frozenset({2026}))

    assert decide_by(ranked_at, 5, days).date() == date(2026, 12, 4)
