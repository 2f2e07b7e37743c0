"""A commission in the browser: from an empty list to an approved edition, and every refusal in words."""

import re
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from openpyxl import load_workbook

from portal.access import Role
from portal.identity import Place, grant_post
from portal.subject import CHOICE, Subject
from tenants import scope
from tenants.db import db
from tests.commission.conftest import TODAY, Office
from tests.support.world import Browser, a_bureau, a_person, a_subject, text_of


def typed(office: Office, **changed: Any) -> dict[str, Any]:
    """What an officer types into the form."""
    return {
        "name": f"{office.bureau.marker}评价",
        "year": "2026",
        "service_kind": "evaluation",
        "commissioner_id": "",
        "subjects": [str(each) for each in office.subjects],
        "ceiling": "180,000.00",
        "plan_due_on": (TODAY + timedelta(days=400)).isoformat(),
        "draft_due_on": (TODAY + timedelta(days=430)).isoformat(),
        "report_due_on": (TODAY + timedelta(days=460)).isoformat(),
        "cutoff": "80",
        "experts": "3",
        **changed,
    }


def test_from_an_empty_list_to_an_approved_edition(app: Flask, office: Office) -> None:
    place = f"/t/{office.bureau.code}/commissions"
    handler = Browser(app, office.bureau.people[Role.HANDLER])
    approver = Browser(app, office.bureau.people[Role.APPROVER])
    assert "还没有委托" in text_of(handler.get(place))

    made = handler.post(f"{place}/new", typed(office), page=f"{place}/new")
    page = made.location
    assert "起草中" in text_of(handler.get(page))
    handler.post(f"{page}/submit", {}, page=page)
    assert office.bureau.marker in text_of(approver.get(f"/t/{office.bureau.code}/"))
    approver.post(f"{page}/approve", {}, page=page)

    text = text_of(approver.get(page))
    assert "已批准" in text
    assert "第 1 版" in text
    assert "批准时冻结" not in text
    handler.get(f"{page}/print")
    figures = approver.get(f"{page}/derivation.json").get_json()
    assert [each["name"] for each in figures] == ["评价对象资金总额", "法律适用", "质量扣费上限"]
    assert figures[2]["result"] == "18,000.00 元"


def test_a_bureau_without_rules_is_led_to_them(app: Flask) -> None:
    bureau = a_bureau(roles=[Role.HANDLER])
    answer = Browser(app, bureau.people[Role.HANDLER]).get(f"/t/{bureau.code}/commissions/new", status=409)
    assert "打开规则集" in text_of(answer)
    assert f'href="/t/{bureau.code}/rules"' in answer.text.partition("<main")[2]


def test_the_cutoff_has_no_default(app: Flask, office: Office) -> None:
    place = f"/t/{office.bureau.code}/commissions/new"
    browser = Browser(app, office.bureau.people[Role.HANDLER])
    form = browser.get(place).text

    assert 'name="cutoff" required type="text" value=""' in " ".join(form.split())
    answer = browser.post(place, typed(office, cutoff="", name="写到一半的名称"), page=place, status=422)

    assert "质量分数线" in text_of(answer)
    assert "写到一半的名称" in answer.text


def test_nonsense_is_named_at_its_field_and_kept(app: Flask, office: Office) -> None:
    place = f"/t/{office.bureau.code}/commissions/new"
    browser = Browser(app, office.bureau.people[Role.HANDLER])
    for ceiling in ("NaN", "1e3", "-1", "一万", "1.005", "0", "0.00"):
        answer = browser.post(place, typed(office, ceiling=ceiling), page=place, status=422)
        assert f'value="{ceiling}"' in answer.text


@pytest.mark.parametrize(
    ("changed", "at"),
    (
        ({"draft_due_on": "2031-03-01", "plan_due_on": "2031-03-01"}, "draft_due_on"),
        ({"draft_due_on": "2031-05-01", "report_due_on": "2031-04-30"}, "report_due_on"),
        ({"plan_due_on": "2031-05-01", "draft_due_on": "", "report_due_on": "2031-04-30"}, "report_due_on"),
    ),
)
def test_dates_out_of_order_are_named_at_the_later_one(
    app: Flask, office: Office, changed: dict[str, str], at: str
) -> None:
    place = f"/t/{office.bureau.code}/commissions/new"
    browser = Browser(app, office.bureau.people[Role.HANDLER])
    dates = {"plan_due_on": "2031-03-01", "draft_due_on": "2031-04-01", "report_due_on": "2031-05-01"}
    answer = browser.post(place, typed(office, **(dates | changed)), page=place, status=422)

    error = re.search(rf'id="{at}-error"[^>]*>([^<]*)', answer.text)
    assert error is not None
    assert "应晚于" in error[1]


