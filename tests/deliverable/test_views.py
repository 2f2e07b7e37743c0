"""The work under a contract in the browser: the firm, the bureau and the unit, each with its own pages."""

import re
from datetime import timedelta
from io import BytesIO
from typing import Any
from uuid import UUID

from flask import Flask
from openpyxl import load_workbook

from portal import contract
from portal.access import Role
from portal.kernel.workdays import day_of
from tests.contract.makers import Deal, an_effective_contract
from tests.deliverable.makers import a_pdf, accepted, consultation_id, hand_in, heard, row_id, with_opinions
from tests.support.world import Browser, a_person, a_unit, text_of


def at(deal: Deal, path: str, row: UUID | None = None) -> str:
    """A page of the work."""
    return f"/t/{deal.bureau.code}/{path}" + (f"/{row}" if row else "")


def named(html: str, word: str) -> UUID:
    """The first row of a kind that a page leads to."""
    found = re.search(rf"/{word}/([0-9a-f-]{{36}})", html)
    assert found
    return UUID(found[1])


def file_of(name: str = "实施方案.pdf", content: bytes | None = None, **more: str) -> dict[str, Any]:
    """A form with a file."""
    return {"file": (BytesIO(content or a_pdf()), name), "declared": "y", "note": "第一稿", **more}


def test_the_firm_hands_in_and_the_bureau_returns_and_accepts(app: Flask) -> None:
    deal = an_effective_contract()
    found = row_id(deal, "plan")
    page = at(deal, "deliverables", found)
    firm, handler = Browser(app, deal.person(Role.FIRM_HANDLER)), Browser(app, deal.person(Role.HANDLER))
    assert "实施方案" in text_of(firm.get(f"/t/{deal.bureau.code}/"))

    firm.post(f"{page}/submit", file_of(), page=f"{page}/submit")
    assert "实施方案.pdf" in text_of(handler.get(page))
    handler.post(f"{page}/return", {"reason": "样本量不足"}, page=f"{page}/return")
    assert "样本量不足" in text_of(firm.get(page))
    firm.post(f"{page}/submit", file_of("实施方案二.pdf"), page=f"{page}/submit")
    handler.post(f"{page}/accept", {}, page=page)

    text = text_of(firm.get(page))
    assert "已认可" in text
    assert "第 1 版" in text
    assert "实施方案二.pdf" in text


def test_what_is_wrong_with_a_file_is_said_at_its_field(app: Flask) -> None:
    deal = an_effective_contract()
    page = f"{at(deal, 'deliverables', row_id(deal, 'plan'))}/submit"
    firm = Browser(app, deal.person(Role.FIRM_HANDLER))

    for form, words in (
        ({"declared": "y", "note": "写到一半"}, "请选择要上传的文件"),
        (file_of("方案.pdf", b"MZ no pdf"), "PDF"),
        ({**file_of(), "declared": ""}, "涉密材料不得上传"),
    ):
        answer = firm.post(page, form, page=page, status=422)
        assert words in text_of(answer)
        assert "写到一半" in answer.text or "第一稿" in answer.text


def test_the_report_names_what_it_waits_for_and_asks_the_lead_evaluator(app: Flask) -> None:
    deal = an_effective_contract()
    found = row_id(deal, "report")
    page = at(deal, "deliverables", found)
    firm = Browser(app, deal.person(Role.FIRM_HANDLER))

    assert "实施方案还没有得到财政局认可" in text_of(firm.get(page))
    answer = firm.post(f"{page}/submit", file_of(), page=f"{page}/submit", status=422)
    assert "请由主评人确认并署名" in text_of(answer)
    assert "征求被评价单位意见还没有结束" in text_of(answer)


