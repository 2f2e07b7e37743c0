"""A contract's money against the real database: to the fen, by two sections, never negative."""

from datetime import timedelta
from decimal import Decimal
from threading import Barrier, Thread

import pytest
from flask import Flask
from sqlalchemy import select

from portal import appraisal, contract, document, settlement
from portal.access import Role
from portal.audit import InboxRow
from portal.kernel.errors import Invalid, NotFound, Refused
from portal.kernel.money import yuan
from portal.kernel.workdays import day_of
from portal.settlement import invariants
from tenants import scope
from tenants.db import db
from tests.appraisal.makers import case_id, filled_by_bureau, filled_by_unit
from tests.contract.makers import Deal, an_effective_contract
from tests.deliverable.makers import accepted, delivered, heard
from tests.settlement.makers import (
    a_computed_settlement,
    a_planned_contract,
    a_settled_contract,
    check,
    confirm,
    owed,
    paid,
    request,
    settlement_id,
    with_treasury,
)

pytestmark = pytest.mark.usefixtures("app")


def waiting(deal: Deal) -> set[tuple[str, str]]:
    """(role, verb) of what waits about the money."""
    with scope.entered(deal.bureau.system):
        kinds = ("settlement", "payment", "recovery")
        rows = db.session.scalars(select(InboxRow).where(InboxRow.kind.in_(kinds)))
        return {(row.role, row.verb) for row in rows}


def sound(deal: Deal) -> list[str]:
    """The broken invariants of the bureau."""
    with scope.entered(deal.bureau.system):
        return list(invariants())


def figures(deal: Deal) -> tuple[str, ...]:
    """fee, deducted, penalties, earned, paid, payable, recoverable."""
    with deal.acting(Role.HANDLER):
        ledger = settlement.account(deal.contract_id).ledger
        return tuple(
            str(each)
            for each in (
                ledger.fee,
                ledger.deducted,
                ledger.penalties,
                ledger.earned,
                ledger.paid,
                ledger.payable,
                ledger.recoverable,
            )
        )


def test_below_the_cutoff_a_tenth_of_the_fee_is_deducted() -> None:
    deal = a_computed_settlement()

    assert figures(deal) == (
        "168000.00",
        "16800.00",
        "0.00",
        "151200.00",
        "0.00",
        "151200.00",
        "0.00",
    )
    assert waiting(deal) == {("approver", "confirm")}
    confirm(deal)
    assert waiting(deal) == {("handler", "request")}
    with deal.acting(Role.FIRM_SIGNATORY):
        row = settlement.settlement(settlement_id(deal))
        assert (row.quality, row.deducted) == (Decimal("79.60"), Decimal(16800))
        assert [each.title for each in document.documents_of(row.id)] == ["质量扣费通知书"]
    assert sound(deal) == []


def test_at_the_cutoff_exactly_everything_is_paid() -> None:
    deal = a_settled_contract(plan="80", report="80")

    assert figures(deal)[1:4] == ("0.00", "0.00", "168000.00")
    with deal.acting(Role.APPROVER):
        assert document.documents_of(settlement_id(deal)) == []


def test_nothing_is_settled_before_quality_is_final() -> None:
    deal = with_treasury(delivered())

    with scope.entered(deal.bureau.system):
        assert settlement.of_contract(deal.contract_id) is None
    with pytest.raises(Refused) as refused:
        request(deal, "168000")
    assert "payment.too_much" in refused.value.ruling.codes


def test_the_section_is_told_when_a_payment_may_be_asked_for() -> None:
    deal = with_treasury(an_effective_contract(subjects=2))
    accepted(deal, "plan", 0)
    assert waiting(deal) == set()
    accepted(deal, "plan", 1)
    assert waiting(deal) == {("handler", "request")}

    first = request(deal, "50000")
    assert waiting(deal) == {("checker", "check")}
    with deal.acting(Role.CHECKER) as (by, now):
        settlement.return_(settlement.payment(first), "发票抬头有误", by=by, now=now)
    assert waiting(deal) == {("handler", "request")}, "a returned one may be asked for anew"
    paid(deal, "50000")
    assert waiting(deal) == {("handler", "request")}, "400 yuan of the advance are left"
    paid(deal)
    assert waiting(deal) == set()


