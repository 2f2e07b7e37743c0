"""A contract in the browser, from both sides: filled in, offered, returned, signed twice, extended."""

import re
from datetime import timedelta
from io import BytesIO

from flask import Flask
from openpyxl import load_workbook

from portal import contract
from portal.access import Role
from portal.contract.rules import CLAUSES
from portal.kernel.clock import machine_now
from portal.kernel.workdays import day_of
from tests.contract.makers import (
    Deal,
    a_confirmed_contract,
    a_draft_contract,
    an_effective_contract,
    an_offered_contract,
)
from tests.support.world import PASSWORD, Browser, text_of


def place(deal: Deal) -> str:
    """The contract's page."""
    return f"/t/{deal.bureau.code}/contracts/{deal.contract_id}"


def signature(browser: Browser, page: str) -> dict[str, str]:
    """What a signatory sends: the digest on the page, and the password."""
    found = re.search(r'name="digest"\s+value="([0-9a-f]{64})"', browser.get(page).text)
    assert found
    return {"digest": found[1], "password": PASSWORD}


def typed(deal: Deal, **changed: str) -> dict[str, str]:
    """What an officer types into the form."""
    with deal.acting(Role.HANDLER):
        row = contract.contract(deal.contract_id)
        days = {kind: day.isoformat() for kind, day in row.due_signed.items()}
    return {
        "plan_due_on": days[contract.DeliverableKind.PLAN],
        "draft_due_on": days[contract.DeliverableKind.DRAFT],
        "report_due_on": days[contract.DeliverableKind.REPORT],
        "advance_ratio": "30",
        "payment_days": "30",
        "late_ratio": "0.5",
        "late_cap": "10",
        **{key: text for key, (_, text) in CLAUSES.items()},
        "special": "",
        "version": "1",
        **changed,
    }


def test_from_the_draft_to_the_document(app: Flask) -> None:
    deal = a_draft_contract()
    page = place(deal)
    handler, firm, approver = (
        Browser(app, deal.person(role)) for role in (Role.HANDLER, Role.FIRM_SIGNATORY, Role.APPROVER)
    )
    assert "起草中" in text_of(handler.get(page))
    firm.get(page, status=404)

    handler.post(f"{page}/edit", typed(deal), page=f"{page}/edit")
    handler.post(f"{page}/offer", {}, page=page)
    assert deal.bureau.marker in text_of(firm.get(f"/t/{deal.bureau.code}/"))
    shown = text_of(firm.get(page))
    assert "80.00 分（含本数）" in shown
    assert "每逾期一个工作日扣减合同价款的 0.5%" in shown
    firm.post(f"{page}/confirm", signature(firm, f"{page}/confirm"), page=f"{page}/confirm")
    approver.post(f"{page}/sign", signature(approver, f"{page}/sign"), page=f"{page}/sign")

    text = text_of(approver.get(page))
    assert "履行中" in text
    assert "合同公告" in text
    assert "副本备案 需要备案的，最迟" in text
    assert "副本备案" not in text_of(firm.get(page))
    assert "〔2026〕" in text or "〔" in text
    firm.get(f"{page}/print")
    assert "合同公告" in text_of(Browser(app).get(f"/public/{deal.bureau.code}"))


def test_an_edit_that_cannot_be_is_named_at_its_field(app: Flask) -> None:
    deal = a_draft_contract()
    browser = Browser(app, deal.person(Role.HANDLER))
    page = f"{place(deal)}/edit"

    for changed, words in (
        ({"payment_days": "90"}, "付款期限为 1 至 60 日"),
        ({"advance_ratio": "NaN"}, "请填写百分数"),
        ({"plan_due_on": typed(deal)["report_due_on"]}, "后一个晚于前一个"),
        ({"liability": ""}, "必填"),
    ):
        answer = browser.post(page, typed(deal, **changed), page=page, status=422)
        assert words in text_of(answer)


def test_a_wrong_password_keeps_the_page(app: Flask) -> None:
    deal = an_offered_contract()
    firm = Browser(app, deal.person(Role.FIRM_SIGNATORY))
    page = f"{place(deal)}/confirm"

    given = {**signature(firm, page), "password": "Wrong-Horse-9"}
    answer = firm.post(page, given, page=page, status=422)

    assert "密码不对" in text_of(answer)
    assert "待机构确认" in text_of(firm.get(place(deal)))


def test_the_firm_cannot_sign_a_text_changed_under_its_hands(app: Flask) -> None:
    deal = an_offered_contract()
    firm = Browser(app, deal.person(Role.FIRM_SIGNATORY))
    page = f"{place(deal)}/confirm"

    answer = firm.post(page, {"password": PASSWORD, "digest": "0" * 64}, page=page, status=409)

    assert "合同内容已经变动" in text_of(answer)