def test_the_unit_reads_the_draft_writes_opinions_and_reads_the_answers(app: Flask) -> None:
    deal = an_effective_contract()
    accepted(deal, "draft")
    page = at(deal, "consultations", consultation_id(deal))
    unit, firm = Browser(app, deal.person(Role.UNIT_HANDLER)), Browser(app, deal.person(Role.FIRM_HANDLER))
    assert "报告初稿征求意见" in text_of(unit.get(f"/t/{deal.bureau.code}/"))

    unit.post(f"{page}/note", {"place": "", "text": "写到一半"}, page=page, status=422)
    for text in ("资金口径应含配套资金", "多写了一条", "满意度样本请注明"):
        unit.post(f"{page}/note", {"place": "第三章", "text": text}, page=page)
    unit.post(f"{page}/strike", {"number": "2"}, page=page)
    assert "资金口径" not in text_of(firm.get(page))
    unit.post(f"{page}/state", {}, page=page)
    assert "资金口径" in text_of(firm.get(page))

    given = {"adopted_1": "yes", "answer_1": "已改", "adopted_2": "no", "answer_2": ""}
    answer = firm.post(f"{page}/answer", given, page=f"{page}/answer", status=422)
    assert "请写明理由" in text_of(answer)
    firm.post(f"{page}/answer", {**given, "answer_2": "样本已在附件注明"}, page=f"{page}/answer")

    for browser in (unit, firm, Browser(app, deal.person(Role.HANDLER))):
        assert "样本已在附件注明" in text_of(browser.get(page))
    assert "采纳情况表" in text_of(unit.get(f"{page}/print"))


def test_what_the_unit_is_writing_is_its_own(app: Flask) -> None:
    deal = an_effective_contract()
    accepted(deal, "draft")
    page = at(deal, "consultations", consultation_id(deal))
    unit, handler = Browser(app, deal.person(Role.UNIT_HANDLER)), Browser(app, deal.person(Role.HANDLER))

    unit.post(f"{page}/note", {"place": "第三章", "text": "写到一半的意见"}, page=page)
    for path in (page, f"{page}/print"):
        assert "写到一半的意见" in text_of(unit.get(path))
        assert "写到一半的意见" not in text_of(handler.get(path))
    unit.post(f"{page}/state", {}, page=page)

    assert "写到一半的意见" in text_of(handler.get(page))


def test_the_very_same_file_is_not_taken_twice_in_a_row(app: Flask) -> None:
    deal = an_effective_contract()
    found = row_id(deal, "plan")
    page = f"{at(deal, 'deliverables', found)}/submit"
    firm = Browser(app, deal.person(Role.FIRM_HANDLER))
    content = a_pdf("same")

    firm.post(page, file_of("方案.pdf", content), page=page)
    answer = firm.post(page, file_of("方案（改）.pdf", content), page=page, status=422)
    assert "与已收到的第 1 版完全相同" in text_of(answer)
    firm.post(page, file_of("方案（改）.pdf"), page=page)

    assert "第 2 版" in text_of(firm.get(at(deal, "deliverables", found)))


def test_a_deliverable_shows_how_far_its_subject_is(app: Flask) -> None:
    deal = an_effective_contract()
    accepted(deal, "plan")
    firm = Browser(app, deal.person(Role.FIRM_HANDLER))
    report = at(deal, "deliverables", row_id(deal, "report"))
    assert "未到提交时" in text_of(firm.get(report))

    accepted(deal, "draft")
    heard(deal)

    text = text_of(firm.get(report)).partition("走到哪一步")[2]
    assert "未到提交时" not in text
    places = [text.index(word) for word in ("实施方案", "报告初稿", "征求意见", "正式报告 待提交")]
    assert places == sorted(places)
    hearing = at(deal, "consultations", consultation_id(deal))
    assert f'href="{hearing}"' in firm.get(report).text


