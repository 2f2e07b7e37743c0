"""One throw-away PostgreSQL cluster per test run, shared by its workers; each takes a database of its own.

The run that starts it names its directory after its own process and removes it at the end; what a killed run
left behind is removed by the next one.
"""

import fcntl
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from alembic import command
from alembic.config import Config

from portal.config import DatabaseUrls
from tenants import server
from tenants.rowsecurity import BACKUP, OWNER, WEB

ROOT = Path(__file__).parents[2]
PLACE = "PORTAL_TEST_CLUSTER"
PREFIX = "portal-test-"
TEMPLATE = "portal_template"


def name_cluster() -> None:
    """In the process that leads the run: choose the directory, and clear away those of runs that died."""
    for left in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        if not Path(f"/proc/{left.name.removeprefix(PREFIX)}").exists():
            _remove(left)
    os.environ[PLACE] = str(Path(tempfile.gettempdir()) / f"{PREFIX}{os.getpid()}")


def remove_cluster() -> None:
    """In the process that leads the run: stop the cluster, if any, and remove every trace."""
    place = Path(os.environ.pop(PLACE))
    if place.exists():
        _remove(place)


def _remove(place: Path) -> None:
    cluster = server.at(place)
    cluster.stop()
    shutil.rmtree(place)
    shutil.rmtree(cluster.socket, ignore_errors=True)


def _urls(cluster: server.Server, database: str) -> DatabaseUrls:
    return DatabaseUrls(*(cluster.url(database, role) for role in (WEB, OWNER, BACKUP)))


def migrate(owner_url: str, revision: str = "head") -> None:
    """Bring a database to ``revision``, as its owner."""
    config = Config(ROOT / "migrations" / "alembic.ini")
    config.attributes["url"] = owner_url
    command.upgrade(config, revision)


def refuse_inhabited(backup_url: str) -> None:
    """Raise `RuntimeError` where a database holds tenants: tests never touch a living one."""
    with psycopg.connect(backup_url) as connection:
        row = connection.execute("SELECT count(*) FROM tenant").fetchone()
    if row != (0,):
        raise RuntimeError("this database holds tenants; tests refuse it")


def _template(cluster: server.Server) -> str:
    """The migrated, empty database that all others are copied from; made by whoever comes first."""
    with cluster.connect() as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (TEMPLATE,)).fetchone():
            server.create_database(connection, "portal_draft")
            migrate(cluster.url("portal_draft", OWNER))
            connection.execute(f"ALTER DATABASE portal_draft RENAME TO {TEMPLATE}")
    return TEMPLATE


@contextmanager
def fresh_database(*, migrated: bool = True) -> Iterator[DatabaseUrls]:
    """A database with a random name, as the migrations leave it (or empty); dropped on leaving."""
    place = Path(os.environ[PLACE])
    place.mkdir(mode=0o755, exist_ok=True)
    with (place / "template.lock").open("a") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        cluster = server.start(place, durable=False)
        name = f"portal_{secrets.token_hex(8)}"
        template = _template(cluster) if migrated else "template0"
        with cluster.connect() as connection:
            server.create_database(connection, name, template=template)
    urls = _urls(cluster, name)
    if migrated:
        refuse_inhabited(urls.backup)
    try:
        yield urls
    finally:
        with cluster.connect() as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def twin(urls: DatabaseUrls) -> Iterator[DatabaseUrls]:
    """A second database, row for row the same as one that nobody is connected to; dropped on leaving."""
    started = server.at(Path(os.environ[PLACE]))
    name = f"portal_{secrets.token_hex(8)}"
    with started.connect() as connection:
        server.create_database(connection, name, template=urlsplit(urls.web).path.removeprefix("/"))
    try:
        yield _urls(started, name)
    finally:
        with started.connect() as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
