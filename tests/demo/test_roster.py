"""Who is who in the demo: a page for everybody there, and no page anywhere else."""

from dataclasses import replace

import psycopg
from flask import Flask

from portal.access import Role
from portal.app import create_app
from portal.config import Settings
from portal.demo import people, roster
from tenants.db import db
from tests.document.makers import a_notice
from tests.support import cluster
from tests.support.world import Browser, a_bureau, text_of


def test_every_account_stands_on_the_page_once() -> None:
    listed = [each.username for group in roster.groups() for each in group.accounts]
    assert sorted(listed) == sorted(each.username for each in people.EVERYBODY)


def test_an_expert_is_found_by_name_and_a_firm_by_a_part_of_its_name() -> None:
    known = roster.groups()[-1].accounts[20]
    assert [each.username for group in roster.found(known.name) for each in group.accounts] == ["expert021"]
    assert next(each.username for group in roster.found("示例甲") for each in group.accounts) == "firm01"


def test_the_page_is_there_for_strangers_of_a_demo_and_the_sign_in_leads_to_it(settings: Settings) -> None:
    with cluster.fresh_database() as urls:
        app = create_app(replace(settings, database=urls))
        with app.app_context():
            bureau = a_bureau(roles=[Role.BUYER])
            with psycopg.connect(urls.owner.replace("+psycopg", "")) as owner:
                owner.execute("UPDATE tenant SET is_demo = true")
            a_notice(bureau)
            browser = Browser(app)
            assert "/demo/accounts" in browser.get("/sign-in").text
            shown = text_of(browser.get("/demo/accounts"))
            assert "firm01" in shown
            assert people.PASSWORD in shown
            assert "expert021" in text_of(browser.get("/demo/accounts?q=expert021"))
            assert "没有这样的账号" in text_of(browser.get("/demo/accounts?q=nobody"))
            db.engine.dispose()
        real = create_app(replace(settings, database=urls, production=True))
        with real.app_context():
            Browser(real).get("/demo/accounts", status=404)
            assert "/demo/accounts" not in Browser(real).get("/sign-in").text
            db.engine.dispose()


def test_where_nothing_is_of_a_demo_there_is_no_such_page(app: Flask) -> None:
    Browser(app).get("/demo/accounts", status=404)
    assert "/demo/accounts" not in Browser(app).get("/sign-in").text
