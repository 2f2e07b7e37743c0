"""The pages of a contract's money."""

import re
from datetime import timedelta
from io import BytesIO

import pytest
from flask import Flask

from portal.access import Role
from portal.kernel.clock import machine_now
from portal.kernel.workdays import day_of
from tests.contract.makers import Deal
from tests.deliverable.makers import a_pdf
from tests.quality.makers import a_notified_round
from tests.settlement.makers import (
    a_computed_settlement,
    a_planned_contract,
    a_settled_contract,
    a_vetoed_settlement,
    check,
    confirm,
    paid,
    request,
    settlement_id,
)
from tests.support.world import Browser, text_of

pytestmark = pytest.mark.usefixtures("app")


def base(deal: Deal) -> str:
    """The bureau's address."""
    return f"/t/{deal.bureau.code}"


def seen_by(app: Flask, deal: Deal, role: Role) -> Browser:
    """Somebody signed in."""
    return Browser(app, deal.person(role))


def test_an_advance_goes_from_the_section_to_the_payer(app: Flask) -> None:
    deal = a_planned_contract()
    handler, checker, payer = (seen_by(app, deal, each) for each in (Role.HANDLER, Role.CHECKER, Role.PAYER))
    account = f"{base(deal)}/settlements/contracts/{deal.contract_id}"
    assert "首付款付款期限" in text_of(handler.get(account))
    assert 'value="50400.00"' in handler.get(f"{account}/request").text
    more = handler.post(f"{account}/request", {"amount": "50400.01"}, status=422, page=f"{account}/request")
    assert "不超过可支付的 50,400.00 元" in more.text
    asked = handler.post(f"{account}/request", {"amount": "50,400"}, page=f"{account}/request").location

    assert "复核通过" in text_of(checker.get(f"{base(deal)}/"))
    checker.post(f"{asked}/check", {}, page=asked)
    form = {
        "paid_on": f"{day_of(machine_now())}",
        "number": "25532000000012345678",
        "invoice_on": f"{day_of(machine_now())}",
    }
    late = payer.post(f"{asked}/pay", {**form, "paid_on": "2099-01-01"}, status=422, page=f"{asked}/pay")
    assert "日期不能晚于今天" in late.text
    attached = {**form, "declared": "y", "file": (BytesIO(a_pdf()), "发票.pdf")}
    payer.post(f"{asked}/pay", attached, page=f"{asked}/pay", content_type="multipart/form-data")
    page = text_of(payer.get(asked))
    assert "已支付" in page
    assert "发票.pdf" in page
    assert "50,400.00" in text_of(seen_by(app, deal, Role.FIRM_HANDLER).get(asked))
    assert "已支付" in text_of(seen_by(app, deal, Role.FIRM_HANDLER).get(f"{base(deal)}/payments"))


def test_the_same_section_finds_the_check_greyed(app: Flask) -> None:
    deal = a_planned_contract()
    asked = request(deal)
    url = f"{base(deal)}/payments/{asked}"

    page = seen_by(app, deal, Role.HANDLER).get(url)
    assert f"{url}/check" not in page.text
    assert "正在等： 复核人：复核通过" in text_of(page), "but the page says whose turn it is"
    checker = seen_by(app, deal, Role.CHECKER)
    short = checker.post(f"{url}/return", {"reason": "错"}, status=422, page=f"{url}/return")
    assert "不少于四个字" in short.text
    checker.post(f"{url}/return", {"reason": "账户信息有误"}, page=f"{url}/return")
    assert "账户信息有误" in text_of(seen_by(app, deal, Role.HANDLER).get(url))


def test_a_settlement_is_adjusted_confirmed_and_derived(app: Flask) -> None:
    deal = a_computed_settlement()
    handler, approver = seen_by(app, deal, Role.HANDLER), seen_by(app, deal, Role.APPROVER)
    url = f"{base(deal)}/settlements/{settlement_id(deal)}"
    account = f"{base(deal)}/settlements/contracts/{deal.contract_id}"
    lines = {"lines-0-clause": "违约责任", "lines-0-reason": "更换人员未报批", "lines-0-amount": "1000"}
    bare = handler.post(f"{url}/adjust", {"lines-0-amount": "1000"}, status=422, page=f"{url}/adjust")
    assert "合同条款和事实" in bare.text
    handler.post(f"{url}/adjust", lines, page=f"{url}/adjust")
    assert "更换人员未报批" in text_of(handler.get(account))
    early = text_of(seen_by(app, deal, Role.FIRM_SIGNATORY).get(account))
    assert "质量得分 79.60 分" in early
    assert "正在等财政局的审批人确认结算" in early
    assert "应得 待确认结算" in early
    assert "更换人员未报批" not in early, "what is not confirmed is nobody's business outside"

    approver.post(f"{url}/confirm", {}, page=url)
    page = text_of(approver.get(account))
    assert "质量扣费通知书" in page
    assert "应付 150,200.00 元" in page
    assert "扣减 1,000.00 元：违约责任，更换人员未报批" in page
    found = approver.get(f"{url}/derivation.json").json
    assert found
    assert [each["result"] for each in found] == ["16,800.00 元", "150,200.00 元"]
    assert found[0]["inputs"]["quality"] == "79.6"
    firm = seen_by(app, deal, Role.FIRM_SIGNATORY)
    assert "150,200.00" in text_of(firm.get(account))
    assert "150,200.00" in text_of(firm.get(f"{base(deal)}/settlements"))


