"""Two worlds that were one until a secret was told: what everybody else sees of them must be the same.

A slice with something to hide writes a `Secret` and adds it in `test_two_worlds`.
"""

import io
import re
import shutil
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
from flask import Flask

from portal.app import create_app
from portal.audit import ring_due
from portal.config import DatabaseUrls, Settings
from tenants.db import db
from tests.support import cluster
from tests.support.live import environment
from tests.support.world import Browser, Person

_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_LONG = re.compile(r"[0-9a-fA-F]{16,}")
_GROUPED = re.compile(r"[0-9a-f]{8}(?: [0-9a-f]{8}){3,}")
_SHORT = re.compile(r"[0-9a-f]{8}…[0-9a-f]{4}")
_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[+-]\d\d:\d\d|Z)?")
_TIME_IN_WORDS = re.compile(r"\d\d:\d\d:\d\d")


@dataclass(frozen=True)
class Ask:
    """One request that somebody makes."""

    url: str
    data: Mapping[str, str] | None = None
    page: str = ""


@dataclass(frozen=True)
class Secret:
    """What differs between the worlds, and to whom it must make no difference.

    ``tell`` is done in each world with its own value; ``after`` are later moments, each looked at as well.
    ``hidden`` are the words that are random in each world and are masked wherever they stand.
    """

    name: str
    prepare: Callable[[], Any]
    tell: Callable[[Any, str], None]
    values: tuple[str, str]
    readers: Callable[[Any], Sequence[Person | None]]
    asks: Callable[[Any], Sequence[Ask]]
    after: Sequence[Callable[["World", Any], None]] = field(default=())
    hidden: Callable[[psycopg.Connection, Any], Sequence[str]] = lambda _connection, _made: ()


@dataclass
class World:
    """One installation of the pair."""

    app: Flask
    urls: DatabaseUrls

    def travel(self, more: timedelta) -> None:
        """Put this world's clock ahead and ring what falls due."""
        with psycopg.connect(self.urls.owner) as owner:
            owner.execute(
                "INSERT INTO clock_shift VALUES (true, %s) ON CONFLICT (one)"
                " DO UPDATE SET ahead = clock_shift.ahead + EXCLUDED.ahead",
                (more,),
            )
        with self.app.app_context():
            ring_due()


@contextmanager
def pair(secret: Secret, folder: Path) -> Iterator[tuple[Any, World, World]]:
    """What was prepared, and the two worlds after each was told its own value."""
    keys = {"PORTAL_KEYS": str(folder / "keys")}
    with ExitStack() as stack:
        first = stack.enter_context(cluster.fresh_database())
        one = World(create_app(Settings.from_environment(environment(first, folder / "one", **keys))), first)
        with one.app.app_context():
            made = secret.prepare()
            db.engine.dispose()
        if (folder / "one").exists():
            shutil.copytree(folder / "one", folder / "two")
        second = stack.enter_context(cluster.twin(first))
        two = World(
            create_app(Settings.from_environment(environment(second, folder / "two", **keys))), second
        )
        for world, value in zip((one, two), secret.values, strict=True):
            world.app.testing = True
            with world.app.app_context():
                secret.tell(made, value)
        try:
            yield made, one, two
        finally:
            for world in (one, two):
                with world.app.app_context():
                    db.engine.dispose()


def seen(world: World, secret: Secret, made: Any) -> dict[str, str]:
    """Everything every reader is told in a world, what is random in it masked."""
    with psycopg.connect(world.urls.backup) as connection:
        hidden = [word for word in secret.hidden(connection, made) if word]
    found: dict[str, str] = {}
    for person in secret.readers(made):
        browser = Browser(world.app, person)
        who = f"{person.role} {person.username}" if person else "public"
        for ask in secret.asks(made):
            where = f"{who}: {'POST' if ask.data is not None else 'GET'} {ask.url}"
            for part, text in _told(browser, ask):
                found[where + part] = masked(text, hidden)
    return found


def _told(browser: Browser, ask: Ask) -> Iterator[tuple[str, str]]:
    if ask.data is None:
        answer = browser.send("GET", ask.url)
    else:
        carried = browser.hidden(ask.page or "/account/notice")
        answer = browser.send("POST", ask.url, data={**carried, **ask.data})
    told = [answer.headers.get(name, "") for name in ("Content-Type", "Location", "Content-Disposition")]
    head = f"{answer.status_code} {' '.join(told)}\n"
    if not answer.data.startswith(b"PK\x03\x04"):
        yield "", head + answer.get_data(as_text=True)
        return
    yield "", head
    with zipfile.ZipFile(io.BytesIO(answer.data)) as packed:
        yield from ((f" {name}", packed.read(name).decode("utf-8", "replace")) for name in packed.namelist())


def masked(text: str, hidden: Sequence[str] = ()) -> str:
    """A text without what is random: ids, tokens, digests, instants, and the ``hidden`` words."""
    for word in hidden:
        text = text.replace(word, "?")
    for pattern in (_ID, _TIME, _TIME_IN_WORDS, _GROUPED, _SHORT, _LONG):
        text = pattern.sub("#", text)
    return text


def differences(one: Mapping[str, str], two: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Where the worlds differ: what was asked, and the first line of each that is not the same."""
    found = {}
    for where in sorted({*one, *two}):
        left, right = one.get(where, "—").splitlines(), two.get(where, "—").splitlines()
        if left != right:
            pairs = zip([*left, ""], [*right, ""], strict=False)
            found[where] = next(((a, b) for a, b in pairs if a != b), (str(len(left)), str(len(right))))
    return found


__all__ = ["Ask", "Secret", "World", "differences", "masked", "pair", "seen"]
