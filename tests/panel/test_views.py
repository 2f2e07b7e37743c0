"""The pages of opening and review: what each reader sees, and nothing of a bid before its time."""

import io
import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
from flask import Flask

from portal import panel
from portal.access import Role
from portal.panel import queries
from tests.bid.makers import openers
from tests.file.makers import a_pdf
from tests.panel import makers as m
from tests.panel.makers import Opened, Travel, at
from tests.support.world import PASSWORD, Browser, Person, a_person, text_of
from tests.tender.makers import an_issued_tender, doing

SIGNED = {"password": PASSWORD}


def place(ready: Opened, more: str = "") -> str:
    """The review's address."""
    return f"/t/{ready.issued.market.bureau.code}/tenders/{ready.id}/review{more}"


def press(
    browser: Browser, ready: Opened, verb: str, typed: dict[str, Any] | None = None, **more: Any
) -> Any:
    """A verb of the review, from its page."""
    return browser.post(place(ready, f"/{verb}"), typed or {}, page=place(ready), **more)


def finding_of(ready: Opened, price: str) -> UUID:
    """The finding about the bid at that price."""
    bid_id = m.bids_of(ready)[price]
    found = doing(ready.chair, lambda _a, _n: queries.finding(m.row_of(ready.id), bid_id).id)
    assert isinstance(found, UUID)
    return found


def verdicts(*met: bool) -> dict[str, str]:
    """What the chair ticks."""
    return {f"verdict_{n}": "met" if each else "not_met" for n, each in enumerate(met)}


def filled(page: str) -> list[str]:
    """The filled buttons of a page."""
    return re.findall(r'class="btn btn-primary"[^>]*>([^<]+)<', page)


def everybody(ready: Opened) -> Sequence[Person]:
    """Staff of every post, and every firm."""
    bureau = ready.issued.market.bureau
    firms = [person for firm in ready.issued.firms for person in (firm.handler, firm.signatory)]
    return [*bureau.people.values(), *ready.members, *ready.officers, *firms]


def test_before_the_deadline_the_officers_read_until_when_they_wait(app: Flask) -> None:
    issued = an_issued_tender()
    page = f"/t/{issued.market.bureau.code}/tenders/{issued.id}/review"

    assert "正在等响应截止：" in text_of(Browser(app, openers(issued)[0]).get(page))


def test_before_the_opening_everybody_sees_the_number_and_nothing_else(app: Flask, travel: Travel) -> None:
    ready = m.a_closed_tender(travel)
    names = [each.name for each in ready.issued.firms]
    for person in everybody(ready):
        answer = Browser(app, person).send("GET", place(ready))
        if person.party_id is not None:
            assert answer.status_code == 404
            continue
        text = text_of(answer)
        assert "3 份" in text, person.role
        assert not [price for price in ("175,000", "168,000", "171,500") if price in text], person.role
        assert not [name for name in names if name in text], person.role


