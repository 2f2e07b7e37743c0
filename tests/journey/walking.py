"""Walking an evaluation in a browser: whose desk it is, and one function for each stretch of the way.

A town is a bureau of the demo with its registers, rules and people, alone in a database of its own, whose
clock may travel; `portal.demo.walk` does by actions what these functions do on pages.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Locator, Page, ViewportSize, expect

from portal import quality
from portal.access import ROLE_LABELS, Role
from portal.app import create_app
from portal.config import Settings
from portal.demo import clock, settling
from portal.demo.people import PASSWORD, SHIZONG
from portal.demo.settling import World
from portal.document import Heading, Paper, Text, as_docx
from portal.kernel.clock import SHANGHAI
from portal.subject import subjects_for_choice
from tenants import scope
from tests.journey.conftest import served, watch
from tests.support import cluster

DESK: Final[ViewportSize] = {"width": 1366, "height": 768}
PHONE: Final[ViewportSize] = {"width": 390, "height": 844}
PATIENCE_MS: Final = 20_000
BEGINS: Final = datetime(2026, 3, 2, 9, 30, tzinfo=SHANGHAI)
HOME: Final = f"/t/{SHIZONG}"
FIRMS: Final = {
    "firm01": "示例甲会计师事务所",
    "firm02": "示例乙会计师事务所",
    "firm03": "示例丙会计师事务所",
}
REQUIREMENTS: Final = 3
ORGANISER: Final = ("sz.li", Role.ORGANISER)
HANDLER: Final = ("sz.li", Role.HANDLER)
BUYER: Final = ("sz.li", Role.BUYER)
APPROVER: Final = ("sz.zhao", Role.APPROVER)
CHECKER: Final = ("sz.wang", Role.CHECKER)
PAYER: Final = ("sz.wang", Role.PAYER)
Person = tuple[str, Role]
OFFICERS: Final[tuple[Person, ...]] = (("sz.wang", Role.OPENER), ("sz.zhou", Role.OPENER))
MEMBERS: Final[tuple[Person, ...]] = (  # the chair first
    ("sz.zhao", Role.PANEL_CHAIR),
    ("sz.wang", Role.PANEL_MEMBER),
    ("sz.yang", Role.PANEL_MEMBER),
)
FIRM: Final[Person] = ("firm01", Role.FIRM_HANDLER)
SIGNATORY: Final[Person] = ("firm01", Role.FIRM_SIGNATORY)


@dataclass
class Town:
    """The bureau on a server of its own, and the browsers of those who sit at its desks."""

    app: Flask
    url: str
    browser: Browser
    world: World
    papers: Path
    faults: list[str] = field(default_factory=list)
    contexts: list[BrowserContext] = field(default_factory=list)
    pages: dict[str, Page] = field(default_factory=dict)

    def desk(self, who: Person) -> Page:
        """The one browser of a person, signed in, in the post named, to which they switch by the menu."""
        username, role = who
        page = self.pages.get(username) or self._seat(username)
        page.goto(f"{HOME}/")
        if "/sign-in" in page.url:  # time went by
            sign_in(page, username)
            page.goto(f"{HOME}/")
        post = ROLE_LABELS[role]
        if not page.locator(".menu-who span").inner_text().startswith(post):
            page.locator("[data-menu] summary").click()
            with page.expect_navigation():
                page.locator("[data-menu] a").filter(has_text=post).first.click()
            expect(page.locator(".menu-who span")).to_contain_text(post)
        return page

    def stranger(self) -> Page:
        """Somebody who never signed in."""
        return self.pages.get("") or self._opened("")

    def _seat(self, username: str) -> Page:
        page = self._opened(username)
        sign_in(page, username)
        return page

    def _opened(self, username: str) -> Page:
        context = self.browser.new_context(
            base_url=self.url, viewport=DESK, locale="zh-CN", timezone_id="Asia/Shanghai"
        )
        context.set_default_timeout(PATIENCE_MS)
        self.contexts.append(context)
        page = context.new_page()
        watch(page, self.faults)
        self.pages[username] = page
        return page

    def travel(self, days: int = 0, minutes: int = 0) -> None:
        """Somebody puts the clock of the demo ahead on its page; everybody is signed out by it."""
        page = self.desk(HANDLER)
        page.goto("/demo/clock")
        page.get_by_label("向前拨（天）").fill(str(days))
        page.get_by_label("再加（分钟）").fill(str(minutes))
        page.get_by_role("button", name="拨动", exact=True).click()
        page.wait_for_load_state()

    def reach(self, instant: datetime) -> None:
        """The clock at exactly this instant, and what is due then done."""
        with self.app.app_context():
            clock.reach(instant)

    def walked(self, step: Any, *arguments: Any, **named: Any) -> Any:
        """A stretch of `portal.demo.walk`, by actions instead of pages."""
        with self.app.app_context():
            return step(self.world, *arguments, **named)

    def subjects(self) -> list[tuple[UUID, str]]:
        """What may be evaluated: id and name."""
        with self.app.app_context(), scope.entered(scope.system(self.world.bureaus[SHIZONG], "demo")):
            return [(each.id, each.name) for each in subjects_for_choice()]

    def unit_of(self, subject: str, role: Role) -> Person:
        """Who stands for the unit under evaluation."""
        with self.app.app_context(), scope.entered(scope.system(self.world.bureaus[SHIZONG], "demo")):
            unit_id = next(each.unit_id for each in subjects_for_choice() if each.name == subject)
        return self.world.standing_for(unit_id, role)

    def today(self) -> date:
        """The day of the town's clock."""
        with self.app.app_context(), self.world.acting(*HANDLER) as (_, now):
            return now.astimezone(SHANGHAI).date()


