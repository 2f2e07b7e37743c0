"""Build the world, serve it, measure page against floor in turns, print `name: ratio`, write latest.json."""

import gzip
import json
import os
import platform
import re
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import unescape
from http.client import HTTPConnection
from itertools import count
from pathlib import Path
from statistics import median
from time import perf_counter, sleep
from typing import Any, Final
from urllib.parse import quote, urlencode, urlsplit

import psycopg
from flask import Flask

from bench import deadline
from bench.floors import QUERIES
from bench.world import OWN, TENANTS, World, build
from portal.app import create_app
from portal.config import DatabaseUrls, Settings
from tenants import server
from tenants.db import db
from tests.support import cluster
from tests.support.world import PASSWORD

ROOT: Final = Path(__file__).parents[1]
LATEST: Final = ROOT / "bench" / "latest.json"
ROUNDS: Final = 7
PAIRS: Final = 20
WARM: Final = 8
FOR_THE_RECORD: Final = 2
GOALS: Final = {
    "bids lost": 0,
    "wrongly decided": 0,
    "list/bare view": 4.0,
    "statements": 12,
    "first load": 70.0,
    "later load": 15.0,
}
HIDDEN: Final = re.compile(r'<input type="hidden" name="(csrf_token|_post)" value="([^"]*)"')
TOKEN: Final = re.compile(r'name="csrf_token" value="([^"]+)"')
PING: Final = ";"
OK: Final = 200


def main() -> int:
    """Run; 1 where a goal is missed."""
    cluster.name_cluster()
    try:
        with cluster.fresh_database() as urls, tempfile.TemporaryDirectory() as var:
            return _run(urls, {"PORTAL_VAR": var, **_environment(urls)})
    finally:
        cluster.remove_cluster()


def _environment(urls: DatabaseUrls) -> dict[str, str]:
    return {
        "DATABASE_URL": urls.web,
        "DATABASE_OWNER_URL": urls.owner,
        "DATABASE_BACKUP_URL": urls.backup,
    }


def _run(urls: DatabaseUrls, environment: dict[str, str]) -> int:
    app = create_app(Settings.from_environment(environment))
    place = server.at(Path(os.environ[cluster.PLACE]))
    with place.connect(urlsplit(urls.web).path.removeprefix("/")) as superuser:
        began = perf_counter()
        with app.app_context():
            world = build(superuser)
        print(
            f"# {TENANTS} tenants, {world.rows} commissions, {OWN} own; filled in {perf_counter() - began:.0f} s"
        )
        plan = _plan(superuser, world, urls.backup)
        figures: dict[str, float] = _statements(app, plan)
        with app.app_context():
            db.engine.dispose()
        with _served({**environment, "PORTAL_BENCH": json.dumps(plan)}) as port:

            def sits(name: str) -> Reader:
                return Reader(port, plan["readers"].get(name, world.username))

            figures |= _ratios(sits, plan, urls.backup) | _weights(sits, plan)
            figures |= _draft(sits("sheet"), plan["pages"]["sheet"])
    return _tell(figures | deadline.measure())


def _plan(superuser: psycopg.Connection, world: World, floor_url: str) -> dict[str, Any]:
    mark = superuser.execute(
        "SELECT touched_at, id FROM commission WHERE tenant_id = %s ORDER BY touched_at, id LIMIT 1 OFFSET 20",
        [world.bureau.id],
    ).fetchone()
    if mark is None:
        raise LookupError
    at, row_id = mark[0].isoformat(), str(mark[1])
    tenant, desks = f"/t/{world.bureau.code}", world.desks
    scoring, market = f"/t/{desks.scoring.code}", f"/t/{desks.market.code}"
    return {
        "tenant": str(world.bureau.id),
        "tenant_code": world.bureau.code,
        "row": str(world.commission_id),
        "at": at,
        "id": row_id,
        "username": world.username,
        "floor_url": floor_url,
        "pages": {
            "list": f"{tenant}/commissions",
            "last_page": f"{tenant}/commissions?sort=-touched&after={quote(json.dumps([at, row_id]))}",
            "detail": f"{tenant}/commissions/{world.commission_id}",
            "home": f"{tenant}/",
            "sheet": f"{scoring}/sheets/{desks.sheet_id}",
            "firm_inbox": f"{market}/",
            "tender": f"{market}/tenders/{desks.tender_id}",
        },
        "readers": {"sheet": desks.expert, "firm_inbox": desks.firm, "tender": desks.buyer},
        "codes": {
            "sheet": desks.scoring.code,
            "firm_inbox": desks.market.code,
            "tender": desks.market.code,
        },
        "sheet": str(desks.sheet_id),
        "market": str(desks.market.id),
        "tender": str(desks.tender_id),
        "firm": str(desks.firm_id),
        "others": {"draft": f"{tenant}/commissions/new"},
    }


