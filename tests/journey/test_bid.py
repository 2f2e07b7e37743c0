"""A firm seals, replaces and withdraws its bid in a real browser; what it types stays in its own tab."""

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Page, ViewportSize, expect

from tests.bid.makers import PDF, bids_in, closed
from tests.support.world import PASSWORD, Person
from tests.tender.makers import Issued, an_issued_tender

DESK: ViewportSize = {"width": 1366, "height": 768}
PHONE: ViewportSize = {"width": 390, "height": 844}
SCRIPT = Path(__file__).parents[2] / "portal/static/verify_receipt.py"


@pytest.fixture
def issued(application: Flask) -> Issued:
    """A tender that is out, on the database the live server uses."""
    with application.app_context():
        return an_issued_tender()


def _enter(page: Page, person: Person) -> None:
    page.goto("/sign-in")
    page.fill("input[name=username]", person.username)
    page.fill("input[name=password]", PASSWORD)
    page.locator("main button[type=submit]").click()
    expect(page.locator("[data-menu]")).to_be_visible()


def _sound(page: Page) -> None:
    expect(page.locator("h1")).to_have_count(1)
    for size in (PHONE, DESK):
        page.set_viewport_size(size)
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], page.url
    found = Axe().run(page).response["violations"]
    assert [(each["id"], each["nodes"][0]["html"][:200]) for each in found] == [], page.url


def _fill(page: Page) -> None:
    page.get_by_label("报价", exact=False).first.fill("175,000")
    page.get_by_label("主评人").select_option(index=1)
    page.get_by_label("承诺现场工作天数").fill("6")
    page.get_by_label("第 1 人姓名").fill("甲")
    page.get_by_label("第 1 人职务或资格").fill("高级会计师")
    page.get_by_label("第 1 人投入天数").fill("20")
    page.get_by_label("实施方案要点").fill("先核资料，再到现场，最后访谈。")


def test_a_bid_is_sealed_checked_and_withdrawn(
    page: Page, issued: Issued, tmp_path: Path, faults: list[str]
) -> None:
    firm = issued.firms[0]
    place = f"/t/{issued.market.bureau.code}/tenders/{issued.id}/bid"
    _enter(page, firm.handler)
    page.goto(place)
    _sound(page)
    page.get_by_role("link", name="提交响应文件").click()
    _sound(page)

    _fill(page)
    page.reload()
    expect(page.locator(".draft-note")).to_contain_text("这个标签页")
    expect(page.get_by_label("实施方案要点")).to_have_value("先核资料，再到现场，最后访谈。")
    assert page.evaluate("Object.keys(localStorage).filter((key) => localStorage[key].includes('175'))") == []

    plan = tmp_path / "方案.pdf"
    plan.write_bytes(PDF)
    page.get_by_label("附件", exact=True).set_input_files([plan])
    page.get_by_role("button", name="密封并提交").click()
    expect(page.locator("[data-sealed-failed]")).to_contain_text("请先勾选确认")
    assert page.get_by_label("附件", exact=True).evaluate("input => input.files.length") == 1
    _sound(page)
    assert [each.partition(" http")[0] for each in faults] == ["response: 422"]  # answered to the script
    faults.clear()
    page.get_by_label("独立性声明").check()
    page.get_by_label("我确认").check()
    page.get_by_role("button", name="密封并提交").click()

    expect(page.locator("h1")).to_have_text("响应文件回执")
    assert page.url.endswith(place)
    _sound(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="下载回执（JSON）").click()
    receipt = tmp_path / "receipt.json"
    download.value.save_as(receipt)
    said = json.loads(receipt.read_text())
    assert said["content"]["price"] == "175000"
    ended = subprocess.run(  # noqa: S603 -- our own script on a file of ours
        [sys.executable, "-I", "-S", str(SCRIPT), str(receipt)], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stdout

    page.goto(place)
    expect(page.locator("main")).to_contain_text("已提交，密封中")
    expect(page.locator("main")).to_contain_text(said["number"])
    assert "175,000" not in page.locator("main").inner_text()
    _sound(page)
    page.get_by_role("link", name="查看和打印回执").click()
    _sound(page)
    page.goto(place)
    page.get_by_role("link", name="撤回响应文件").click()
    _sound(page)
    page.get_by_role("button", name="撤回响应文件").click()
    expect(page.locator("main")).to_contain_text("尚未提交响应文件")


def test_everybody_sees_the_list_after_the_deadline(
    page: Page, issued: Issued, application: Flask, travel: Callable[[timedelta], int]
) -> None:
    with application.app_context():
        receipts = bids_in(issued)
        closed(issued, travel)
    _enter(page, issued.firms[1].handler)
    page.goto(f"/t/{issued.market.bureau.code}/tenders/{issued.id}/bid")
    for receipt in receipts:
        expect(page.locator("main")).to_contain_text(receipt["number"])
    _sound(page)
