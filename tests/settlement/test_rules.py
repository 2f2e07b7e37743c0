"""What is deducted and what is paid, to the fen."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.kernel.errors import Misconfigured
from portal.kernel.money import yuan
from portal.kernel.score import score
from portal.settlement.rules import (
    Part,
    carried_over,
    deduction,
    equal_shares,
    pay_ratio,
    pay_terms,
    payable,
)
from tenants.ruleset import FeeRules, QcRules, Scope, Tier

TIERS = tuple(
    Tier(Decimal(low), Decimal(pay)) for low, pay in (("0", "0"), ("60", "0.8"), ("80", "0.95"), ("90", "1"))
)


def terms(cutoff="80", deduct_ratio="0.10", tiers=None, scope=Scope.CONTRACT):
    qc = QcRules(
        weight_plan=Decimal("0.4"),
        weight_report=Decimal("0.6"),
        cutoff=cutoff and Decimal(cutoff),
        deduct_ratio=Decimal(deduct_ratio),
        scope=scope,
        min_valid_sheets=3,
        trim_extremes=False,
        scoring_workdays=10,
        objection_workdays=5,
    )
    return pay_terms(qc, FeeRules(tiers))


def known(quality):
    return None if quality is None else score(quality)


@pytest.mark.parametrize(
    ("quality", "cutoff", "ratio", "withheld"),
    (
        ("79.76", "80", "0.10", "18000.00"),
        ("80.00", "80", "0.10", "0.00"),
        ("79.99", "80", "0.10", "18000.00"),
        ("79.995", "80", "0.10", "0.00"),  # rounded, then compared
        ("100", "100", "0.10", "0.00"),
        ("0", "0", "0.10", "0.00"),
        ("0", "0.01", "1", "180000.00"),
        (None, "80", "0.10", "0.00"),
    ),
)
def test_below_the_cutoff_is_deducted_and_at_it_paid_in_full(quality, cutoff, ratio, withheld):
    found = deduction(yuan("180000"), known(quality), (), terms(cutoff, ratio))
    assert str(found) == withheld


@pytest.mark.parametrize(
    ("quality", "ratio"),
    (
        ("100", "1"),
        ("90", "1"),
        ("89.99", "0.95"),
        ("80", "0.95"),
        ("79.99", "0.8"),
        ("60", "0.8"),
        ("59.99", "0"),
    ),
)
def test_a_tier_begins_at_its_least_points(quality, ratio):
    assert pay_ratio(score(quality), TIERS) == Decimal(ratio)


def test_tiers_replace_the_cutoff():
    assert terms("80", tiers=TIERS).tiers == TIERS
    assert terms(None, tiers=TIERS).tiers == TIERS


def test_without_cutoff_and_tiers_nothing_can_be_paid():
    with pytest.raises(Misconfigured) as refused:
        terms(None)
    assert refused.value.key == "qc.cutoff"


def test_by_subject_each_share_is_decided_by_its_own_quality_and_rounded_once():
    parts = [Part(yuan("33333.33"), score("78.90")), Part(yuan("66666.67"), score("91.40"))]
    by_subject = terms(tiers=TIERS, scope=Scope.SUBJECT)
    assert str(deduction(yuan("100000"), score("85.15"), parts, by_subject)) == "6666.67"


def test_by_subject_what_was_not_scored_is_paid():
    parts = [Part(yuan("600"), score("70")), Part(yuan("400"), None)]
    assert str(deduction(yuan("1000"), score("70"), parts, terms(scope=Scope.SUBJECT))) == "60.00"


def test_equal_shares_keep_their_thirds_until_the_end():
    shares = equal_shares(yuan("100"), 3)
    parts = [Part(share, score("70")) for share in shares]
    assert sum(shares) == 100
    assert str(deduction(yuan("100"), score("70"), parts, terms(scope=Scope.SUBJECT))) == "10.00"
    assert str(deduction(yuan("0.05"), score("70"), parts[:0], terms())) == "0.01"


@pytest.mark.parametrize("quality", (None, score("0"), score("95")))
def test_after_a_veto_nothing_is_payable(quality):
    found = deduction(yuan("65000"), quality, (), terms("0"), vetoed=True)
    assert payable(yuan("65000"), found) == 0


@given(
    st.integers(min_value=1, max_value=10**13),
    st.decimals(min_value=0, max_value=100, places=2),
    st.decimals(min_value=0, max_value=1, places=4),
)
def test_fee_is_deduction_and_payable_to_the_fen(fen, quality, ratio):
    fee = yuan(Decimal(fen) / 100)
    withheld = deduction(fee, score(quality), (), terms("80", str(ratio)))
    assert withheld + payable(fee, withheld) == fee
    assert 0 <= withheld <= fee


@pytest.mark.parametrize(
    ("asked", "earned", "carried"),
    (
        ("0", "150200", "50400.00"),
        ("50000", "150200", "400.00"),
        ("50400", "150200", "0.00"),
        ("0", "31200", "31200.00"),  # no more than is earned at all
        ("50000", "31200", "0.00"),
        ("0", "0", "0.00"),
    ),
)
def test_what_was_not_asked_for_as_first_payment_goes_into_the_last(asked, earned, carried):
    assert carried_over(yuan("50400"), yuan(asked), yuan(earned)) == yuan(carried)
