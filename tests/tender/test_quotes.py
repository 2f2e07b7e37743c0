"""Which quotes count, which are abnormally low, who stands where."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest

from portal.kernel.money import yuan
from portal.tender.rules import (
    TIE_NEEDS_DRAW,
    TOO_FEW_QUOTES,
    Finding,
    Method,
    Quote,
    Terms,
    decide,
    is_valid,
    low_price_alerts,
    rank,
    shown_price,
    technical_maximum,
)
from tenants.ruleset import LowPriceRules

LOW = LowPriceRules(
    mean=Decimal("0.50"),
    second=Decimal("0.50"),
    ceiling=Decimal("0.45"),
    upper_limit=Decimal("0.65"),
    explain_minutes=30,
)
INQUIRY = Terms(Method.INQUIRY)
REVIEW = Terms(Method.COMPETITIVE_REVIEW, price_weight=Decimal("0.30"))


def quotes(*prices, **more):
    """Quotes of F1, F2, … at these prices; ``more`` changes a firm's quote: ``F2={"late": True}``."""
    plain = [Quote(f"F{number}", yuan(price)) for number, price in enumerate(prices, start=1)]
    return [replace(quote, **more.get(quote.firm, {})) for quote in plain]


def result(terms, listed, min_quotes=3):
    return decide(terms, listed, min_quotes=min_quotes, rules=LOW)


@pytest.mark.parametrize(
    ("change", "valid"),
    (
        ({}, True),
        ({"late": True}, False),
        ({"withdrawn": True}, False),
        ({"conforming": False}, False),
        ({"price": yuan("100000.00")}, True),
        ({"price": yuan("100000.01")}, False),
    ),
)
def test_a_quote_counts_when_on_time_standing_conforming_and_within_the_ceiling(change, valid):
    quote = replace(Quote("F1", yuan("90000")), **change)
    assert is_valid(quote, yuan("100000")) is valid


@pytest.mark.parametrize(
    ("prices", "ceiling", "alerts"),
    (
        (("50", "100", "150"), None, ()),  # mean 100, exactly one half of it
        (("49.99", "100", "150.01"), None, ("F1",)),
        (("100", "200", "200"), None, ()),  # exactly one half of the second lowest
        (("99.99", "200", "200"), None, ("F1",)),
        (("45", "60", "60"), "100", ()),  # exactly 45 % of the ceiling
        (("44.99", "60", "60"), "100", ("F1",)),
        (("44.99", "44.99", "60"), "100", ("F1", "F2")),  # each low price of its own
        (("10", "10", "100"), None, ("F1", "F2")),  # equal lowest: below the mean, not below each other
        (("60", "10", "100"), None, ("F2",)),
        (("100",), None, ()),
        ((), None, ()),
    ),
)
def test_low_price_is_below_the_line_never_at_it(prices, ceiling, alerts):
    assert low_price_alerts(quotes(*prices), ceiling and yuan(ceiling), LOW) == alerts


def test_low_price_looks_at_raw_prices_not_at_deducted_ones():
    listed = quotes("100", "100", "100", F1={"small": True})
    assert result(replace(INQUIRY, sme_deduction=Decimal("0.6")), listed).alerts == ()


@pytest.mark.parametrize("out", ({"late": True}, {"withdrawn": True}, {"conforming": False}))
def test_a_quote_that_does_not_count_neither_alarms_nor_moves_the_mean(out):
    listed = quotes("100", "110", "120", "1", "1000000", F4=out, F5=out)
    assert result(INQUIRY, listed).alerts == ()


@pytest.mark.parametrize(("count", "finding"), ((2, Finding.TERMINATED), (3, Finding.AWARDED)))
def test_two_quotes_terminate_and_three_do_not(count, finding):
    found = result(INQUIRY, quotes("100", "110", "120")[:count])
    assert (found.finding, found.reason) == (finding, TOO_FEW_QUOTES if count == 2 else None)


def test_termination_comes_before_the_low_price_review():
    found = result(INQUIRY, quotes("1", "100"))
    assert (found.finding, found.alerts) == (Finding.TERMINATED, ())


def test_a_low_price_waits_for_its_explanation_even_before_a_tie():
    found = result(INQUIRY, quotes("100", "100", "10"))
    assert (found.finding, found.alerts, found.ranked) == (Finding.NEEDS_EXPLANATION, ("F3",), ())


def test_one_unjudged_price_is_enough_to_wait():
    found = result(INQUIRY, quotes("100", "100", "10", "11", F3={"justified": False}))
    assert found.finding is Finding.NEEDS_EXPLANATION


def test_a_justified_low_price_stays_and_wins():
    found = result(INQUIRY, quotes("100", "110", "10", F3={"justified": True}))
    assert found.winner is not None
    assert (found.winner.firm, found.alerts) == ("F3", ("F3",))


def test_an_unjustified_low_price_drops_out_without_new_alerts():
    # Without F1 the mean is 350, and F2 would now be below one half of it.
    found = result(INQUIRY, quotes("10", "160", "160", "730", F1={"justified": False}))
    assert [row.quote.firm for row in found.ranked] == ["F2", "F3", "F4"]
    assert (found.alerts, found.finding) == (("F1",), Finding.TIED)


