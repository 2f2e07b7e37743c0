"""What a firm and a unit are told of their work: each stage, which post is awaited, by when; no name."""

from flask import Flask

from portal import contract
from portal.access import Role
from tests.contract.makers import Deal, an_effective_contract, an_offered_contract
from tests.deliverable.makers import accepted, consultation_id, delivered, hand_in, with_opinions
from tests.quality.makers import a_notified_round
from tests.settlement.makers import a_planned_contract, a_settled_contract, check, paid, request
from tests.structure.test_statements import LIMIT, statements
from tests.support.world import Browser, text_of


def told_firm(app: Flask, deal: Deal) -> str:
    """The contract's page as the firm reads it."""
    page = f"/t/{deal.bureau.code}/contracts/{deal.contract_id}"
    return text_of(Browser(app, deal.person(Role.FIRM_SIGNATORY)).get(page))


def told_unit(app: Flask, deal: Deal) -> str:
    """The consultation's page as the unit reads it."""
    page = f"/t/{deal.bureau.code}/consultations/{consultation_id(deal)}"
    return text_of(Browser(app, deal.person(Role.UNIT_HANDLER)).get(page))


def test_from_the_offer_to_the_plan(app: Flask) -> None:
    offered = an_offered_contract()
    with offered.acting(Role.HANDLER):
        sign_by = contract.contract(offered.contract_id).sign_by
    assert f"贵机构：机构签章，最迟 {sign_by:%Y-%m-%d}" in told_firm(app, offered)

    deal = an_effective_contract(subjects=2)
    assert "贵机构：提交成果：2 个评价对象，最迟" in told_firm(app, deal)
    hand_in(deal, "plan", 0)
    told = told_firm(app, deal)
    assert "财政局经办人：审阅成果：" in told
    assert deal.person(Role.HANDLER).actor.name not in told, "a post, never who holds it"


def test_from_the_draft_to_the_report(app: Flask) -> None:
    deal = an_effective_contract(subjects=1)
    for kind in ("plan", "draft"):
        accepted(deal, kind)
    assert "被评价单位：反馈意见：" in told_firm(app, deal)
    assert "贵单位：反馈意见，最迟" in told_unit(app, deal)
    with_opinions(deal, "资金口径应以决算为准")
    assert "贵机构：逐条答复：" in told_firm(app, deal)
    assert "第三方机构：逐条答复" in told_unit(app, deal)


def test_after_the_work_the_firm_is_told_who_judges_and_when_it_is_paid(app: Flask) -> None:
    deal = delivered(an_effective_contract(subjects=1))
    told = told_firm(app, deal)
    assert "财政局会审组织人：组织专家评审，把质量得分告知贵机构" in told
    assert "被评价单位和财政局：各填一份考评表" in told
    assert "财政局经办人：申请付款，再由复核人复核、支付经办支付，最迟" in told
    assert "贵单位：填写并签名，最迟" in told_unit(app, deal)

    notified = a_notified_round()
    assert "贵机构：核对得分：无异议或者提出异议，最迟" in told_firm(app, notified.deal)


def test_a_payment_is_followed_to_its_end(app: Flask) -> None:
    deal = a_planned_contract(subjects=1)
    asked = request(deal)
    assert "财政局复核人：复核通过，最迟" in told_firm(app, deal)
    check(deal, asked)
    assert "财政局支付经办：登记支付，最迟" in told_firm(app, deal)

    settled = a_settled_contract()
    told = told_firm(app, settled)
    assert "没有单独支付并入尾款" in told
    assert "待申请151,200.00 元 财政局经办人：申请付款" in told
    paid(settled)
    assert "已结清151,200.00 元" in told_firm(app, settled)


def test_the_firms_page_asks_no_oftener_than_any_other(app: Flask) -> None:
    deal = a_settled_contract()
    page = f"/t/{deal.bureau.code}/contracts/{deal.contract_id}"
    firm = Browser(app, deal.person(Role.FIRM_SIGNATORY))
    firm.get(page)
    with statements(app) as asked:
        firm.send("GET", page)
    assert len(asked) <= LIMIT
