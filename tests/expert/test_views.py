import re
from io import BytesIO

import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import func, select, text

from portal.access import Role
from portal.expert import EXPERT_REGISTER, Membership
from portal.spreadsheet import adopt, prepare
from tenants import scope
from tenants.db import db
from tests.spreadsheet.books import good
from tests.spreadsheet.imports import fill, words_of
from tests.support.world import Browser, Bureau, a_bureau, a_person


@pytest.fixture
def prefecture(app: Flask) -> Bureau:  # noqa: ARG001 -- the maker needs the application's context
    bureau = a_bureau(roles=(Role.HANDLER,))
    fill(bureau, "experts")
    return bureau


@pytest.fixture
def handler(app: Flask, prefecture: Bureau) -> Browser:
    return Browser(app, prefecture.people[Role.HANDLER])


@pytest.mark.parametrize(
    ("query", "count"),
    (
        ("", 179),
        ("class=performance", 120),
        ("class=industry&domain=audit", 20),
        ("civil=no", 59),
        ("library=own&q=红河学院", 10),
        ("q=zyq", 1),
        ("class=x&domain=y&civil=z&sort=-years", 179),
    ),
)
def test_experts_are_searched_and_filtered(
    handler: Browser, prefecture: Bureau, query: str, count: int
) -> None:
    assert f"共{count}项" in words_of(handler.get(f"/t/{prefecture.code}/experts?{query}"))


def test_personal_numbers_are_masked_everywhere_but_for_a_reason(
    handler: Browser, prefecture: Bureau
) -> None:
    home = f"/t/{prefecture.code}/experts"
    listed = handler.get(f"{home}?q=曹强军").text
    row = re.search(rf"{home}/[0-9a-f-]{{36}}", listed)
    assert row
    detail = handler.get(row[0]).text
    assert "530***********8650" in detail
    assert "137****7861" in detail
    exported = handler.post(f"{home}/export", {}, status=200).data
    for number in ("530121199509248650", "13769937861"):
        assert number not in listed + detail
        assert number.encode() not in exported
    page = f"{row[0]}/reveal/identity_number"
    assert "530121199509248650" in handler.post(page, {"reason": "核实身份"}, page=page, status=200).text


def test_library_is_open_to_the_bureaus_below_and_to_no_one_else(
    app: Flask, prefecture: Bureau, handler: Browser
) -> None:
    row = re.search(r"/experts/([0-9a-f-]{36})", handler.get(f"/t/{prefecture.code}/experts?q=曹强军").text)
    assert row
    county = a_bureau(parent=prefecture, roles=(Role.HANDLER,))
    below = Browser(app, county.people[Role.HANDLER])
    place = f"/t/{county.code}/experts"
    assert "共179项" in words_of(below.get(place))
    assert "还没有专家" not in words_of(below.get(place))
    assert "没有符合条件的专家" in words_of(below.get(f"{place}?library=own"))
    assert "资料由其维护" in words_of(below.get(f"{place}/{row[1]}"))
    page = f"{place}/{row[1]}/reveal/mobile"
    assert "13769937861" in below.post(page, {"reason": "通知会审"}, page=page, status=200).text
    sibling = a_bureau(roles=(Role.HANDLER,))
    beside = Browser(app, sibling.people[Role.HANDLER])
    beside.get(f"/t/{sibling.code}/experts/{row[1]}", 404)
    assert "还没有专家" in words_of(beside.get(f"/t/{sibling.code}/experts"))


def test_parties_from_outside_see_no_library(prefecture: Bureau) -> None:
    outsider = a_person(prefecture, Role.FIRM_HANDLER, party_id=prefecture.section_id)
    with scope.entered(outsider.scope):
        assert db.session.scalar(select(func.count()).select_from(Membership)) == 0


def test_person_in_two_libraries_is_one_expert(prefecture: Bureau) -> None:
    other = a_bureau()
    fill(other, "experts")
    with scope.entered(prefecture.system):
        first = set(db.session.scalars(select(Membership.expert_id)))
    with scope.entered(other.system):
        second = set(db.session.scalars(select(Membership.expert_id)))
    assert len(first) == 179
    assert first == second


def test_sealed_values_are_not_in_the_register(prefecture: Bureau) -> None:
    with scope.entered(prefecture.system):
        rows = db.session.execute(text("SELECT membership::text FROM membership")).scalars().all()
    assert len(rows) == 179
    assert not any("532522199209121025" in row or "13789154999" in row for row in rows)


def _with_bank_account(number: str) -> bytes:
    book = load_workbook(BytesIO(good("experts")))
    sheet = book.worksheets[0]
    column = sheet.max_column + 1
    sheet.cell(2, column, "银行账号")
    sheet.cell(3, column, number)
    content = BytesIO()
    book.save(content)
    return content.getvalue()


def test_a_bank_account_is_sealed_masked_and_kept_by_lists_without_one(
    handler: Browser, prefecture: Bureau, application: Flask
) -> None:
    account = "6217003860012345678"
    person = prefecture.people[Role.HANDLER]
    for content in (_with_bank_account(account), good("experts")):
        with application.app_context(), scope.unit_of_work(person.scope):
            prepared = adopt(
                EXPERT_REGISTER,
                content,
                filename="experts.xlsx",
                tenant_id=prefecture.id,
                by=person.actor,
                now=scope.now(),
            )
            assert prepared.reading.faults == ()
    row = re.search(
        rf"/t/{prefecture.code}/experts/[0-9a-f-]{{36}}",
        handler.get(f"/t/{prefecture.code}/experts?q=周艳强").text,
    )
    assert row
    shown = handler.get(row[0]).text
    assert account not in shown
    assert "621************5678" in shown
    page = f"{row[0]}/reveal/bank_account"
    assert account in handler.post(page, {"reason": "支付评审劳务费"}, page=page, status=200).text


def test_a_bank_account_is_digits(prefecture: Bureau, application: Flask) -> None:
    with application.app_context(), scope.entered(prefecture.system):
        (fault,) = prepare(EXPERT_REGISTER, _with_bank_account("六二一七")).reading.faults

    assert (fault.row, fault.column, fault.value) == (3, "银行账号", "六二一七")
