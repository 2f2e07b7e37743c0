"""Every URL: its shape, its guard, and that looking changes nothing."""

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import Engine, text
from werkzeug.routing import Rule

from portal.access import Permission, Role
from portal.web.guard import ASSETS, PUBLIC, SIGNED_IN
from tests.structure.catalogue import tables
from tests.structure.conftest import Land
from tests.structure.pages import Visit, fields, guard_of, rules
from tests.support.world import Browser, Person

PART = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*(\.(xlsx|json))?")
KINDS = {
    "uuid": {"row_id", "post_id"},
    "int": {"seq"},
    "any": {"field"},
    "string": {"tenant", "bureau", "code", "number", "register"},
}
OPEN_TO_ALL = {
    "home.front",
    "identity.sign_in",
    "identity.enter",
    "identity.first",
    "identity.redeem",
    "public.announcement",
    "public.announcements",
    "public.bureaus",
    "public_draw.draw",
    "public_draw.draws_of_bureau",
    "public_draw.published",
    "roster.accounts",  # of the demo alone; elsewhere it is no page
}
LAST_SEEN = {"sign_in"}


@pytest.fixture
def every_rule(application: Flask) -> list[Rule]:
    """Every rule but those of files."""
    return [rule for rule in application.url_map.iter_rules() if rule.endpoint not in ASSETS]


def test_urls_are_kebab_case(every_rule: list[Rule]) -> None:
    for rule in every_rule:
        words = [word for word in rule.rule.split("/") if word and not word.startswith("<")]
        assert [word for word in words if not PART.fullmatch(word)] == [], rule.rule


def test_variables_of_urls_are_typed(every_rule: list[Rule]) -> None:
    """An id is a uuid; what is left as text is a code, judged by whoever looks it up."""
    for rule in every_rule:
        for field in fields(rule):
            assert field.name in KINDS[field.kind], rule.rule


def test_pages_of_a_tenant_name_it_and_pages_of_the_platform_do_not(application: Flask) -> None:
    for rule in (*rules(application, "GET"), *rules(application, "POST")):
        if isinstance(guard_of(application, rule), Permission):
            assert rule.rule.startswith(("/t/<tenant>/", "/operator/")), rule.rule
        else:
            assert "<tenant>" not in rule.rule, rule.rule


def test_every_view_is_guarded_and_few_are_public(application: Flask, every_rule: list[Rule]) -> None:
    guards = {rule.endpoint: guard_of(application, rule) for rule in every_rule}

    assert {endpoint for endpoint, guard in guards.items() if guard == PUBLIC} == OPEN_TO_ALL
    assert [each for each in guards.values() if each not in {PUBLIC, SIGNED_IN, *Permission}] == []


def test_every_permission_opens_a_door(application: Flask, every_rule: list[Rule]) -> None:
    """A permission nobody asks for would promise what no page holds."""
    asked = {guard_of(application, rule) for rule in every_rule}

    assert sorted(set(Permission) - asked) == []


def test_a_url_answers_get_or_post_and_nothing_else(every_rule: list[Rule]) -> None:
    for rule in every_rule:
        methods = (rule.methods or set()) - {"HEAD", "OPTIONS"}
        assert methods in ({"GET"}, {"POST"}), f"{rule.rule}: {sorted(methods)}"


def test_whatever_is_more_than_reading_is_done_by_post(application: Flask) -> None:
    """A GET under a verb's permission is the page that asks; the deed itself has a POST."""
    posts = [(rule.rule, guard_of(application, rule)) for rule in rules(application, "POST")]
    for rule in rules(application, "GET"):
        guard = guard_of(application, rule)
        if isinstance(guard, Permission) and not guard.endswith(":read"):
            assert [url for url, permission in posts if permission == guard], rule.rule


def _contents(backup: Engine) -> dict[str, str]:
    """A digest of every row of every table, but for when a sign-in was last seen."""
    with backup.connect() as connection:
        return {
            table: str(
                connection.execute(
                    text(f"SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {table} t")  # noqa: S608
                ).scalar_one()
            )
            for table in tables(backup)
            if table not in LAST_SEEN
        }


def _changed(backup: Engine, before: dict[str, str]) -> list[str]:
    return [table for table, digest in _contents(backup).items() if digest != before[table]]


def _readers(application: Flask, land: Land, visit: Visit) -> Iterator[tuple[Person, Browser]]:
    yield from ((person, visit.browser(person)) for person in visit.people)
    supervisor = land.above.people[Role.SUPERVISOR]
    browser = Browser(application, supervisor)
    county = land.one.bureau.code
    browser.post(f"/t/{land.above.code}/counties/{county}/enter", {}, page=f"/t/{land.above.code}/counties")
    yield supervisor, browser


@pytest.mark.timeout(600)
def test_no_page_writes_whoever_opens_it(application: Flask, land: Land, backup: Engine) -> None:
    visit = Visit(application, land, land.one, backup)
    pages = visit.pages()
    for person, browser in _readers(application, land, visit):
        before = _contents(backup)
        for page in pages:
            browser.send("GET", page.url)
        assert _changed(backup, before) == [], person.role


def test_what_a_page_writes_would_be_noticed(application: Flask, land: Land, backup: Engine) -> None:
    assert application
    before = _contents(backup)
    Browser(application, land.operator)

    assert _changed(backup, before) == ["audit_event", "audit_head"]
