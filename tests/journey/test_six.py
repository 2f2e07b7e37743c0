"""Six people are enough for a bureau: they walk the whole loop in a browser by switching posts, and what one
person must not do alone is refused.

Firms, units and experts do their parts by the demo's own steps in between.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

import pytest
from playwright.sync_api import Browser, expect

from portal.access import Role
from portal.contract import DeliverableKind
from portal.demo import walk
from tests.journey import walking
from tests.journey.walking import (
    APPROVER,
    BUYER,
    FIRMS,
    HANDLER,
    HOME,
    MEMBERS,
    OFFICERS,
    ORGANISER,
    SIGNATORY,
    Job,
    Person,
    Town,
    follow,
    press,
    says,
    submit,
)

pytestmark = pytest.mark.timeout(300)
SIX = {"sz.zhao", "sz.li", "sz.wang", "sz.chen", "sz.yang", "sz.zhou"}
APART = ({"经办人", "审批人"}, {"采购人", "审批人"}, {"经办人", "复核人"}, {"采购人", "采购监管"})
FIRST, SECOND = OFFICERS
WATCHMAN: Person = ("sz.chen", Role.COMPLAINT_OFFICER)
PRICES = {"firm01": "150000", "firm02": "156000", "firm03": "162000"}


@dataclass
class Course:
    """What the journey has reached: addresses of its pages."""

    job: Job
    tender: str = ""
    contract: str = ""
    round: str = ""


@pytest.fixture(scope="module")
def shizong(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """The bureau before its first evaluation."""
    with walking.settled_town(browser, tmp_path_factory.mktemp("six")) as made:
        yield made


@pytest.fixture(scope="module")
def course(shizong: Town) -> Course:
    """The one evaluation that all these tests walk with."""
    return Course(Job("2026年度学校建设绩效评价", (shizong.subjects()[0][1],)))


@pytest.fixture(autouse=True)
def unharmed(shizong: Town) -> Iterator[None]:
    """A fault in anybody's browser fails the test."""
    yield
    assert shizong.faults == []


def _id(place: str) -> UUID:
    """What an address is of."""
    return UUID(place.rpartition("/")[2])


def _refused(town: Town, who: Person, place: str) -> None:
    """The page of a deed that is not this person's says so."""
    page = town.desk(who)
    answer = page.goto(place)
    assert answer
    assert answer.status == 403, place
    says(page, "没有办理这项工作的权限")


def test_six_people_hold_every_post_and_nobody_two_that_exclude_each_other(shizong: Town) -> None:
    staff = {who for who, _ in shizong.world.posts if who.startswith("sz.")}
    assert staff == SIX
    for username in sorted(SIX):
        first = next(role for who, role in shizong.world.posts if who == username)
        page = shizong.desk((username, first))
        page.locator("[data-menu] summary").click()
        listed = page.locator(".menu-sheet ul").first.inner_text()
        for pair in APART:
            assert not all(post in listed for post in pair), (username, pair)


def test_purchase(shizong: Town, course: Course) -> None:
    course.tender = walking.drafted(shizong, walking.commissioned(shizong, course.job))
    walking.chosen(shizong, course.tender, list(FIRMS.values()))
    buyer = shizong.desk(BUYER)
    buyer.goto(course.tender)
    follow(buyer, "组成询价小组")
    for outsider in ("李晓燕", "陈丽华"):  # the buyer and the watchman of purchases
        expect(buyer.locator("main form")).not_to_contain_text(outsider)
    walking.seat_panel(shizong, course.tender)
    walking.issued(shizong, course.job, course.tender)

    watchman = shizong.desk(WATCHMAN)
    watchman.goto(course.tender)
    for verb in ("暂停采购", "恢复采购"):
        follow(watchman, verb)
        watchman.get_by_label("理由").fill("核实一家机构反映的情况。")
        press(watchman, verb)
    shizong.walked(walk.answered, _id(course.tender), PRICES)
    shizong.travel(days=9)

    page = shizong.desk(FIRST)
    page.goto(f"{course.tender}/review")
    follow(page, "开启响应文件")
    walking.signed(page, "开启响应文件")
    says(page, "您已确认到场。须由另一位开启人确认后才能开启。")
    _refused(shizong, BUYER, f"{course.tender}/review/open")
    walking.opened(shizong, course.tender, (SECOND,))
    walking.declared(shizong, course.tender, MEMBERS)
    walking.examined(shizong, course.tender, MEMBERS[0], list(FIRMS.values()))
    walking.concluded(shizong, course.tender, MEMBERS)
    walking.awarded(shizong, course.job.name)


def test_contract_and_quality(shizong: Town, course: Course) -> None:
    course.contract = walking.contracted(shizong, course.job, SIGNATORY)
    contract_id = _id(course.contract)
    shizong.travel(days=10)
    for kind, name in (
        (DeliverableKind.PLAN, "实施方案"),
        (DeliverableKind.DRAFT, "报告初稿"),
        (DeliverableKind.REPORT, "正式报告"),
    ):
        shizong.walked(walk.handed_in, contract_id, kind)
        handler = shizong.desk(HANDLER)
        handler.goto(course.contract)
        follow(handler, "成果")
        follow(handler, name)
        press(handler, "认可")
        if kind is DeliverableKind.DRAFT:
            shizong.walked(walk.heard, contract_id)

    organiser = shizong.desk(ORGANISER)
    walking.due(organiser, course.job.name, "封存名单，抽取专家")
    course.round = organiser.url
    press(organiser, "封存名单，抽取专家")
    follow(organiser, "2026-001")
    expect(organiser.locator("input[name=typed]")).to_have_count(0)
    walking.seeded(shizong, course.job)
    round_id = _id(course.round)
    experts = shizong.walked(walk.seated, round_id)
    shizong.walked(walk.scored, round_id, experts, (1, 2, 2))
    walking.told(shizong, course.round)
    _refused(shizong, HANDLER, f"{course.round}/notify")
    walking.concurred(shizong, course.job, SIGNATORY)


def test_money_appraisal_and_standings(shizong: Town, course: Course) -> None:
    walking.settled(shizong, course.job)
    handler = shizong.desk(HANDLER)
    handler.goto(f"{HOME}/settlements")
    follow(handler, course.job.name)
    follow(handler, "申请付款")
    submit(handler, "申请付款")
    payment = handler.url
    expect(handler.get_by_role("button", name="复核通过")).to_have_count(0)
    _refused(shizong, HANDLER, f"{payment}/pay")
    walking.checked_and_paid(shizong, course.job, "示例发票0006")

    contract_id = _id(course.contract)
    shizong.walked(walk.filled, contract_id, ("KP_UNIT",), 1)
    shizong.walked(walk.undersigned, contract_id, "KP_UNIT")
    walking.undersigned(shizong, course.job, HANDLER, APPROVER, "财政部门用", lost=1)
    walking.finished(shizong, course.job)

    ranking = walking.published(shizong, course.job.year)
    _refused(shizong, HANDLER, f"{ranking}/publish")
    shizong.travel(days=12)
    page = walking.finalised(shizong, ranking)
    says(page, "第 1 名", FIRMS["firm01"])
