"""What goes wrong in an evaluation, in a browser: everybody is told kindly what to do, and the work goes on.

The smooth stretches between the troubles are walked by the demo's own steps.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from playwright.sync_api import Browser, expect

from portal import tender
from portal.access import Role
from portal.contract import DeliverableKind
from portal.demo import walk
from portal.demo.walk import Work
from tests.journey import walking
from tests.journey.walking import (
    APPROVER,
    FIRM,
    FIRMS,
    HANDLER,
    HOME,
    MEMBERS,
    ORGANISER,
    SIGNATORY,
    Town,
    assert_sound,
    due,
    follow,
    press,
    says,
    submit,
)

pytestmark = pytest.mark.timeout(300)
NAME = "2026年度水利设施绩效评价"
LATE = "firm04"
NOT_YET = UUID(int=0)
PRICES = {"firm01": "60000", "firm02": "150000", "firm03": "156000"}
CHAIR = MEMBERS[0]


@dataclass
class Course:
    """What the journey has reached."""

    tender_id: UUID
    deadline: datetime
    contract_id: UUID = NOT_YET
    round_id: UUID = NOT_YET

    @property
    def tender(self) -> str:
        """The address of the purchase."""
        return f"{HOME}/tenders/{self.tender_id}"


@pytest.fixture(scope="module")
def shizong(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """The bureau before its first evaluation."""
    with walking.settled_town(browser, tmp_path_factory.mktemp("trouble")) as made:
        yield made


@pytest.fixture(scope="module")
def course(shizong: Town) -> Course:
    """A purchase out to four firms, which all these tests walk on with."""
    work = Work(NAME, 2026, (shizong.subjects()[0][0],), "180000")
    firms = (*PRICES, LATE)
    with shizong.app.app_context():
        out = walk.issued(shizong.world, walk.approved(shizong.world, work), f"{NAME}采购", "180000", firms)
        walk.answered(shizong.world, out, PRICES)
        with shizong.world.acting(*walk.BUYER) as _:
            return Course(out, tender.tender(out).response_by)


@pytest.fixture(autouse=True)
def unharmed(shizong: Town) -> Iterator[None]:
    """A fault in anybody's browser fails the test."""
    yield
    assert shizong.faults == []


def test_a_bid_is_withdrawn_and_comes_too_late(shizong: Town, course: Course) -> None:
    walking.bid(shizong, LATE, NAME, "149000")
    page = shizong.pages[LATE]
    page.goto(f"{course.tender}/bid")
    follow(page, "撤回响应文件")
    assert_sound(page)
    press(page, "撤回响应文件")
    says(page, "尚未提交响应文件")

    shizong.reach(course.deadline - timedelta(minutes=10))
    page = shizong.desk((LATE, Role.FIRM_HANDLER))
    page.goto(f"{course.tender}/bid")
    follow(page, "提交响应文件")
    walking.fill_offer(page, "148000")
    shizong.reach(course.deadline + timedelta(minutes=5))
    page.get_by_role("button", name="密封并提交").click()
    expect(page.locator("main")).to_contain_text("没有收下：服务器收到全部内容的时间是")
    expect(page.get_by_label("实施方案要点")).to_have_value("先核资料，再到现场，最后访谈。")
    assert all(each.startswith("response: 409") for each in shizong.faults)  # answered to the script
    shizong.faults.clear()
    page.goto(f"{course.tender}/bid")
    says(page, "没有提交响应文件")
    assert_sound(page)


def test_a_low_price_is_explained_and_stands(shizong: Town, course: Course) -> None:
    shizong.walked(walk.opened, course.tender_id)
    shizong.walked(walk.examined, course.tender_id)
    chair = shizong.desk(CHAIR)
    chair.goto(f"{course.tender}/review")
    says(chair, "异常低价")
    press(chair, "发出低价说明通知")
    assert_sound(chair)

    firm = shizong.desk(FIRM)
    due(firm, NAME, "提交低价说明")
    assert_sound(firm)
    submit(firm, "提交说明")
    expect(firm.locator("#error-summary")).to_contain_text("说明：必填")
    firm.get_by_label("说明", exact=False).first.fill(
        "主评人常驻本县，差旅费低；四人投入六十天，成本明细见后。"
    )
    press(firm, "提交说明")

    chair = shizong.desk(CHAIR)
    chair.goto(f"{course.tender}/review")
    follow(chair, FIRMS["firm01"])
    says(chair, "主评人常驻本县")
    chair.get_by_label("报价合理").check()
    chair.get_by_label("理由").fill("人员和现场天数满足要求，成本构成可信。")
    press(chair, "保存认定")
    shizong.walked(walk.ranked, course.tender_id)
    chair.reload()
    says(chair, "已出评审报告", "已说明")
    assert_sound(chair)


