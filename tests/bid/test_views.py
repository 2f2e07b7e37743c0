"""The pages of a bid, as firms and the bureau see them."""

import base64
import io
import json
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from portal import bid
from portal.access import Role
from portal.bid import queries
from portal.bid.rules import MOST_MEMBERS
from tenants import scope
from tests.bid.makers import PDF, a_bid, an_attachment, bids_in, closed, opened
from tests.support.world import Browser, text_of
from tests.tender.makers import Issued, a_firm, an_issued_tender

Travel = Callable[[timedelta], int]


@pytest.fixture
def issued(app: Flask) -> Issued:
    """A tender that is out."""
    assert app
    return an_issued_tender()


def _url(issued: Issued, end: str = "") -> str:
    return f"/t/{issued.market.bureau.code}/tenders/{issued.id}/bid{end}"


def _typed(issued: Issued, place: int = 0, **changed: Any) -> dict[str, Any]:
    firm = issued.firms[place]
    with scope.entered(firm.handler.scope):
        lead = queries.lead_choices(firm.id)[0].id
    return {
        "price": "175,000.00",
        "lead": str(lead),
        "onsite_days": "6",
        "members-0-name": "甲",
        "members-0-title": "高级会计师",
        "members-0-days": "20",
        "plan": "先核资料，再到现场。",
        "files": [(io.BytesIO(PDF), "方案.pdf"), (io.BytesIO(PDF), "资质.pdf")],
        "independent": "y",
        "declared": "y",
        **changed,
    }


def test_submit_answers_with_the_whole_receipt_and_the_page_then_with_less(
    application: Flask, issued: Issued
) -> None:
    browser = Browser(application, issued.firms[0].handler)
    browser.get(_url(issued))
    sent = browser.post(_url(issued, "/submit"), _typed(issued), status=200, page=_url(issued, "/submit"))

    receipt = _receipt(sent)
    assert receipt["content"]["price"] == "175000"
    assert [each["name"] for each in receipt["content"]["files"]] == ["方案.pdf", "资质.pdf"]
    page = browser.get(_url(issued))
    assert receipt["number"] in page.text
    assert "175" not in text_of(page).replace(receipt["number"], "")
    again = browser.get(_url(issued, "/receipt"))
    assert receipt["commitments"]["price"] in again.text
    assert receipt["nonces"]["price"] not in again.text


def test_the_same_form_sent_twice_is_one_bid_and_one_receipt(
    application: Flask, issued: Issued, travel: Travel
) -> None:
    browser = Browser(application, issued.firms[0].handler)
    shown = browser.get(_url(issued, "/submit")).text
    form = dict(re.findall(r'name="(csrf_token|_post|seed)"[^>]* value="([^"]*)"', shown))

    def sent(**changed: Any) -> dict[str, Any]:
        answer = browser.send("POST", _url(issued, "/submit"), data={**form, **_typed(issued, **changed)})
        assert answer.status_code == 200
        return _receipt(answer)

    first = sent()
    assert sent() == first
    other = sent(price="174,000.00")
    assert other["number"] != first["number"]
    assert not {*other["nonces"].values()} & {*first["nonces"].values()}
    closed(issued, travel)
    browser = Browser(application, issued.firms[0].handler)
    form |= browser.hidden(_url(issued))
    assert sent(price="174,000.00") == other


def _receipt(answer: Any) -> dict[str, Any]:
    coded = re.search(r"data:application/json;base64,([A-Za-z0-9+/=]+)", answer.text)
    assert coded is not None
    whole: dict[str, Any] = json.loads(base64.b64decode(coded[1]))
    return whole


def test_a_team_may_be_larger_than_the_rows_that_are_shown(application: Flask, issued: Issued) -> None:
    browser = Browser(application, issued.firms[0].handler)
    team: dict[str, Any] = {
        f"members-{n}-{part}": f"{part}{n}" for n in range(MOST_MEMBERS) for part in ("name", "title")
    }
    typed = _typed(issued, **team)
    answer = browser.post(_url(issued, "/submit"), typed, status=200, page=_url(issued, "/submit"))

    assert len(_receipt(answer)["content"]["team"]["members"]) == MOST_MEMBERS
    on_a_phone = 'data-label="投入天数"'  # each input under its own name, as wide as the screen
    assert browser.get(_url(issued, "/submit")).text.count(on_a_phone) == MOST_MEMBERS


def test_no_plain_byte_of_an_attachment_touches_the_disk(application: Flask, issued: Issued) -> None:
    marker = b"MARKER-IN-THE-CLEAR-" * 4000
    pdf = PDF.replace(b"trailer", b"%" + marker + b"\ntrailer")
    browser = Browser(application, issued.firms[0].handler)
    typed = _typed(issued, files=[(io.BytesIO(pdf), "方案.pdf")])
    browser.post(_url(issued, "/submit"), typed, status=200, page=_url(issued, "/submit"))
    vault: Path = application.config["SETTINGS"].var / "sealed"
    written = [path.read_bytes() for path in vault.rglob("*") if path.is_file()]
    assert written
    assert all(b"MARKER-IN-THE-CLEAR" not in each for each in written)
    assert list((vault / "incoming").iterdir()) == []