@contextmanager
def settled_town(browser: Browser, place: Path) -> Iterator[Town]:
    """A town that begins on a Monday in March, before its first evaluation."""
    with cluster.fresh_database() as urls:
        app = create_app(
            Settings.from_environment(
                {
                    "PORTAL_VAR": str(place / "var"),
                    "DATABASE_URL": urls.web,
                    "DATABASE_OWNER_URL": urls.owner,
                    "DATABASE_BACKUP_URL": urls.backup,
                }
            )
        )
        with app.app_context():
            world = World()
            clock.reach(BEGINS)
            settling.settle_in(world)
        with served(app) as url:
            made = Town(app, url, browser, world, place)
            yield made
            for context in made.contexts:
                context.close()


def sign_in(page: Page, username: str) -> None:
    """Sign in on the page of that name."""
    page.goto("/sign-in")
    page.fill("input[name=username]", username)
    page.fill("input[name=password]", PASSWORD)
    page.locator("main button[type=submit]").click()
    expect(page.locator("[data-menu]")).to_be_visible()


def assert_sound(page: Page) -> None:
    """Right at a desk, usable on a phone, and nothing that axe finds."""
    expect(page.locator("h1")).to_have_count(1)
    for size in (PHONE, DESK):
        page.set_viewport_size(size)
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], page.url
    found = Axe().run(page).response["violations"]
    assert [(each["id"], each["nodes"][0]["html"][:200]) for each in found] == [], page.url


def follow(page: Page, name: str) -> None:
    """Click the first link of that name."""
    with page.expect_navigation():
        page.locator("main").get_by_role("link", name=name).first.click()


def press(page: Page, name: str) -> None:
    """Click the button of that name; what it leads to must not refuse."""
    submit(page, name)
    wrong = page.locator("main #error-summary, main .refusal, main [data-errors]")
    assert wrong.count() == 0, (page.url, name, wrong.all_inner_texts())


def submit(page: Page, name: str) -> None:
    """Click the button of that name, whatever it leads to."""
    with page.expect_navigation():
        page.locator("main").get_by_role("button", name=name, exact=True).first.click()


