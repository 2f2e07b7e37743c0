"""Junk in every address and form: an answer in words, never a fault of ours."""

import json
import re
from collections.abc import Iterator
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from flask import Flask

from portal.access import Role
from tests.structure.county import County, a_county
from tests.support.clock import travelling
from tests.support.world import PASSWORD, Browser, a_bureau, a_person

KEYS = ("q", "year", "state", "role", "kind", "unit", "level", "all", "day", "verb", "code", "left", "right")
JUNK = (
    "99999999999",
    "9" * 2000,
    "-1",
    "a\0b",
    "😀\u202e" * 20,
    "<script>alert(1)</script>",
    "²",
    "0001-01-01",
    "9999-12-31",
    "%_\\'",
)
CURSORS = (
    "[1, 2]",
    "[null, null]",
    '{"a": 1, "b": 2}',
    "[" * 1000,
    *(
        json.dumps([value, str(uuid4())])
        for value in ("9" * 30, "NaN", "1e400", "\ud800", "\0", ["a"], "0001-01-01T00:00:00+14:00")
    ),
)
LONG = "长" * 10_000
ELSEWHERE = frozenset({"/sign-out", "/account/password", "/account/notice"})


@pytest.fixture(scope="module")
def county(application: Flask, owner_url: str) -> County:
    """A county in which every table has rows."""
    with application.app_context(), travelling(owner_url, application) as travel:
        return a_county(size=2, parent=a_bureau(), granted=[], travel=travel)


@pytest.fixture
def crowd(app: Flask, county: County) -> list[Browser]:
    """Everybody of the county and the operator, signed in."""
    people = [*county.bureau.people.values(), a_person(None, Role.OPERATOR)]
    return [Browser(app, person) for person in people]


def walked(browsers: list[Browser]) -> Iterator[tuple[Browser, str, str]]:
    """Every kind of page once, with somebody who may see it, its address and its text."""
    known: set[str] = set()
    for browser in browsers:
        todo = [browser.send("GET", "/").location]
        while todo:
            url = todo.pop()
            kind = re.sub(r"[0-9a-f-]{36}", "…", url)
            if kind in known:
                continue
            known.add(kind)
            page = browser.send("GET", url)
            if page.status_code != 200 or page.mimetype != "text/html":
                continue
            yield browser, url, page.text
            todo += re.findall(r'href="(/(?:t|operator)[^"#?]*)', page.text)


@pytest.mark.timeout(600)
def test_no_address_breaks_a_page(crowd: list[Browser]) -> None:
    broken, seen = [], 0
    for browser, url, text in walked(crowd):
        seen += 1
        sorts = {each.lstrip("-") for each in re.findall(r"[?&;]sort=(-?\w+)", text)}
        asked = [dict.fromkeys(KEYS, junk) for junk in JUNK]
        asked += [{"sort": sort, "after": cursor} for sort in sorted(sorts) for cursor in CURSORS]
        asked += [{"before": cursor} for cursor in CURSORS[:5]]
        for query in asked:
            answer: object = None
            try:
                answer = browser.send("GET", f"{url}?{urlencode(query)}").status_code
            except Exception as error:  # noqa: BLE001 -- any fault at all is what is looked for
                answer = f"{type(error).__name__} {str(error)[:200]}"
            if answer not in {200, 303, 400, 404}:
                broken.append((url, query, answer))
    assert not broken
    assert seen > 30


def test_a_forged_carry_holds_nothing(app: Flask) -> None:
    person = a_person(a_bureau(), Role.HANDLER)
    for carry in (
        '{"post": "\\ud800", "fields": [["a", "\\ud800"]]}',
        "[" * 5000,
        "{}",
        '{"post": 1, "fields": 2}',
    ):
        browser = Browser(app)
        typed = {"username": person.username, "password": PASSWORD, "carry": carry, "next": "//evil.example"}
        answer = browser.post("/sign-in", typed, page="/sign-in", status=200)
        assert "evil.example" not in answer.text


def test_no_form_breaks_its_verb(crowd: list[Browser]) -> None:
    broken, known = [], set(ELSEWHERE)
    for browser, url, text in walked(crowd):
        for form in re.findall(r"<form[^>]*>.*?</form>", text, re.DOTALL):
            action = re.search(r'action="([^"?]*)', form)
            target = action[1] if action else url
            kind = re.sub(r"[0-9a-f-]{36}", "…", target)
            if 'method="post"' not in form or kind in known:
                continue
            known.add(kind)
            carried = dict(re.findall(r'name="(csrf_token|_post)" value="([^"]*)"', form))
            names = set(re.findall(r'<(?:input|select|textarea)[^>]*\sname="([^"]*)"', form)) - set(carried)
            for junk in (*JUNK, LONG, str(uuid4())):
                answer: object = None
                try:
                    answer = browser.send(
                        "POST", target, data={**dict.fromkeys(names, junk), **carried}
                    ).status_code
                except Exception as error:  # noqa: BLE001 -- any fault at all is what is looked for
                    answer = f"{type(error).__name__} {str(error)[:200]}"
                if answer not in {200, 303, 400, 404, 409, 422}:
                    broken.append((target, junk[:30], answer))
    assert not broken
    assert len(known) > len(ELSEWHERE) + 10