def _statements(app: Flask, plan: dict[str, Any]) -> dict[str, float]:
    """What each page asks the database, counted at the driver: all but BEGIN, COMMIT and the pool's pings."""
    sent = 0
    execute = psycopg.Cursor.execute

    def counted(cursor: Any, *arguments: Any, **named: Any) -> Any:
        nonlocal sent
        sent += arguments[0] != PING
        return execute(cursor, *arguments, **named)

    usernames = {name: plan["readers"].get(name, plan["username"]) for name in plan["pages"]}
    clients = {username: app.test_client() for username in set(usernames.values())}
    for username, client in clients.items():
        token = TOKEN.search(client.get("/sign-in").text)
        sent_in = {"csrf_token": token[1] if token else "", "username": username, "password": PASSWORD}
        client.post("/sign-in", data=sent_in)
    found: dict[str, float] = {}
    psycopg.Cursor.execute = counted  # type: ignore[assignment, method-assign]
    try:
        for name, path in plan["pages"].items():
            clients[usernames[name]].get(path)
            sent = 0
            answer = clients[usernames[name]].get(path)
            if answer.status_code != OK:
                raise RuntimeError(f"{path}: {answer.status}")
            found[f"{name} statements"] = sent
    finally:
        psycopg.Cursor.execute = execute  # type: ignore[method-assign]
    return found


