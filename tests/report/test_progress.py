"""An evaluation's way on one page: what was done, what has not begun, and where to go."""

from flask import Flask

from portal import contract
from portal.access import Role
from tenants import scope
from tests.contract.makers import an_effective_contract
from tests.ranking.makers import a_draft_ranking, a_year
from tests.support.world import Browser, text_of
from tests.tender.makers import a_market, an_approved_commission


def test_what_has_not_begun_says_so_and_leads_nowhere(app: Flask) -> None:
    market = a_market()
    row_id = an_approved_commission(market)
    browser = Browser(app, market.bureau.people[Role.HANDLER])
    response = browser.get(f"/t/{market.bureau.code}/commissions/{row_id}/progress")
    assert text_of(response).count("未开始") == 7
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
    assert before.count("未开始") == 1
    row_id = a_draft_ranking(known)
    response = browser.get(path)
    assert "已计入，第 1 名，" in text_of(response)
    assert f"/rankings/{row_id}" in response.text
