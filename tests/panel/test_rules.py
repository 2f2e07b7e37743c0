"""Who may open, ask, answer, judge and sign, and when: facts in, codes out; boundaries one second apart."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from portal.kernel.money import yuan
from portal.panel import rules as r
from portal.panel.rules import BidFacts, ExplanationFacts, MemberFacts, PanelFacts
from portal.tender.rules import Finding, low_price_alerts
from tenants.ruleset import LowPriceRules

CLOSES = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
ONE, OTHER, DRAFTER = UUID(int=1), UUID(int=2), UUID(int=9)
LOW = LowPriceRules(Decimal("0.5"), Decimal("0.5"), Decimal("0.45"), Decimal("0.65"), 30)


def members(*, declared: int = 3, signed: int = 0) -> tuple[MemberFacts, ...]:
    """Three members; the first ``declared`` and ``signed`` of them did so."""
    return tuple(
        MemberFacts(UUID(int=n), f"成员{n}", n == 1, declared=n <= declared, signed=n <= signed)
        for n in (1, 2, 3)
    )


def bids(*prices: str, **changed: Any) -> tuple[BidFacts, ...]:
    """Conforming bids at these prices; the first as ``changed``."""
    made = [BidFacts(f"f{n}", f"机构{n}", yuan(price), conforming=True) for n, price in enumerate(prices)]
    first = {name: getattr(made[0], name) for name in BidFacts.__dataclass_fields__}
    return (BidFacts(**{**first, **changed}), *made[1:])


def facts(**changed: Any) -> PanelFacts:
    """Closed with three bids, the other officer confirmed, everything found; but for what is ``changed``."""
    whole: dict[str, Any] = {
        "now": CLOSES + SECOND,
        "response_by": CLOSES,
        "suspended": False,
        "received": 3,
        "min_quotes": 3,
        "officer_id": ONE,
        "first_id": OTHER,
        "drafter_id": DRAFTER,
        "members": members(),
        "bids": bids("175000", "168000", "171500"),
    }
    whole.update(changed)
    whole.setdefault(
        "result", r.result_of(whole["bids"], yuan("180000"), (), min_quotes=whole["min_quotes"], rules=LOW)
    )
    return PanelFacts(**whole)


@pytest.mark.parametrize(
    ("changed", "codes"),
    (
        ({}, ()),
        ({"now": CLOSES}, ("panel.too_early",)),
        ({"now": CLOSES - SECOND, "received": 0}, ("panel.too_early",)),
        ({"suspended": True}, ("panel.suspended",)),
        ({"received": 2}, ("panel.too_few",)),
        ({"received": 2, "min_quotes": 2}, ()),
        ({"first_id": ONE}, ("panel.same_officer",)),
        ({"officer_id": DRAFTER}, ("panel.officer_drafted",)),
        ({"first_id": None}, ("panel.one_officer",)),
    ),
)
def test_two_officers_open_after_the_deadline(changed: dict[str, Any], codes: tuple[str, ...]) -> None:
    assert r.may_open(facts(**changed)).codes == codes


def test_the_first_officer_confirms_alone() -> None:
    assert r.may_attend(facts(first_id=None)).codes == ()


@pytest.mark.parametrize(
    ("changed", "codes"),
    (
        ({}, ()),
        ({"members": members(declared=2)}, ("panel.undeclared",)),
        ({"members": members()[:2]}, ("panel.incomplete",)),
        ({"members": members()[1:]}, ("panel.incomplete",)),
        ({"bids": bids("175000", "168000", conforming=None)}, ("panel.unexamined",)),
        ({"bids": bids("168000", "168000", "171500")}, ("panel.tied",)),
        ({"bids": bids("175000", "168000", "171500", conforming=False)}, ("panel.too_few_valid",)),
        ({"bids": bids("80000", "168000", "171500"), "alerts": ("f0",)}, ("panel.unjudged",)),
        ({"bids": bids("80000", "168000", "171500", justified=True), "alerts": ("f0",)}, ()),
    ),
)
def test_a_report_is_drawn_up_when_all_is_found(changed: dict[str, Any], codes: tuple[str, ...]) -> None:
    assert r.may_conclude(facts(**changed)).codes == codes


@pytest.mark.parametrize(
    ("changed", "codes"),
    (
        ({"members": members(signed=0), "officer_id": ONE}, ("panel.unsigned",)),
        ({"members": members(signed=2), "officer_id": UUID(int=3)}, ()),
        ({"members": members(signed=2), "officer_id": ONE}, ("panel.signed_already", "panel.unsigned")),
        ({"members": members(signed=3), "officer_id": DRAFTER}, ("panel.not_a_member",)),
    ),
)
def test_the_last_signature_makes_the_report_whole(changed: dict[str, Any], codes: tuple[str, ...]) -> None:
    assert r.may_sign(facts(**changed)).codes == codes


@pytest.mark.parametrize(
    ("changed", "codes"),
    (
        ({"reason": "不足三家", "received": 2, "result": None}, ()),
        ({"reason": "不足三家", "received": 3, "result": None}, ("panel.enough",)),
        ({"reason": "", "received": 2, "result": None}, ("panel.no_reason",)),
        ({"reason": "早了", "now": CLOSES, "received": 0}, ("panel.too_early",)),
        ({"reason": "不足", "bids": bids("175000", "168000", "171500", conforming=False)}, ()),
    ),
)
def test_too_few_is_counted_not_claimed(changed: dict[str, Any], codes: tuple[str, ...]) -> None:
    assert r.may_terminate(facts(**changed)).codes == codes


@pytest.mark.parametrize(("late", "codes"), ((timedelta(0), ()), (SECOND, ("panel.answer_late",))))
def test_an_answer_comes_until_its_time_inclusive(late: timedelta, codes: tuple[str, ...]) -> None:
    until = r.answer_by(CLOSES, LOW.explain_minutes)

    assert until - CLOSES == timedelta(minutes=30)
    assert r.may_answer(ExplanationFacts(until + late, until, "说明")).codes == codes
    assert bool(r.is_over(ExplanationFacts(until + late, until))) is bool(late)


@pytest.mark.parametrize(
    ("answered", "late", "codes"),
    (
        (False, timedelta(0), ("panel.answer_awaited",)),
        (False, SECOND, ()),
        (True, timedelta(minutes=-20), ()),
    ),
)
def test_the_panel_judges_what_was_answered_or_is_over(
    answered: bool, late: timedelta, codes: tuple[str, ...]
) -> None:
    assert r.may_judge_bid(ExplanationFacts(CLOSES + late, CLOSES), answered=answered).codes == codes


@pytest.mark.parametrize(("price", "low"), (("81000", False), ("80999.99", True)))
def test_the_lines_shown_are_those_that_decide(price: str, low: bool) -> None:
    prices = [yuan(price), yuan("110000"), yuan("112000")]
    lines = r.low_price_lines(prices, yuan("180000"), LOW)
    quotes = r.quotes_of(bids(price, "110000", "112000"))

    assert lines["ceiling"] == Decimal("81000.00")
    assert bool(low_price_alerts(quotes, yuan("180000"), LOW)) is low


def test_a_bid_that_cannot_be_read_never_counts() -> None:
    (quote, *_) = r.quotes_of(bids("1", "168000", intact=False))

    assert quote.conforming is False


def test_lots_decide_between_equals_alone() -> None:
    tied = bids("168000", "168000", "171500")
    found = r.result_of(tied, yuan("180000"), (), min_quotes=3, rules=LOW)
    drawn = r.result_of(tied, yuan("180000"), ("f1", "f0"), min_quotes=3, rules=LOW)

    assert found is not None
    assert drawn is not None
    assert (found.finding, r.tied_firms(found)) == (Finding.TIED, ("f0", "f1"))
    assert [each.quote.firm for each in drawn.ranked] == ["f1", "f0", "f2"]
    assert r.may_draw(facts(bids=tied)).codes == ()
    assert r.may_draw(facts()).codes == ("panel.not_tied",)