@pytest.mark.parametrize(
    ("changed", "said"),
    (
        ({"price": ""}, "必填"),
        ({"price": "0"}, "金额应大于零"),
        ({"price": "1e5"}, "请填写金额"),
        ({"price": "180000.01"}, "将作无效响应处理"),
        ({"lead": ""}, "请选择主评人"),
        ({"members-0-name": ""}, "请填写姓名"),
        ({"members-0-title": ""}, "请填写职务或资格"),
        ({"members-0-name": "", "members-0-title": "", "members-0-days": ""}, "请至少填写一名成员"),
        ({"independent": ""}, "请先勾选独立性声明"),
        ({"declared": ""}, "请先勾选确认"),
        ({"files": [(io.BytesIO(b"GIF89a"), "方案.pdf")]}, "文件"),
    ),
)
def test_submit_says_what_to_correct(
    application: Flask, issued: Issued, changed: dict[str, Any], said: str
) -> None:
    browser = Browser(application, issued.firms[0].handler)
    answer = browser.post(
        _url(issued, "/submit"), _typed(issued, **changed), status=422, page=_url(issued, "/submit")
    )
    assert said in text_of(answer)
    assert "Members-" not in text_of(answer)
    with scope.entered(issued.market.buyer.scope):
        assert bid.count(issued.id) == 0


def test_submit_above_the_ceiling_is_taken_when_one_insists(application: Flask, issued: Issued) -> None:
    browser = Browser(application, issued.firms[0].handler)
    typed = _typed(issued, price="180000.01", over_ceiling="y")
    browser.post(_url(issued, "/submit"), typed, status=200, page=_url(issued, "/submit"))


def test_replace_and_withdraw_are_done_on_their_pages(application: Flask, issued: Issued) -> None:
    a_bid(issued, issued.firms[0])
    browser = Browser(application, issued.firms[0].signatory)
    browser.post(
        _url(issued, "/replace"), _typed(issued, price="170000"), status=200, page=_url(issued, "/replace")
    )
    browser.get(_url(issued, "/withdraw"))
    browser.post(_url(issued, "/withdraw"), {}, page=_url(issued, "/withdraw"))
    browser.get(_url(issued, "/withdraw"), status=404)
    browser.get(_url(issued, "/receipt"), status=404)
    assert "尚未提交" in text_of(browser.get(_url(issued)))


def test_submit_too_late_keeps_no_name_in_the_chain(
    application: Flask, issued: Issued, travel: Travel, backup: Engine
) -> None:
    firm = issued.firms[0]
    browser = Browser(application, firm.handler)
    page = browser.hidden(_url(issued, "/submit"))
    closed(issued, travel)
    browser = Browser(application, firm.handler)
    page = browser.hidden(_url(issued))
    answer = browser.send("POST", _url(issued, "/submit"), data={**page, **_typed(issued)})
    assert answer.status_code == 409
    assert text_of(answer).count("2026年") + text_of(answer).count("2027年") >= 2
    asked = text("SELECT body FROM audit_event WHERE tenant_id = :tenant AND verb = 'bid.submit.refused'")
    with backup.connect() as connection:
        (body,) = connection.execute(asked, {"tenant": issued.market.bureau.id}).scalars()
    for secret in (firm.name, firm.handler.name, str(firm.handler.account_id), str(firm.handler.post_id)):
        assert secret not in body
    assert "175" not in body


def test_the_bureau_sees_a_number_then_the_list_then_the_bids(
    application: Flask, issued: Issued, travel: Travel
) -> None:
    receipts = bids_in(issued, "175000", "168000", "171000", files=(an_attachment(),))
    buyer = Browser(application, issued.market.buyer)
    before = text_of(buyer.get(_url(issued)))
    assert "已收到 3 份" in before
    buyer.get(_url(issued, "/commitments.json"), status=404)
    for receipt in receipts:
        assert receipt["number"] not in before
    opened(issued, travel)
    buyer = Browser(application, issued.market.buyer)
    after = text_of(buyer.get(_url(issued)))
    assert "168,000.00" in after
    assert issued.firms[1].name in after
    listed = buyer.get(_url(issued, "/commitments.json")).get_json()
    assert {each["number"] for each in listed["bids"]} == {each["number"] for each in receipts}
    firm = Browser(application, issued.firms[0].handler)
    own = text_of(firm.get(_url(issued)))
    assert "175,000.00" in own
    assert "168,000.00" not in own
    assert receipts[0]["nonces"]["price"] in firm.get(_url(issued, "/receipt")).text


def test_the_home_of_a_firm_says_that_it_has_answered(application: Flask, issued: Issued) -> None:
    a_bid(issued, issued.firms[0])
    home = f"/t/{issued.market.bureau.code}/"

    assert "响应询价（已提交）" in text_of(Browser(application, issued.firms[0].handler).get(home))
    other = text_of(Browser(application, issued.firms[1].handler).get(home))
    assert "响应询价" in other
    assert "已提交" not in other


def test_a_firm_reads_on_its_invitations_whether_it_has_answered_and_no_other_firm_does(
    application: Flask, issued: Issued
) -> None:
    a_bid(issued, issued.firms[0])
    place = f"/t/{issued.market.bureau.code}/inquiries"
    for firm, told in zip(issued.firms[:2], (True, False), strict=True):
        browser = Browser(application, firm.handler)
        for page in (place, f"{place}/{issued.id}"):
            assert ("本机构已提交" in text_of(browser.get(page))) is told


def test_the_form_lists_what_no_bid_may_lack(application: Flask, issued: Issued) -> None:
    said = text_of(Browser(application, issued.firms[0].handler).get(_url(issued, "/submit")))
    assert "主评人符合条件" in said
    assert "任何一项不符合，响应无效" in said


def test_who_was_not_invited_finds_nothing(application: Flask, issued: Issued) -> None:
    stranger = a_firm(issued.market.bureau)
    browser = Browser(application, stranger.handler)
    for end in ("", "/submit", "/replace", "/withdraw", "/receipt", "/commitments.json"):
        browser.get(_url(issued, end), status=404)
    buyer = Browser(application, issued.market.bureau.people[Role.BUYER])
    buyer.get(_url(issued, "/submit"), status=403)
    buyer.get(_url(issued, "/receipt"), status=404)
