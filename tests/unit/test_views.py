import re

import pytest
from flask import Flask

from portal.access import Role
from portal.spreadsheet import read
from portal.unit.rules import schema
from tests.spreadsheet.books import opened
from tests.spreadsheet.imports import fill, words_of
from tests.support.world import Browser, Bureau, a_bureau


@pytest.fixture
def bureau(app: Flask) -> Bureau:  # noqa: ARG001 -- the maker needs the application's context
    bureau = a_bureau(roles=(Role.HANDLER, Role.AUDIT_ADMIN))
    fill(bureau, "units")
    return bureau


@pytest.fixture
def handler(app: Flask, bureau: Bureau) -> Browser:
    return Browser(app, bureau.people[Role.HANDLER])


def found(browser: Browser, url: str) -> list[str]:
    """The codes on one page of the list, in its order."""
    return re.findall(r'class="nowrap">(\d{9})<', browser.get(url).text)


@pytest.mark.parametrize(
    ("query", "codes"),
    (
        ("q=师宗县水务", ["530323001"]),
        ("q=szxswj", ["530323001"]),
        ("q=SWJ", ["530323001"]),
        ("q=3012", ["530323012"]),
        ("q=zyyy", ["530323012"]),
        ("q=%25", []),
        ("level=below", ["530323012"]),
        ("level=department&q=53032300", [f"53032300{last}" for last in range(1, 10)]),
        ("sort=-code", [f"5303230{last:02d}" for last in range(12, 0, -1)]),
        ("sort=nonsense&after=nonsense&level=nonsense", [f"5303230{last:02d}" for last in range(1, 13)]),
    ),
)
def test_search_by_name_code_and_first_letters(
    handler: Browser, bureau: Bureau, query: str, codes: list[str]
) -> None:
    assert found(handler, f"/t/{bureau.code}/units?{query}") == codes


def test_unit_shows_its_department_and_the_units_below_it(handler: Browser, bureau: Bureau) -> None:
    home = f"/t/{bureau.code}/units"
    links = handler.get(f"{home}?q=卫生健康局").text
    url = re.search(rf'href="({home}/[0-9a-f-]{{36}})"', links)
    assert url
    page = words_of(handler.get(url[1]))
    assert "下属单位（1）师宗县中医医院" in page
    assert "主管部门本单位" in page


def test_workbook_of_the_list_keeps_the_filter_and_masks_numbers(handler: Browser, bureau: Bureau) -> None:
    content = handler.post(f"/t/{bureau.code}/units/export?q=水务", {}, status=200).data
    assert [cell.value for cell in opened(content)[3]] == [
        "530323001",
        "师宗县水务局",
        "师宗县水务局",
        "冯超",
        "138****6780",
    ]
    assert len(read(content, schema({})).faults) == 1


def test_number_is_shown_in_full_for_a_reason_that_stays(
    app: Flask, handler: Browser, bureau: Bureau
) -> None:
    home = f"/t/{bureau.code}/units"
    row = re.search(rf"{home}/[0-9a-f-]{{36}}", handler.get(f"{home}?q=水务").text)
    assert row
    page = f"{row[0]}/reveal/phone"
    assert page in handler.get(row[0]).text
    refused = handler.post(page, {"reason": "看"}, page=page, status=422)
    assert "13815826780" not in refused.text
    shown = handler.post(page, {"reason": "核对联系人信息"}, page=page, status=200)
    assert "13815826780" in shown.text
    auditor = Browser(app, bureau.people[Role.AUDIT_ADMIN])
    auditor.get(page, 403)
    assert page not in auditor.get(row[0]).text


def test_another_bureaus_unit_is_not_there(app: Flask, handler: Browser, bureau: Bureau) -> None:
    home = f"/t/{bureau.code}/units"
    row = re.search(rf"{home}/([0-9a-f-]{{36}})", handler.get(home).text)
    assert row
    other = a_bureau(roles=(Role.HANDLER,))
    stranger = Browser(app, other.people[Role.HANDLER], foreign=[bureau.marker])
    stranger.get(f"/t/{other.code}/units/{row[1]}", 404)
    stranger.get(f"/t/{other.code}/units/{row[1]}/reveal/phone", 404)
    assert "还没有预算单位" in words_of(stranger.get(f"/t/{other.code}/units"))