def test_from_two_officers_to_the_signed_report_in_the_browser(app: Flask, travel: Travel) -> None:
    ready = m.a_closed_tender(travel)
    first, second = (Browser(app, each) for each in ready.officers)
    chair, *others = (Browser(app, each) for each in ready.members)
    home = f"/t/{ready.issued.market.bureau.code}/"
    assert "开启响应文件" in text_of(first.get(home))
    first.get(place(ready, "/open"))
    press(first, ready, "open", {"password": "Wrong-Horse-9"}, status=422)
    press(first, ready, "open", SIGNED)
    assert "已由" not in text_of(first.get(place(ready)))
    press(first, ready, "open", SIGNED, status=409)
    press(second, ready, "open", SIGNED)
    assert "168,000.00" in text_of(second.get(place(ready)))

    finding = f"/t/{ready.issued.market.bureau.code}/findings/{finding_of(ready, '168000')}"
    assert "先核资料" not in text_of(chair.get(finding))
    assert "只有已签署无利害关系声明的小组成员可以查阅" in text_of(chair.get(finding))
    for browser in (chair, *others):
        browser.get(place(ready, "/declare"))
        press(browser, ready, "declare", SIGNED, status=422)
        press(browser, ready, "declare", {**SIGNED, "clear": "y"})
    assert "先核资料" in text_of(chair.get(finding))
    assert "先核资料" not in text_of(Browser(app, ready.buyer).get(finding))

    chair.post(f"{finding}/examine", verdicts(True), page=finding, status=422)
    chair.post(f"{finding}/examine", verdicts(True, False), page=finding, status=422)
    for price in m.PRICES:
        url = f"/t/{ready.issued.market.bureau.code}/findings/{finding_of(ready, price)}"
        chair.post(f"{url}/examine", verdicts(True, True), page=url)
    others[0].post(f"{finding}/examine", verdicts(True, True), page=place(ready), status=403)
    press(chair, ready, "conclude")
    page = chair.get(place(ready, "/sign")).text
    digest = re.search(r'name="digest" value="([0-9a-f]{64})"', page)
    assert digest
    press(chair, ready, "sign", {**SIGNED, "digest": "0" * 64}, status=409)
    for browser in (chair, *others):
        press(browser, ready, "sign", {**SIGNED, "digest": digest[1]})

    text = text_of(Browser(app, ready.buyer).get(place(ready)))
    assert "已出评审报告" in text
    assert "先核资料" in text_of(Browser(app, ready.buyer).get(finding))
    derived = chair.get(place(ready, "/ranking.json")).get_json()
    assert derived[0]["inputs"]["ranking"][0] in {str(each.id) for each in ready.issued.firms}
    assert "确定成交机构" in text_of(Browser(app, ready.buyer).get(home))


def test_a_finding_saved_in_another_tab_is_not_written_over(app: Flask, travel: Travel) -> None:
    ready = m.declared(m.an_opened_tender(travel))
    chair = Browser(app, ready.chair)
    url = f"/t/{ready.issued.market.bureau.code}/findings/{finding_of(ready, '168000')}"
    chair.post(f"{url}/examine", {**verdicts(True, True), "seen": ""}, page=url)
    other = {**verdicts(True, False), "reason_1": "没有附声明", "seen": ""}
    answer = chair.post(f"{url}/examine", other, page=url, status=409)

    assert "已经在另一个窗口保存过" in text_of(answer)
    assert 'value="没有附声明"' in answer.text
    assert "不符合，" not in text_of(chair.get(place(ready)))
    seen = re.search(r'name="seen" value="([^"]+)"', answer.text)
    assert seen is not None
    chair.post(f"{url}/examine", {**other, "seen": seen[1]}, page=url)
    assert "不符合，提交独立性声明：没有附声明" in text_of(chair.get(place(ready)))


def test_every_verdict_and_reason_missing_is_told_at_once_where_it_is(app: Flask, travel: Travel) -> None:
    long = "提交实施方案提纲，写明评价思路、指标"
    ready = m.declared(m.an_opened_tender(travel, requirements=("主评人符合条件", long, "提交独立性声明")))
    chair = Browser(app, ready.chair)
    url = f"/t/{ready.issued.market.bureau.code}/findings/{finding_of(ready, '168000')}"
    typed = {"verdict_0": "met", "verdict_1": "not_met", "reason_1": " ", "reason_2": "没有附声明"}
    answer = chair.post(f"{url}/examine", typed, page=url, status=422)

    assert re.findall(r'<a href="#(\w+)(?:-0)?">([^<]+)</a>', answer.text) == [
        ("reason_1", "第 2 项（提交实施方案提纲，写明评…）不符合的理由：请写明不符合的理由"),
        ("verdict_2", "第 3 项：提交独立性声明：请选符合或者不符合"),
    ]
    shown = re.findall(r'<p class="field-error"\s+id="(\w+)-error">([^<]+)<', answer.text)
    assert shown == [("reason_1", "请写明不符合的理由"), ("verdict_2", "请选符合或者不符合")]
    kept = re.findall(r'<input(?=[^>]*\bchecked\b)[^>]*\bid="(verdict_\w+)-(\d)"', answer.text)
    assert kept == [("verdict_0", "0"), ("verdict_1", "1")]
    assert 'value="没有附声明"' in answer.text
    strange = chair.post(f"{url}/examine", {**verdicts(True, True), "verdict_2": "x"}, page=url, status=422)
    assert strange.text.count("请选符合或者不符合") == 2, "in the summary and at the field"