@contextmanager
def _served(environment: dict[str, str]) -> Iterator[int]:
    """The product and its floors on a free port, by the product's own server settings."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    log = Path(environment["PORTAL_VAR"]) / "server.log"
    with log.open("w") as handle:
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "bench.serving:app"],
            cwd=ROOT,
            env={**os.environ, **environment, "PORT": str(port)},
            stdout=handle,
            stderr=handle,
        )
        try:
            _wait(port, process, log)
            yield port
        except RuntimeError as wrong:
            wrong.add_note(log.read_text()[-3000:])
            raise
        finally:
            process.terminate()
            process.wait()


def _wait(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    until = perf_counter() + 60
    while perf_counter() < until and process.poll() is None:
        try:
            connection = HTTPConnection("127.0.0.1", port, timeout=60)
            connection.request("GET", "/wsgi/list")
            if connection.getresponse().status == OK:
                return
        except OSError:
            sleep(0.2)
    raise RuntimeError(log.read_text()[-3000:])


class Reader:
    """A person at a browser: one connection, signed in, files already kept."""

    def __init__(self, port: int, username: str | None = None) -> None:
        self.connection = HTTPConnection("127.0.0.1", port, timeout=60)
        self.cookie = ""
        if username is None:
            return
        token = TOKEN.search(self.get("/sign-in", encoding="identity")[1].decode())
        form = f"csrf_token={token[1] if token else ''}&username={username}&password={PASSWORD}"
        self._send("POST", "/sign-in", form, {"Content-Type": "application/x-www-form-urlencoded"})

    def get(self, path: str, encoding: str = "gzip") -> tuple[int, bytes]:
        """GET; the answer's status and body as it travelled."""
        return self._send("GET", path, None, {"Accept-Encoding": encoding})

    def _send(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> tuple[int, bytes]:
        self.connection.request(method, path, body, {"Cookie": self.cookie, **headers})
        answer = self.connection.getresponse()
        if given := answer.getheader("Set-Cookie"):
            self.cookie = given.split(";")[0]
        return answer.status, answer.read()

    def post(self, path: str, fields: str) -> int:
        """POST a form as a script does; the answer's status."""
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        return self._send("POST", path, fields, headers)[0]

    def seconds(self, path: str) -> float:
        """How long a page takes, from the request to its last byte. Raises where it is no page."""
        began = perf_counter()
        status, _ = self.get(path)
        took = perf_counter() - began
        if status != OK:
            raise RuntimeError(f"{path}: {status}")
        return took


def _paired(one: Callable[[], float], other: Callable[[], float], rounds: int) -> tuple[float, float]:
    """The median over rounds of each round's median ratio, and the floor's seconds; asked in turns."""
    for _ in range(WARM):
        one(), other()
    ratios, floors = [], []
    for _ in range(rounds):
        pairs = []
        for turn in range(PAIRS):
            if turn % 2:
                first, second = one(), other()
            else:
                second, first = other(), one()
            pairs.append(first / second)
            floors.append(second)
        ratios.append(median(pairs))
    return median(ratios), median(floors)


def _ratios(sits: Callable[[str], Reader], plan: dict[str, Any], floor_url: str) -> dict[str, float]:
    found: dict[str, float] = {}
    with psycopg.connect(floor_url, autocommit=True) as connection:
        for name, path in plan["pages"].items():

            def asked(name: str = name) -> float:
                began = perf_counter()
                for statement in QUERIES[name]:
                    connection.execute(statement, plan).fetchall()
                return perf_counter() - began

            reader = sits(name)

            def loaded(path: str = path, reader: Reader = reader) -> float:
                return reader.seconds(path)

            for floor, measure, rounds in (
                ("bare view", lambda name=name, by=reader: by.seconds(f"/bare/{name}"), ROUNDS),
                ("bare WSGI", lambda name=name, by=reader: by.seconds(f"/wsgi/{name}"), FOR_THE_RECORD),
                ("bare query", asked, FOR_THE_RECORD),
            ):
                ratio, seconds = _paired(loaded, measure, rounds)
                found[f"{name}/{floor}"] = round(ratio, 2)
                found[f"{name} {floor} ms"] = round(seconds * 1000, 2)
    return found


def _draft(reader: Reader, path: str) -> dict[str, float]:
    """Saving a sheet's draft, another one each time, against the bare view of the sheet's page."""
    html = reader.get(path, encoding="identity")[1].decode()
    carried = {name: unescape(value) for name, value in HIDDEN.findall(html)}
    turn = count(1)

    def saved() -> float:
        fields = urlencode({**carried, "base": "{}", "i0-reason": f"第 {next(turn)} 稿"})
        began = perf_counter()
        status = reader.post(f"{path}/save", fields)
        took = perf_counter() - began
        if status != OK:
            raise RuntimeError(f"{path}/save: {status}")
        return took

    ratio, _ = _paired(saved, lambda: reader.seconds("/bare/sheet"), ROUNDS)
    return {"sheet draft POST/bare view of the sheet": round(ratio, 2)}


def _weights(sits: Callable[[str], Reader], plan: dict[str, Any]) -> dict[str, float]:
    """Kilobytes over the wire, gzip: a page with every file it names, and the page alone."""
    found: dict[str, float] = {}
    for name, path in [*plan["pages"].items(), *plan["others"].items(), ("sign_in", "/sign-in")]:
        who = Reader(sits("list").connection.port) if name == "sign_in" else sits(name)
        _, body = who.get(path)
        html = gzip.decompress(body).decode() if body[:2] == b"\x1f\x8b" else body.decode()
        files = set(re.findall(r'(?:src|href)="([^"]*/static/[^"]*)"', html))
        weight = sum(len(who.get(each.replace("&amp;", "&"))[1]) for each in files)
        found[f"{name} first load KB"] = round((len(body) + weight) / 1024, 1)
        found[f"{name} later load KB"] = round(len(body) / 1024, 1)
    return found


def _tell(figures: dict[str, float]) -> int:
    missed = []
    for name, figure in figures.items():
        goal = next((limit for words, limit in GOALS.items() if words in name), None)
        print(f"{name}: {figure}" + (f"  (goal ≤ {goal:g})" if goal is not None else ""))
        if goal is not None and figure > goal:
            missed.append(name)
    LATEST.write_text(
        json.dumps(
            {"python": platform.python_version(), "cores": os.cpu_count(), "missed": missed, **figures},
            ensure_ascii=False,
            indent=1,
        )
        + "\n"
    )
    for name in missed:
        print(f"# missed: {name}")
    return bool(missed)


sys.exit(main())
