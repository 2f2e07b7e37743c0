"""A contract's ledger balances whatever happens, and money moves only as it may: facts in, codes out."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.kernel.money import NOTHING, yuan
from portal.settlement import rules as r

ONE, TWO = UUID(int=1), UUID(int=2)
fen = st.integers(0, 10**9).map(lambda n: yuan(Decimal(n) / 100))
ASKED = r.RequestFacts(
    kind=r.PaymentKind.FINAL,
    effective=True,
    plans_missing=(),
    settled=True,
    confirmed=True,
    underway=False,
    amount=yuan("100"),
    most=yuan("100"),
)
PAYMENT = r.PaymentFacts(
    requester_id=ONE,
    requester_section=ONE,
    actor_id=TWO,
    actor_section=TWO,
    amount=yuan("100"),
    most=yuan("100"),
)
ADVANCE = {"kind": r.PaymentKind.ADVANCE, "settled": False, "confirmed": False}


@given(fen, fen, fen, fen, fen)
def test_the_ledger_balances(fee, deducted, penalties, paid, back):
    ledger = r.Ledger(fee, deducted, penalties, paid, back)

    assert ledger.fee == ledger.deducted + ledger.penalties + ledger.earned
    assert ledger.earned == ledger.paid - ledger.given_back + ledger.payable - ledger.recoverable
    assert ledger.payable >= 0
    assert ledger.recoverable >= 0
    assert NOTHING in {ledger.payable, ledger.recoverable}


@pytest.mark.parametrize(
    ("days", "ratio", "cap", "penalty"),
    (
        (0, "0.005", "0.10", "0.00"),
        (3, "0.005", "0.10", "2520.00"),
        (20, "0.005", "0.10", "16800.00"),
        (21, "0.005", "0.10", "16800.00"),
        (21, "0.005", "0", "17640.00"),
        (300, "0.005", "0", "168000.00"),
    ),
)
def test_the_late_penalty_has_its_cap(days, ratio, cap, penalty):
    assert str(r.late_penalty(yuan("168000"), days, Decimal(ratio), Decimal(cap))) == penalty


def test_the_advance_is_rounded_to_the_fen():
    assert str(r.advance_of(yuan("100000.01"), Decimal("0.30"))) == "30000.00"
    assert str(r.advance_of(yuan("100000.05"), Decimal("0.30"))) == "30000.02"


def test_thirty_days_are_counted_from_the_day_after_acceptance_and_end_with_the_day():
    assert r.pay_by(date(2026, 11, 20), 30).isoformat() == "2026-12-20T23:59:59+08:00"


@pytest.mark.parametrize(
    ("changed", "codes"),
    (
        ({}, ()),
        ({"amount": yuan("100.01")}, ("payment.too_much",)),
        ({"amount": NOTHING}, ("payment.too_much",)),
        ({"most": NOTHING}, ("payment.nothing_payable",)),
        ({"underway": True, "amount": NOTHING}, ("payment.underway",)),
        ({"confirmed": False}, ("payment.not_settled",)),
        ({"effective": False}, ("payment.contract_not_effective",)),
        (ADVANCE, ()),
        ({**ADVANCE, "plans_missing": ("甲",)}, ("payment.plans_missing",)),
        ({**ADVANCE, "settled": True}, ("payment.advance_too_late",)),
    ),
)
def test_a_payment_is_asked_for_only_so(changed, codes):
    assert r.may_request(replace(ASKED, **changed)).codes == codes


@pytest.mark.parametrize(
    ("guard", "changed", "codes"),
    (
        (r.may_check, {}, ()),
        (r.may_check, {"actor_section": ONE}, ("payment.same_section",)),
        (r.may_check, {"actor_id": ONE}, ("payment.same_section",)),
        (r.may_check, {"actor_section": None, "requester_section": None}, ("payment.same_section",)),
        (r.may_check, {"most": yuan("99.99")}, ("payment.too_much",)),
        (r.may_pay, {"actor_section": ONE}, ()),
        (r.may_pay, {"actor_id": ONE}, ("payment.own_request",)),
        (r.may_pay, {"most": yuan("99.99")}, ("payment.too_much",)),
        (r.needs_reason, {}, ()),
        (r.needs_reason, {"reason": "错了"}, ("payment.no_reason",)),
    ),
)
def test_a_payment_moves_only_so(guard, changed, codes):
    assert guard(replace(PAYMENT, **changed)).codes == codes


def facts(**changed):
    ledger = r.Ledger(yuan("1000"), yuan("100"), yuan(changed.pop("penalties", "0")), NOTHING)
    return r.SettlementFacts(ledger, computed_by=changed.pop("by", None), actor_id=ONE, **changed)


@pytest.mark.parametrize(
    ("guard", "made", "codes"),
    (
        (r.may_adjust, facts(penalties="900"), ()),
        (r.may_adjust, facts(penalties="900.01"), ("settlement.more_than_fee",)),
        (r.may_adjust, facts(needs_clause=True), ("settlement.no_clause",)),
        (r.may_confirm, facts(by=TWO), ()),
        (r.may_confirm, facts(by=ONE), ("settlement.own_adjustment",)),
        (r.may_confirm, facts(penalties="900.01"), ("settlement.more_than_fee",)),
    ),
)
def test_a_settlement_moves_only_so(guard, made, codes):
    assert guard(made).codes == codes


def test_tiers_are_read_as_they_were_kept():
    (tier,) = r.tiers_of([{"min": "80", "pay_ratio": "1"}]) or ()

    assert (tier.min, tier.pay_ratio) == (Decimal(80), Decimal(1))
    assert r.tiers_of(None) is None
    assert r.tiers_of([]) is None
