"""The demo's clock travels; the clock of a real bureau does not."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import psycopg
import pytest
from flask import Flask
from psycopg.errors import InsufficientPrivilege
from sqlalchemy import text

from portal.access import Role
from portal.app import create_app
from portal.config import Settings
from portal.demo import clock
from portal.kernel.errors import NotFound
from tenants import scope
from tenants.db import db
from tests.support import cluster
from tests.support.world import Browser, a_bureau, text_of


def test_the_database_refuses_where_a_bureau_is_real(app: Flask) -> None:
    assert app
    a_bureau()
    with db.engine.begin() as connection, pytest.raises(Exception, match="does not travel") as caught:
        connection.execute(text("SELECT portal_travel(interval '1 day')"))
    assert isinstance(caught.value.__cause__, InsufficientPrivilege)


def test_what_reads_the_clock_reads_the_travelled_one(app: Flask, travel: Callable[[timedelta], int]) -> None:
    assert app
    bureau = a_bureau()
    with scope.entered(bureau.system):
        before = scope.now()
    travel(timedelta(days=3))
    with scope.entered(bureau.system):
        after, instant = scope.now(), scope.instant()
    assert timedelta(days=3) <= after - before < timedelta(days=3, minutes=1)
    assert after <= instant < after + timedelta(minutes=1)


def test_people_of_a_demo_travel_from_a_page_and_production_does_not(settings: Settings) -> None:
    with cluster.fresh_database() as urls:
        app = create_app(replace(settings, database=urls))
        with app.app_context():
            bureau = a_bureau(roles=[Role.HANDLER])
            with psycopg.connect(urls.owner.replace("+psycopg", "")) as owner:
                owner.execute("UPDATE tenant SET is_demo = true")
            browser = Browser(app, bureau.people[Role.HANDLER])
            assert "拨动" in text_of(browser.get("/demo/clock"))
            with scope.entered(bureau.system):
                before = scope.now()
            browser.post("/demo/clock", {"days": "2", "minutes": "30"})
            with scope.entered(bureau.system):
                assert scope.now() - before >= timedelta(days=2, minutes=30)
            assert "请填写天数" in text_of(browser.post("/demo/clock", {"days": ""}, status=422))
            browser.post("/demo/clock/back", {})
            with scope.entered(bureau.system):
                assert scope.now() - before < timedelta(hours=1)
            db.engine.dispose()
        real = create_app(replace(settings, database=urls, production=True))
        with real.app_context():
            real.config["SESSION_COOKIE_SECURE"] = False
            Browser(real, bureau.people[Role.HANDLER]).get("/demo/clock", status=404)
            with pytest.raises(NotFound):
                clock.forward(timedelta(days=1))
            with psycopg.connect(urls.owner.replace("+psycopg", "")) as owner:
                owner.execute("UPDATE clock_shift SET ahead = '9 days'")
                owner.execute("UPDATE tenant SET is_demo = false")
            clock.back()
            with scope.entered(bureau.system):
                assert scope.now() - before < timedelta(hours=1)
            db.engine.dispose()


def test_real_bureaus_people_find_no_such_page(app: Flask) -> None:
    bureau = a_bureau(roles=[Role.HANDLER])
    Browser(app, bureau.people[Role.HANDLER]).get("/demo/clock", status=404)
