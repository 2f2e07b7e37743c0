"""A year of the bureau in a browser: from the commission to the standings that the next purchase looks up."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from portal.access import Role
from portal.demo.people import SHIZONG
from tests.journey import walking
from tests.journey.walking import (
    APPROVER,
    BUYER,
    FIRM,
    FIRMS,
    HANDLER,
    HOME,
    MEMBERS,
    OFFICERS,
    ORGANISER,
    SIGNATORY,
    Job,
    Town,
    assert_sound,
    due,
    follow,
    says,
)

pytestmark = pytest.mark.timeout(300)
WINNER = FIRMS["firm01"]
PRICES = {"firm01": "150000", "firm02": "156000", "firm03": "162000"}


@dataclass
class Year:
    """What the journey has reached: addresses of its pages."""

    job: Job
    commission: str = ""
    tender: str = ""
    contract: str = ""
    round: str = ""


@pytest.fixture(scope="module")
def shizong(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """The bureau before its first evaluation."""
    with walking.settled_town(browser, tmp_path_factory.mktemp("year")) as made:
        yield made


@pytest.fixture(scope="module")
def year(shizong: Town) -> Year:
    """The one evaluation that all these tests walk with, each a stretch further."""
    return Year(Job("2026年度乡镇道路绩效评价", (shizong.subjects()[0][1],)))


@pytest.fixture(autouse=True)
def unharmed(shizong: Town) -> Iterator[None]:
    """A fault in anybody's browser fails the test."""
    yield
    assert shizong.faults == []


def _opened(page: Page) -> Locator:
    """The first derivation of the page, opened."""
    page.get_by_text("怎么算出来的", exact=True).first.click()
    shown = page.locator("details.derivation[open]").first
    expect(shown.locator(".formula")).to_be_visible()
    return shown


def _word(page: Page) -> None:
    """The first document of the page can be taken as Word."""
    with page.expect_download() as download:
        page.get_by_role("link", name="下载 Word").first.click()
    assert download.value.suggested_filename.endswith(".docx")
    assert download.value.path().read_bytes().startswith(b"PK")


def test_a_commission_becomes_a_purchase_that_is_out(shizong: Town, year: Year) -> None:
    year.commission = walking.commissioned(shizong, year.job)
    year.tender = walking.drafted(shizong, year.commission)
    buyer = shizong.pages["sz.li"]
    assert_sound(buyer)
    expect(buyer.get_by_role("button", name="采购文件送审")).to_have_attribute("aria-disabled", "true")

    walking.chosen(shizong, year.tender, list(FIRMS.values()))
    walking.seat_panel(shizong, year.tender)
    walking.issued(shizong, year.job, year.tender)
    assert_sound(buyer)

    stranger = shizong.stranger()
    stranger.goto(f"/public/{SHIZONG}")
    follow(stranger, "采购公告")
    says(stranger, year.job.name)
    assert WINNER not in stranger.locator("main").inner_text()
    assert_sound(stranger)


def test_three_bids_are_sealed_opened_examined_and_one_wins(shizong: Town, year: Year) -> None:
    for firm, price in PRICES.items():
        page = walking.bid(shizong, firm, year.job.name, price)
        says(page, "收到时间", "承诺值（SM3）")
    assert_sound(page)
    buyer = shizong.desk(BUYER)
    buyer.goto(year.tender)
    says(buyer, "已收到响应 3 份")
    assert "150,000" not in buyer.locator("main").inner_text()

    shizong.travel(days=8)
    walking.opened(shizong, year.tender, OFFICERS)
    walking.declared(shizong, year.tender, MEMBERS)
    walking.examined(shizong, year.tender, MEMBERS[0], list(FIRMS.values()))
    walking.concluded(shizong, year.tender, MEMBERS)
    chair = shizong.desk(MEMBERS[0])
    chair.goto(f"{year.tender}/review")
    says(chair, "150,000.00", "已出评审报告")
    _opened(chair)
    _word(chair)
    assert_sound(chair)

    page = walking.awarded(shizong, year.job.name)
    says(page, WINNER, "150,000.00 元", "第 1 名")
    assert_sound(page)
    stranger = shizong.stranger()
    stranger.goto(f"/public/{SHIZONG}")
    says(stranger, "成交结果公告")


