"""Another county's id answers, at every URL and in every way, exactly as an id that does not exist."""

import re
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import Engine
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from portal.access import Permission
from tests.structure.catalogue import tables_with
from tests.structure.conftest import Land
from tests.structure.pages import Visit, address, guard_of, holders, row_named, rows_of, rules
from tests.support.world import Person

KEY = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
TOKEN = re.compile(r'(name="csrf_token" value=")[^"]*')
INSTANT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[.\d]*|\d\d:\d\d:\d\d")
pytestmark = pytest.mark.timeout(600)


def _answer(response: TestResponse) -> tuple[int, str, str]:
    """Status, where it leads, and the page, without what differs from one request to the next."""
    html = response.text
    for pattern, instead in ((KEY, "ID"), (TOKEN, r"\1TOKEN"), (INSTANT, "NOW")):
        html = pattern.sub(instead, html)
    return response.status_code, KEY.sub("ID", response.location or ""), html


def _named_rules(app: Flask, method: str) -> list[Rule]:
    return [rule for rule in rules(app, method) if row_named(rule) and "<tenant>" in rule.rule]


def _askers(visit: Visit, rule: Rule) -> list[Person]:
    """Somebody of each kind: who may, a colleague who may not, and an outside party."""
    guard = guard_of(visit.app, rule)
    able = holders(visit.people, guard)
    assert isinstance(guard, Permission)
    unable = [person for person in visit.people if person not in able and person.tenant_id]
    return [able[0], *unable[:1], *unable[-1:]]


@pytest.mark.parametrize("method", ("GET", "POST"))
def test_a_foreign_id_is_an_unknown_id(application: Flask, land: Land, backup: Engine, method: str) -> None:
    visit = Visit(application, land, land.one, backup)
    code, other = land.one.bureau.code, land.three.bureau.id
    for rule in _named_rules(application, method):
        table = row_named(rule)
        assert table
        for person in _askers(visit, rule):
            browser = visit.browser(person)
            form = {"data": {"csrf_token": browser.token()}} if method == "POST" else {}
            unknown = _answer(browser.send(method, address(rule, code, uuid4()), **form))
            assert unknown[0] in {403, 404}, (rule.rule, person.role, unknown[0])
            for row_id in rows_of(backup, table, other)[:2]:
                foreign = _answer(browser.send(method, address(rule, code, row_id), **form))
                assert foreign == unknown, (rule.rule, person.role)


def test_an_id_of_another_table_is_an_unknown_id(application: Flask, land: Land, backup: Engine) -> None:
    """No page opens on a row of another kind, one's own or another county's."""
    visit = Visit(application, land, land.one, backup)
    code = land.one.bureau.code
    kinds = {row_named(rule) for rule in _named_rules(application, "GET")}
    held: list[tuple[str, list[UUID]]] = [
        (table, rows_of(backup, table, county.bureau.id))
        for table in tables_with("tenant_id")
        if table in tables_with("id") and table not in kinds
        for county in (land.one, land.three)
    ]
    assert [table for table, rows in held if not rows] == []
    strays = [(table, rows[0]) for table, rows in held]
    for rule in _named_rules(application, "GET"):
        person = holders(visit.people, guard_of(application, rule))[0]
        for table, row_id in strays:
            answer = visit.browser(person).send("GET", address(rule, code, row_id))
            assert answer.status_code == 404, (rule.rule, table)


def test_a_foreign_bureau_is_an_unknown_page(application: Flask, land: Land, backup: Engine) -> None:
    """Where somebody has no post, the bureau's code answers as a code that is none."""
    visit = Visit(application, land, land.one, backup)
    browser = visit.browser(land.one.deputy)
    foreign, unknown = land.three.bureau.code, "999999"
    for rule in rules(application, "GET"):
        if "<tenant>" in rule.rule and not row_named(rule):
            there = _answer(browser.send("GET", address(rule, foreign)))
            assert there == _answer(browser.send("GET", address(rule, unknown))), rule.rule
            assert there[0] == 404, rule.rule