def test_what_may_be_asked_for_waits_for_the_section_of_the_contract_with_its_day() -> None:
    deal = a_settled_contract()

    with scope.entered(deal.bureau.system):
        row = db.session.scalars(select(InboxRow).where(InboxRow.verb == "request")).one()
        found = settlement.account(deal.contract_id)
        assert found.settlement is not None
        assert (row.subject_id, row.party_id) == (deal.contract_id, found.contract.section_id)
        assert row.due_by == found.settlement.due_by
        assert "尾款" in row.title


def test_the_advance_waits_for_every_plan() -> None:
    deal = with_treasury(an_effective_contract())

    with pytest.raises(Refused) as refused:
        request(deal)
    assert "payment.plans_missing" in refused.value.ruling.codes

    deal = a_planned_contract()
    assert owed(deal) == Decimal("50400.00")
    paid(deal)
    assert owed(deal) == 0
    with pytest.raises(Refused) as refused:
        request(deal, "1")
    assert refused.value.ruling.codes == ("payment.nothing_payable",)


@pytest.mark.parametrize("amount", ("50400.01", "0"))
def test_no_more_than_is_owed_is_asked_for(amount: str) -> None:
    deal = a_planned_contract()

    with pytest.raises(Refused) as refused:
        request(deal, amount)

    assert refused.value.ruling.codes == ("payment.too_much",)


def test_one_payment_is_on_its_way_at_a_time() -> None:
    deal = a_planned_contract()
    request(deal, "20000")

    with pytest.raises(Refused) as refused:
        request(deal, "20000")

    assert refused.value.ruling.codes == ("payment.underway",)