def signed(page: Page, name: str) -> None:
    """A signature: the password once more, and the button of that name; what is asked is confirmed."""
    asked = page.locator("main input[name=confirmed]")
    if asked.count():
        asked.check()
    page.locator("main input[name=password]").fill(PASSWORD)
    press(page, name)


def due(page: Page, title: str, verb: str) -> None:
    """From the inbox to what waits there."""
    page.goto(f"{HOME}/")
    with page.expect_navigation():
        page.locator(".wait", has_text=title).get_by_role("link", name=verb).first.click()


def state_of(page: Page) -> Locator:
    """The state beside the title."""
    return page.locator("main .page-head .state, main .state").first


def says(page: Page, *texts: str) -> None:
    """Each text stands on the page."""
    for text in texts:
        expect(page.locator("main")).to_contain_text(text)


# -- commission and tender


@dataclass(frozen=True, slots=True)
class Job:
    """What is commissioned."""

    name: str
    subjects: tuple[str, ...]
    year: int = 2026
    ceiling: str = "180000"


def commissioned(town: Town, job: Job) -> str:
    """The handler drafts a commission and the approver agrees; its address."""
    page = town.desk(HANDLER)
    page.goto(f"{HOME}/commissions")
    follow(page, "起草委托")
    page.get_by_label("委托名称").fill(job.name)
    page.get_by_label("年度", exact=False).first.fill(str(job.year))
    page.get_by_label("最高限价").fill(job.ceiling)
    for subject in job.subjects:
        page.get_by_role("checkbox", name=subject).check()
    today = town.today()
    for label, days in (("实施方案提交截止", 30), ("报告初稿提交截止", 60), ("正式报告提交截止", 80)):
        page.get_by_label(label).fill((today + timedelta(days=days)).isoformat())
    page.get_by_label("质量分数线").fill("80")
    press(page, "保存草稿")
    press(page, "送审")
    place = page.url
    page = town.desk(APPROVER)
    due(page, job.name, "批准")
    press(page, "批准")
    return place


def drafted(town: Town, commission: str) -> str:
    """The buyer drafts the purchase from the commission's page; the tender's address."""
    page = town.desk(BUYER)
    page.goto(commission)
    follow(page, "组织询价采购")
    page.get_by_label("实质性要求").fill("主评人具备中级以上职称\n评价组不少于三人\n提交独立性声明")
    press(page, "保存草稿")
    return page.url


def chosen(town: Town, tender: str, firms: Sequence[str]) -> None:
    """The buyer chooses the firms."""
    page = town.desk(BUYER)
    page.goto(tender)
    follow(page, "选定邀请机构")
    for name in firms:
        page.get_by_role("checkbox", name=name).check()
    page.get_by_label("邀请理由").fill("专业对口，近年没有投诉")
    press(page, "保存邀请名单")


def seat_panel(town: Town, tender: str) -> None:
    """The buyer names the three who will review."""
    page = town.desk(BUYER)
    page.goto(tender)
    follow(page, "组成询价小组")
    page.get_by_label("组长").select_option(label="赵国梁")
    page.get_by_label("杨志强").check()
    page.get_by_label("王建明").check()
    press(page, "保存询价小组")


def issued(town: Town, job: Job, tender: str) -> None:
    """Sent for approval, approved, issued."""
    page = town.desk(BUYER)
    page.goto(tender)
    press(page, "采购文件送审")
    page = town.desk(APPROVER)
    due(page, job.name, "批准采购文件")
    press(page, "批准采购文件")
    page = town.desk(BUYER)
    due(page, job.name, "发出询价通知书")
    follow(page, "发出询价通知书")
    press(page, "发出询价通知书")
    says(page, "响应中")


# -- bids, opening, review, award


def bid(town: Town, username: str, title: str, price: str) -> Page:
    """A firm answers from its inbox; the page of its receipt."""
    page = town.desk((username, Role.FIRM_HANDLER))
    due(page, title, "响应询价")
    submit(page, "编制和提交响应文件")
    return offer(page, price)


