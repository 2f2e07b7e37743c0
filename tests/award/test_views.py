"""The buyer's page and the firms' letters, as each of them sees them."""

import io
import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import docx
import pytest
from flask import Flask

from portal import panel
from portal.access import Role
from portal.kernel.clock import SHANGHAI
from tests.award import makers as a
from tests.file.makers import a_pdf
from tests.panel import makers as m
from tests.panel.makers import Opened, Travel, a_ranked_tender
from tests.support.world import PASSWORD, Browser, text_of
from tests.tender.makers import doing


def place(ready: Opened, more: str = "") -> str:
    """The award's address."""
    return f"/t/{ready.issued.market.bureau.code}/tenders/{ready.id}/award{more}"


def bid_at(ready: Opened, rank: int) -> UUID:
    """The bid in that place of the ranking."""
    found = doing(
        ready.buyer,
        lambda _a, _n: next(each.bid_id for each in a.row_of(ready.id).candidates if each.place == rank),
    )
    assert isinstance(found, UUID)
    return found


def chosen(ready: Opened, rank: int, **more: Any) -> dict[str, Any]:
    """What the buyer ticks and types."""
    return {"bid_id": str(bid_at(ready, rank)), "ground": "", **more}


def test_the_buyer_decides_and_everybody_reads_what_is_theirs(app: Flask, travel: Travel) -> None:
    ready = a_ranked_tender(travel)
    code = ready.issued.market.bureau.code
    buyer = Browser(app, ready.buyer)
    assert "还剩 5 个工作日" in text_of(buyer.get(place(ready)))
    auditor = Browser(app, ready.issued.market.bureau.people[Role.AUDIT_ADMIN])
    auditor.get(place(ready))
    auditor.post(place(ready, "/decide"), chosen(ready, 1), page=place(ready), status=403)
    buyer.post(place(ready, "/decide"), {"bid_id": ""}, page=place(ready), status=422)
    buyer.post(place(ready, "/decide"), chosen(ready, 1), page=place(ready))

    assert "168,000.00" in text_of(buyer.get(place(ready)))
    assert buyer.get(place(ready, "/derivation.json")).get_json()[0]["inputs"]["place"] == 1
    public = text_of(Browser(app).get(f"/public/{code}"))
    assert "成交结果公告" in public
    for firm in ready.issued.firms:
        browser = Browser(app, firm.signatory)
        url = f"/t/{code}/award-letters/{a.letter_of(ready.issued, firm.signatory)}"
        assert "签收结果通知" in text_of(browser.get(f"/t/{code}/"))
        others = [each.name for each in ready.issued.firms if each.id != firm.id]
        text = text_of(browser.get(url))
        assert sum(name in text for name in others) == ("采购结果" in text)
        browser.post(f"{url}/acknowledge", {}, page=url)
        browser.post(f"{url}/acknowledge", {}, page=url, status=409)
        assert "已签收" in text_of(browser.get(url))
        Browser(app, ready.buyer).get(url, status=403)
    assert "待签收" not in text_of(buyer.get(place(ready)))


def test_the_first_is_marked_and_never_chosen_beforehand(app: Flask, travel: Travel) -> None:
    ready = a_ranked_tender(travel)
    buyer = Browser(app, ready.buyer)
    page = buyer.get(place(ready))
    assert re.search(r"排名第一：\S+，168,000.00 元", text_of(page))
    assert "checked" not in page.text
    refused = buyer.post(place(ready, "/decide"), {"ground": "", "bid_id": ""}, page=place(ready), status=422)
    assert "成交机构：请选定一家成交机构" in text_of(refused)


def test_the_buyers_home_counts_the_receipts_in_one_line(app: Flask, travel: Travel) -> None:
    ready = a.an_award(travel)
    home = f"/t/{ready.issued.market.bureau.code}/"
    text = text_of(Browser(app, ready.buyer).get(home))
    assert text.count("签收结果通知") == 1
    assert "签收结果通知（3 家还没有签收）" in text
    firm = ready.issued.firms[0]
    url = f"{home}award-letters/{a.letter_of(ready.issued, firm.handler)}"
    Browser(app, firm.handler).post(f"{url}/acknowledge", {}, page=url)

    assert "签收结果通知（2 家还没有签收）" in text_of(Browser(app, ready.buyer).get(home))
    assert "还没有签收" not in text_of(Browser(app, ready.issued.firms[1].handler).get(home))


def test_a_firms_letter_is_another_firms_unknown_page(app: Flask, travel: Travel) -> None:
    ready = a.an_award(travel)
    one, other = ready.issued.firms[:2]
    url = f"/t/{ready.issued.market.bureau.code}/award-letters/{a.letter_of(ready.issued, one.handler)}"

    Browser(app, other.handler).get(url, status=404)
    Browser(app, other.handler).get(place(ready), status=404)