def test_a_blocked_kind_says_the_clause_and_offers_no_submission(app: Flask, office: Office) -> None:
    place = f"/t/{office.bureau.code}/commissions"
    browser = Browser(app, office.bureau.people[Role.HANDLER])
    page = browser.post(
        f"{place}/new", typed(office, service_kind="self_evaluation"), page=f"{place}/new"
    ).location

    text = text_of(browser.get(page))
    assert "单位自评属于预算单位自身的绩效管理职责" in text
    assert "财预〔2021〕6号" in text
    refused = browser.post(f"{page}/submit", {}, page=page, status=409)
    assert "单位自评属于预算单位自身的绩效管理职责" in text_of(refused)
    assert "未予办理" in text_of(browser.get(page))


def test_what_is_commissioned_this_year_stands_last_with_the_commissions_name(
    app: Flask, office: Office
) -> None:
    place = f"/t/{office.bureau.code}/commissions"
    handler = Browser(app, office.bureau.people[Role.HANDLER])
    first, second = (str(each) for each in office.subjects)
    made = handler.post(f"{place}/new", typed(office, subjects=[first]), page=f"{place}/new").location
    handler.post(f"{made}/submit", {}, page=made)

    form = handler.get(f"{place}/new")
    assert re.findall(r'name="subjects"[^>]*value="([^"]+)"', form.text) == [second, first]
    assert text_of(form).count(f"，已在：{office.bureau.marker}评价") == 1


def test_a_subject_beyond_those_listed_is_found_and_what_is_ticked_and_typed_stays(
    app: Flask, office: Office
) -> None:
    place = f"/t/{office.bureau.code}/commissions/new"
    handler = Browser(app, office.bureau.people[Role.HANDLER])
    many = [a_subject(office.bureau, office.unit_id) for _ in range(CHOICE)]
    listed = re.findall(r'name="subjects"[^>]*value="([^"]+)"', handler.get(place).text)
    assert len(listed) == CHOICE
    hidden = next(each for each in (*many, *office.subjects) if str(each) not in listed)
    with scope.unit_of_work(office.bureau.system):
        name = db.session.get_one(Subject, hidden).name

    ticked = listed[-1]
    asked = typed(office, name="写到一半的名称", subjects=[ticked], find=name, look="1")
    answer = handler.post(place, asked, page=place, status=200)
    assert re.findall(r'name="subjects"[^>]*value="([^"]+)"', answer.text)[:2] == [ticked, str(hidden)]
    assert 'value="写到一半的名称"' in answer.text
    assert re.findall(r'<input checked[^>]*name="subjects"[^>]*value="([^"]+)"', answer.text) == [ticked]
    nothing = handler.post(place, {**asked, "subjects": [], "find": "没有这样的"}, page=place, status=200)
    assert "没有找到这样的评价对象" in text_of(nothing)
    assert "还没有委托" in text_of(handler.get(place.removesuffix("/new")))


def test_a_subject_under_many_commissions_names_one_and_counts_them(app: Flask, office: Office) -> None:
    place = f"/t/{office.bureau.code}/commissions"
    handler = Browser(app, office.bureau.people[Role.HANDLER])
    subject = str(office.subjects[0])
    for kind in ("evaluation", "review"):
        kept = typed(office, name=f"{kind}的委托", subjects=[subject], service_kind=kind)
        made = handler.post(f"{place}/new", kept, page=f"{place}/new").location
        handler.post(f"{made}/submit", {}, page=made)
    assert "，已在：evaluation的委托 等 2 个委托" in text_of(handler.get(f"{place}/new"))


def test_a_ceiling_at_the_threshold_is_told_from_the_draft_on(app: Flask, office: Office) -> None:
    place = f"/t/{office.bureau.code}/commissions"
    handler = Browser(app, office.bureau.people[Role.HANDLER])
    for ceiling, told in (("299,999.99", False), ("300,000", True)):
        made = handler.post(f"{place}/new", typed(office, ceiling=ceiling), page=f"{place}/new").location
        assert ("不能用询价方式采购" in text_of(handler.get(made))) is told


