"""Whom a buyer may choose, and until when."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from portal.award.rules import AwardFacts, decide_by, may_decide
from portal.kernel.workdays import Calendar

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
    ),
)
def test_the_first_or_a_ground_with_its_proof(changed: dict[str, Any], codes: tuple[str, ...]) -> None:
    assert may_decide(AwardFacts(**{"suspended": False, "place": 1, **changed})).codes == codes


def test_the_fifth_working_day_is_the_last() -> None:
    ranked_at = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)  # a Thursday

    assert decide_by(ranked_at, 5, Calendar(DAYS, frozenset({2026}))).date() == date(2026, 12, 3)
