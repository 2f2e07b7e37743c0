"""The calendar: filled from chinesecalendar and by the operator's file; a missing year is refused by name."""

from datetime import date
from io import BytesIO

import pytest
from flask import Flask

from portal.access import Role
from portal.kernel.errors import Misconfigured
from portal.kernel.workdays import add_workdays
from portal.office.actions.calendars import BadCalendar, fill_known, load
from tenants import scope
from tenants.calendar import calendar, years_held
from tests.office.makers import an_operator
from tests.support.world import Browser, a_bureau, text_of

FILE = "日期,安排,依据\n" + "\n".join(
    f"{day},休息,示例通知〔2030〕1号"
    for day in ("2031-01-01", "2031-05-01", "2031-10-01", "2031-10-02", "2031-10-03")
)


@pytest.fixture
def known(app: Flask) -> None:  # noqa: ARG001 -- its context
    with scope.unit_of_work(scope.operator_system("test")):
        fill_known(by=None, now=scope.now())


@pytest.mark.usefixtures("known")
def test_chinesecalendar_fills_2004_to_2026_and_the_same_again_changes_nothing() -> None:
    with scope.unit_of_work(scope.operator_system("test")):
        again = fill_known(by=None, now=scope.now())
        years = {each.year for each in years_held() if each.is_whole and each.year <= 2026}

    assert again == 0
    assert years == set(range(2004, 2027))


@pytest.mark.usefixtures("known")
def test_working_weekends_and_holidays_are_counted() -> None:
    with scope.entered(scope.operator_system("test")):
        days = calendar(date(2026, 2, 13))

    assert days.is_workday(date(2026, 2, 14))
    assert not days.is_workday(date(2026, 2, 17))
    assert add_workdays(date(2026, 2, 13), 2, days) == date(2026, 2, 24)


@pytest.mark.usefixtures("known")
def test_a_year_nobody_entered_is_refused_by_name() -> None:
    with scope.entered(scope.operator_system("test")):
        days = calendar(date(2040, 12, 31))

    with pytest.raises(Misconfigured) as missing:
        add_workdays(date(2040, 12, 31), 5, days)

    assert missing.value.key == "calendar.2041"


@pytest.mark.usefixtures("app")
def test_an_operators_file_enters_its_year_in_either_encoding() -> None:
    with scope.unit_of_work(scope.operator_system("test")):
        assert load(FILE.replace("2031", "2030").encode("gb18030"), by=None, now=scope.now()) == {2030: 365}
        assert load(FILE.replace("2031", "2030").encode("utf-8-sig"), by=None, now=scope.now()) == {2030: 0}


@pytest.mark.usefixtures("app")
def test_a_file_with_one_fault_enters_nothing() -> None:
    with scope.unit_of_work(scope.operator_system("test")):
        with pytest.raises(BadCalendar) as bad:
            load(f"{FILE}\n2031-02-30,休息,示例".replace("2031", "2029").encode(), by=None, now=scope.now())
        held = {each.year for each in years_held()}

    assert [(each.row, each.code) for each in bad.value.faults] == [(7, "office.calendar_day")]
    assert 2029 not in held


@pytest.mark.usefixtures("app")
def test_a_file_that_is_no_table_enters_nothing() -> None:
    with scope.unit_of_work(scope.operator_system("test")), pytest.raises(BadCalendar):
        load("日期,安排,依据\n".encode() + b"x" * 200_000, by=None, now=scope.now())


def test_the_operator_loads_files_in_the_browser(app: Flask) -> None:
    operator = Browser(app, an_operator())
    page = "/operator/calendar"

    operator.post(f"{page}/known", {})
    operator.post(page, {}, status=422)
    wrong = operator.post(
        page, {"file": (BytesIO(b"x"), "a.csv")}, status=422, content_type="multipart/form-data"
    )
    assert "第一行应为表头" in text_of(wrong)
    operator.post(page, {"file": (BytesIO(FILE.encode()), "a.csv")}, content_type="multipart/form-data")

    assert "示例通知〔2030〕1号" in text_of(operator.get(page))


@pytest.mark.usefixtures("known")
def test_staff_look_at_a_year_and_a_missing_one_says_so(app: Flask) -> None:
    bureau = a_bureau(roles=[Role.HANDLER])
    handler = Browser(app, bureau.people[Role.HANDLER])

    shown = text_of(handler.get(f"/t/{bureau.code}/calendar?year=2026"))
    assert "2026年工作日历" in shown
    assert "chinesecalendar" in shown
    assert "没有 2099 年的工作日历" in text_of(handler.get(f"/t/{bureau.code}/calendar?year=2099"))
    handler.get("/operator/calendar", status=404)
