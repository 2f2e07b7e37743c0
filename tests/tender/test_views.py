"""The pages of a tender, as each role opens them."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from flask import Flask

from portal.access import Role
from portal.audit import timeline
from portal.firm import Placed, record_standings
from portal.kernel.clock import SHANGHAI
from portal.kernel.money import yuan
from portal.kernel.score import score
from portal.tender import queries
from tenants import scope
from tests.support.world import Browser, Person, text_of
from tests.tender.makers import (
    Issued,
    Market,
    a_contact,
    a_drafted_tender,
    a_firm,
    a_market,
    an_approved_commission,
    an_issued_tender,
    until,
)


@pytest.fixture(scope="module")
def market(application: Flask) -> Market:
    """One bureau for all tests of this module."""
    with application.app_context():
        return a_market()


@pytest.fixture
def issued(app: Flask, market: Market) -> Issued:
    """A tender that is out."""
    assert app
    return an_issued_tender(market)


class Pages:
    """One person's browser in one bureau."""

    def __init__(self, app: Flask, market: Market, person: Person) -> None:
        self.browser = Browser(app, person)
        self.root = f"/t/{market.bureau.code}"

    def get(self, path: str, status: int = 200) -> str:
        return self.browser.get(f"{self.root}{path}", status).text

    def read(self, path: str, status: int = 200) -> str:
        return text_of(self.browser.get(f"{self.root}{path}", status))

    def post(self, path: str, data: dict[str, Any], *, page: str, status: int = 303) -> str:
        html = self.get(page)
        version = re.search(r'name="version"\s+value="(\d+)"', html)
        carried = {"version": version[1]} if version else {}
        answer = self.browser.post(
            f"{self.root}{path}", {**carried, **data}, page=f"{self.root}{page}", status=status
        )
        return answer.location or text_of(answer)


@pytest.fixture
def buyer(app: Flask, market: Market) -> Pages:
    """采购人."""
    return Pages(app, market, market.buyer)


def as_role(app: Flask, market: Market, role: Role) -> Pages:
    return Pages(app, market, market.bureau.people[role])


def row_of(market: Market, row_id: UUID):
    with scope.entered(market.bureau.system):
        return queries.tender(row_id)


def test_buyer_approver_and_firm_go_the_whole_way_in_the_browser(
    app: Flask, market: Market, buyer: Pages
) -> None:
    commission_id = an_approved_commission(market)
    assert "组织询价采购" in buyer.read(f"/commissions/{commission_id}")
    new = f"/commissions/{commission_id}/tender"
    html = buyer.get(new)
    assert "质量约定编号" in html
    typed = {
        "name": f"{market.bureau.marker}网页采购",
        "ceiling": "180000",
        "response_by": re.findall(r'name="response_by"[^>]*value="([^"]+)"', html)[0],
        "requirements": "主评人符合条件\n独立性声明",
        "needs": "五天",
    }
    place = buyer.post(new, typed, page=new).removeprefix(buyer.root)
    row_id = UUID(place.rpartition("/")[2])
    assert "至少应邀请三家机构，现已选 0 家" in buyer.read(place)
    buyer.post(
        f"{place}/choose",
        {"firms": [str(each.id) for each in market.firms], "reason": "专业对口"},
        page=f"{place}/choose",
    )
    chair, *others = market.panel
    buyer.post(
        f"{place}/seat",
        {"chair": str(chair.post_id), "members": [str(each.post_id) for each in others]},
        page=f"{place}/seat",
    )
    buyer.post(f"{place}/submit", {}, page=place)
    approver = as_role(app, market, Role.APPROVER)
    assert "批准采购文件" in approver.read("/")
    approver.post(f"{place}/approve", {}, page=place)
    html = buyer.get(f"{place}/issue")
    at = re.findall(r'name="response_by"[^>]*value="([^"]+)"', html)[0]
    buyer.post(f"{place}/issue", {"response_by": at}, page=f"{place}/issue")
    row = row_of(market, row_id)
    assert (row.state, len(row.readers)) == ("issued", 3)
    told = buyer.read(place)
    assert row.number in told
    assert "已收到响应 0 份" in told
    firm = Pages(app, market, market.firms[0].handler)
    assert "响应询价" in firm.read("/")
    seen = firm.read(f"/inquiries/{row_id}")
    assert "编制和提交响应文件" in seen
    assert "确认已阅采购文件和通知（1 项）" in seen
    firm.post(f"/inquiries/{row_id}/acknowledge", {}, page=f"/inquiries/{row_id}")
    assert "确认已阅" not in firm.read(f"/inquiries/{row_id}").replace("贵机构确认已阅", "")


