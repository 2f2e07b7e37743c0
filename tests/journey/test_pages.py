"""Every page that each post of the demo world can reach by following links, in a real browser.

One page stands for all of its kind: addresses that differ in a row's key or in a list's order are one kind.
"""

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from portal.demo.people import PASSWORD, SHIZONG
from tests.journey.conftest import watch

DESK, PHONE = 1366, 390
KEYS = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|(?<=/audit/)\d+|(?<=/regions/)\d+")
FILE = re.compile(r"\.(xlsx|json|zip|csv)$")
LEADS_AWAY = ("/account/posts/", "/static/", "/bootstrap/")
JUDGED: set[str] = set()
THIN = """document.querySelectorAll('tbody > tr:nth-child(n + 4), main ul > li:nth-child(n + 7)').forEach(
    each => each.remove())"""
SKELETONS = """['header, nav', 'main'].map(part => [...document.querySelectorAll(part)].map(
    root => [...root.querySelectorAll('*')].map(each => each.tagName + [...each.attributes].filter(
        one => ['class', 'role', 'type', 'scope', 'tabindex'].includes(one.name) ||
            (one.name.startsWith('aria-') && one.name !== 'aria-current')).map(one => one.value)).join(' ')
).join(' '))"""
LINKS = "found => found.filter(each => !each.hasAttribute('download')).map(each => each.href)"
WIDTH = "document.documentElement.scrollWidth"


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who walks: an account, the post it chooses (by its label) and the bureau it enters from above."""

    username: str
    post: str = ""
    enters: str = ""

    def __str__(self) -> str:
        """The name of the test."""
        return "-".join(filter(None, (self.username, self.post, self.enters)))


VISITORS = (
    Visitor("sz.li"),
    Visitor("sz.li", post="采购人"),
    Visitor("sz.li", post="会审组织人"),
    Visitor("sz.zhao"),
    Visitor("sz.wang"),
    Visitor("sz.chen", post="安全管理员"),
    Visitor("sz.yang", post="系统管理员"),
    Visitor("sz.zhou"),
    Visitor("hh.bai"),
    Visitor("qj.gao"),
    Visitor("qj.gao", enters=SHIZONG),
    Visitor("xx.liu"),
    Visitor("firm01"),
    Visitor("unit01"),
    Visitor("expert001"),
    Visitor("operator"),
)


@pytest.fixture
def visit(browser: Browser, demo_url: str) -> Iterator[Page]:
    """A page on the demo world, at a desk."""
    context = browser.new_context(
        base_url=demo_url,
        viewport={"width": DESK, "height": 768},
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
    )
    yield context.new_page()
    context.close()


def come_in(page: Page, visitor: Visitor) -> None:
    """Sign in, take the post, enter the bureau below."""
    page.goto("/sign-in")
    page.fill("input[name=username]", visitor.username)
    page.fill("input[name=password]", PASSWORD)
    with page.expect_navigation(url=lambda url: "sign-in" not in url):
        page.click("main button[type=submit]")
    if visitor.post:
        page.locator("[data-menu] summary").click()
        page.locator("[data-menu] a").filter(has_text=visitor.post).click()
        page.wait_for_load_state()
    if visitor.enters:
        page.goto(f"{urlsplit(page.url).path}counties")
        with page.expect_navigation(url=re.compile(rf"/t/{visitor.enters}/")):
            page.locator(f"form[action*='/{visitor.enters}/'] button").click()


def kind_of(path: str) -> str:
    """What an address is one of."""
    return KEYS.sub("·", path)


def crawl(page: Page, faults: list[str]) -> list[str]:
    """Walk breadth-first over what the pages link to; the kinds of page found."""
    waiting, kinds = deque([urlsplit(page.url).path]), set[str]()
    house = urlsplit(page.url).netloc
    while waiting:
        path = waiting.popleft()
        if kind_of(path) in kinds:
            continue
        kinds.add(kind_of(path))
        answer = page.goto(path)
        if answer is None or answer.status != 200:
            faults.append(f"{path}: {answer and answer.status}")
        targets = [urlsplit(each) for each in page.eval_on_selector_all("a[href]", LINKS)]
        waiting += [
            each.path
            for each in targets
            if each.netloc == house and not FILE.search(each.path) and not each.path.startswith(LEADS_AWAY)
        ]
        faults += [f"{path}: {fault}" for fault in (*misfits(page), *violations(page))]
    return sorted(kinds)


def misfits(page: Page) -> Iterator[str]:
    """What is wrong with the page as laid out at a desk and on a phone; it is left at a desk."""
    if (headings := page.locator("h1").count()) != 1:
        yield f"{headings} h1"
    for width, height in ((PHONE, 844), (DESK, 768)):
        page.set_viewport_size({"width": width, "height": height})
        if (wide := page.evaluate(WIDTH)) > width:
            yield f"{wide} wide of {width}"


def violations(page: Page) -> list[str]:
    """What axe finds. Rows like the first ones and parts built as others before are not asked about."""
    page.evaluate(THIN)
    skeletons = set(page.evaluate(SKELETONS))
    if skeletons <= JUDGED:
        return []
    JUDGED.update(skeletons)
    found: list[dict[str, Any]] = Axe().run(page).response["violations"]
    return [f"{each['id']}: {each['nodes'][0]['html'][:200]}" for each in found]


@pytest.mark.timeout(240)
@pytest.mark.parametrize("visitor", VISITORS, ids=str)
def test_every_page_a_post_can_reach_is_sound(visit: Page, faults: list[str], visitor: Visitor) -> None:
    watch(visit, faults)
    come_in(visit, visitor)

    assert len(crawl(visit, faults)) > 2
    assert faults == []


def test_a_refused_page_offers_the_post_one_also_holds_and_stays_there(visit: Page) -> None:
    come_in(visit, Visitor("sz.chen"))
    refused = visit.goto(f"/t/{SHIZONG}/accounts")
    assert refused is not None
    assert refused.status == 403

    visit.get_by_role("link", name="安全管理员").click()

    expect(visit.get_by_role("heading", level=1)).to_have_text("账号与岗位")
