"""One server, three applications: the product, and under two prefixes the floors it is measured against.

``/bare/<page>``: a Flask view that asks the same rows by psycopg, as a role that passes row security, and
renders the same template with them; no sign-in, no scope, no object mapper, nothing counted or compressed.
``/wsgi/<page>``: the bytes of the page from a function.
"""

import json
import os
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, Final
from uuid import UUID

import psycopg
from flask import Flask, g, render_template, template_rendered
from flask.testing import FlaskClient
from flask_babel import Babel
from flask_bootstrap import Bootstrap5
from psycopg.rows import class_row

from bench.floors import OTHER, ROWS, TOTAL
from portal.app import create_app
from portal.commission.lifecycle import STATE_LABELS, CommissionState
from portal.commission.rules import KIND_LABELS, ServiceKind
from tests.support.world import PASSWORD

PLAN: Final = json.loads(os.environ["PORTAL_BENCH"])
INJECTED: Final = frozenset({"g", "request", "session", "config", "current_user"})


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the list, without an object mapper."""

    id: UUID
    name: str
    year: int
    service_kind: str
    ceiling: Decimal | None
    state: str
    touched_at: datetime

    @property
    def kind_label(self) -> str:
        """委托事项 in words."""
        return KIND_LABELS[ServiceKind(self.service_kind)]

    @property
    def state_label(self) -> tuple[str, str]:
        """The state in words, and its tone."""
        return STATE_LABELS[CommissionState(self.state)]

    def awaits(self) -> tuple[str, ...]:
        """What it waits for: here, whatever is approved, for its buyer."""
        return ("buy",) if self.state == CommissionState.APPROVED.value else ()


_local = threading.local()


def _connection() -> psycopg.Connection:
    if not hasattr(_local, "connection"):
        _local.connection = psycopg.connect(PLAN["floor_url"], autocommit=True)
    connection: psycopg.Connection = _local.connection
    return connection


def _bare(product: Flask) -> Flask:
    """A Flask that knows the product's addresses and filters, so that its templates render, and nothing else."""
    app = Flask("portal", template_folder="../templates")
    app.config.update(BABEL_DEFAULT_LOCALE="zh_CN", BOOTSTRAP_SERVE_LOCAL=True)
    Babel(app)
    Bootstrap5(app)
    app.jinja_env.add_extension("jinja2.ext.do")
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    for bare_has, product_has in (
        (app.jinja_env.filters, product.jinja_env.filters),
        (app.jinja_env.globals, product.jinja_env.globals),
    ):
        for name in product_has.keys() - bare_has.keys():
            bare_has[name] = product_has[name]
    known = {rule.endpoint for rule in app.url_map.iter_rules()}
    for rule in product.url_map.iter_rules():
        if rule.endpoint not in known:
            app.add_url_rule(rule.rule, rule.endpoint, methods=rule.methods)
    return app


def _view(name: str, template: str, context: dict[str, Any], actor: object) -> Callable[[], str]:
    def view() -> str:
        g.token, g.actor = "0" * 80, actor
        g.seat = SimpleNamespace(tenant_code=PLAN["codes"].get(name, PLAN["tenant_code"]))
        asked = _connection()
        if name not in ROWS:
            for statement in OTHER[name]:
                asked.execute(statement, PLAN).fetchall()
            return render_template(template, **context)
        counted = asked.execute(TOTAL, PLAN).fetchone()
        with asked.cursor(row_factory=class_row(Row)) as cursor:
            rows = cursor.execute(ROWS[name], PLAN).fetchall()
        listing = replace(context["listing"], rows=rows, total=counted[0] if counted else 0)
        return render_template(template, **{**context, "listing": listing})

    return view


def _pages(product: Flask) -> tuple[Flask, dict[str, bytes]]:
    """Load each page once as its reader and keep what its template was given, and its bytes."""
    clients = {
        username: _signed_in(product, username) for username in {PLAN["username"], *PLAN["readers"].values()}
    }
    seen: list[tuple[str, dict[str, Any]]] = []

    def keep(_app: Flask, template: Any, context: dict[str, Any], **_: Any) -> None:
        seen.append((template.name, context))

    bare, whole = _bare(product), {}
    with template_rendered.connected_to(keep, product):
        for name, path in PLAN["pages"].items():
            answer = clients[PLAN["readers"].get(name, PLAN["username"])].get(path)
            if answer.status_code != 200:
                raise RuntimeError(f"{path}: {answer.status}")
            whole[name] = answer.data
            template, context = seen[-1]
            given = {key: value for key, value in context.items() if key not in INJECTED}
            actor = context["g"].actor
            bare.add_url_rule(f"/{name}", f"bare_{name}", _view(name, template, given, actor))
    return bare, whole


def _signed_in(product: Flask, username: str) -> FlaskClient:
    client = product.test_client()
    sent = client.get("/sign-in").text.split('name="csrf_token" value="')[1].split('"')[0]
    client.post("/sign-in", data={"csrf_token": sent, "username": username, "password": PASSWORD})
    return client


product = create_app()
bare, whole = _pages(product)


def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Hand a request to the application its path names."""
    path = environ["PATH_INFO"]
    if path.startswith("/bare/"):
        environ["PATH_INFO"] = path.removeprefix("/bare")
        return bare(environ, start_response)
    if path.startswith("/wsgi/"):
        body = whole[path.removeprefix("/wsgi/")]
        start_response("200 OK", [("Content-Type", "text/html"), ("Content-Length", str(len(body)))])
        return [body]
    return product(environ, start_response)