def test_dropping_a_low_price_may_leave_too_few():
    found = result(INQUIRY, quotes("100", "110", "10", F3={"justified": False}))
    assert (found.finding, found.reason, found.alerts) == (Finding.TERMINATED, TOO_FEW_QUOTES, ("F3",))


def test_a_finding_on_a_price_that_is_not_low_changes_nothing():
    found = result(INQUIRY, quotes("100", "110", "120", F1={"justified": False}))
    assert found.winner is not None
    assert found.winner.firm == "F1"


@pytest.mark.parametrize(
    ("tie_order", "finding", "order"),
    (
        ((), Finding.TIED, ["F1", "F2", "F3"]),
        (("F2",), Finding.TIED, ["F2", "F1", "F3"]),
        (("F2", "F1"), Finding.AWARDED, ["F2", "F1", "F3"]),
        (("F3", "F2", "F1"), Finding.AWARDED, ["F2", "F1", "F3"]),
    ),
)
def test_a_tie_at_the_top_needs_a_draw_of_all_who_share_it(tie_order, finding, order):
    found = result(replace(INQUIRY, tie_order=tie_order), quotes("100", "100", "120"))
    assert (found.finding, [row.quote.firm for row in found.ranked]) == (finding, order)
    assert found.reason == (TIE_NEEDS_DRAW if finding is Finding.TIED else None)


def test_a_tie_below_the_top_needs_no_draw():
    found = result(INQUIRY, quotes("90", "100", "100"))
    assert found.finding is Finding.AWARDED


def test_equal_firms_stand_by_id_as_text():
    listed = [Quote(firm, yuan("100")) for firm in ("F9", "F10", "F1")]
    assert [row.quote.firm for row in rank(INQUIRY, listed)] == ["F1", "F10", "F9"]


def test_the_deduction_is_for_comparing_and_the_contract_keeps_the_raw_price():
    terms = replace(INQUIRY, sme_deduction=Decimal("0.10"))
    found = result(terms, quotes("105", "100", "120", F1={"small": True}))
    assert found.winner is not None
    assert (found.winner.firm, found.winner.price) == ("F1", yuan("105"))
    assert str(shown_price(found.ranked[0])) == "94.50"


def test_evaluated_prices_are_compared_exactly_though_shown_to_the_fen():
    terms = replace(INQUIRY, sme_deduction=Decimal("0.125"))
    listed = quotes("100.01", "87.51", "120", F1={"small": True})
    found = result(terms, listed)  # 87.50875 against 87.51
    assert found.finding is Finding.AWARDED
    assert found.ranked[0].evaluated_price == Fraction("87.50875")
    assert [str(shown_price(row)) for row in found.ranked[:2]] == ["87.51", "87.51"]


def test_price_and_technical_scores_are_rounded_before_they_are_added():
    marks = {f"F{n}": {"technical": tuple(map(Decimal, row))} for n, row in enumerate(MARKS, start=1)}
    listed = quotes("280000", "229500", "290000", **marks)
    shown = [
        (row.quote.firm, str(row.price_score), str(row.technical_score), str(row.total))
        for row in rank(REVIEW, listed)
    ]
    assert shown == [
        ("F3", "23.74", "64.33", "88.07"),
        ("F2", "30.00", "56.00", "86.00"),
        ("F1", "24.59", "60.00", "84.59"),
    ]


MARKS = (("60", "62", "58"), ("55", "57", "56"), ("66", "64", "63"))


def test_equal_totals_go_to_the_lower_evaluated_price():
    listed = quotes("100", "120", F1={"technical": (Decimal(50),)}, F2={"technical": (Decimal(55),)})
    found = result(REVIEW, listed, min_quotes=2)  # 30 + 50 and 25 + 55
    assert [str(row.total) for row in found.ranked] == ["80.00", "80.00"]
    assert found.winner is not None
    assert found.winner.firm == "F1"


def test_the_lowest_price_of_the_ranking_is_that_of_those_left():
    marks = {"technical": (Decimal(60),)}
    dropped = marks | {"justified": False}
    listed = quotes("10", "100", "110", "120", F1=dropped, F2=marks, F3=marks, F4=marks)
    assert [str(row.price_score) for row in result(REVIEW, listed).ranked] == ["30.00", "27.27", "25.00"]


@pytest.mark.parametrize(("weight", "most"), (("0.30", "70"), ("0", "100"), ("1", "0")))
def test_the_technical_part_has_what_the_price_leaves(weight, most):
    assert technical_maximum(Decimal(weight)) == Decimal(most)


def test_a_weight_in_thousandths_may_round_the_total_above_a_hundred():
    terms = replace(REVIEW, price_weight=Decimal("0.12345"))
    best = rank(terms, quotes("100", F1={"technical": (Decimal("87.655"),)}))[0]
    assert str(best.total) == "100.01"
