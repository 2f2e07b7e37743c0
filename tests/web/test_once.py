"""A form sent again: one row, one deed, and the same page for whoever sent it twice."""

import io
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask, request
from sqlalchemy import select, text
from werkzeug.test import TestResponse

from portal.access import Permission as P
from portal.access import Role
from portal.app import create_app
from portal.config import Settings
from portal.kernel.errors import Refused
from portal.kernel.ruling import unless
from portal.web import guard, uploads
from portal.web.pages import done
from tenants import scope
from tenants.db import db
from tenants.models import Section
from tests.support.clock import travelling
from tests.support.world import Browser, Bureau, a_bureau, text_of


def _written() -> Section:
    row = Section(name=f"{request.form['name']} {uuid4().hex}")
    db.session.add(row)
    db.session.flush()
    return row


def _add(**_: Any) -> Any:
    row = _written()
    return done("account.grant", to=f"/t/x/{row.id}", name="", role="")


def _show() -> str:
    return _written().name


def _refuse() -> Any:
    raise Refused(unless(request.form["name"] == "refused", "office.section_closed"))


@pytest.fixture(scope="module")
def house(settings: Settings) -> Iterator[Flask]:
    """The application with a few views that write a row."""
    app = create_app(settings)
    app.testing = True
    views = {
        "add": _add,
        "add/<uuid:row_id>": _add,
        "show": _show,
        "refuse": _refuse,
    }
    for path, view in views.items():
        guarded = guard.allow(P.SECTION_EDIT)(view)
        app.add_url_rule(f"/t/<tenant>/try/{path}", f"try.{path}", guarded, methods=["POST"])
    sealed = uploads.sealed(lambda *_: io.BytesIO())(guard.allow(P.SECTION_EDIT)(_add))
    app.add_url_rule("/t/<tenant>/try/sealed", "try.sealed", sealed, methods=["POST"])
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def bureau(house: Flask) -> Bureau:
    """A bureau with two who may."""
    with house.app_context():
        return a_bureau(roles=[Role.SYSTEM_ADMIN, Role.HANDLER])


class Office:
    """Somebody at one page, which they send as often as they like."""

    def __init__(self, house: Flask, bureau: Bureau) -> None:
        self.house, self.bureau = house, bureau
        self.browser = Browser(house, bureau.people[Role.SYSTEM_ADMIN])
        self.shown = {"csrf_token": self.browser.token()}

    def send(self, path: str, name: str, **more: Any) -> TestResponse:
        """The form of the page, as it was shown."""
        data = {**self.shown, "name": name, **more.pop("data", {})}
        return self.browser.send("POST", f"/t/{self.bureau.code}/try/{path}", data=data, **more)

    def names(self) -> list[str]:
        """The rows that were written."""
        with self.house.app_context(), scope.entered(self.bureau.system):
            names = db.session.scalars(select(Section.name))
            return sorted(name.partition(" ")[0] for name in names if " " in name)


@pytest.fixture
def at(house: Flask, bureau: Bureau) -> Office:
    """At the page."""
    return Office(house, bureau)


def test_a_form_sent_twenty_times_makes_one_row_and_leads_to_it(at: Office) -> None:
    answers = [at.send("add", "一次") for _ in range(20)]

    assert {answer.status_code for answer in answers} == {303}
    assert len({answer.location for answer in answers}) == 1
    assert at.names() == ["一次"]
    assert "没有重复办理" in text_of(at.browser.get(f"/t/{at.bureau.code}/sections"))


def test_sent_at_the_same_moment_it_makes_one_row_too(at: Office) -> None:
    cookie = at.browser.client.get_cookie("session")
    assert cookie is not None

    def send(_number: int) -> str | None:
        other = at.house.test_client()
        other.set_cookie("session", cookie.value)
        url = f"/t/{at.bureau.code}/try/add"
        return other.post(url, data={**at.shown, "name": "同时"}).location

    with ThreadPoolExecutor(6) as pool:
        led_to = set(pool.map(send, range(12)))

    assert len(led_to) == 1
    assert at.names() == ["同时"]


def test_another_page_other_words_or_another_row_are_another_deed(at: Office) -> None:
    at.send("add", "甲")
    at.send("add", "乙")
    at.send(f"add/{uuid4()}", "甲")
    at.send(f"add/{uuid4()}", "甲")
    at.shown = {"csrf_token": at.browser.token()}
    at.send("add", "甲")

    assert at.names() == ["乙", "甲", "甲", "甲", "甲"]


def test_another_file_of_the_same_name_and_size_is_another_deed(at: Office) -> None:
    for content in (b"one", b"two", b"two"):
        at.send("add", "附件", data={"file": (io.BytesIO(content), "a.pdf")})

    assert at.names() == ["附件", "附件"]


def test_what_was_refused_may_be_sent_again(at: Office) -> None:
    assert [at.send("refuse", "refused").status_code for _ in range(2)] == [409, 409]


def test_an_answer_that_is_a_page_may_be_asked_for_again(at: Office) -> None:
    assert [at.send("show", "页面").status_code for _ in range(2)] == [200, 200]
    assert at.names() == ["页面", "页面"]


def test_a_draft_a_script_saves_is_not_counted(at: Office) -> None:
    for _ in range(2):
        at.send("add", "草稿", headers={"Accept": "application/json"})

    assert at.names() == ["草稿", "草稿"]


def _digests(at: Office) -> list[bytes]:
    """What is kept of the forms of whoever is at the page."""
    with at.house.app_context(), scope.entered(at.bureau.people[Role.SYSTEM_ADMIN].scope):
        return list(db.session.scalars(text("SELECT digest FROM form_use")))


def test_what_is_sealed_leaves_no_digest(at: Office) -> None:
    at.send("sealed", "密封")
    assert _digests(at) == []

    at.send("add", "平常")
    assert [len(each) for each in _digests(at)] == [32]


def test_it_is_forgotten_after_a_day(at: Office, owner_url: str) -> None:
    at.send("add", "昨天")
    with travelling(owner_url, at.house, ringing=False) as go:
        go(timedelta(days=1, seconds=1))
        at.send("add", "今天")
        at.send("add", "昨天")

    assert at.names() == ["今天", "昨天", "昨天"]


def test_nobody_reads_what_another_has_sent(at: Office) -> None:
    at.send("add", "自己的")
    other = at.bureau.people[Role.HANDLER]
    counted = text("SELECT count(*) FROM form_use")
    with at.house.app_context(), scope.entered(other.scope):
        assert db.session.scalar(counted) == 0
    with at.house.app_context(), scope.entered(at.bureau.people[Role.SYSTEM_ADMIN].scope):
        assert db.session.scalar(counted) == 1


def test_twenty_identical_drafts_are_one(house: Flask) -> None:
    """The real form, as a user whose mouse double-clicks sends it."""
    with house.app_context():
        bureau = a_bureau(roles=[Role.SYSTEM_ADMIN])
    browser = Browser(house, bureau.people[Role.SYSTEM_ADMIN])
    place = f"/t/{bureau.code}/sections"
    shown = browser.hidden(f"{place}/open")
    answers = {
        browser.send("POST", f"{place}/open", data={**shown, "name": "预算股"}).location for _ in range(20)
    }

    assert len(answers) == 1
    assert len(set(re.findall(r"/sections/([0-9a-f-]{36})/edit", browser.get(place).text))) == 2
