"""The jobs that run when nobody looks: one leader by advisory lock, each run idempotent.

Nothing depends on them: what time changes is derived when it is read, too.
"""

import logging
from collections.abc import Callable
from typing import Final

import click
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.schedulers.base import BaseScheduler
from apscheduler.schedulers.blocking import BlockingScheduler
from flask import Flask, current_app
from flask.cli import with_appcontext
from sqlalchemy import text

from portal.audit import ring_due
from portal.audit.commands import keep_anchor
from portal.kernel.clock import SHANGHAI
from portal.report.invariants import broken
from portal.report.leftovers import sweep, sweep_drafts
from tenants.db import db

LEADER: Final = 0x6C656164
CLOCK: Final = 0x636C6F63
SWEEP: Final = 0x73776565
EVERY_SECONDS: Final = 5
log = logging.getLogger("portal.scheduler")


def anchor() -> None:
    """Keep the day's heads of all audit chains outside the database."""
    log.info(keep_anchor())


def check() -> None:
    """Check the data, and say in the log what does not hold."""
    for each in broken():
        log.error("broken invariant: %s", each)


NIGHTLY: Final[tuple[tuple[Callable[[], None], int], ...]] = ((anchor, 1), (check, 2), (sweep, 3))


def run_as_leader(app: Flask, job: Callable[[], object], key: int = LEADER) -> bool:
    """Run ``job`` if no other process runs one under this ``key`` now; whether it ran."""
    with app.app_context(), db.engine.connect() as connection:
        if not connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": key}).scalar():
            return False
        try:
            job()
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": key})
        return True


@click.command("scheduler")
@with_appcontext
def scheduler() -> None:
    """Run the nightly jobs until stopped; several may run, one leads."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001
    jobs = BlockingScheduler(timezone=SHANGHAI)
    _keep_clock(jobs, app)
    for job, hour in NIGHTLY:
        jobs.add_job(run_as_leader, "cron", args=(app, job), hour=hour, id=job.__name__, coalesce=True)
    jobs.start()


def keep_clock(app: Flask) -> None:
    """Ring what is due from a thread of the web server, so that one program is enough for one county.

    At the start it clears away what a process that was killed left half-written.
    """
    jobs = BackgroundScheduler(timezone=SHANGHAI)
    _keep_clock(jobs, app)
    jobs.add_job(run_as_leader, args=(app, sweep_drafts, SWEEP), id="start")
    jobs.start()


def _keep_clock(jobs: BaseScheduler, app: Flask) -> None:
    jobs.add_job(
        run_as_leader,
        "interval",
        args=(app, ring_due, CLOCK),
        seconds=EVERY_SECONDS,
        id="clock",
        coalesce=True,
    )
