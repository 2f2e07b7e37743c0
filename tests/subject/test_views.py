import re

import pytest
from flask import Flask

from portal.access import Role
from portal.spreadsheet import read
from portal.subject.rules import schema
from portal.unit import rules as unit
from tests.spreadsheet.books import good
from tests.spreadsheet.imports import fill, words_of
from tests.support.world import Browser, Bureau, a_bureau


@pytest.fixture
def bureau(app: Flask) -> Bureau:  # noqa: ARG001 -- the maker needs the application's context
    bureau = a_bureau(roles=(Role.HANDLER,))
    fill(bureau, "units", "subjects")
    return bureau


@pytest.fixture
def handler(app: Flask, bureau: Bureau) -> Browser:
    return Browser(app, bureau.people[Role.HANDLER])


@pytest.mark.parametrize(
    ("query", "count"),
    (
        ("", 10),
        ("year=2023", 4),
        ("kind=bond", 4),
        ("budget=social_insurance", 2),
        ("kind=bond&year=2022", 3),
        ("q=中医医院", 1),
        ("q=szxcxgs", 1),
        ("q=公安局", 1),
        ("year=去年&kind=x&budget=y&sort=-total", 10),
    ),
)
def test_list_is_searched_and_filtered(handler: Browser, bureau: Bureau, query: str, count: int) -> None:
    page = handler.get(f"/t/{bureau.code}/subjects?{query}").text
    assert len(re.findall(r'<td data-label="项目名称">', page)) == count


def test_amounts_are_shown_in_wan_and_kept_in_yuan(handler: Browser, bureau: Bureau) -> None:
    home = f"/t/{bureau.code}/subjects"
    page = handler.get(f"{home}?q=城乡供水").text
    assert "12,718.50 万元" in page
    assert "127,185,000.00 元" in page
    url = re.search(rf"{home}/[0-9a-f-]{{36}}", page)
    assert url
    detail = words_of(handler.get(url[0]))
    assert "县级资金8,981.9389,819,300.00" in detail
    assert "预算单位师宗县水务局" in detail


def test_workbook_of_the_list_can_be_imported_again(handler: Browser, bureau: Bureau) -> None:
    content = handler.post(f"/t/{bureau.code}/subjects/export", {}, status=200).data
    units = {record.unit for record in read(good("subjects"), schema(_units())).records}
    made = read(content, schema(units))
    assert made.faults == ()
    assert set(made.records) == set(read(good("subjects"), schema(units)).records)


def _units() -> list[str]:
    return [row.name for row in read(good("units"), unit.schema({})).records]


def test_another_bureaus_subject_is_not_there(app: Flask, handler: Browser, bureau: Bureau) -> None:
    home = f"/t/{bureau.code}/subjects"
    row = re.search(rf"{home}/([0-9a-f-]{{36}})", handler.get(home).text)
    assert row
    other = a_bureau(roles=(Role.HANDLER,))
    stranger = Browser(app, other.people[Role.HANDLER])
    stranger.get(f"/t/{other.code}/subjects/{row[1]}", 404)
    assert "还没有评价对象" in words_of(stranger.get(f"/t/{other.code}/subjects"))