def test_a_copy_need_not_go_back_and_an_original_must(app: Flask) -> None:
    deal = an_effective_contract()
    ask = at(deal, "contracts", deal.contract_id) + "/materials/new"
    home = f"/t/{deal.bureau.code}/"
    firm, unit = Browser(app, deal.person(Role.FIRM_HANDLER)), Browser(app, deal.person(Role.UNIT_HANDLER))
    listed = at(deal, "materials") + f"?contract={deal.contract_id}"
    assert "这份合同还没有索取资料" in text_of(firm.get(listed))
    assert f'href="{ask}"' in firm.get(listed).text
    with deal.acting(Role.HANDLER) as (_, now):
        today = day_of(now).isoformat()

    for item, more in (("决算报表", {}), ("拨付凭证", {"is_original": "y"})):
        firm.post(ask, {"subject_id": str(deal.subjects[0]), "items": item, **more}, page=ask)
        page = at(deal, "materials", named(unit.get(at(deal, "materials")).text, "materials"))
        unit.post(f"{page}/hand-over", {"on": today}, page=f"{page}/hand-over")

    waits = text_of(firm.get(home))
    assert "拨付凭证" in waits
    assert "决算报表" not in waits


def test_no_opinion_is_said_with_one_button(app: Flask) -> None:
    deal = an_effective_contract()
    accepted(deal, "draft")
    page = at(deal, "consultations", consultation_id(deal))
    unit = Browser(app, deal.person(Role.UNIT_HANDLER))
    handler = Browser(app, deal.person(Role.HANDLER))

    assert "期限过后才能按未反馈处理" in text_of(handler.get(page))
    handler.post(f"{page}/lapse", {}, page=page, status=409)
    unit.post(f"{page}/agree", {}, page=page)

    assert "无意见" in text_of(handler.get(page))


def test_a_lapsed_consultation_is_shown_and_closed(app: Flask, travel: Any) -> None:
    deal = an_effective_contract()
    accepted(deal, "draft")
    page = at(deal, "consultations", consultation_id(deal))
    travel(timedelta(days=12))
    handler = Browser(app, deal.person(Role.HANDLER))

    assert "已过期限" in text_of(handler.get(at(deal, "consultations")))
    handler.post(f"{page}/lapse", {}, page=page)
    assert "未反馈" in text_of(handler.get(page))


def test_visits_are_recorded_struck_and_counted(app: Flask) -> None:
    deal = an_effective_contract()
    page = at(deal, "contracts", deal.contract_id) + "/visits"
    firm, handler = Browser(app, deal.person(Role.FIRM_HANDLER)), Browser(app, deal.person(Role.HANDLER))
    with deal.acting(Role.HANDLER) as (_, now):
        today = day_of(now)
    given = {
        "subject_id": str(deal.subjects[0]),
        "from_on": (today - timedelta(days=2)).isoformat(),
        "to_on": today.isoformat(),
        "place": "漾月街道",
        "attended": "张三、李四",
        "lead_attended": "y",
        "notes": "查阅凭证",
    }

    late = {**given, "to_on": (today + timedelta(days=1)).isoformat()}
    answer = firm.post(f"{page}/new", late, page=f"{page}/new", status=422)
    assert "不能晚于今天" in text_of(answer)
    firm.post(f"{page}/new", given, page=f"{page}/new")
    shown = handler.get(page)
    assert "漾月街道" in text_of(shown)
    assert "3 天" in text_of(shown)
    strike = at(deal, "visits", named(firm.get(page).text, "visits")) + "/strike"
    firm.post(strike, {"reason": "日期登记有误"}, page=strike)
    assert "日期登记有误" in text_of(handler.get(page))


