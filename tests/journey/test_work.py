"""Two pieces of work from beginning to end, by the people of the demo world, in a real browser."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from openpyxl import load_workbook
from playwright.sync_api import Browser, Page, ViewportSize, expect

from portal.demo.people import PASSWORD, SHIZONG, XIXIA
from tests.journey.conftest import PATIENCE_MS, watch
from tests.spreadsheet.books import DATA

DESK: ViewportSize = {"width": 1366, "height": 768}
PHONE: ViewportSize = {"width": 390, "height": 844}
NAME = "2026年示范乡镇重点项目绩效评价"
Enter = Callable[[str], Page]


@pytest.fixture
def enter(browser: Browser, demo_url: str, faults: list[str]) -> Iterator[Enter]:
    """Who sits down at a desk of their own and signs in; a fault in anybody's browser fails the test."""
    contexts = []

    def seated(username: str) -> Page:
        context = browser.new_context(
            base_url=demo_url, viewport=DESK, locale="zh-CN", timezone_id="Asia/Shanghai"
        )
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        page = context.new_page()
        watch(page, faults)
        page.goto("/sign-in")
        page.fill("input[name=username]", username)
        page.fill("input[name=password]", PASSWORD)
        page.locator("main button[type=submit]").click()
        expect(page.locator("[data-menu]")).to_be_visible()
        return page

    yield seated
    for context in contexts:
        context.close()
    assert faults == []


def assert_sound(page: Page) -> None:
    """Right at a desk, usable on a phone, and nothing that axe finds."""
    expect(page.locator("h1")).to_have_count(1)
    for size in (PHONE, DESK):
        page.set_viewport_size(size)
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], page.url
    found = Axe().run(page).response["violations"]
    assert [(each["id"], each["nodes"][0]["html"][:200]) for each in found] == [], page.url


def test_an_evaluation_is_drafted_submitted_and_approved(enter: Enter) -> None:
    li = enter("sz.li")
    li.goto(f"/t/{SHIZONG}/commissions?state=draft")
    li.locator("td[data-label=委托名称] a").first.click()
    subjects = li.locator("td[data-label=项目名称]").all_inner_texts()[:2]
    li.goto(f"/t/{SHIZONG}/commissions")
    li.get_by_role("link", name="起草委托").click()
    assert_sound(li)

    li.get_by_label("委托名称").fill(NAME)
    li.get_by_label("最高限价").fill("十六万")
    for subject in subjects:
        li.get_by_role("checkbox", name=subject).check()
    li.get_by_role("button", name="保存草稿").click()

    expect(li.locator("#error-summary")).to_contain_text("最高限价：请填写金额，单位元")
    expect(li.locator("#error-summary")).to_contain_text("质量分数线：必填")
    expect(li.get_by_label("委托名称")).to_have_value(NAME)
    expect(li.get_by_label("最高限价")).to_have_value("十六万")
    expect(li.get_by_role("checkbox", name=subjects[1])).to_be_checked()
    assert_sound(li)

    today = date.fromisoformat(str(li.locator("[data-server-clock]").get_attribute("datetime"))[:10])
    li.get_by_label("最高限价").fill("160,000")
    for label, days in (("实施方案提交截止", 20), ("报告初稿提交截止", 60), ("正式报告提交截止", 80)):
        li.get_by_label(label).fill((today + timedelta(days=days)).isoformat())
    li.get_by_label("质量分数线").fill("82")
    li.get_by_role("button", name="保存草稿").click()
    expect(li.get_by_role("heading", level=1)).to_contain_text(NAME)
    assert_sound(li)
    li.get_by_role("button", name="送审").click()
    expect(li.get_by_text(f"“{NAME}”已送审")).to_be_visible()

    zhao = enter("sz.zhao")
    assert_sound(zhao)
    zhao.locator(".wait", has_text=NAME).get_by_role("link").click()
    zhao.get_by_text("怎么算出来的").first.click()
    expect(zhao.get_by_text("资金总额 = 各评价对象资金总额之和")).to_be_visible()
    assert_sound(zhao)
    zhao.get_by_role("button", name="批准", exact=True).click()
    expect(zhao.get_by_text(f"已批准“{NAME}”")).to_be_visible()
    expect(zhao.locator(".moment-what")).to_have_text(["批准", "送审", "起草"])
    assert_sound(zhao)
    zhao.goto(f"/t/{SHIZONG}/")
    expect(zhao.locator(".wait", has_text=NAME)).to_have_count(0)

    li.goto(f"/t/{SHIZONG}/commissions?state=approved")
    expect(li.get_by_role("link", name=NAME)).to_be_visible()


def _upload(page: Page, register: str, file: Path) -> None:
    page.goto(f"/t/{XIXIA}/{register}/import")
    page.set_input_files("input[type=file]", file)
    page.get_by_role("button", name="上传并核对").click()


def test_workbooks_are_refused_whole_with_their_faults_marked_or_taken_in(
    enter: Enter, tmp_path: Path
) -> None:
    liu = enter("xx.liu")
    liu.goto(f"/t/{XIXIA}/units/import")
    assert_sound(liu)
    _upload(liu, "units", DATA / "units.xlsx")
    expect(liu.get_by_role("heading", name="新增")).to_be_visible()
    assert_sound(liu)
    liu.get_by_role("button", name="确认导入").click()
    expect(liu.get_by_text("已导入预算单位：新增")).to_be_visible()

    _upload(liu, "subjects", DATA / "bad" / "subjects.xlsx")
    expect(liu.get_by_text("整张表没有写入")).to_be_visible()
    listed = liu.locator("td.faults").count()
    assert listed > 0
    assert_sound(liu)
    with liu.expect_download() as download:
        liu.get_by_role("link", name="下载已标注的原表").click()
    kept = tmp_path / "marked.xlsx"
    download.value.save_as(kept)
    assert download.value.suggested_filename == "已标注-subjects.xlsx"
    cells = [cell for sheet in load_workbook(kept) for row in sheet.iter_rows() for cell in row]
    assert any(cell.comment for cell in cells)
    liu.goto(f"/t/{XIXIA}/subjects")
    expect(liu.get_by_text("还没有评价对象")).to_be_visible()

    _upload(liu, "subjects", DATA / "subjects.xlsx")
    liu.get_by_role("button", name="确认导入").click()
    expect(liu.get_by_text("已导入评价对象：新增")).to_be_visible()
    expect(liu.locator("tbody tr").first).to_be_visible()
    assert_sound(liu)
