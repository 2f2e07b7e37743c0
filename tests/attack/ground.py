"""An installation that can lose its power: database cluster and web server are processes of their own."""

import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import psycopg
from flask import Flask
from sqlalchemy import text

from portal.app import create_app
from portal.audit import ring_due
from portal.config import DatabaseUrls, Settings
from tenants import server
from tenants.db import db
from tenants.rowsecurity import BACKUP, OWNER, WEB
from tests.support import cluster
from tests.support.live import Site, environment, running


@dataclass
class Ground:
    """A cluster of its own that outlives a power cut, an application on it, and its web server."""

    place: Path
    urls: DatabaseUrls
    app: Flask
    site: Site
    folder: Path

    def travel(self, more: timedelta) -> int:
        """Put the clock of this database ahead and ring what falls due; how much rang here.

        The web server's own clock may have one in hand, which ringing here passes over: until none is due.
        """
        with psycopg.connect(self.urls.owner) as owner:
            owner.execute(
                "INSERT INTO clock_shift VALUES (true, %s) ON CONFLICT (one)"
                " DO UPDATE SET ahead = clock_shift.ahead + EXCLUDED.ahead",
                (more,),
            )
        with self.app.app_context():
            rung = ring_due()
            while self._due():
                rung += ring_due()
            return rung

    def _due(self) -> bool:
        with db.engine.begin() as connection:
            return connection.execute(text("SELECT 1 FROM portal_due_alarms(1)")).first() is not None

    def kill_web(self) -> None:
        """End the web server and start it again."""
        self.site.kill()
        self.site.start()

    def kill_database(self) -> None:
        """End the database under the living web server and start it again."""
        pid = int((self.place / "data" / "postmaster.pid").read_text().splitlines()[0])
        os.kill(pid, signal.SIGKILL)
        server.start(self.place)


@contextmanager
def a_ground(folder: Path) -> Iterator[Ground]:
    place = folder / "postgres"
    started = server.start(place)
    urls = DatabaseUrls(*(started.url(role=role) for role in (WEB, OWNER, BACKUP)))
    cluster.migrate(urls.owner)
    (folder / "tmp").mkdir()
    settings = environment(urls, folder / "var", TMPDIR=str(folder / "tmp"))
    app = create_app(Settings.from_environment(settings))
    try:
        with running(settings, folder / "web.log") as site:
            yield Ground(place, urls, app, site, folder)
    finally:
        with app.app_context():
            db.engine.dispose()
        started.stop()
        shutil.rmtree(started.socket, ignore_errors=True)