def test_an_abnormally_low_price_is_explained_online(app: Flask, travel: Travel) -> None:
    ready = m.examined(m.declared(m.an_opened_tender(travel, prices=("80000", "168000", "171500"))))
    code = ready.issued.market.bureau.code
    chair = Browser(app, ready.chair)
    assert "异常低价" in text_of(chair.get(place(ready)))
    press(chair, ready, "ask")
    ((firm_id, row_id),) = m.explanations(ready).items()
    asked = next(each for each in ready.issued.firms if each.id == firm_id)
    other = next(each for each in ready.issued.firms if each.id != firm_id)
    url = f"/t/{code}/explanations/{row_id}"
    Browser(app, other.handler).get(url, status=404)
    browser = Browser(app, asked.handler, foreign=[other.name])
    assert "提交低价说明" in text_of(browser.get(f"/t/{code}/"))
    browser.get(url)
    browser.post(f"{url}/answer", {"text": ""}, page=url, status=422)
    upload = {"text": "团队常驻本县", "file": (io.BytesIO(a_pdf()), "成本构成.pdf")}
    browser.post(f"{url}/answer", upload, page=url, status=422)
    upload = {"text": "团队常驻本县", "declared": "y", "file": (io.BytesIO(a_pdf()), "成本构成.pdf")}
    browser.post(f"{url}/answer", upload, page=url)
    assert "成本构成.pdf" in text_of(browser.get(url))

    finding = f"/t/{code}/findings/{finding_of(ready, '80000')}"
    assert "团队常驻本县" in text_of(chair.get(finding))
    assert "成本构成.pdf" in text_of(chair.get(finding))
    chair.post(f"{finding}/judge", {"justified": "yes"}, page=finding, status=422)
    chair.post(f"{finding}/judge", {"justified": "yes", "reason": "成本清楚"}, page=finding)
    press(chair, ready, "conclude")


def test_stepping_aside_and_the_substitute_in_the_browser(app: Flask, travel: Travel) -> None:
    ready = m.an_opened_tender(travel)
    substitute = a_person(ready.issued.market.bureau, Role.PANEL_MEMBER)
    away, buyer = Browser(app, ready.members[1]), Browser(app, ready.buyer)
    assert place(ready, "/recuse") in away.get(place(ready, "/declare")).text
    press(away, ready, "recuse", {"reason": ""}, status=422)
    press(away, ready, "recuse", {"reason": "曾任该机构顾问"})
    assert substitute.name in buyer.get(place(ready, "/replace")).text
    press(buyer, ready, "replace", {"post_id": str(ready.buyer.post_id)}, status=422)
    press(buyer, ready, "replace", {"post_id": str(substitute.post_id)})

    assert "曾任该机构顾问" in text_of(buyer.get(place(ready)))


def test_where_nobody_can_take_the_seat_the_page_says_what_to_do(app: Flask, travel: Travel) -> None:
    ready = m.an_opened_tender(travel)
    press(Browser(app, ready.members[1]), ready, "recuse", {"reason": "曾任该机构顾问"})

    page = Browser(app, ready.buyer).get(place(ready, "/replace"))
    assert "请系统管理员在【账号与岗位】给另一位工作人员设立评审小组成员岗位" in text_of(page)
    assert 'name="post_id"' not in page.text


