import re

import pytest
from flask import Flask
from sqlalchemy import select

from portal.access import Role
from portal.firm import Firm
from tenants import scope
from tenants.db import db
from tests.spreadsheet.books import a_book, opened
from tests.spreadsheet.imports import fill, uploaded, words_of
from tests.support.world import Browser, Bureau, a_bureau

COLUMNS = ("机构名称", "统一社会信用代码", "机构类型", "注册地址", "联系电话")
CODE = "91530704MANUKJJCL6"


@pytest.fixture
def bureau(app: Flask) -> Bureau:  # noqa: ARG001 -- the maker needs the application's context
    bureau = a_bureau(roles=(Role.HANDLER,))
    fill(bureau, "firms", "lead_evaluators")
    return bureau


@pytest.fixture
def handler(app: Flask, bureau: Bureau) -> Browser:
    return Browser(app, bureau.people[Role.HANDLER])


@pytest.mark.parametrize(
    ("query", "count"),
    (
        ("", 20),
        ("kind=lawyers", 0),
        ("kind=university", 2),
        ("size=large", 2),
        ("q=slj", 2),
        ("q=slwzc", 1),
        ("q=MANUK", 1),
    ),
)
def test_firms_are_searched_and_filtered(handler: Browser, bureau: Bureau, query: str, count: int) -> None:
    page = handler.get(f"/t/{bureau.code}/firms?{query}").text
    assert len(re.findall(r'<td data-label="机构名称">', page)) == count


def test_second_page_holds_the_rest(handler: Browser, bureau: Bureau) -> None:
    page = handler.get(f"/t/{bureau.code}/firms").text
    after = re.search(r'rel="next"\s+href="([^"]+)"', page)
    assert after
    rest = handler.get(after[1].replace("&amp;", "&")).text
    assert len(re.findall(r'<td data-label="机构名称">', rest)) == 4


def test_firm_shows_its_lead_evaluators_and_what_they_are_short_of(handler: Browser, bureau: Bureau) -> None:
    home = f"/t/{bureau.code}/firms"
    row = re.search(rf"{home}/[0-9a-f-]{{36}}", handler.get(f"{home}?q=示例乙").text)
    assert row
    page = words_of(handler.get(row[0]))
    assert "主评人（2）" in page
    assert "从业3年，少于5年。从事绩效评价2年，少于3年。" in page
    shown = handler.post(
        f"{row[0]}/reveal/phone", {"reason": "联系机构"}, page=f"{row[0]}/reveal/phone", status=200
    )
    assert "13969615820" in shown.text


def test_lead_evaluators_below_the_limits_are_listed_and_written_out(
    handler: Browser, bureau: Bureau
) -> None:
    home = f"/t/{bureau.code}/lead-evaluators"
    assert "共11项" in words_of(handler.get(f"{home}?below=yes"))
    assert "共55项" in words_of(handler.get(f"{home}?sort=-evaluation"))
    sheet = opened(handler.post(f"{home}/export?below=yes", {}, status=200).data)
    assert sheet.max_row == 13
    assert all(row[-1].value for row in sheet.iter_rows(min_row=3))


def test_firm_registered_elsewhere_keeps_its_profile_and_is_accepted_with_ones_own_contact(
    app: Flask,
    bureau: Bureau,  # noqa: ARG001 -- who registered it
) -> None:
    other = a_bureau(roles=(Role.HANDLER,))
    browser = Browser(app, other.people[Role.HANDLER])
    home = f"/t/{other.code}/firms"
    row = ("示例甲会计师事务所", CODE, "会计师事务所", "另一个地址", "13900000001")
    preview = uploaded(browser, f"{home}/import", a_book(COLUMNS, row))
    seal = re.search(r'name="seal"[^>]*value="([0-9a-f]+)"', browser.get(preview).text)
    assert seal
    browser.post(f"{preview}/confirm", {"seal": seal[1]}, page=preview)
    with scope.entered(other.system):
        assert (
            db.session.scalar(select(Firm.address).where(Firm.credit_code == CODE)) == "云南省示例市示例路1号"
        )
    assert "139****0001" in _masked(browser, home)
    again = uploaded(browser, f"{home}/import", a_book(COLUMNS, row))
    assert "无需导入" in words_of(browser.get(again))


def _masked(browser: Browser, home: str) -> str:
    row = re.search(rf"{home}/[0-9a-f-]{{36}}", browser.get(home).text)
    assert row
    return browser.get(row[0]).text


def test_firm_registered_elsewhere_under_another_name_is_refused(
    app: Flask,
    bureau: Bureau,  # noqa: ARG001 -- who registered it
) -> None:
    other = a_bureau(roles=(Role.HANDLER,))
    browser = Browser(app, other.people[Role.HANDLER])
    content = a_book(COLUMNS, ("冒名会计师事务所", CODE, "会计师事务所", "", ""))
    page = words_of(browser.get(uploaded(browser, f"/t/{other.code}/firms/import", content)))
    assert "与登记的机构名称不符：此信用代码登记的是“示例甲会计师事务所”。" in page


def test_preview_of_lead_evaluators_names_those_with_a_flag(app: Flask) -> None:
    bureau = a_bureau(roles=(Role.HANDLER,))
    fill(bureau, "firms")
    browser = Browser(app, bureau.people[Role.HANDLER])
    header = ("机构名称", "统一社会信用代码", "姓名", "职称或执业资格", "从业年限", "绩效评价年限")
    content = a_book(header, ("示例甲会计师事务所", CODE, "某某", "助理会计师", 4, 3))
    page = words_of(browser.get(uploaded(browser, f"/t/{bureau.code}/lead-evaluators/import", content)))
    assert "导入后带有提示（1项）某某：职称或执业资格未达到主评人的一般要求。；从业4年，少于5年。" in page
