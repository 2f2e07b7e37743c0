"""Handing out files: as attachments, to those who may, and page by page."""

from urllib.parse import quote
from uuid import uuid4

import pytest
from flask import Flask

from portal.access import Role
from tests.file.makers import a_docx, a_pdf, a_stored_file
from tests.support.world import Browser, Bureau, a_bureau, a_person, text_of


@pytest.fixture
def bureau(app: Flask) -> Bureau:
    """A bureau with a handler."""
    assert app
    return a_bureau(roles=[Role.HANDLER])


def _handler(app: Flask, bureau: Bureau) -> Browser:
    return Browser(app, bureau.people[Role.HANDLER])


def test_a_file_is_handed_out_as_an_attachment_under_its_own_name(app: Flask, bureau: Bureau) -> None:
    name = "师宗县2026年度项目支出绩效评价报告（终稿）.pdf"
    file_id = a_stored_file(bureau.people[Role.HANDLER], name=name)
    answer = _handler(app, bureau).get(f"/t/{bureau.code}/files/{file_id}")

    assert answer.data == a_pdf()
    assert answer.mimetype == "application/pdf"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    disposition = answer.headers["Content-Disposition"]
    assert disposition.startswith("attachment;")
    assert f"filename*=UTF-8''{quote(name, safe='')}" in disposition


def test_an_outside_party_gets_its_own_files_and_no_others(app: Flask, bureau: Bureau) -> None:
    firm_id = uuid4()
    firm = Browser(app, a_person(bureau, Role.FIRM_HANDLER, party_id=firm_id))
    handler = bureau.people[Role.HANDLER]
    ours, theirs = a_stored_file(handler, readers=(firm_id,)), a_stored_file(handler, readers=(uuid4(),))

    for more in ("", "/read", "/pages/1.png"):
        firm.get(f"/t/{bureau.code}/files/{ours}{more}")
        firm.get(f"/t/{bureau.code}/files/{theirs}{more}", status=404)


def test_another_bureaus_file_is_unknown(app: Flask, bureau: Bureau) -> None:
    other = a_bureau(roles=[Role.HANDLER])
    file_id = a_stored_file(bureau.people[Role.HANDLER])

    _handler(app, other).get(f"/t/{other.code}/files/{file_id}", status=404)


def test_whoever_is_not_signed_in_is_asked_to(app: Flask, bureau: Bureau) -> None:
    file_id = a_stored_file(bureau.people[Role.HANDLER])
    answer = Browser(app).get(f"/t/{bureau.code}/files/{file_id}", status=303)

    assert "/sign-in" in answer.location


def test_from_a_file_one_goes_back_to_the_page_that_led_to_it_and_nowhere_else(
    app: Flask, bureau: Bureau
) -> None:
    browser = _handler(app, bureau)
    address = f"/t/{bureau.code}/files/{a_stored_file(bureau.people[Role.HANDLER], content=a_pdf(2))}/read"
    from_there = browser.get(f"{address}?back=/t/{bureau.code}/deliverables")

    assert f'<a href="/t/{bureau.code}/deliverables">返回</a>' in from_there.text
    assert "back=%2Ft%2F" in from_there.text
    for elsewhere in ("https://example.org/", "//example.org/", "javascript:alert(1)", "/\\example.org"):
        assert ">返回<" not in browser.get(f"{address}?back={quote(elsewhere)}").text


def test_the_pages_of_a_pdf_turn(app: Flask, bureau: Bureau) -> None:
    browser = _handler(app, bureau)
    address = f"/t/{bureau.code}/files/{a_stored_file(bureau.people[Role.HANDLER], content=a_pdf(3))}"
    first, second = browser.get(f"{address}/read"), browser.get(f"{address}/read?page=2&tab=a")

    assert "第 1 页，共 3 页" in text_of(first)
    assert f'href="{address}/read?page=2#reader"' in first.text
    assert f'src="{address}/pages/2.png"' in second.text
    assert f'href="{address}/read?tab=a&amp;page=3#reader"' in second.text
    assert browser.get(f"{address}/pages/3.png").data.startswith(b"\x89PNG")
    browser.get(f"{address}/pages/4.png", status=404)
    browser.get(f"{address}/pages/0.png", status=404)


@pytest.mark.parametrize("asked", ("0", "-1", "99999999999999", "x", "²", "4"))
def test_a_page_that_is_none_shows_one_that_is(app: Flask, bureau: Bureau, asked: str) -> None:
    file_id = a_stored_file(bureau.people[Role.HANDLER], content=a_pdf(3))
    answer = _handler(app, bureau).get(f"/t/{bureau.code}/files/{file_id}/read?page={quote(asked)}")

    assert f"第 {3 if asked == '4' else 1} 页，共 3 页" in text_of(answer)


def test_the_words_of_a_word_file_are_shown_and_nothing_active(app: Flask, bureau: Bureau) -> None:
    content = a_docx("一、项目概况", "<script>alert(1)</script>")
    file_id = a_stored_file(bureau.people[Role.HANDLER], content=content, name="报告.docx")
    browser = _handler(app, bureau)
    answer = browser.get(f"/t/{bureau.code}/files/{file_id}/read")

    assert "一、项目概况" in text_of(answer)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in answer.text
    browser.get(f"/t/{bureau.code}/files/{file_id}/pages/1.png", status=404)