def test_whoever_signs_reads_the_result_on_the_same_page(app: Flask, travel: Travel) -> None:
    ready = m.examined(m.declared(m.an_opened_tender(travel)))
    chair = Browser(app, ready.chair)
    assert "认定都已完成，核对名次" in text_of(chair.get(place(ready)))
    press(chair, ready, "conclude")

    text = text_of(chair.get(place(ready, "/sign")))
    assert re.search(r"第 1 名：\S+，168,000.00 元", text)
    assert "依据： 政府采购法实施条例" not in text_of(chair.get(place(ready)))


def test_a_report_is_taken_back_in_the_browser(app: Flask, travel: Travel) -> None:
    ready = m.examined(m.declared(m.an_opened_tender(travel)))
    chair = Browser(app, ready.chair)
    press(chair, ready, "conclude")
    assert filled(chair.get(place(ready)).text) == ["签署评审报告"]
    m.at(ready.chair, ready.id, panel.sign, PASSWORD, "")
    assert filled(chair.get(place(ready)).text) == [], "going back is never the way forward"
    chair.get(place(ready, "/reopen"))
    press(chair, ready, "reopen", {"reason": "一项认定有误"})

    assert "一项认定有误" in text_of(chair.get(place(ready)))


def test_too_few_bids_lead_to_termination(app: Flask, travel: Travel) -> None:
    ready = m.a_closed_tender(travel, prices=m.PRICES[:2])
    buyer, officer = Browser(app, ready.buyer), Browser(app, ready.officers[0])
    assert "报价没有公开" in text_of(buyer.get(place(ready)))
    press(officer, ready, "open", SIGNED, status=409)
    buyer.get(place(ready, "/terminate"))
    press(buyer, ready, "terminate", {"reason": "仅收到两份响应文件"})

    assert "已终止" in text_of(buyer.get(place(ready)))


def test_lots_are_drawn_in_the_browser(app: Flask, travel: Travel) -> None:
    ready = m.examined(m.declared(m.an_opened_tender(travel, prices=("168000", "171500", "168000"))))
    chair = Browser(app, ready.chair)
    assert "抽签确定并列顺序" in text_of(chair.get(place(ready)))
    press(chair, ready, "draw")

    text = text_of(chair.get(place(ready)))
    assert "查看抽取" in text
    assert text.count("并列，待抽签") == 2
    assert "等另一位工作人员" in text


def test_the_inbox_leads_to_the_review(app: Flask, travel: Travel) -> None:
    ready = m.a_closed_tender(travel)
    browser = Browser(app, ready.officers[0])
    row_id = doing(ready.chair, lambda _a, _n: m.row_of(ready.id).id)
    answer = browser.send("GET", f"/t/{ready.issued.market.bureau.code}/panels/{row_id}")

    assert answer.location == place(ready)


@pytest.mark.parametrize("both", ("first", "second"))
def test_two_clicks_at_once_open_once(app: Flask, travel: Travel, both: str) -> None:
    """Two officers press at the same instant: one confirmation and one opening, or one opening alone."""
    ready = m.a_closed_tender(travel)
    third = a_person(ready.issued.market.bureau, Role.OPENER)
    pressing = list(ready.officers)
    if both == "second":
        at(ready.officers[0], ready.id, panel.open_, PASSWORD)
        pressing = [ready.officers[1], third]
    browsers = [Browser(app, each) for each in pressing]
    carried = [each.hidden(place(ready)) for each in browsers]

    def click(browser: Browser, hidden: dict[str, str]) -> int:
        return browser.send("POST", place(ready, "/open"), data={**hidden, **SIGNED}).status_code

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(click, browsers, carried))

    assert answers == ([303, 303] if both == "first" else [303, 409])
    assert doing(ready.chair, lambda _a, _n: len(m.row_of(ready.id).findings)) == 3
