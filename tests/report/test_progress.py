"""An evaluation's way on one page: what was done, what has not begun, and where to go."""

from uuid import UUID

from flask import Flask

from portal import contract, settlement
from portal.access import Role
from portal.kernel.money import yuan
from portal.kernel.workdays import day_of
from tenants import scope
from tests.contract.makers import Deal, an_effective_contract
from tests.deliverable.makers import accepted, heard
from tests.ranking.makers import a_draft_ranking, a_year
from tests.settlement.makers import (
    a_computed_settlement,
    a_planned_contract,
    a_settled_contract,
    confirm,
    paid,
    request,
    settlement_id,
)
from tests.support.world import Browser, text_of
from tests.tender.makers import a_market, an_approved_commission


def test_what_has_not_begun_says_so_and_leads_nowhere(app: Flask) -> None:
    market = a_market()
    row_id = an_approved_commission(market)
    browser = Browser(app, market.bureau.people[Role.HANDLER])
    response = browser.get(f"/t/{market.bureau.code}/commissions/{row_id}/progress")
    assert text_of(response).count("未开始") == 8
    assert "/tenders/" not in response.text


def test_each_step_begun_leads_to_its_page(app: Flask) -> None:
    deal = an_effective_contract()
    with scope.entered(deal.bureau.system):
        signed = contract.contract(deal.contract_id)
    browser = Browser(app, deal.bureau.people[Role.HANDLER])
    response = browser.get(f"/t/{deal.bureau.code}/commissions/{signed.commission_id}/progress")
    assert f"/contracts/{deal.contract_id}" in response.text
    assert f"/tenders/{signed.tender_id}" in response.text
    assert "0 / " in text_of(response)
    assert signed.firm_name in text_of(response)


def test_the_last_steps_tell_the_scores_and_the_place_in_the_years_ranking(app: Flask) -> None:
    known = a_year()
    browser = Browser(app, known.two.bureau.people[Role.HANDLER])
    with scope.entered(known.two.bureau.system):
        signed = contract.contract(known.two.contract_id)
    path = f"/t/{known.two.bureau.code}/commissions/{signed.commission_id}/progress"
    before = text_of(browser.get(path))
    assert "考评得分 " in before
    assert before.count("未开始") == 2
    row_id = a_draft_ranking(known)
    response = browser.get(path)
    assert "已计入，第 1 名，" in text_of(response)
    assert f"/rankings/{row_id}" in response.text


def _payment(app: Flask, deal: Deal) -> str:
    """What the page says of the money, between the settlement and the appraisal."""
    with scope.entered(deal.bureau.system):
        commission_id: UUID = contract.contract(deal.contract_id).commission_id
    browser = Browser(app, deal.bureau.people[Role.HANDLER])
    shown = text_of(browser.get(f"/t/{deal.bureau.code}/commissions/{commission_id}/progress"))
    return shown.partition(" 付款 ")[2].partition(" 8. ")[0].strip()


def test_money_is_told_until_it_is_paid_in_full(app: Flask) -> None:
    deal = a_settled_contract()
    assert _payment(app, deal) == "待付款 已付 0.00 元，还应付 151,200.00 元"
    request(deal)
    assert _payment(app, deal).startswith("办理中 ")
    deal = a_settled_contract()
    paid(deal)
    assert _payment(app, deal) == "已付清 已付 151,200.00 元"


def test_money_paid_above_what_was_earned_is_told_until_it_is_back(app: Flask) -> None:
    deal = a_planned_contract(subjects=1)
    paid(deal)
    assert _payment(app, deal) == "已付首付款 已付 50,400.00 元"
    accepted(deal, "draft", 0)
    heard(deal, 0)
    accepted(deal, "report", 0)
    deal = a_computed_settlement(deal=deal)
    with deal.acting(Role.HANDLER) as (by, now):
        line = settlement.Penalty(yuan("120000"), "合同违约责任条款", "擅自更换评价组成员")
        settlement.adjust(settlement.settlement(settlement_id(deal)), [line], by=by, now=now)
    confirm(deal)
    assert _payment(app, deal) == "待收回 已付 50,400.00 元，应退 19,200.00 元"
    with deal.acting(Role.PAYER) as (by, now):
        (row,) = settlement.account(deal.contract_id).recoveries
        settlement.receive(row, day_of(now), "记-12", by=by, now=now)
    assert _payment(app, deal) == "已收回，结清 已付 50,400.00 元，已收回 19,200.00 元"