def offer(page: Page, price: str) -> Page:
    """Fill in and seal what a firm offers, from the page of its own bid."""
    if page.locator("input[name=price]").count() == 0:
        follow(page, "提交响应文件")
    fill_offer(page, price)
    page.get_by_role("button", name="密封并提交").click()
    expect(page.locator("h1")).to_have_text("响应文件回执")
    return page


def fill_offer(page: Page, price: str) -> None:
    """Everything that a sealed bid says."""
    page.get_by_label("报价", exact=False).first.fill(price)
    page.get_by_label("主评人").select_option(index=1)
    page.get_by_label("承诺现场工作天数").fill("8")
    for place, name in enumerate(("示例甲", "示例乙", "示例丙"), 1):
        page.get_by_label(f"第 {place} 人姓名").fill(name)
        page.get_by_label(f"第 {place} 人职务或资格").fill("注册会计师")
        page.get_by_label(f"第 {place} 人投入天数").fill("15")
    page.get_by_label("实施方案要点").fill("先核资料，再到现场，最后访谈。")
    page.get_by_label("独立性声明").check()
    page.get_by_label("我确认").check()


def opened(town: Town, tender: str, officers: Sequence[Person]) -> None:
    """Two officers open the bids with their passwords."""
    for officer in officers:
        page = town.desk(officer)
        page.goto(f"{tender}/review")
        follow(page, "开启响应文件")
        signed(page, "开启响应文件")


def declared(town: Town, tender: str, members: Sequence[Person]) -> None:
    """Each member declares to have no interest."""
    for member in members:
        page = town.desk(member)
        page.goto(f"{tender}/review")
        follow(page, "签署无利害关系声明")
        page.get_by_label("没有利害关系").check()
        signed(page, "签署无利害关系声明")


def examined(town: Town, tender: str, chair: Person, firms: Sequence[str]) -> None:
    """The chair finds each of these bids conforming."""
    for firm in firms:
        page = town.desk(chair)
        page.goto(f"{tender}/review")
        follow(page, firm)
        for place in range(REQUIREMENTS):
            page.locator(f"input[name=verdict_{place}]").first.check()
        press(page, "保存认定")


def concluded(town: Town, tender: str, members: Sequence[Person]) -> None:
    """The chair, who comes first, draws up the report, and all sign."""
    page = town.desk(members[0])
    page.goto(f"{tender}/review")
    press(page, "生成评审报告")
    for member in members:
        page = town.desk(member)
        page.goto(f"{tender}/review")
        follow(page, "签署评审报告")
        signed(page, "签署评审报告")


def awarded(town: Town, title: str) -> Page:
    """The buyer decides for the first; the page of the award."""
    page = town.desk(BUYER)
    due(page, title, "确定成交机构")
    page.locator("input[name=bid_id]").first.check()
    press(page, "确定成交机构")
    return page


# -- contract and deliverables


def contracted(town: Town, job: Job, signatory: Person) -> str:
    """Offered, signed by the firm, signed by the approver; the contract's address."""
    page = town.desk(HANDLER)
    due(page, job.name, "送机构确认")
    press(page, "送机构确认")
    place = page.url
    page = town.desk(signatory)
    due(page, job.name, "机构签章")
    follow(page, "机构签章")
    signed(page, "机构签章")
    page = town.desk(APPROVER)
    due(page, job.name, "财政签章")
    follow(page, "财政签章")
    signed(page, "财政签章")
    says(page, "履行中")
    return place


def written(town: Town, title: str, note: str) -> Path:
    """A short Word file of that title, another where the note is another."""
    kept = town.papers / f"{title}.docx"
    paper = Paper(
        title=title,
        to="",
        blocks=(Heading("一、基本情况"), Text(f"示例数据：本文为演示而写，内容均为虚构。{note}")),
        signed_by="示例机构",
        dated=town.today(),
    )
    kept.write_bytes(as_docx(paper, number="", digest="", issued_at=BEGINS))
    return kept