def test_what_was_paid_too_much_has_its_page(app: Flask) -> None:
    deal = a_settled_contract()
    paid(deal)

    handler = seen_by(app, deal, Role.HANDLER)
    account = text_of(handler.get(f"{base(deal)}/settlements/contracts/{deal.contract_id}"))
    assert "结清" in account
    listed = handler.post(f"{base(deal)}/payments/export", {}, status=200, page=f"{base(deal)}/payments")
    assert str(listed.mimetype).endswith("sheet")


def test_a_payment_of_another_firm_is_unknown(app: Flask) -> None:
    deal, other = a_planned_contract(), a_planned_contract()
    asked = check(deal, request(deal))

    seen_by(app, other, Role.FIRM_HANDLER).get(f"{base(other)}/payments/{asked}", status=404)
    seen_by(app, deal, Role.UNIT_HEAD).get(f"{base(deal)}/payments/{asked}", status=404)


def test_every_reason_of_a_deduction_stands_on_one_page(app: Flask) -> None:
    deal = a_settled_contract()
    account = f"{base(deal)}/settlements/contracts/{deal.contract_id}"

    for role in (Role.APPROVER, Role.FIRM_SIGNATORY):
        told = text_of(seen_by(app, deal, role).get(account))
        assert "质量得分 79.60 分，比全额支付的分数线 80.00 分低 0.40 分" in told
        assert "从合同价款 168,000.00 元中扣减 16,800.00 元" in told
        assert "实施方案平均 82.00 分，占 40%" in told
        assert "评价报告平均 78.00 分，占 60%" in told
        assert "机构明确表示无异议：" in told
        assert "期满后" not in told
        assert re.search(r"×\d+ −\d+\.\d\d（3 位）", told)


def test_after_a_veto_the_veto_is_the_reason_and_nothing_is_due(app: Flask) -> None:
    deal = a_vetoed_settlement()
    account = f"{base(deal)}/settlements/contracts/{deal.contract_id}"

    def told(role: Role) -> str:
        return text_of(seen_by(app, deal, role).get(account))

    assert "质量得分 经核实一票否决" in told(Role.FIRM_SIGNATORY), "before the settlement stands"
    confirm(deal)
    for role in (Role.APPROVER, Role.FIRM_SIGNATORY):
        page = told(role)
        assert "全额扣减。理由：经核查底稿系伪造" in page
        assert "专家评分（供了解）" in page
        assert "失分最多" not in page
        assert "付款期限 " not in page.split("扣费的理由")[0]


def test_the_page_tells_silence_from_a_word_of_the_firm(app: Flask, travel: object) -> None:
    case = a_notified_round()
    assert callable(travel)
    travel(timedelta(days=30))

    account = f"{base(case.deal)}/settlements/contracts/{case.deal.contract_id}"
    told = text_of(seen_by(app, case.deal, Role.APPROVER).get(account))
    assert "没有表示意见，也没有提出异议；期满后于" in told
    assert "明确表示无异议" not in told


def test_a_first_payment_nobody_asked_for_goes_into_the_last_in_words_and_figures(app: Flask) -> None:
    deal = a_settled_contract()
    account = f"{base(deal)}/settlements/contracts/{deal.contract_id}"
    handler, firm = seen_by(app, deal, Role.HANDLER), seen_by(app, deal, Role.FIRM_SIGNATORY)

    for each in (handler, firm):
        told = text_of(each.get(account))
        assert "没有申请的 50,400.00 元并入尾款，一起支付" in told
        assert "首付款付款期限" not in told, "nothing of it is paid apart"
        assert "尾款付款期限" in told
        assert "尾款 151,200.00 元 = 并入的首付款 50,400.00 元 + 其余应得 100,800.00 元" in told
    assert "其中 50,400.00 元是结算之前没有单独支付的首付款" in text_of(handler.get(f"{account}/request"))
    found = handler.get(f"{base(deal)}/settlements/{settlement_id(deal)}/derivation.json").json
    assert found
    assert found[1]["inputs"]["carried_over"] == "50400"
    asked = request(deal)
    assert "尾款中有 50,400.00 元" in text_of(firm.get(f"{base(deal)}/payments/{asked}"))


def test_where_nothing_is_deducted_the_page_says_why(app: Flask) -> None:
    deal = a_settled_contract(plan="80", report="80")

    page = seen_by(app, deal, Role.APPROVER).get(f"{base(deal)}/settlements/contracts/{deal.contract_id}")
    assert "达到全额支付的分数线 80.00 分，不扣费" in text_of(page)


def test_a_settled_account_is_found_again(app: Flask) -> None:
    deal = a_settled_contract()
    handler = seen_by(app, deal, Role.HANDLER)
    assert "还没有结清的" in text_of(handler.get(f"{base(deal)}/settlements"))
    paid(deal)

    told = text_of(handler.get(f"{base(deal)}/settlements"))
    assert "还没有结清的" not in told
    assert "已经结清的" in told
    assert "16,800.00" in told
    assert "没有符合条件的合同" in text_of(handler.get(f"{base(deal)}/settlements?q=nobody"))


def test_the_home_leads_to_the_payment_that_may_be_asked_for(app: Flask) -> None:
    deal = a_planned_contract()
    handler = seen_by(app, deal, Role.HANDLER)

    home = handler.get(f"{base(deal)}/").text
    assert f"/settlements/contracts/{deal.contract_id}/request" in home
    page = text_of(handler.get(f"{base(deal)}/settlements/contracts/{deal.contract_id}/request"))
    assert "30%，即 50,400.00 元" in page
