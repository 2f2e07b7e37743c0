"""The buyer's page and the firms' letters, as each of them sees them."""

import io
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask

from portal.access import Role
from tests.award import makers as a
from tests.file.makers import a_pdf
from tests.panel.makers import Opened, Travel, a_ranked_tender
from tests.support.world import Browser, text_of
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


def test_a_firms_letter_is_another_firms_unknown_page(app: Flask, travel: Travel) -> None:
    ready = a.an_award(travel)
    one, other = ready.issued.firms[:2]
    url = f"/t/{ready.issued.market.bureau.code}/award-letters/{a.letter_of(ready.issued, one.handler)}"

    Browser(app, other.handler).get(url, status=404)
    Browser(app, other.handler).get(place(ready), status=404)


def test_the_second_is_awarded_on_a_ground_with_its_proof(app: Flask, travel: Travel) -> None:
    ready = a_ranked_tender(travel)
    buyer = Browser(app, ready.buyer)
    refused = buyer.post(place(ready, "/decide"), chosen(ready, 2), page=place(ready), status=409)
    assert "不确定第一名成交的，须写明法定理由" in text_of(refused)
    proof = {"ground": "第一名书面放弃成交", "file": (io.BytesIO(a_pdf()), "放弃声明.pdf")}
    buyer.post(place(ready, "/decide"), chosen(ready, 2, **proof), page=place(ready), status=422)
    proof = {"ground": "第一名书面放弃成交", "file": (io.BytesIO(a_pdf()), "放弃声明.pdf"), "declared": "y"}
    buyer.post(place(ready, "/decide"), chosen(ready, 2, **proof), page=place(ready))

    text = text_of(buyer.get(place(ready)))
    assert "第一名书面放弃成交" in text
    assert "171,500.00" in text


def test_an_overdue_award_says_so(app: Flask, travel: Travel) -> None:
    ready = a_ranked_tender(travel)
    travel(timedelta(days=30))

    assert "已超过确定成交的期限" in text_of(Browser(app, ready.buyer).get(place(ready)))


@pytest.mark.parametrize("role", (Role.BUYER, Role.APPROVER))
def test_the_inbox_leads_to_the_award(app: Flask, travel: Travel, role: Role) -> None:
    ready = a_ranked_tender(travel)
    row_id = doing(ready.buyer, lambda _a, _n: a.row_of(ready.id).id)
    browser = Browser(app, ready.issued.market.bureau.people[role])
    answer = browser.send("GET", f"/t/{ready.issued.market.bureau.code}/awards/{row_id}")

    assert answer.location == place(ready)