def test_a_commission_at_the_threshold_says_why_it_is_not_bought_by_inquiry(
    app: Flask, market: Market, buyer: Pages
) -> None:
    at_threshold = an_approved_commission(market, ceiling=yuan("300000"))
    for said in (
        buyer.read(f"/commissions/{at_threshold}/tender", 409),
        buyer.read(f"/commissions/{at_threshold}"),
        as_role(app, market, Role.HANDLER).read(f"/commissions/{at_threshold}"),
    ):
        assert "不能用询价方式采购" in said
        assert "政府采购法第三十二条" in said
    assert f"/commissions/{at_threshold}/tender" not in buyer.get(f"/commissions/{at_threshold}")


def test_a_draft_offers_what_is_missing_first(market: Market, buyer: Pages) -> None:
    def first(row_id: UUID) -> str:
        found = re.search(r'class="btn btn-primary"[^>]*>([^<]+)<', buyer.get(f"/tenders/{row_id}"))
        return found[1] if found else ""

    assert first(a_drafted_tender(market, firms=(), panel=False)) == "选定邀请机构"
    assert first(a_drafted_tender(market, panel=False)) == "组成询价小组"
    assert first(a_drafted_tender(market)) == "采购文件送审"


def test_choose_finds_firms_and_keeps_those_the_search_hides(market: Market, buyer: Pages) -> None:
    row_id = a_drafted_tender(market)
    name = market.firms[0].name
    html = buyer.get(f"/tenders/{row_id}/choose?q={name}")
    assert html.count('type="checkbox"') == 1
    assert html.count('<input type="hidden" name="firms"') == 2


def test_firms_are_listed_by_the_sound_of_their_names_and_the_page_says_so(app: Flask) -> None:
    market = a_market(firms=0)
    marker = market.bureau.marker
    for name in ("中和", "百信", "阿里山", "重庆方正", "程诚"):  # the characters' numbers say another order
        market.firms.append(a_firm(market.bureau, name=f"{marker}{name}事务所"))
    row_id = a_drafted_tender(market)
    pages = Pages(app, market, market.buyer)

    for place in (f"/tenders/{row_id}/choose", f"/tenders/{row_id}/choose?sort=name", f"/tenders/{row_id}"):
        said = pages.read(place)
        listed = re.findall(rf"{marker}(\w+?)事务所", said)
        assert listed[:5] == ["阿里山", "百信", "程诚", "重庆方正", "中和"]
        assert "按机构名称的拼音排列" in said


def test_a_veto_stands_beside_the_grade_and_excludes_nobody(app: Flask) -> None:
    market = a_market(firms=1)
    firm = market.firms[0]
    row_id = a_drafted_tender(market, firms=())
    with scope.unit_of_work(market.bureau.system):
        placed = Placed(firm.id, 1, "A", score("95"), 2, score("40"), vetoed=1)
        record_standings(2025, [placed], basis="示例", ranking_id=uuid4(), edition=1, now=scope.now())

    said = Pages(app, market, market.buyer).read(f"/tenders/{row_id}/choose")
    assert "A（2025 年，95.00 分，第 1 名，2 次合作） 有一票否决（1 次合作）" in said
    assert "可以邀请 1 家" in said


def test_choose_lays_its_refusal_on_the_page_and_keeps_the_ticks(app: Flask) -> None:
    market = a_market(firms=2)
    twin = [a_firm(market.bureau, representative="孪生") for _ in range(2)]
    row_id = a_drafted_tender(market, firms=())
    pages = Pages(app, market, market.buyer)
    said = pages.post(
        f"/tenders/{row_id}/choose",
        {"firms": [str(each.id) for each in (*twin, market.firms[0])], "reason": "试"},
        page=f"/tenders/{row_id}/choose",
        status=409,
    )
    assert "下列机构的负责人同名（孪生）" in said
    assert "已选 3 家" in said
    assert "政府采购法实施条例第十八条" in said