def test_two_who_ask_at_once_get_one_payment(app: Flask) -> None:
    deal = a_planned_contract()
    start, said = Barrier(2), []

    def ask() -> None:
        with app.app_context():
            try:
                with deal.acting(Role.HANDLER) as (by, now):
                    start.wait()
                    settlement.request(deal.contract_id, yuan("50400"), "", by=by, now=now)
                said.append("asked")
            except Refused as error:
                said.append(error.ruling.codes[0])

    threads = [Thread(target=ask) for _ in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert sorted(said) == ["asked", "payment.underway"]


def test_the_same_section_does_not_check_what_it_asked_for() -> None:
    deal = a_planned_contract()
    asked = request(deal)
    handler = deal.person(Role.HANDLER)

    with pytest.raises(Refused) as refused, scope.unit_of_work(handler.scope):
        settlement.check(settlement.payment(asked), by=handler.actor, now=scope.now())

    assert refused.value.ruling.codes == ("payment.same_section",)
    assert waiting(deal) == {("checker", "check")}


def test_a_payment_goes_its_way_and_has_its_due_day() -> None:
    deal = a_planned_contract()
    asked = request(deal)
    check(deal, asked)
    assert waiting(deal) == {("payer", "pay")}

    with deal.acting(Role.PAYER) as (by, now):
        row = settlement.payment(asked)
        assert day_of(row.due_by) == row.accepted_on + timedelta(days=30)
        tomorrow = settlement.Invoice("1", day_of(now), day_of(now) + timedelta(days=1))
        with pytest.raises(Invalid, match=r"payment\.paid_later"):
            settlement.pay(row, tomorrow, None, by=by, now=now)
        later = settlement.Invoice("1", day_of(now), day_of(now) - timedelta(days=1))
        with pytest.raises(Invalid, match=r"payment\.invoice_later"):
            settlement.pay(row, later, None, by=by, now=now)
        yesterday = day_of(now) - timedelta(days=1)
        with pytest.raises(Invalid, match=r"payment\.paid_before_check"):
            settlement.pay(row, settlement.Invoice("1", yesterday, yesterday), None, by=by, now=now)


def test_a_returned_payment_may_be_asked_for_anew() -> None:
    deal = a_planned_contract()
    asked = request(deal)
    with deal.acting(Role.CHECKER) as (by, now):
        settlement.return_(settlement.payment(asked), "账户信息有误", by=by, now=now)

    paid(deal)

    assert waiting(deal) == set()
    assert figures(deal)[4] == "50400.00"


def test_advance_and_rest_make_what_was_earned_and_complete_the_contract() -> None:
    deal = a_planned_contract(subjects=1)
    paid(deal)
    deal = confirm(a_computed_settlement(deal=_rest(deal)))
    assert figures(deal)[3:6] == ("151200.00", "50400.00", "100800.00")
    paid(deal)
    assert figures(deal)[4:] == ("151200.00", "0.00", "0.00")
    with deal.acting(Role.HANDLER):
        row = contract.contract(deal.contract_id)
        assert row.settled_at is not None
        assert row.state == "effective"

    filled_by_unit(deal)
    filled_by_bureau(deal)
    found = case_id(deal)
    with deal.acting(Role.APPROVER) as (by, now):
        appraisal.finish(appraisal.appraisal(found), None, "", by=by, now=now)
    with deal.acting(Role.HANDLER):
        assert contract.contract(deal.contract_id).state == "completed"
    assert sound(deal) == []


def _rest(deal: Deal) -> Deal:
    """Draft and report of a contract whose plan is accepted."""
    for subject in range(len(deal.subjects)):
        accepted(deal, "draft", subject)
        heard(deal, subject)
        accepted(deal, "report", subject)
    return deal


def test_paid_above_earned_comes_back_and_no_payment_is_negative() -> None:
    deal = a_planned_contract(subjects=1)
    paid(deal)
    deal = a_computed_settlement(deal=_rest(deal))
    found = settlement_id(deal)
    with deal.acting(Role.HANDLER) as (by, now):
        line = settlement.Penalty(yuan("120000"), "合同违约责任条款", "擅自更换评价组成员")
        settlement.adjust(settlement.settlement(found), [line], by=by, now=now)
    confirm(deal)
    assert figures(deal)[3:] == ("31200.00", "50400.00", "0.00", "19200.00")
    firms = {("firm_handler", "acknowledge"), ("firm_signatory", "acknowledge")}
    assert waiting(deal) == {("payer", "receive")} | firms
    with deal.acting(Role.FIRM_SIGNATORY) as (by, now):
        (row,) = settlement.account(deal.contract_id).recoveries
        settlement.acknowledge(row, by=by, now=now)
    with pytest.raises(Refused) as again, deal.acting(Role.FIRM_HANDLER) as (by, now):
        settlement.acknowledge(settlement.recovery(row.id), by=by, now=now)
    assert again.value.ruling.codes == ("recovery.already_acknowledged",)
    assert waiting(deal) == {("payer", "receive")}
    with pytest.raises(Refused) as refused:
        request(deal, "1")
    assert refused.value.ruling.codes == ("payment.nothing_payable",)

    with deal.acting(Role.PAYER) as (by, now):
        (row,) = settlement.account(deal.contract_id).recoveries
        assert row.amount == Decimal(19200)
        with pytest.raises(Invalid, match=r"recovery\.before_notice"):
            settlement.receive(row, day_of(now) - timedelta(days=1), "记-12", by=by, now=now)
        settlement.receive(row, day_of(now), "记-12", by=by, now=now)
    assert figures(deal)[4:] == ("50400.00", "0.00", "0.00")
    with deal.acting(Role.HANDLER):
        assert contract.contract(deal.contract_id).settled_at is not None
    assert sound(deal) == []


def test_a_penalty_has_its_clause_and_takes_no_more_than_the_fee() -> None:
    deal = a_computed_settlement()
    found = settlement_id(deal)

    for line, code in (
        (settlement.Penalty(yuan("1"), " ", "事实"), "settlement.no_clause"),
        (settlement.Penalty(yuan("151200.01"), "条款", "事实"), "settlement.more_than_fee"),
    ):
        with pytest.raises(Refused) as refused, deal.acting(Role.HANDLER) as (by, now):
            settlement.adjust(settlement.settlement(found), [line], by=by, now=now)
        assert refused.value.ruling.codes == (code,)


def test_a_firm_reads_its_payments_and_no_others() -> None:
    deal, other = a_planned_contract(), a_planned_contract()
    asked, foreign = request(deal), request(other)

    with deal.acting(Role.FIRM_HANDLER):
        assert settlement.payment(asked).firm_id == deal.firm_id
        with pytest.raises(NotFound):
            settlement.payment(foreign)
    with deal.acting(Role.UNIT_HEAD), pytest.raises(NotFound):
        settlement.payment(asked)


def test_an_unconfirmed_settlement_is_hidden_from_the_firm() -> None:
    deal = a_computed_settlement()

    with deal.acting(Role.FIRM_SIGNATORY), pytest.raises(NotFound):
        settlement.settlement(settlement_id(deal))
