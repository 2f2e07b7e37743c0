"""The pages of an import, on the register of units; every register hangs the same pages."""

import re
from io import BytesIO

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal.access import Role
from portal.spreadsheet.models import Upload
from portal.unit import Unit
from tenants import scope
from tenants.db import db
from tests.spreadsheet.books import a_book, bad, good, opened
from tests.spreadsheet.imports import fill, uploaded, words_of
from tests.support.world import Browser, Bureau, a_bureau, a_person

COLUMNS = ("单位编码", "单位名称", "主管部门", "联系人", "联系电话")


@pytest.fixture
def bureau(app: Flask) -> Bureau:  # noqa: ARG001 -- the maker needs the application's context
    return a_bureau(roles=(Role.HANDLER, Role.APPROVER))


@pytest.fixture
def home(bureau: Bureau) -> str:
    return f"/t/{bureau.code}/units"


@pytest.fixture
def handler(app: Flask, bureau: Bureau) -> Browser:
    return Browser(app, bureau.people[Role.HANDLER])


def units(bureau: Bureau) -> int:
    with scope.entered(bureau.system):
        return db.session.scalar(select(func.count()).select_from(Unit)) or 0


def seal(browser: Browser, preview: str) -> str:
    found = re.search(r'name="seal"[^>]*value="([0-9a-f]+)"', browser.get(preview).text)
    assert found
    return found[1]


def test_workbook_is_previewed_then_confirmed(handler: Browser, bureau: Bureau, home: str) -> None:
    preview = uploaded(handler, f"{home}/import", good("units"))
    page = words_of(handler.get(preview))
    assert "新增12项" in page
    assert "师宗县水务局" in page
    assert "138****6780" in page
    assert "13815826780" not in page
    assert units(bureau) == 0
    done = handler.post(f"{preview}/confirm", {"seal": seal(handler, preview)}, page=preview)
    assert done.location == home
    assert "已导入预算单位：新增12项，更新0项。" in words_of(handler.get(home))
    assert units(bureau) == 12
    handler.get(preview, 404)


def test_same_workbook_again_has_nothing_to_confirm(handler: Browser, bureau: Bureau, home: str) -> None:
    fill(bureau, "units")
    page = words_of(handler.get(uploaded(handler, f"{home}/import", good("units"))))
    assert "表中内容与登记册一致，无需导入。" in page
    assert "确认导入" not in page


def test_changes_are_shown_with_before_and_after_and_left_rows_by_name(
    handler: Browser, bureau: Bureau, home: str
) -> None:
    fill(bureau, "units")
    content = a_book(COLUMNS, ("530323001", "师宗县水务局", "师宗县水务局", "李丽", "13815826780"))
    page = words_of(handler.get(uploaded(handler, f"{home}/import", content)))
    assert "联系人：冯超→李丽" in page
    assert "更新1项" in page
    assert "登记册有而表中没有11项" in page
    assert "师宗县卫生健康局" in page


def test_faulty_workbook_shows_every_fault_and_comes_back_marked(
    handler: Browser, bureau: Bureau, home: str
) -> None:
    content = a_book(COLUMNS, ("530323001", "师宗县水务局", "不存在的局", "李丽", "12345"))
    preview = uploaded(handler, f"{home}/import", content)
    page = words_of(handler.get(preview))
    assert "有2处需要更正，整张表没有写入。" in page
    assert "2主管部门不存在的局登记册和本表中都没有这个主管部门。" in page
    marked = handler.get(f"{preview}/marked.xlsx")
    assert opened(marked.data)["F2"].value == (
        "主管部门：登记册和本表中都没有这个主管部门。\n"
        "联系电话：不是电话号码。请填 11 位手机号码，或带区号的固定电话。"
    )
    handler.post(f"{preview}/confirm", {"seal": ""}, page=f"{home}/import", status=409)
    assert units(bureau) == 0


def test_file_that_is_no_workbook_has_nothing_to_mark(handler: Browser, home: str) -> None:
    preview = uploaded(handler, f"{home}/import", b"name,code\n", "名单.csv")
    assert "整个文件——不是.xlsx工作簿。" in words_of(handler.get(preview))
    handler.get(f"{preview}/marked.xlsx", 404)


def test_no_file_is_refused_on_the_field(handler: Browser, home: str) -> None:
    answer = handler.post(f"{home}/import", {}, page=f"{home}/import", status=422)
    assert "请选择要导入的.xlsx文件" in words_of(answer)
    empty = {"workbook": (BytesIO(b""), "")}
    handler.post(f"{home}/import", empty, page=f"{home}/import", status=422)


def test_register_that_moved_since_the_preview_is_shown_anew(
    handler: Browser, bureau: Bureau, home: str
) -> None:
    preview = uploaded(handler, f"{home}/import", good("units"))
    shown = seal(handler, preview)
    fill(bureau, "units")
    answer = handler.post(f"{preview}/confirm", {"seal": shown}, page=preview, status=409)
    assert "登记册在您核对期间有变动" in words_of(answer)


def test_second_upload_takes_the_place_of_the_first(handler: Browser, bureau: Bureau, home: str) -> None:
    first = uploaded(handler, f"{home}/import", bad("units"))
    second = uploaded(handler, f"{home}/import", good("units"))
    handler.get(first, 404)
    handler.get(second)
    person = bureau.people[Role.HANDLER]
    with scope.entered(person.scope):
        assert db.session.scalar(select(func.count()).select_from(Upload)) == 1


def test_what_was_uploaded_is_sealed_and_its_owners_alone(
    app: Flask, handler: Browser, bureau: Bureau, home: str
) -> None:
    preview = uploaded(handler, f"{home}/import", good("units"))
    colleague = Browser(app, a_person(bureau, Role.HANDLER))
    colleague.get(preview, 404)
    colleague.get(preview.replace("/units/", "/subjects/"), 404)
    with scope.entered(bureau.people[Role.HANDLER].scope):
        kept = db.session.scalar(select(Upload.sealed))
    assert kept is not None
    assert b"PK" not in kept[:40]


def test_only_posts_with_the_grant_import(app: Flask, bureau: Bureau, home: str) -> None:
    approver = Browser(app, bureau.people[Role.APPROVER])
    approver.get(f"{home}/import", 403)
    assert f"{home}/import" not in approver.get(home).text


@pytest.mark.parametrize(
    ("register", "first", "asked"),
    (
        ("subjects", "units", "登记册里还没有预算单位，这张表的每一行都会对不上。"),
        ("lead-evaluators", "firms", "登记册里还没有第三方机构，这张表的每一行都会对不上。"),
    ),
)
def test_what_has_to_be_imported_first_is_told_before_a_file_is_chosen(
    handler: Browser, bureau: Bureau, register: str, first: str, asked: str
) -> None:
    assert asked in words_of(handler.get(f"/t/{bureau.code}/{register}/import"))
    fill(bureau, first)
    assert asked not in words_of(handler.get(f"/t/{bureau.code}/{register}/import"))


@pytest.mark.parametrize("register", ("units", "subjects", "firms", "lead-evaluators", "experts"))
def test_every_register_has_its_import_page(handler: Browser, bureau: Bureau, register: str) -> None:
    page = words_of(handler.get(f"/t/{bureau.code}/{register}/import"))
    assert "必须有的列" in page