def handed_in(town: Town, contract: str, kind: str, firm: Person, note: str = "") -> str:
    """The firm hands in one kind of deliverable; its address."""
    page = town.desk(firm)
    page.goto(contract)
    follow(page, "成果")
    follow(page, kind)
    place = page.url
    follow(page, "提交成果")
    page.locator("input[type=file]").set_input_files(written(town, kind, note))
    page.get_by_label("本版说明").fill(note)
    page.get_by_label("不含国家秘密").check()
    if page.locator("input[name=lead_confirmed]").count():
        page.locator("input[name=lead_confirmed]").check()
    page.get_by_role("button", name="提交", exact=True).click()
    page.wait_for_url(place)
    expect(page.locator(".notice-done")).to_be_visible()
    return place


def accepted(town: Town, deliverable: str) -> None:
    """The bureau accepts it."""
    page = town.desk(HANDLER)
    page.goto(deliverable)
    press(page, "认可")
    says(page, "已认可")


def heard(town: Town, subject: str, firm: Person) -> None:
    """The unit has an opinion on the draft, and the firm answers it."""
    page = town.desk(town.unit_of(subject, Role.UNIT_HANDLER))
    due(page, subject, "反馈意见")
    page.get_by_label("章节或页码").fill("第二部分，第 3 页")
    page.get_by_label("意见", exact=False).last.fill("资金到位时间应以拨款文件为准。")
    press(page, "记下这一条")
    press(page, "提交意见")
    page = town.desk(firm)
    due(page, subject, "逐条答复")
    follow(page, "逐条答复")
    page.get_by_label("采纳", exact=True).check()
    page.get_by_label("第 1 条的说明").fill("已按拨款文件核对并修改。")
    press(page, "提交答复")


# -- quality


def drawn(town: Town, job: Job) -> str:
    """The organiser seals the list, a second officer types the number; the round's address."""
    page = town.desk(ORGANISER)
    due(page, job.name, "封存名单，抽取专家")
    place = page.url
    press(page, "封存名单，抽取专家")
    seeded(town, job)
    return place


def seeded(town: Town, job: Job) -> None:
    """A second officer types the number."""
    page = town.desk(CHECKER)
    due(page, job.name, "输入抽取数")
    page.locator("input[name=typed]").fill("20260713")
    press(page, "确定抽取数")


def experts_asked(town: Town, round_: str) -> list[str]:
    """The usernames of those who hold an open offer, in the order of their seats."""
    with town.app.app_context():
        with town.world.acting(*ORGANISER) as _:
            seats = quality.seats_of(UUID(round_.rpartition("/")[2]))
            offers = [each.expert_id for each in seats if each.is_offered]
        return [town.world.invited(each)[0] for each in offers]


def seated(town: Town, expert: str, title: str) -> None:
    """An expert declares to have no interest, signs and accepts."""
    page = town.desk((expert, Role.EXPERT))
    due(page, title, "答复邀请")
    follow(page, "接受评审")
    page.locator("input[name=declared]").check()
    signed(page, "签名并接受评审")


def fill_sheet(page: Page, *, lost: int = 0) -> None:
    """Every item of a sheet: full points, but ``lost`` of them one deduction, with its reason."""
    typed = lost > 0 or page.locator("[data-points]").count() > 0
    for item in page.locator("[data-item]").all():
        points = item.locator("[data-points]")
        if points.count():
            points.fill(str(item.get_attribute("data-full")))
        elif lost and item.locator("[data-step='1']").count():
            item.locator("[data-step='1']").first.click()
            each = item.locator("[data-each]")
            if each.count() and not each.first.input_value():
                each.first.fill(str(item.locator("[data-least]").first.get_attribute("data-least")))
            item.locator("textarea").fill("按扣分事项扣分，依据见正文第二部分。")
            lost -= 1
    if typed:
        expect(page.locator("[data-note]")).to_contain_text("已保存")