def test_a_like_name_is_judged_on_its_own_page_and_then_the_firm_may_be_ticked(app: Flask) -> None:
    market = a_market(firms=2)
    firm = a_firm(market.bureau, representative="赵同名")
    a_contact(market, "赵同名")
    row_id = a_drafted_tender(market, firms=())
    pages = Pages(app, market, market.buyer)
    assert "有 1 家机构的负责人与被评价单位的联系人同名" in pages.read(f"/tenders/{row_id}/choose")
    assert pages.get(f"/tenders/{row_id}/choose").count('type="checkbox"') == 2

    page = f"/tenders/{row_id}/match?firm={firm.id}&other={market.unit_id}"
    assert "赵同名，同名的两个人" in pages.read(page)
    assert "请选择" in pages.post(page, {"verdict": "", "reason": "核实"}, page=page, status=422)
    back = pages.post(page, {"verdict": "rejected", "reason": "两人年龄不同"}, page=page)
    assert back.endswith(f"/tenders/{row_id}/choose")
    assert "认定：不是同一人" in pages.read(f"/tenders/{row_id}/choose")
    assert pages.get(f"/tenders/{row_id}/choose").count('type="checkbox"') == 3
    assert "已认定，依据：两人年龄不同" in pages.read(page)

    pages.browser.get(f"{pages.root}/tenders/{row_id}/match", 303)


def test_a_draft_saved_first_in_another_tab_leads_to_the_newest_page(market: Market, buyer: Pages) -> None:
    page = f"{buyer.root}/tenders/{a_drafted_tender(market)}"
    for place in (f"{page}/edit", f"{page}/submit"):
        typed = {"name": "甲", "ceiling": "1", "response_by": "2026-12-30T17:00", "requirements": "我改的"}
        hidden = buyer.browser.hidden(f"{page}/edit")
        data = {**hidden, **typed, "version": "0"}
        answer = buyer.browser.send("POST", place, data=data, headers={"Referer": f"http://localhost{page}"})

        assert answer.status_code == 409
        assert "我改的" in text_of(answer)
        assert "继续提交" not in text_of(answer)  # it would be refused for ever
        newest = place if place.endswith("/edit") else page
        assert re.search(rf'<a class="btn btn-primary"\s+href="{newest}"', answer.text)


def test_choose_asks_for_a_reason(market: Market, buyer: Pages) -> None:
    row_id = a_drafted_tender(market)
    said = buyer.post(
        f"/tenders/{row_id}/choose",
        {"firms": str(market.firms[0].id), "reason": ""},
        page=f"/tenders/{row_id}/choose",
        status=422,
    )
    assert "邀请理由" in said


def test_an_early_deadline_is_refused_with_the_clause_and_a_line_is_said_aloud(
    market: Market, buyer: Pages
) -> None:
    row_id = a_drafted_tender(market)
    row = row_of(market, row_id)
    early = (row.response_by - timedelta(days=4)).astimezone(SHANGHAI)
    data = {
        "name": row.name,
        "ceiling": "180000",
        "response_by": f"{early:%Y-%m-%dT%H:%M}",
        "requirements": "一",
        "needs": "",
    }
    buyer.post(f"/tenders/{row_id}/edit", data, page=f"/tenders/{row_id}/edit")
    said = buyer.read(f"/tenders/{row_id}")
    assert "不得少于 3 个工作日" in said
    assert "本局内控制度（参照财政部令第74号第四十五条）" in said


def test_edit_says_what_is_missing(market: Market, buyer: Pages) -> None:
    row_id = a_drafted_tender(market)
    said = buyer.post(
        f"/tenders/{row_id}/edit",
        {"name": "", "ceiling": "x", "response_by": "明天", "requirements": "", "needs": ""},
        page=f"/tenders/{row_id}/edit",
        status=422,
    )
    assert "尚未提交" in said


@pytest.mark.parametrize("verb", ("return", "cancel"))
def test_a_reason_is_asked_for(app: Flask, market: Market, issued: Issued, verb: str) -> None:
    approver = as_role(app, market, Role.APPROVER)
    place = f"/tenders/{issued.id}"
    assert "理由" in approver.post(f"{place}/{verb}", {"reason": ""}, page=f"{place}/{verb}", status=422)


