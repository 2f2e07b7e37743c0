"""The jobs that run when nobody looks: one leader by advisory lock, each run idempotent.

Nothing depends on them: what time changes is derived when it is read, too.
"""

import logging
from collections.abc import Callable
from typing import Final

import click
from apscheduler.schedulers.blocking import BlockingScheduler
from flask import Flask, current_app
from flask.cli import with_appcontext
from sqlalchemy import text

from portal.audit.commands import keep_anchor
from portal.kernel.clock import SHANGHAI
from portal.report.invariants import broken
from tenants.db import db

LEADER: Final = 0x6C656164
log = logging.getLogger("portal.scheduler")


def anchor() -> None:
    """Keep the day's heads of all audit chains outside the database."""
    log.info(keep_anchor())


def check() -> None:
    """Check the data, and say in the log what does not hold."""
    for each in broken():
        log.error("broken invariant: %s", each)


NIGHTLY: Final[tuple[tuple[Callable[[], None], int], ...]] = ((anchor, 1), (check, 2))


def run_as_leader(app: Flask, job: Callable[[], None]) -> bool:
    """Run ``job`` if no other process is running jobs now; whether it ran."""
    with app.app_context(), db.engine.connect() as connection:
        if not connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": LEADER}).scalar():
            return False
        try:
            job()
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": LEADER})
        return True


@click.command("scheduler")
@with_appcontext
def scheduler() -> None:
    """Run the nightly jobs until stopped; several may run, one leads."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001
    jobs = BlockingScheduler(timezone=SHANGHAI)
    for job, hour in NIGHTLY:
        jobs.add_job(run_as_leader, "cron", args=(app, job), hour=hour, id=job.__name__, coalesce=True)
    jobs.start()
