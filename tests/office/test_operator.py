"""The operator's pages, and the same by command."""

import re

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from portal.access import Role
from tests.office.makers import an_operator, open_bureau
from tests.support.world import Browser, a_bureau, text_of

PEOPLE = {
    "system_username": "gj.wang",
    "system_name": "王系统",
    "security_username": "gj.li",
    "security_name": "李安全",
    "audit_username": "gj.zhao",
    "audit_name": "赵审计",
}


def codes_on(slips: TestResponse) -> list[str]:
    """The one-time codes printed on a page of slips."""
    return re.findall(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}\b", text_of(slips))


def test_a_bureau_is_opened_on_one_page_and_its_slips_let_people_in(app: Flask) -> None:
    operator = Browser(app, an_operator())
    page = "/operator/regions/532501/open"

    assert operator.get("/", status=303).location == "/operator/tenants"
    assert "个旧市" in text_of(operator.get("/operator/tenants"))
    operator.get(page)
    form = {"name": "个旧市财政局", **PEOPLE}
    assert "用户名以小写字母开头" in text_of(
        operator.post(page, {**form, "audit_username": "赵"}, status=422)
    )
    slips = operator.post(page, form, status=200)
    code = codes_on(slips)[1]

    newcomer = Browser(app)
    newcomer.post(
        "/first-sign-in",
        {
            "username": "gj.li",
            "one_time_code": code,
            "new_password": "Correct-Horse-9",
            "again_password": "Correct-Horse-9",
        },
        page="/first-sign-in",
    )
    newcomer.post("/account/notice", {}, page="/account/notice")
    assert "个旧市财政局" in text_of(newcomer.get("/t/532501/"))
    assert "这个地区已经开设" in text_of(operator.post(page, form, status=422))


def test_lost_slips_are_issued_again(app: Flask) -> None:
    tenant = open_bureau("532502", "开远市财政局").tenant
    operator = Browser(app, an_operator())

    page = operator.get(f"/operator/tenants/{tenant.id}")
    account = re.findall(r'name="account"\s+value="([^"]+)"', page.text)[0]
    slips = operator.post(f"/operator/tenants/{tenant.id}/codes", {"account": account}, status=200)

    assert len(codes_on(slips)) == 1
    operator.post(f"/operator/tenants/{tenant.id}/codes", {"account": "nobody"}, status=404)


def test_a_region_that_the_list_lacks_is_registered(app: Flask) -> None:
    operator = Browser(app, an_operator())
    page = "/operator/regions"

    operator.post(page, {"code": "530324", "name": "罗平县"})
    assert "已登记为“罗平县”" in text_of(operator.post(page, {"code": "530324", "name": "又"}, status=422))
    assert "上级区划 540200 尚未登记" in text_of(
        operator.post(page, {"code": "540221", "name": "某县"}, status=422)
    )
    operator.post(page, {"code": "abc", "name": "某县"}, status=422)
    operator.get("/operator/regions/530324/open")
    operator.get("/operator/regions/999999/open", status=404)


def test_a_bureaus_staff_does_not_see_the_platform(app: Flask) -> None:
    bureau = a_bureau(roles=[Role.SYSTEM_ADMIN])

    Browser(app, bureau.people[Role.SYSTEM_ADMIN]).get("/operator/tenants", status=404)


@pytest.mark.usefixtures("app")
def test_a_bureau_is_opened_by_one_command(app: Flask) -> None:
    runner = app.test_cli_runner()

    opened = runner.invoke(
        args=["tenant", "open", "532530", "--name", "金平县财政局", "--admin", "jp.yang:杨安全"]
    )
    listed = runner.invoke(args=["tenant", "list"])
    again = runner.invoke(args=["tenant", "open", "532530", "--name", "金平县财政局"])
    two = runner.invoke(args=["tenant", "open", "532532", "--name", "x", "--admin", "a:b", "--admin", "c:d"])
    shapeless = runner.invoke(args=["tenant", "open", "532532", "--name", "x", "--admin", "abc"])
    region = runner.invoke(args=["tenant", "region", "530325", "富源县"])
    twice = runner.invoke(args=["tenant", "region", "530325", "富源县"])

    assert opened.exit_code == 0, opened.output
    assert re.search(r"安全管理员\t杨安全\tjp\.yang\t[0-9A-Z-]{14}", opened.output)
    assert "金平县财政局" in listed.output
    assert (again.exit_code, "已经开设" in again.stderr) == (2, True)
    assert (two.exit_code, shapeless.exit_code) == (2, 2)
    assert (region.exit_code, twice.exit_code) == (0, 2)


def test_the_calendar_is_loaded_by_command(app: Flask, tmp_path: object) -> None:
    runner = app.test_cli_runner()
    path = f"{tmp_path}/2033.csv"
    with open(path, "w", encoding="utf-8") as file:  # noqa: PTH123
        file.write("日期,安排,依据\n2033-13-01,休息,示例\n")

    wrong = runner.invoke(args=["calendar", "load", path])
    known = runner.invoke(args=["calendar", "load"])

    assert wrong.exit_code == 2
    assert "第 2 行，日期，2033-13-01：" in wrong.stderr
    assert known.exit_code == 0