def test_questions_and_answers_in_the_browser(
    app: Flask, market: Market, issued: Issued, buyer: Pages
) -> None:
    asker, other = (Pages(app, market, each.handler) for each in issued.firms[:2])
    place = f"/inquiries/{issued.id}"
    said = asker.post(
        f"{place}/ask", {"text": f"我是{issued.firms[0].name}"}, page=f"{place}/ask", status=422
    )
    assert said
    asker.post(f"{place}/ask", {"text": "团队可以有返聘人员吗"}, page=f"{place}/ask")
    assert "等待答复的询问" in asker.read(place)
    assert "返聘" not in other.read(place)
    seen = buyer.read(f"/tenders/{issued.id}")
    assert "返聘" in seen
    hidden = (issued.firms[0].handler.name,)
    assert [each for each in hidden if each in seen] == []
    with scope.entered(market.bureau.system):
        question = queries.questions(issued.id)[0].id
    form = f"/tender-questions/{question}/answer"
    assert buyer.post(form, {"published": "团队", "words": ""}, page=form, status=422)
    buyer.post(
        form, {"published": "团队可以有返聘人员吗？", "words": "可以，须写明。", "affects": "y"}, page=form
    )
    assert "可以，须写明。" in other.read(place)
    assert "确认已阅采购文件和通知（2 项）" in other.read(place)


def test_a_firm_sees_neither_panel_nor_other_firms(app: Flask, market: Market, issued: Issued) -> None:
    firm = Pages(app, market, issued.firms[0].handler)
    seen = firm.get(f"/inquiries/{issued.id}") + firm.get("/inquiries")
    names = [*(each.name for each in market.panel), *(each.name for each in issued.firms[1:])]
    assert [each for each in names if each in seen] == []
    firm.get(f"/tenders/{issued.id}", 404)
    firm.get(f"/tenders/{issued.id}/print", 404)


def test_going_to_the_bid_page_is_kept_nowhere_but_as_having_seen(
    app: Flask, market: Market, issued: Issued
) -> None:
    firm = Pages(app, market, issued.firms[0].handler)
    place = f"/inquiries/{issued.id}"
    assert firm.post(f"{place}/respond", {}, page=place) == f"{firm.root}/tenders/{issued.id}/bid"
    with scope.entered(market.bureau.system):
        events = [each.verb for each in timeline(issued.id)]
    assert events[-1] == "tender.acknowledge"
    firm.post(f"{place}/respond", {}, page=place)
    with scope.entered(market.bureau.system):
        assert [each.verb for each in timeline(issued.id)] == events


def test_two_worlds_that_differ_in_who_asked_look_the_same_to_everybody_else(app: Flask) -> None:
    """Blindness: the same question from another firm changes no page but the asker's."""
    seen = []
    for asking in (0, 1):
        market = a_market()
        issued = an_issued_tender(market)
        asker = Pages(app, market, issued.firms[asking].handler)
        asker.post(f"/inquiries/{issued.id}/ask", {"text": "问"}, page=f"/inquiries/{issued.id}/ask")
        third = Pages(app, market, issued.firms[2].handler)
        staff = Pages(app, market, market.buyer)
        pages = [third.read(f"/inquiries/{issued.id}"), staff.read(f"/tenders/{issued.id}")]
        said = "\n".join(pages)
        for firm in issued.firms:
            pseudonym = queries.pseudonym(issued.id, firm.id)
            said = said.replace(firm.name, "某机构").replace(pseudonym, "代号")
        said = re.sub(r"user\d+|第\d+事务所|重点绩效评价\d+|采购\d+|项目\d+|单位\d+", "X", said)
        said = said.replace(market.bureau.marker, "县").replace(market.bureau.code, "县")
        said = re.sub(
            r"[0-9a-f]{8}-[0-9a-f-]{27}|[0-9A-F]{4}-[0-9A-F]{4}"
            r"|\d{4}-\d\d-\d\d( \d\d:\d\d(:\d\d)?)?|[0-9a-f]{8}…[0-9a-f]{4}",
            "T",
            said,
        )
        seen.append(said)
    assert seen[0] == seen[1]


def test_an_uninvited_firm_finds_nothing(app: Flask) -> None:
    market = a_market(firms=4)
    issued = an_issued_tender(market, firms=market.firms[:3])
    stranger = Pages(app, market, market.firms[3].handler)
    stranger.get(f"/inquiries/{issued.id}", 404)
    assert "还没有采购邀请" in stranger.read("/inquiries")


def test_the_page_says_closed_though_the_job_has_not_run(
    app: Flask, market: Market, issued: Issued, owner_url: str, travel: Callable[[timedelta], int]
) -> None:
    with psycopg.connect(owner_url.replace("+psycopg", "")) as owner:
        owner.execute(
            "INSERT INTO clock_shift VALUES (true, %s)",
            (until(issued) + timedelta(seconds=1),),
        )
    firm = Pages(app, market, issued.firms[0].handler)
    said = firm.read(f"/inquiries/{issued.id}")
    assert row_of(market, issued.id).state == "issued"
    assert "已截止" in said
    assert "提出询问" not in said
    assert travel(timedelta(0)) >= 1
    assert row_of(market, issued.id).state == "closed"


