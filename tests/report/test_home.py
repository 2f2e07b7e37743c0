"""The home: what waits for a person in whichever post, for others once each, and where to begin."""

from flask import Flask
from sqlalchemy import text

from portal.access import OUTSIDE, STAFF, Role
from portal.identity.actions import Place, grant_post
from portal.report.home import COMES
from tenants import scope
from tenants.db import db
from tests.contract.makers import Deal, an_offered_contract
from tests.support.world import Browser, Bureau, Person, a_bureau, text_of
from tests.tender.makers import an_approved_commission, an_issued_tender

NOTHING = "有新的事项时，这里会写明"


def _also(bureau: Bureau, person: Person, role: Role) -> None:
    """The person gets a second post of the same bureau or party."""
    place = Place(person.section_id, person.party_id, person.name)
    with scope.unit_of_work(bureau.system):
        account_id, name = person.account_id, person.name
        grant_post(account_id, name, role, place, tenant_id=bureau.id, by=None, now=scope.now())


def _home(app: Flask, bureau: Bureau, person: Person) -> tuple[str, str]:
    response = Browser(app, person).get(f"/t/{bureau.code}/")
    return response.text, text_of(response)


def _with_both_posts() -> tuple[Deal, Person]:
    deal = an_offered_contract()
    handler = deal.person(Role.FIRM_HANDLER)
    _also(deal.bureau, handler, Role.FIRM_SIGNATORY)
    return deal, handler


def test_a_firms_handler_sees_what_waits_for_their_post_of_signatory(app: Flask) -> None:
    deal, handler = _with_both_posts()
    html, shown = _home(app, deal.bureau, handler)
    assert "您的另一岗位“机构签章人”" in shown
    assert f"next=/t/{deal.bureau.code}/contracts/{deal.contract_id}" in html
    assert NOTHING not in shown


def test_the_button_of_another_post_acts_in_it(app: Flask) -> None:
    deal, handler = _with_both_posts()
    browser = Browser(app, handler)
    html = browser.get(f"/t/{deal.bureau.code}/").text
    url = html.split('href="/account/posts/', 2)[2].split('"')[0].replace("&amp;", "&")
    response = browser.send("GET", f"/account/posts/{url}", follow_redirects=True)
    assert "您现在的岗位" not in text_of(response)
    assert "机构签章人" in text_of(response)
    assert f"/contracts/{deal.contract_id}/confirm" in response.text


def test_nobody_is_told_what_waits_for_another_person(app: Flask) -> None:
    assert app
    deal = an_offered_contract()
    handler = deal.person(Role.FIRM_HANDLER)
    with scope.entered(handler.scope):
        found = db.session.execute(
            text("SELECT post_id, role FROM portal_own_waits(:tenant)"), {"tenant": deal.bureau.id}
        ).all()
    assert {each.post_id for each in found} <= {handler.post_id}
    assert Role.FIRM_SIGNATORY.value not in {each.role for each in found}


def test_a_task_of_many_stands_once_and_does_not_say_for_how_many(app: Flask) -> None:
    issued = an_issued_tender()
    bureau = issued.market.bureau
    shown = _home(app, bureau, bureau.people[Role.HANDLER])[1]
    assert len(issued.firms) == 3
    assert shown.count("响应询价") == 1


def test_what_waits_for_my_other_post_is_not_told_as_somebody_elses(app: Flask) -> None:
    issued = an_issued_tender()
    bureau = issued.market.bureau
    handler = bureau.people[Role.HANDLER]
    _also(bureau, handler, Role.BUYER)
    an_approved_commission(issued.market)
    shown = _home(app, bureau, handler)[1]
    mine, _, others = shown.partition("别人正在办理")
    assert "您的另一岗位“采购人”" in mine
    assert "采购人" not in others


def test_a_bureau_that_has_commissioned_nothing_is_told_where_to_begin(app: Flask) -> None:
    bureau = a_bureau(roles=(Role.HANDLER,))
    html, shown = _home(app, bureau, bureau.people[Role.HANDLER])
    assert "按这个顺序开始" in shown
    assert f"/t/{bureau.code}/units" in html


def test_the_security_administrator_of_a_new_bureau_is_led_to_the_accounts(app: Flask) -> None:
    bureau = a_bureau(roles=(Role.SECURITY_ADMIN, Role.HANDLER))
    html, shown = _home(app, bureau, bureau.people[Role.SECURITY_ADMIN])
    assert "去开立账号" in shown
    assert f'/t/{bureau.code}/accounts"' in html.partition("beginning")[2]
    assert "去开立账号" not in _home(app, bureau, bureau.people[Role.HANDLER])[1]


def test_where_work_has_begun_nobody_is_told_where_to_begin(app: Flask) -> None:
    deal = an_offered_contract()
    assert "按这个顺序开始" not in _home(app, deal.bureau, deal.person(Role.HANDLER))[1]


def test_what_either_post_may_do_stands_once(app: Flask) -> None:
    issued = an_issued_tender()
    bureau, handler = issued.market.bureau, issued.firms[0].handler
    _also(bureau, handler, Role.FIRM_SIGNATORY)
    shown = _home(app, bureau, handler)[1]
    assert shown.count("响应询价") == 1
    assert "您的另一岗位" not in shown


def test_a_page_that_was_refused_does_not_say_that_nothing_waits(app: Flask) -> None:
    bureau = a_bureau(roles=(Role.HANDLER,))
    browser = Browser(app, bureau.people[Role.HANDLER])
    assert "待办 0" in text_of(browser.get(f"/t/{bureau.code}/"))
    refused = text_of(browser.get(f"/t/{bureau.code}/accounts", status=403))
    assert "待办" in refused
    assert "待办 0" not in refused


def test_who_looks_at_the_counties_below_is_led_there_and_not_to_a_first_commission(app: Flask) -> None:
    bureau = a_bureau(roles=(Role.SUPERVISOR,))
    html, shown = _home(app, bureau, bureau.people[Role.SUPERVISOR])
    assert "按这个顺序开始" not in shown
    assert f"/t/{bureau.code}/counties" in html.partition("<main")[2]


def test_an_outside_party_for_whom_nothing_waits_reads_what_will_come(app: Flask) -> None:
    deal = an_offered_contract()
    shown = _home(app, deal.bureau, deal.person(Role.UNIT_HANDLER))[1]
    assert "报告初稿征求意见、资料交接和考评表" in shown
    assert "采购邀请" not in shown


def test_whoever_has_nothing_waiting_reads_what_will_come_or_where_their_work_is(app: Flask) -> None:
    told = {Role.SECURITY_ADMIN: "在左边的“账号与岗位”办理", Role.PAYER: "等您登记支付的款项"}
    bureau = a_bureau(roles=tuple(told))
    for role, sentence in told.items():
        assert sentence in _home(app, bureau, bureau.people[role])[1]
    assert set(COMES) >= {*STAFF, *OUTSIDE} - {Role.SUPERVISOR, Role.LEAD_EVALUATOR}