def test_material_is_asked_handed_over_given_back_and_received(app: Flask) -> None:
    deal = an_effective_contract()
    ask = at(deal, "contracts", deal.contract_id) + "/materials/new"
    firm, unit = Browser(app, deal.person(Role.FIRM_HANDLER)), Browser(app, deal.person(Role.UNIT_HANDLER))
    with deal.acting(Role.HANDLER) as (_, now):
        today = day_of(now).isoformat()
    firm.post(
        ask, {"subject_id": str(deal.subjects[0]), "items": "会计凭证\n\n", "is_original": "y"}, page=ask
    )
    listed = unit.get(at(deal, "materials"))
    page = at(deal, "materials", named(listed.text, "materials"))

    answer = unit.post(f"{page}/hand-over", {"on": "2020-01-01"}, page=f"{page}/hand-over", status=422)
    assert "日期应在" in text_of(answer)
    unit.post(f"{page}/hand-over", {"on": today}, page=f"{page}/hand-over")
    firm.post(f"{page}/give-back", {"on": today}, page=f"{page}/give-back")
    unit.post(f"{page}/receive", {}, page=page)

    assert "已收回" in text_of(firm.get(page))
    sheet = load_workbook(
        BytesIO(firm.post(at(deal, "materials") + "/export", {}, status=200).data)
    ).worksheets[0]
    assert [row for row in sheet.iter_rows(values_only=True) if row[0] == "会计凭证"]


def test_nobody_finds_what_is_not_theirs(app: Flask) -> None:
    deal, other = an_effective_contract(), an_effective_contract()
    plan = accepted(deal, "plan")
    accepted(deal, "draft")
    found = with_opinions(deal, "请核实")
    neighbour = a_person(deal.bureau, Role.UNIT_HANDLER, party_id=a_unit(deal.bureau))
    pages = (at(deal, "deliverables", plan), at(deal, "consultations", found))

    for person in (neighbour, other.person(Role.FIRM_HANDLER), other.person(Role.HANDLER)):
        browser = Browser(app, person)
        for page in pages:
            browser.get(page, status=404)
    beside = Browser(app, neighbour)
    assert "还没有征求意见" in text_of(beside.get(at(deal, "consultations")))
    Browser(app, deal.person(Role.UNIT_HANDLER)).get(pages[0], status=404)


def test_the_list_is_filtered_and_exported(app: Flask) -> None:
    deal = an_effective_contract()
    hand_in(deal, "plan")
    handler = Browser(app, deal.person(Role.HANDLER))
    listed = at(deal, "deliverables")

    assert "待认可" in text_of(handler.get(f"{listed}?state=submitted&kind=plan&contract={deal.contract_id}"))
    assert "没有符合条件的成果" in text_of(handler.get(f"{listed}?state=returned"))
    sheet = load_workbook(BytesIO(handler.post(f"{listed}/export", {}, status=200).data)).worksheets[0]
    assert len([row for row in sheet.iter_rows(values_only=True) if row[1] == "实施方案"]) == 2


def test_what_is_not_accepted_comes_first_and_a_page_further_goes_on(app: Flask) -> None:
    deal = an_effective_contract()
    plan = accepted(deal, "plan")
    handler = Browser(app, deal.person(Role.HANDLER))
    listed = at(deal, "deliverables") + f"?contract={deal.contract_id}"

    first = re.findall(r"/deliverables/([0-9a-f-]{36})", handler.get(listed).text)
    assert first[-1] == str(plan)
    assert len(first) == 6
    by_day = re.findall(r"/deliverables/([0-9a-f-]{36})", handler.get(f"{listed}&sort=due").text)
    assert by_day[-1] != str(plan)


def test_a_deadline_in_a_year_nobody_entered_keeps_nobody_from_their_home(app: Flask, travel: Any) -> None:
    deal = an_effective_contract()
    travel(timedelta(days=300))
    with deal.acting(Role.HANDLER) as (by, now):
        row = contract.contract(deal.contract_id)
        later = day_of(now) + timedelta(days=360)
        contract.extend(row, contract.DeliverableKind.PLAN, later, "单位整体搬迁", by=by, now=now)

    text = text_of(Browser(app, deal.person(Role.FIRM_HANDLER)).get(f"/t/{deal.bureau.code}/"))

    assert later.isoformat() in text