def turned_in(page: Page) -> None:
    """The sheet is handed in; where nothing was written on an item, nothing was found."""
    press(page, "保存并去交表")
    silent = page.locator("main input[name=confirmed]")
    if silent.count():
        silent.check()
    press(page, "交表")


def scored(town: Town, expert: str, title: str, *, lost: int = 0) -> None:
    """An expert scores plan and report item by item and hands both in."""
    page = town.desk((expert, Role.EXPERT))
    page.goto(f"{HOME}/")
    for stage in ("实施方案", "评价报告"):
        page.goto(f"{HOME}/seats")
        follow(page, title)
        follow(page, stage)
        fill_sheet(page, lost=lost)
        turned_in(page)


def told(town: Town, round_: str) -> None:
    """The organiser tells the firm its score."""
    page = town.desk(ORGANISER)
    page.goto(round_)
    follow(page, "告知机构")
    press(page, "告知机构")


def concurred(town: Town, job: Job, signatory: Person) -> None:
    """The firm has nothing to object to."""
    page = town.desk(signatory)
    due(page, job.name, "核对得分")
    follow(page, "无异议")
    press(page, "确认无异议")


# -- settlement, appraisal, ranking


def paid(town: Town, job: Job, invoice: str) -> None:
    """Asked for by the handler, checked by another section, paid against an invoice."""
    page = town.desk(HANDLER)
    page.goto(f"{HOME}/settlements")
    follow(page, job.name)
    follow(page, "申请付款")
    press(page, "申请付款")
    checked_and_paid(town, job, invoice)


def checked_and_paid(town: Town, job: Job, invoice: str) -> None:
    """Another section agrees, and the money leaves."""
    page = town.desk(CHECKER)
    due(page, job.name, "复核通过")
    press(page, "复核通过")
    page = town.desk(PAYER)
    due(page, job.name, "登记支付")
    follow(page, "登记支付")
    day = town.today().isoformat()
    page.get_by_label("支付日期").fill(day)
    page.get_by_label("发票号码").fill(invoice)
    page.get_by_label("开票日期").fill(day)
    press(page, "登记支付")
    says(page, "已支付")


def settled(town: Town, job: Job) -> Page:
    """The approver confirms the settlement; its page."""
    page = town.desk(APPROVER)
    due(page, job.name, "确认结算")
    press(page, "确认结算")
    return page


def undersigned(town: Town, job: Job, filler: Person, head: Person, form: str, *, lost: int = 0) -> None:
    """经办 fills the sheet of that name and signs; 负责人 locks."""
    page = town.desk(filler)
    due(page, job.name, "填写并签名")
    says(page, form)
    supplement = page.locator("main ul a", has_text="主评人")
    if supplement.count():
        with page.expect_navigation():
            supplement.first.click()
        fill_sheet(page)
        press(page, "保存并回到考评表")
    fill_sheet(page, lost=lost)
    press(page, "保存并去签名")
    signed(page, "签名提交")
    page = town.desk(head)
    due(page, job.name, "确认并锁定")
    follow(page, "确认并锁定")
    signed(page, "确认并锁定")


def finished(town: Town, job: Job) -> Page:
    """The approver makes the score of the appraisal final; its page."""
    page = town.desk(APPROVER)
    due(page, job.name, "确定考评得分")
    follow(page, "确定考评得分")
    press(page, "确定考评得分")
    return page


def published(town: Town, year: int) -> str:
    """The handler draws up the year's ranking, the approver puts it before the public; its address."""
    page = town.desk(HANDLER)
    page.goto(f"{HOME}/rankings")
    follow(page, "汇总年度排名")
    page.get_by_label("年度", exact=False).first.fill(str(year))
    press(page, "汇总")
    place = page.url
    page = town.desk(APPROVER)
    due(page, f"{year}", "公示排名")
    follow(page, "公示排名")
    press(page, "公示")
    return place


def finalised(town: Town, ranking: str) -> Page:
    """The publicity is over: the standings of the year."""
    page = town.desk(APPROVER)
    page.goto(ranking)
    press(page, "排名定稿")
    return page
