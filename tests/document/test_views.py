"""A paper on its page and as a Word file; the pages for everybody."""

import io
from datetime import date
from uuid import uuid4

import docx
import pytest
from flask import Flask

from portal import document
from portal.access import Role
from portal.document import Notice
from portal.kernel.workdays import day_of
from tenants import scope
from tests.document.makers import PAPER, a_notice, an_issued_paper
from tests.support.world import PASSWORD, Browser, Bureau, a_bureau, a_person, text_of


@pytest.fixture
def buyer(app: Flask, bureau: Bureau) -> Browser:
    """The bureau's buyer, signed in."""
    return Browser(app, bureau.people[Role.BUYER])


def _signed(bureau: Bureau) -> str:
    """An issued paper with a signature; its address."""
    row_id, approver = an_issued_paper(bureau), bureau.people[Role.APPROVER]
    with scope.unit_of_work(approver.scope):
        row = document.issued(row_id)
        document.sign(
            "panel_report", uuid4(), row.digest, password=PASSWORD, by=approver.actor, now=scope.now()
        )
    return f"/t/{bureau.code}/documents/{row_id}"


def test_a_paper_is_shown_with_its_number_signature_and_digest(bureau: Bureau, buyer: Browser) -> None:
    address = _signed(bureau)
    shown = text_of(buyer.get(address))

    with scope.unit_of_work(bureau.people[Role.BUYER].scope):
        row = document.issued(address.rpartition("/")[2])  # type: ignore[arg-type]
        number, digest = row.number, row.digest
    for said in (number, digest, "询价通知书", "各受邀机构：", "请按时响应。", "乙项目", "2026年11月20日"):
        assert said in shown
    assert bureau.people[Role.APPROVER].name in shown


def test_the_word_file_says_the_same_and_is_the_same_each_time(bureau: Bureau, buyer: Browser) -> None:
    address = _signed(bureau)
    answer, again = buyer.get(f"{address}/word"), buyer.get(f"{address}/word")
    made = docx.Document(io.BytesIO(answer.data))
    lines = [each.text for each in made.paragraphs]

    assert answer.data == again.data
    assert lines[0] == "询价通知书"
    assert lines[1].startswith("示财采〔")
    assert "各受邀机构：" in lines
    assert lines[-2:] == ["示范县财政局", "2026年11月20日"]
    assert [[cell.text for cell in row.cells] for row in made.tables[0].rows] == [
        ["序号", "名称"],
        ["1", "甲项目"],
        ["2", "乙项目"],
    ]
    assert made.tables[1].rows[1].cells[0].text == bureau.people[Role.APPROVER].name
    assert "attachment" in answer.headers["Content-Disposition"]


def test_a_paper_is_unknown_to_whom_it_is_not_shared_with(app: Flask, bureau: Bureau) -> None:
    firm_id = uuid4()
    ours, theirs = an_issued_paper(bureau, readers=(firm_id,)), an_issued_paper(bureau)
    firm = Browser(app, a_person(bureau, Role.FIRM_HANDLER, party_id=firm_id))

    for more in ("", "/word"):
        firm.get(f"/t/{bureau.code}/documents/{ours}{more}")
        firm.get(f"/t/{bureau.code}/documents/{theirs}{more}", status=404)


def test_everybody_reads_announcements_and_nothing_else(app: Flask, bureau: Bureau) -> None:
    notice_id, anybody = a_notice(bureau, "采购公告一", until=date(2026, 12, 1)), Browser(app)
    paper_id = an_issued_paper(bureau)
    address = f"/public/{bureau.code}"

    assert f"{bureau.marker}财政局" in text_of(anybody.get("/public"))
    assert "采购公告一" in text_of(anybody.get(address))
    shown = text_of(anybody.get(f"{address}/notices/{notice_id}"))
    assert "公示至 2026-12-01" in shown
    assert "乙项目" in shown
    anybody.get(f"{address}/notices/{paper_id}", status=404)
    anybody.get(f"{address}/notices/{uuid4()}", status=404)
    anybody.get(f"/t/{bureau.code}/documents/{paper_id}", status=303)
    assert PAPER.to not in text_of(anybody.get(address))


def test_each_bureau_shows_its_own_announcements(app: Flask, bureau: Bureau) -> None:
    other = a_bureau(roles=[Role.BUYER])
    ours, _ = a_notice(bureau), a_notice(other)
    anybody = Browser(app)

    assert other.marker not in text_of(anybody.get(f"/public/{bureau.code}"))
    anybody.get(f"/public/{other.code}/notices/{ours}", status=404)
    assert "还没有发布过公告，或者地址有误" in text_of(anybody.get("/public/000000", status=404))


def test_announcements_are_found_by_kind_and_words_the_newest_first(app: Flask, bureau: Bureau) -> None:
    for number in range(22):
        a_notice(bureau, f"采购公告第{number}号")
    a_notice(bureau, "考评排名公示", kind=Notice.RANKING)
    anybody, address = Browser(app), f"/public/{bureau.code}"
    first = anybody.get(address)

    assert "共 23 项，本页 20 项" in text_of(first)
    assert first.text.index("考评排名公示") < first.text.index("采购公告第21号")
    assert "采购公告第2号" not in text_of(first)
    assert "共 1 项" in text_of(anybody.get(f"{address}?kind=ranking"))
    assert "采购公告第7号" in text_of(anybody.get(f"{address}?q=第7号"))
    assert "共 23 项" in text_of(anybody.get(f"{address}?q=甲项目")), "what it says is found too"
    assert "没有符合条件的公告" in text_of(anybody.get(f"{address}?year=1999"))
    for no_year in ("0000", "9999", "２０２６", "x"):
        assert "没有符合条件的公告" not in text_of(anybody.get(f"{address}?year={no_year}"))
    with scope.entered(bureau.system):
        this_year = day_of(scope.now()).year
    assert "共 23 项" in text_of(anybody.get(f"{address}?year={this_year}"))
    assert "没有符合条件的公告" in text_of(anybody.get(f"{address}?q=没有这样的"))
    assert "共 23 项" in text_of(anybody.get(f"{address}?kind=nonsense"))


def test_the_sign_in_page_leads_to_what_is_public(app: Flask) -> None:
    assert 'href="/public"' in Browser(app).get("/sign-in").text
