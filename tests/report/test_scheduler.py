"""The nightly jobs: one leader at a time, and what they leave behind."""

import json

from flask import Flask
from sqlalchemy import text

from portal.config import Settings
from portal.scheduler import LEADER, NIGHTLY, run_as_leader
from tenants.db import db
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


def test_the_check_job_finds_nothing_in_a_sound_database(application: Flask, caplog: object) -> None:
    with application.app_context():
        a_bureau()

    assert run_as_leader(application, NIGHTLY[1][0])
    assert not getattr(caplog, "records", [])