def test_the_firm_returns_it_and_the_bureau_takes_it_back(app: Flask) -> None:
    deal = an_offered_contract()
    firm, handler = Browser(app, deal.person(Role.FIRM_HANDLER)), Browser(app, deal.person(Role.HANDLER))
    page = place(deal)
    firm.post(f"{page}/return", {"reason": ""}, page=f"{page}/return", status=422)
    firm.post(f"{page}/return", {"reason": "请写明发票类型"}, page=f"{page}/return")
    assert "请写明发票类型" in text_of(handler.get(page))

    confirmed = a_confirmed_contract()
    handler = Browser(app, confirmed.person(Role.HANDLER))
    page = place(confirmed)
    handler.get(f"{page}/revise")
    handler.post(f"{page}/revise", {"reason": "付款期限写错"}, page=f"{page}/revise")
    assert "尚未签章" in text_of(handler.get(page))


def test_an_extension_needs_a_reason_and_shows_both_dates(app: Flask) -> None:
    deal = an_effective_contract()
    handler = Browser(app, deal.person(Role.HANDLER))
    page = place(deal)
    with deal.acting(Role.HANDLER):
        old = contract.contract(deal.contract_id).draft_due_on
    later = (old + timedelta(days=7)).isoformat()
    given = {"kind": "draft", "new_on": later, "reason": "晚"}

    answer = handler.post(f"{page}/extend", given, page=f"{page}/extend", status=422)
    assert "不少于 6 个字" in text_of(answer)
    answer = handler.post(
        f"{page}/extend",
        {**given, "new_on": old.isoformat(), "reason": "单位资料晚交一周"},
        page=f"{page}/extend",
        status=422,
    )
    assert "应晚于现在的期限" in text_of(answer)
    handler.post(f"{page}/extend", {**given, "reason": "单位资料晚交一周"}, page=f"{page}/extend")

    text = text_of(Browser(app, deal.person(Role.FIRM_HANDLER)).get(page))
    assert "单位资料晚交一周" in text
    assert old.isoformat() in text
    assert later in text


def test_the_filing_of_the_copy_is_recorded_where_its_day_is_shown(app: Flask) -> None:
    deal = an_effective_contract()
    handler, page = Browser(app, deal.person(Role.HANDLER)), place(deal)
    today = day_of(machine_now())
    given = {"filed_on": f"{today}", "filed_with": "政府采购监管股", "filing_note": "回执 12 号"}
    late = {**given, "filed_on": f"{today + timedelta(days=1)}"}
    assert "备案日期应在" in text_of(handler.post(f"{page}/file", late, page=f"{page}/file", status=422))

    handler.post(f"{page}/file", given, page=f"{page}/file")

    told = text_of(handler.get(page))
    assert f"{today} 已在 政府采购监管股 备案" in told
    assert "回执 12 号" in told
    assert f"{page}/file" not in handler.get(page).text
    assert "不用再办" in text_of(handler.post(f"{page}/file", given, page=page, status=422))
    Browser(app, deal.person(Role.FIRM_HANDLER)).get(f"{page}/file", status=404)


def test_the_terms_have_a_number_people_can_read_the_same_on_page_and_paper(app: Flask) -> None:
    deal = an_effective_contract()
    with deal.acting(Role.HANDLER):
        row = contract.contract(deal.contract_id)
        terms_id, tender_id = str(row.terms_id), row.tender_id
    short = f"{terms_id[:4]}-{terms_id[4:8]}".upper()
    handler = Browser(app, deal.person(Role.HANDLER))

    for page in (place(deal), f"/t/{deal.bureau.code}/tenders/{tender_id}"):
        shown = handler.get(page)
        assert f'<span title="{terms_id}">{short}</span>' in shown.text
    found = re.search(rf"/t/{deal.bureau.code}/documents/[0-9a-f-]+", handler.get(place(deal)).text)
    assert found
    assert f"{short}（全号 {terms_id}）" in text_of(handler.get(found[0]))


def test_others_find_nothing(app: Flask) -> None:
    deal, other = an_effective_contract(), an_offered_contract()
    page = place(deal)

    Browser(app, other.person(Role.FIRM_SIGNATORY)).get(page, status=404)
    Browser(app, deal.person(Role.UNIT_HANDLER)).get(page, status=404)
    firm = Browser(app, deal.person(Role.FIRM_HANDLER), foreign=[other.bureau.marker])
    firm.get(f"/t/{deal.bureau.code}/contracts")
    firm.get(f"{page}/extend", status=404)
    firm.get(f"{page}/sign", status=404)


def test_the_list_is_filtered_and_exported(app: Flask) -> None:
    deal = an_effective_contract()
    listed = f"/t/{deal.bureau.code}/contracts"
    browser = Browser(app, deal.person(Role.HANDLER))

    assert deal.firm_name in text_of(browser.get(f"{listed}?state=effective&q={deal.bureau.marker}"))
    assert "没有符合条件的合同" in text_of(browser.get(f"{listed}?state=draft"))
    sheet = load_workbook(BytesIO(browser.post(f"{listed}/export", {}, status=200).data)).worksheets[0]
    assert [row for row in sheet.iter_rows(values_only=True) if deal.firm_name in row]


def test_signing_late_is_shown(app: Flask, travel: object) -> None:
    deal = an_offered_contract()
    assert callable(travel)
    travel(timedelta(days=31))

    browser = Browser(app, deal.person(Role.HANDLER))

    assert "签订逾期" in text_of(browser.get(f"/t/{deal.bureau.code}/contracts"))
    assert "现已逾期" in text_of(browser.get(place(deal)))