def test_a_returned_report_comes_again(shizong: Town, course: Course) -> None:
    course.contract_id = made = shizong.walked(walk.awarded, course.tender_id)
    shizong.walked(walk.signed, made)
    with shizong.app.app_context():
        walk.pass_days(5)
    for kind in (DeliverableKind.PLAN, DeliverableKind.DRAFT):
        shizong.walked(walk.accepted, made, kind)
    shizong.walked(walk.heard, made)

    contract, subject = f"{HOME}/contracts/{made}", shizong.subjects()[0][1]
    report = walking.handed_in(shizong, contract, "正式报告", FIRM)
    handler = shizong.desk(HANDLER)
    due(handler, subject, "审阅成果")
    follow(handler, "退回修改")
    handler.get_by_label("理由").fill("第三部分没有注明底稿索引，请补充。")
    press(handler, "退回修改")

    firm = shizong.desk(FIRM)
    due(firm, subject, "提交成果")
    says(firm, "退回的理由：第三部分没有注明底稿索引，请补充。")
    assert_sound(firm)
    assert walking.handed_in(shizong, contract, "正式报告", FIRM, note="已补充底稿索引。") == report
    says(firm, "第 2 版", "已补充底稿索引。")
    walking.accepted(shizong, report)


def test_a_declined_seat_goes_to_the_next(shizong: Town, course: Course) -> None:
    course.round_id = shizong.walked(walk.drawn, course.contract_id)
    round_ = f"{HOME}/rounds/{course.round_id}"
    first, *others = walking.experts_asked(shizong, round_)
    page = shizong.desk((first, Role.EXPERT))
    due(page, NAME, "答复邀请")
    follow(page, "谢绝")
    assert_sound(page)
    submit(page, "谢绝")
    expect(page.locator("#error-summary")).to_contain_text("请选择")
    page.locator("input[name=declining]").first.check()
    press(page, "谢绝")

    asked = walking.experts_asked(shizong, round_)
    assert len(asked) == 3
    assert first not in asked
    assert set(others) < set(asked)
    organiser = shizong.desk(ORGANISER)
    organiser.goto(round_)
    says(organiser, "已谢绝")
    assert_sound(organiser)


def test_an_objection_has_a_sheet_scored_again(shizong: Town, course: Course) -> None:
    experts = shizong.walked(walk.seated, course.round_id)
    shizong.walked(walk.scored, course.round_id, experts, (2, 4, 6))
    shizong.walked(walk.told, course.round_id, concurs=False)
    round_ = f"{HOME}/rounds/{course.round_id}"
    firm = shizong.desk(SIGNATORY)
    due(firm, NAME, "核对得分")
    follow(firm, "提出异议")
    assert_sound(firm)
    firm.get_by_label("异议和理由").fill("方案已写明抽样比例（第 3 页），不应再扣分。")
    press(firm, "提出异议")

    approver = shizong.desk(APPROVER)
    approver.goto(round_)
    says(approver, "方案已写明抽样比例")
    follow(approver, "更正（退回评分表重评）")
    assert_sound(approver)
    chosen = approver.get_by_role("group", name="退回哪几张评分表").locator("li").nth(1)
    name = next(
        each.name
        for each in (shizong.world.posts[who] for who in experts)
        if each.name in chosen.inner_text()
    )
    chosen.get_by_role("checkbox").check()
    approver.get_by_label("理由").fill("经核对，该项扣分与正文不符。")
    press(approver, "退回重评")

    again = next(who for who in experts if shizong.world.posts[who].name == name)
    page = shizong.desk(again)
    due(page, shizong.subjects()[0][1], "交表")
    walking.fill_sheet(page, lost=1)
    walking.turned_in(page)
    walking.told(shizong, round_)
    firm = shizong.desk(SIGNATORY)
    firm.goto(round_)
    says(firm, "已确定")
    assert_sound(firm)
