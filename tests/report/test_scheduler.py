"""The nightly jobs: one leader at a time, and what they leave behind."""

import json
from dataclasses import replace

import psycopg
import pytest
from flask import Flask
from sqlalchemy import text

from portal.access import Role
from portal.app import create_app
from portal.config import Settings
from portal.scheduler import LEADER, NIGHTLY, run_as_leader
from tenants.db import db
from tests.support import cluster
from tests.support.world import a_bureau


def test_the_anchor_job_keeps_the_heads_of_all_chains(application: Flask, settings: Settings) -> None:
    with application.app_context():
        bureau = a_bureau()

    assert run_as_leader(application, NIGHTLY[0][0])

    (kept,) = (settings.var / "anchors").glob("*.json")
    assert isinstance(json.loads(kept.read_text())["heads"], dict)
    assert bureau.code


def test_a_second_process_does_not_run_beside_the_leader(application: Flask) -> None:
    ran = []
    with application.app_context(), db.engine.connect() as other:
        other.execute(text("SELECT pg_advisory_lock(:key)"), {"key": LEADER})
        assert not run_as_leader(application, lambda: ran.append(1))
        other.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": LEADER})

    assert run_as_leader(application, lambda: ran.append(2))
    assert ran == [2]


def test_the_check_job_says_what_is_broken_and_nothing_else(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    """In a database of its own: other tests break things on purpose."""
    with cluster.fresh_database() as urls:
        app = create_app(replace(settings, database=urls))
        with app.app_context():
            bureau = a_bureau(roles=[Role.HANDLER])
        assert run_as_leader(app, NIGHTLY[1][0])
        assert caplog.messages == []

        with psycopg.connect(urls.owner.replace("+psycopg", "")) as owner:
            owner.execute("ALTER TABLE audit_event DISABLE ROW LEVEL SECURITY")
            owner.execute("UPDATE audit_event SET verb = 'x' WHERE chain = %s", (str(bureau.id),))
        assert run_as_leader(app, NIGHTLY[1][0])
        assert len(caplog.messages) == 1
        with app.app_context():
            db.engine.dispose()
