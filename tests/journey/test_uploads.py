"""A large file on its way: its progress is seen, and nothing is lost when it is refused."""

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from portal.access import Role
from tests.contract.makers import Deal, an_effective_contract
from tests.deliverable.makers import row_id
from tests.file.makers import a_pdf
from tests.support.world import PASSWORD, Browser, Person, text_of

PADDING = b"\n%" + b"x" * (40 * 1024 * 1024)  # more than what any other form may carry


@pytest.fixture
def deal(app: Flask) -> Deal:
    """A contract whose firm has plans to hand in."""
    assert app
    return an_effective_contract()


def _sign_in(page: Page, person: Person) -> None:
    page.goto("/sign-in")
    page.fill("input[name=username]", person.username)
    page.fill("input[name=password]", PASSWORD)
    page.locator("main button[type=submit]").click()
    expect(page.locator("[data-menu]")).to_be_visible()


def test_a_refused_file_loses_nothing_and_the_next_one_arrives(
    page: Page, app: Flask, deal: Deal, faults: list[str], tmp_path: Path
) -> None:
    place = f"/t/{deal.bureau.code}/deliverables/{row_id(deal, 'plan')}"
    wrong, right = tmp_path / "程序.pdf", tmp_path / "实施方案.pdf"
    wrong.write_bytes(b"MZ not a PDF")
    right.write_bytes(a_pdf(2) + PADDING)
    _sign_in(page, deal.person(Role.FIRM_HANDLER))
    page.goto(f"{place}/submit")

    page.get_by_label("本版说明").fill("第一稿")
    page.get_by_label(re.compile("不含国家秘密")).check()
    page.locator("input[type=file]").set_input_files(wrong)
    page.get_by_role("button", name="提交", exact=True).click()
    expect(page.get_by_role("alert").filter(has_text="只收 PDF")).to_be_visible()
    expect(page.get_by_label("本版说明")).to_have_value("第一稿")
    expect(page.get_by_label(re.compile("不含国家秘密"))).to_be_checked()
    assert page.locator("input[type=file]").evaluate("field => field.files[0].name") == "程序.pdf"
    assert [each for each in faults if not each.startswith("response: 422")] == []
    faults.clear()

    page.locator("input[type=file]").set_input_files(right)
    page.get_by_role("button", name="提交", exact=True).click()
    page.wait_for_url(f"**{place}")
    expect(page.locator(".notice-done")).to_be_visible()
    page.get_by_role("link", name="实施方案.pdf", exact=True).click()
    expect(page.locator(".reader-turn")).to_contain_text("第 1 页，共 2 页")

    page.get_by_role("link", name="下一页").click()
    expect(page.locator(".reader-turn")).to_contain_text("第 2 页，共 2 页")
    expect(page.get_by_role("img", name=re.compile("第 2 页"))).to_be_visible()
    assert urlsplit(page.url).path.endswith("/read")
    assert "第 1 版" in text_of(Browser(app, deal.person(Role.HANDLER)).get(place))


def test_a_cut_upload_goes_out_again_with_one_click(
    page: Page, deal: Deal, faults: list[str], tmp_path: Path
) -> None:
    place = f"/t/{deal.bureau.code}/deliverables/{row_id(deal, 'plan')}"
    right = tmp_path / "实施方案.pdf"
    right.write_bytes(a_pdf(1))
    _sign_in(page, deal.person(Role.FIRM_HANDLER))
    page.goto(f"{place}/submit")
    page.get_by_label("本版说明").fill("第一稿")
    page.get_by_label(re.compile("不含国家秘密")).check()
    page.locator("input[type=file]").set_input_files(right)
    cut = [True]
    page.route(
        "**/submit",
        lambda route: route.abort() if route.request.method == "POST" and cut.pop() else route.continue_(),
    )

    page.get_by_role("button", name="提交", exact=True).click()
    expect(page.get_by_role("alert").filter(has_text="网络中断")).to_be_visible()
    expect(page.get_by_label("本版说明")).to_have_value("第一稿")
    faults.clear()
    cut.append(False)
    page.get_by_role("button", name="重新上传").click()

    page.wait_for_url(f"**{place}")
    expect(page.locator(".notice-done")).to_be_visible()