def test_reasons_are_asked_on_a_page_of_their_own(app: Flask, office: Office) -> None:
    place = f"/t/{office.bureau.code}/commissions"
    handler = Browser(app, office.bureau.people[Role.HANDLER])
    approver = Browser(app, office.bureau.people[Role.APPROVER])
    page = handler.post(f"{place}/new", typed(office), page=f"{place}/new").location
    handler.post(f"{page}/submit", {}, page=page)

    approver.post(f"{page}/return", {"reason": ""}, page=f"{page}/return", status=422)
    approver.post(f"{page}/return", {"reason": "请补充抽样要求"}, page=f"{page}/return")

    assert "请补充抽样要求" in text_of(handler.get(f"{page}/edit"))
    handler.get(f"{page}/return", status=403)


def test_the_list_is_searched_filtered_and_exported(app: Flask, office: Office) -> None:
    place = f"/t/{office.bureau.code}/commissions"
    browser = Browser(app, office.bureau.people[Role.HANDLER])
    for name in ("供水工程评价", "医院迁建评价"):
        browser.post(f"{place}/new", typed(office, name=name), page=f"{place}/new")

    assert "医院迁建评价" not in text_of(browser.get(f"{place}?q=供水"))
    assert "没有符合条件的委托" in text_of(browser.get(f"{place}?state=approved"))
    assert "供水工程评价" in text_of(browser.get(f"{place}?state=draft&year=2026&sort=-ceiling"))
    sheet = load_workbook(BytesIO(browser.post(f"{place}/export?q=供水", {}, status=200).data)).worksheets[0]
    auditor = Browser(app, office.bureau.people[Role.AUDIT_ADMIN])
    assert "导出表格" in text_of(auditor.get(f"/t/{office.bureau.code}/audit"))
    values = [row for row in sheet.iter_rows(values_only=True) if row[0] == "供水工程评价"]
    assert len(values) == 1


def test_a_commission_of_another_bureau_is_not_found(app: Flask, make_office: Any) -> None:
    ours, theirs = make_office(), make_office()
    place = f"/t/{theirs.bureau.code}/commissions"
    other = Browser(app, theirs.bureau.people[Role.HANDLER])
    page = other.post(f"{place}/new", typed(theirs), page=f"{place}/new").location

    browser = Browser(app, ours.bureau.people[Role.HANDLER], foreign=[theirs.bureau.marker])
    browser.get(page.replace(theirs.bureau.code, ours.bureau.code), status=404)
    browser.get(page, status=404)
    browser.get(f"/t/{ours.bureau.code}/commissions")


def test_a_page_says_whose_turn_it_is(app: Flask, office: Office) -> None:
    """To the others; to whose turn it is the buttons say so."""
    place = f"/t/{office.bureau.code}/commissions"
    handler, approver, auditor = (
        Browser(app, office.bureau.people[role]) for role in (Role.HANDLER, Role.APPROVER, Role.AUDIT_ADMIN)
    )
    page = handler.post(f"{place}/new", typed(office), page=f"{place}/new").location
    assert "正在等" not in text_of(handler.get(page))
    handler.post(f"{page}/submit", {}, page=page)

    assert "正在等： 审批人：批准" in text_of(handler.get(page))
    assert "正在等" not in text_of(approver.get(page))
    assert "正在等： 审批人：批准" in text_of(auditor.get(page))


def test_who_holds_that_post_too_is_led_into_it(app: Flask, office: Office) -> None:
    bureau, place = office.bureau, f"/t/{office.bureau.code}/commissions"
    handler, buyer = Browser(app, bureau.people[Role.HANDLER]), a_person(bureau, Role.BUYER)
    with scope.unit_of_work(bureau.system):
        section = Place(section_id=bureau.section_id)
        grant_post(
            buyer.account_id,
            buyer.name,
            Role.APPROVER,
            section,
            tenant_id=bureau.id,
            by=None,
            now=scope.now(),
        )
    page = handler.post(f"{place}/new", typed(office), page=f"{place}/new").location
    handler.post(f"{page}/submit", {}, page=page)

    assert "您也任此岗" not in text_of(handler.get(page))
    both = Browser(app, buyer)
    into = re.search(r'<a href="([^"]+)">您也任此岗', both.get(page).text)
    assert into
    assert both.get(into[1], status=303).location == page
    both.post(f"{page}/approve", {}, page=page)