def test_the_buyer_reads_the_dissent_of_a_member_before_deciding(app: Flask, travel: Travel) -> None:
    ready = m.examined(m.declared(m.an_opened_tender(travel)))
    m.at(ready.chair, ready.id, panel.conclude)
    for member, dissent in zip(ready.members, ("", "对现场天数有保留意见", ""), strict=True):
        m.at(member, ready.id, panel.sign, PASSWORD, dissent)

    buyer = Browser(app, ready.buyer)
    text = text_of(buyer.get(place(ready)))
    assert f"小组成员{ready.members[1].name}的不同意见 对现场天数有保留意见" in text
    review = buyer.get(place(ready).removesuffix("/award") + "/review")
    linked = re.search(r'href="([^"]*/documents/[^"/]+)"[^>]*>[^<]*评审报告', review.text)
    assert linked is not None
    paper = linked[1]
    assert re.search(rf"不同意见.*{ready.members[1].name} .*对现场天数有保留意见", text_of(buyer.get(paper)))
    cells = [
        cell.text
        for table in docx.Document(io.BytesIO(buyer.get(f"{paper}/word").data)).tables
        for cell in table._cells  # noqa: SLF001 -- the library's fast way
    ]
    assert "对现场天数有保留意见" in cells


def test_the_second_is_awarded_on_a_ground_with_its_proof(app: Flask, travel: Travel) -> None:
    ready = a_ranked_tender(travel)
    buyer = Browser(app, ready.buyer)
    refused = buyer.post(place(ready, "/decide"), chosen(ready, 2), page=place(ready), status=409)
    assert "不确定排名在前的候选人成交的，须写明理由" in text_of(refused)
    proof = {"ground": "第一名书面放弃成交", "file": (io.BytesIO(a_pdf()), "放弃声明.pdf")}
    buyer.post(place(ready, "/decide"), chosen(ready, 2, **proof), page=place(ready), status=422)
    proof = {"ground": "第一名书面放弃成交", "file": (io.BytesIO(a_pdf()), "放弃声明.pdf"), "declared": "y"}
    buyer.post(place(ready, "/decide"), chosen(ready, 2, **proof), page=place(ready))

    text = text_of(buyer.get(place(ready)))
    assert "第一名书面放弃成交" in text
    assert "171,500.00" in text


def test_an_award_the_buyer_let_lapse_reads_as_decided_before_the_clock_rings(
    app: Flask, travel: Travel, owner_url: str, application: Flask
) -> None:
    ready = a_ranked_tender(travel)
    assert "到期没有确定的，依据本次询价通知书" in text_of(Browser(app, ready.buyer).get(place(ready)))
    with a.lapsed(ready, owner_url, application):
        text = text_of(Browser(app, ready.buyer).get(place(ready)))
        assert "视为确定排名第一的候选人成交" in text
        assert "已成交" in text
        assert "待确定成交" not in text
        assert "成交机构 必填" not in text


def test_a_deemed_award_says_so_on_its_page(app: Flask, travel: Travel) -> None:
    ready = a_ranked_tender(travel)
    travel(timedelta(days=30))

    text = text_of(Browser(app, ready.buyer).get(place(ready)))
    assert "期满未确定，视为确定" in text
    assert "最迟" in text
    assert "财政部令第74号第四十九条" not in text


def test_the_buyer_takes_the_next_or_buys_anew_after_a_refusal(app: Flask, travel: Travel) -> None:
    ready = a.an_award(travel)
    approver = ready.issued.market.bureau.people[Role.APPROVER]
    buyer = Browser(app, ready.buyer)
    for rank in (2, 3, None):
        a.refused(ready, approver)
        text = text_of(buyer.get(place(ready)))
        assert "终止采购，重新开展" in text
        assert ("可以确定排名下一位的候选人" in text) == (rank is not None)
        if rank is not None:
            buyer.post(place(ready, "/decide"), chosen(ready, rank), page=place(ready))

    buyer.post(place(ready, "/fail"), {"reason": ""}, page=place(ready), status=422)
    buyer.post(place(ready, "/fail"), {"reason": "三家均书面放弃"}, page=place(ready))

    code = ready.issued.market.bureau.code
    assert "已终止" in text_of(buyer.get(place(ready)))
    assert "终止公告" in text_of(Browser(app).get(f"/public/{code}"))


def test_the_dates_that_follow_an_award_stand_on_its_page(app: Flask, travel: Travel) -> None:
    ready = a.an_award(travel)

    row = doing(ready.buyer, lambda _a, _n: a.row_of(ready.id))
    text = text_of(Browser(app, ready.buyer).get(place(ready)))
    assert f"最迟 {(row.awarded_at.astimezone(SHANGHAI) + timedelta(days=30)):%Y-%m-%d}" in text
    assert "发布成交结果公告（最迟" in text


@pytest.mark.parametrize("role", (Role.BUYER, Role.APPROVER))
def test_the_inbox_leads_to_the_award(app: Flask, travel: Travel, role: Role) -> None:
    ready = a_ranked_tender(travel)
    row_id = doing(ready.buyer, lambda _a, _n: a.row_of(ready.id).id)
    browser = Browser(app, ready.issued.market.bureau.people[role])
    answer = browser.send("GET", f"/t/{ready.issued.market.bureau.code}/awards/{row_id}")

    assert answer.location == place(ready)


def test_the_page_of_an_awarded_purchase_opens_for_the_whole_bureau(app: Flask, travel: Travel) -> None:
    ready = a.an_award(travel)
    bureau = ready.issued.market.bureau
    for role in (Role.BUYER, Role.APPROVER, Role.COMPLAINT_OFFICER):
        Browser(app, bureau.people[role]).get(f"/t/{bureau.code}/tenders/{ready.id}")
