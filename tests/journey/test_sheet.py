"""A sheet that keeps itself: the sum while typing, a lost network, a killed tab, two tabs at once."""

import os
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import BrowserContext, Page, expect

from portal.access import Role
from tests.appraisal.makers import sheet_id
from tests.contract.makers import Deal
from tests.deliverable.makers import delivered
from tests.support.world import PASSWORD

LOOK = os.environ.get("PORTAL_LOOK")


@pytest.fixture
def deal(app: Flask) -> Deal:
    """Work delivered: the unit's 考评表 is open."""
    assert app
    return delivered()


def look(page: Page, name: str) -> None:
    """A picture for whoever asks for one (PORTAL_LOOK names a folder)."""
    if LOOK:
        page.screenshot(path=Path(LOOK) / f"{name}.png", full_page="full" in name)


def open_sheet(page: Page, deal: Deal) -> str:
    """The unit's clerk signs in and opens the sheet; its address."""
    page.goto("/sign-in")
    page.fill("input[name=username]", deal.person(Role.UNIT_HANDLER).username)
    page.fill("input[name=password]", PASSWORD)
    page.locator("main button[type=submit]").click()
    expect(page.locator("[data-menu]")).to_be_visible()
    place = f"/t/{deal.bureau.code}/appraisal-sheets/{sheet_id(deal, 'KP_UNIT')}"
    page.goto(place)
    return place


def another_tab(context: BrowserContext, place: str) -> Page:
    """The same sheet once more."""
    tab = context.new_page()
    tab.goto(place)
    return tab


def test_the_sum_is_seen_while_typing_and_the_draft_is_kept(page: Page, deal: Deal) -> None:
    open_sheet(page, deal)
    total, note = page.locator("[data-total]"), page.locator("[data-note]")
    expect(total).to_have_text("90")
    look(page, "sheet-1366")

    page.get_by_role("button", name="增加一次：有倾向性言行查实每次").click()
    expect(total).to_have_text("86")
    page.locator("#i0-d0").press("ArrowUp")
    expect(total).to_have_text("82")
    page.locator("#i0-d0").press("ArrowDown")
    page.locator("#i12-points").fill("8.5")
    expect(total).to_have_text("94.5")
    expect(note).to_contain_text("已保存")
    page.reload()
    expect(page.locator("#i0-d0")).to_have_value("1")
    expect(page.locator("[data-total]")).to_have_text("94.5")

    page.get_by_role("button", name="保存并去签名").click()
    told = page.get_by_role("alert").filter(has_text="还有内容需要补充")
    expect(told).to_be_focused()
    expect(page.locator(".notice-done")).to_have_count(0)
    look(page, "sheet-told-1366")
    assert Axe().run(page).response["violations"] == []
    page.set_viewport_size({"width": 390, "height": 844})
    look(page, "sheet-390")
    wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    assert not wide
    page.locator("#i0-reason").fill("进场时先有结论")
    expect(told).to_have_count(0)
    expect(page.locator(".field-wrong")).to_have_count(0)
    page.get_by_role("button", name="保存并去签名").click()
    expect(page.locator("input[name=password]")).to_be_visible()


def test_what_is_typed_without_a_network_outlives_a_killed_tab(
    page: Page, deal: Deal, faults: list[str]
) -> None:
    place = open_sheet(page, deal)
    context = page.context
    context.set_offline(True)
    page.locator("#i12-points").fill("7")
    page.locator("#i0-reason").fill("断网时写的理由")
    expect(page.locator("[data-note]")).to_contain_text("网络中断，已存在本机")
    page.close()
    context.set_offline(False)
    faults.clear()

    tab = another_tab(context, place)
    expect(tab.get_by_role("status").filter(has_text="已恢复本机上没有存到服务器的内容")).to_be_visible()
    expect(tab.locator("#i12-points")).to_have_value("7")
    expect(tab.locator("#i0-reason")).to_have_value("断网时写的理由")
    expect(tab.locator("[data-note]")).to_contain_text("已保存")
    look(tab, "sheet-restored")
    tab.reload()
    expect(tab.locator("#i12-points")).to_have_value("7")
    expect(tab.locator(".draft-note")).to_have_count(0)


def test_two_tabs_lose_nothing_of_each_other(page: Page, deal: Deal) -> None:
    place = open_sheet(page, deal)
    other = another_tab(page.context, place)
    page.locator("#i12-points").fill("9")
    expect(page.locator("[data-note]")).to_contain_text("已保存")
    other.locator("#i2-d0").check()
    expect(other.locator("[data-note]")).to_contain_text("已保存")

    expect(other.locator("#i12-points")).to_have_value("9")
    expect(other.locator("[data-total]")).to_have_text("96")
    page.reload()
    expect(page.locator("#i2-d0")).to_be_checked()
    expect(page.locator("#i12-points")).to_have_value("9")


def test_a_button_pressed_without_a_network_stays_on_the_sheet(
    page: Page, deal: Deal, faults: list[str]
) -> None:
    place = open_sheet(page, deal)
    page.context.set_offline(True)
    page.locator("#i12-points").fill("9")
    page.get_by_role("button", name="保存并去签名").click()
    expect(page.locator("[data-note]")).to_contain_text("网络中断，已存在本机")
    assert page.url.endswith(place)
    expect(page.locator("#i12-points")).to_have_value("9")

    page.context.set_offline(False)
    faults.clear()
    page.get_by_role("button", name="保存并去签名").click()
    expect(page.locator("input[name=password]")).to_be_visible()