def test_the_contract_is_signed_and_the_work_handed_in(shizong: Town, year: Year) -> None:
    year.contract = walking.contracted(shizong, year.job, SIGNATORY)
    subject = year.job.subjects[0]
    assert_sound(shizong.pages["sz.zhao"])

    shizong.travel(days=10)
    plan = walking.handed_in(shizong, year.contract, "实施方案", FIRM)
    assert_sound(shizong.pages["firm01"])
    walking.accepted(shizong, plan)
    shizong.travel(days=15)
    draft = walking.handed_in(shizong, year.contract, "报告初稿", FIRM)
    handler = shizong.desk(HANDLER)
    due(handler, subject, "审阅成果")
    assert handler.url == draft
    walking.accepted(shizong, draft)
    walking.heard(shizong, subject, FIRM)
    follow(handler, "征求意见")
    says(handler, "采纳：已按拨款文件核对并修改。")
    assert_sound(handler)

    shizong.travel(days=8)
    report = walking.handed_in(shizong, year.contract, "正式报告", FIRM, note="已吸收单位意见。")
    walking.accepted(shizong, report)


def test_drawn_experts_score_and_the_firm_concurs(shizong: Town, year: Year) -> None:
    year.round = walking.drawn(shizong, year.job)
    stranger = shizong.stranger()
    stranger.goto(f"/public/{SHIZONG}/draws")
    says(stranger, "2026-001")
    expect(stranger.locator(".demo-band")).to_contain_text("示例")
    assert_sound(stranger)

    experts = walking.experts_asked(shizong, year.round)
    assert len(experts) == 3
    for expert in experts:
        walking.seated(shizong, expert, year.job.name)
    for lost, expert in enumerate(experts, 1):
        walking.scored(shizong, expert, year.job.name, lost=lost)
    organiser = shizong.desk(ORGANISER)
    organiser.goto(year.round)
    follow(organiser, "得分和怎么算出来的")
    _opened(organiser)
    assert_sound(organiser)

    walking.told(shizong, year.round)
    walking.concurred(shizong, year.job, SIGNATORY)
    firm = shizong.pages["firm01"]
    says(firm, "已确定")
    names = [shizong.world.posts[expert, Role.EXPERT].name for expert in experts]
    assert not any(name in firm.locator("main").inner_text() for name in names)
    assert_sound(firm)


def test_the_firm_is_paid_and_appraised(shizong: Town, year: Year) -> None:
    page = walking.settled(shizong, year.job)
    _opened(page)
    assert_sound(page)
    walking.paid(shizong, year.job, "示例发票0001")

    subject = year.job.subjects[0]
    clerk, head = (shizong.unit_of(subject, role) for role in (Role.UNIT_HANDLER, Role.UNIT_HEAD))
    walking.undersigned(shizong, year.job, clerk, head, "被评价单位用", lost=1)
    walking.undersigned(shizong, year.job, HANDLER, APPROVER, "财政部门用", lost=1)
    page = walking.finished(shizong, year.job)
    says(page, "已确定")
    _opened(page)
    assert_sound(page)


def test_the_standings_are_seen_where_the_next_purchase_chooses(shizong: Town, year: Year) -> None:
    ranking = walking.published(shizong, year.job.year)
    stranger = shizong.stranger()
    stranger.goto(f"/public/{SHIZONG}")
    follow(stranger, "2026 年度第三方机构排名公示")
    says(stranger, WINNER)

    shizong.travel(days=12)
    page = walking.finalised(shizong, ranking)
    says(page, "第 1 名", WINNER)
    _opened(page)
    assert_sound(page)

    job = Job("2026年度乡镇水利绩效评价", (shizong.subjects()[1][1],))
    tender = walking.drafted(shizong, walking.commissioned(shizong, job))
    buyer = shizong.desk(BUYER)
    buyer.goto(tender)
    follow(buyer, "选定邀请机构")
    row = buyer.get_by_role("row", name=WINNER)
    expect(row).to_contain_text("2026 年")
    expect(row).to_contain_text("第 1 名，1 次合作")
    expect(buyer.get_by_role("row", name=FIRMS["firm02"])).to_contain_text("未评级")
    assert_sound(buyer)

    buyer.goto(f"{HOME}/firms")
    follow(buyer, WINNER)
    says(buyer, "2026")