def test_suspension_and_resumption_in_the_browser(app: Flask, market: Market, issued: Issued) -> None:
    officer = as_role(app, market, Role.COMPLAINT_OFFICER)
    place = f"/tenders/{issued.id}"
    officer.post(f"{place}/suspend", {"reason": "核查投诉"}, page=f"{place}/suspend")
    assert "响应期限停止计算" in Pages(app, market, issued.firms[0].handler).read(f"/inquiries/{issued.id}")
    assert "恢复采购" in officer.read(place)
    assert "暂停中，恢复后顺延" in officer.read(place)
    assert re.search(
        r"现在恢复，新的响应截止时间是 \S+ 17:00:00 周[一二三四五]", officer.read(f"{place}/resume")
    )
    officer.post(f"{place}/resume", {"reason": "已查清"}, page=f"{place}/resume")
    assert row_of(market, issued.id).suspended_at is None


def test_terminate_says_why_it_is_refused(app: Flask, market: Market, issued: Issued, buyer: Pages) -> None:
    place = f"/tenders/{issued.id}/terminate"
    assert "请选择一种情形" in buyer.post(place, {"reason": "试"}, page=place, status=422)
    said = buyer.post(place, {"reason": "试", "ground": "too_few"}, page=place, status=409)
    assert "不能以家数不足为由终止" in said
    assert "终止情形" in said  # the form stays, with what was typed
    buyer.post(place, {"reason": "情况有变", "ground": "conditions_gone"}, page=place)
    told = "情形：因情况变化，不再符合规定的询价采购情形。理由：情况有变"
    firm = Pages(app, market, issued.firms[0].handler)
    for said in (buyer.read(f"/tenders/{issued.id}"), firm.read(f"/inquiries/{issued.id}")):
        assert told in said
        assert "已截止" not in said


def test_amend_puts_off_in_the_browser(market: Market, issued: Issued, buyer: Pages) -> None:
    place = f"/tenders/{issued.id}/amend"
    row = row_of(market, issued.id)
    earlier = (row.response_by - timedelta(hours=1)).astimezone(SHANGHAI)
    typed = {"words": "补充资料清单", "affects": "y", "response_by": f"{earlier:%Y-%m-%dT%H:%M}"}
    assert "不能早于原截止时间" in buyer.post(place, typed, page=place, status=422)
    buyer.post(place, {"words": "补充资料清单", "affects": "y"}, page=place)
    assert "补充资料清单" in buyer.read(f"/tenders/{issued.id}")


def test_list_filters_and_is_handed_out(market: Market, issued: Issued, buyer: Pages) -> None:
    row = row_of(market, issued.id)
    assert row.name in buyer.read(f"/tenders?q={row.name}&state=issued&year={row.year}")
    assert row.name in buyer.read(f"/tenders?commission={row.commission_id}")
    assert "没有符合条件的采购" in buyer.read("/tenders?state=awarded")
    answer = buyer.browser.post(f"{buyer.root}/tenders/export", {}, page=f"{buyer.root}/tenders", status=200)
    assert str(answer.mimetype).endswith("spreadsheetml.sheet")


def test_derivation_can_be_recomputed_by_a_stranger(issued: Issued, buyer: Pages) -> None:
    found = buyer.browser.send("GET", f"{buyer.root}/tenders/{issued.id}/derivation.json").get_json()
    assert found[0]["inputs"]["ceiling"] == "180000"
    assert found[1]["inputs"]["workdays"] == 3


def test_print_keeps_why_the_others_were_not_invited(app: Flask) -> None:
    market = a_market(firms=4)
    green = a_firm(market.bureau, years=2)
    issued = an_issued_tender(market, firms=market.firms[:3])
    said = Pages(app, market, market.buyer).read(f"/tenders/{issued.id}/print")
    assert f"{market.firms[3].name} 可以邀请，本次未选" in said
    assert f"{green.name} 登记的 1 名主评人都没有达到规定的从业年限和绩效评价年限" in said


def test_print_names_the_panel_for_the_file(market: Market, issued: Issued, buyer: Pages) -> None:
    said = buyer.read(f"/tenders/{issued.id}/print")
    assert all(each.name in said for each in market.panel)
