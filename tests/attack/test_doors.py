"""Small doors: what caches may keep, what a refused form leaves behind, who approves what they never saw."""

from datetime import datetime, timedelta

from flask import Flask
from sqlalchemy import select

from portal import commission
from portal.access import Role
from portal.kernel.workdays import day_of
from portal.web.pages import attachment
from tenants import scope
from tenants.db import db
from tenants.models import Section
from tests.commission.conftest import Office, make_office, office
from tests.spreadsheet.books import bad
from tests.spreadsheet.imports import uploaded
from tests.support.world import Browser, a_bureau, text_of

__all__ = ["make_office", "office"]


def test_no_private_answer_is_kept_by_a_cache(app: Flask, office: Office) -> None:
    place = f"/t/{office.bureau.code}/commissions"
    handler = Browser(app, office.bureau.people[Role.HANDLER])
    assert handler.get(place).headers["Cache-Control"] == "no-store"
    book = handler.post(f"{place}/export", {}, page=place, status=200)
    assert book.headers["Cache-Control"] == "no-store"
    policy = book.headers["Content-Security-Policy"]
    assert "base-uri 'none'" in policy
    assert "object-src 'none'" in policy


def test_a_file_name_of_two_lines_makes_no_second_header(app: Flask) -> None:
    with app.test_request_context():
        sent = attachment(b"", "甲\r\nSet-Cookie: session=mine\u2028.xlsx")
    assert "Set-Cookie" not in sent.headers
    assert "%0" not in sent.headers["Content-Disposition"]


def test_the_marked_copy_is_a_workbook_by_name_too(app: Flask) -> None:
    bureau = a_bureau(roles=[Role.HANDLER])
    handler = Browser(app, bureau.people[Role.HANDLER])
    page = f"/t/{bureau.code}/subjects/import"
    preview = uploaded(handler, page, bad("subjects"), "\u202exslx.exe")
    marked = handler.get(f"{preview}/marked.xlsx").headers["Content-Disposition"]
    assert marked.endswith("xslx.xlsx")


def test_what_ends_in_a_refused_page_leaves_nothing(app: Flask) -> None:
    bureau = a_bureau()
    with app.app_context(), scope.unit_of_work(bureau.system):
        db.session.add(Section(name=f"{bureau.marker}不应留下"))
        db.session.flush()
        scope.give_up()
    with scope.entered(bureau.system):
        names = list(db.session.scalars(select(Section.name).where(Section.tenant_id == bureau.id)))
    assert names == [f"{bureau.marker}绩效股"]


def test_nobody_approves_what_they_have_not_seen(app: Flask, office: Office) -> None:
    people = office.bureau.people
    with scope.unit_of_work(people[Role.HANDLER].scope):
        row = commission.actions.draft(office.a_draft(), by=people[Role.HANDLER].actor, now=scope.now())
        place = f"/t/{office.bureau.code}/commissions/{row.id}"
    handler, approver = Browser(app, people[Role.HANDLER]), Browser(app, people[Role.APPROVER])
    handler.post(f"{place}/submit", {}, page=place)
    seen = _version(approver.get(place).text)
    handler.get(place)
    approver.post(f"{place}/return", {"reason": "请核对限价"}, page=f"{place}/return")
    edited = _version(handler.get(f"{place}/edit").text)
    typed = {
        "name": "改过的委托",
        "year": "2026",
        "service_kind": "evaluation",
        "commissioner_id": "",
        "subjects": [str(each) for each in office.subjects],
        "ceiling": "999,999.00",
        "plan_due_on": day_of(_now(office)) + timedelta(days=100),
        "draft_due_on": day_of(_now(office)) + timedelta(days=130),
        "report_due_on": day_of(_now(office)) + timedelta(days=160),
        "cutoff": "80",
        "experts": "3",
        "version": edited,
    }
    handler.post(f"{place}/edit", typed, page=f"{place}/edit")
    handler.post(f"{place}/submit", {}, page=place)

    late = approver.post(f"{place}/approve", {"version": seen}, page=place, status=409)
    assert "别人已经先保存了修改" in text_of(late)
    approver.post(f"{place}/approve", {"version": "9" * 5000}, page=place, status=409)
    approver.post(f"{place}/approve", {"version": _version(approver.get(place).text)}, page=place)


def _now(office: Office) -> datetime:
    with scope.entered(office.bureau.system):
        return scope.now()


def _version(html: str) -> str:
    return html.partition('name="version" value="')[2].partition('"')[0]
