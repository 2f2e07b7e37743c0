"""A real browser on a real server: each journey gets a page that fails it on any error nobody asked for."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Response, sync_playwright
from werkzeug.serving import make_server

from portal.app import create_app
from portal.config import Settings
from portal.demo import world
from tenants.db import db
from tests.support import browser as chromium
from tests.support import cluster

REFUSALS = {403, 404, 409, 422}  # answers a page may be meant to give; their document still has to be whole
PATIENCE_MS = 10_000


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium without a screen."""
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=chromium.executable(), args=list(chromium.FLAGS))


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """The application on a free port of this machine: its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        with app.app_context():
            db.engine.dispose()


@pytest.fixture(scope="session")
def live_url(settings: Settings) -> Iterator[str]:
    """The application on the worker's own database, for journeys that open bureaus of their own."""
    with served(create_app(settings)) as url:
        yield url


@pytest.fixture(scope="session")
def demo_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The demo world, alone in a database of its own."""
    with cluster.fresh_database() as urls:
        app = create_app(
            Settings.from_environment(
                {
                    "PORTAL_VAR": str(tmp_path_factory.mktemp("demo")),
                    "DATABASE_URL": urls.web,
                    "DATABASE_OWNER_URL": urls.owner,
                    "DATABASE_BACKUP_URL": urls.backup,
                }
            )
        )
        with app.app_context():
            world.load()
        with served(app) as url:
            yield url


@pytest.fixture
def faults() -> list[str]:
    """What went wrong in the browser during this journey."""
    return []


@pytest.fixture
def page(browser: Browser, live_url: str, faults: list[str]) -> Iterator[Page]:
    """A page at 1366×768 in a fresh context. Console errors and failed requests fail the test."""
    context = browser.new_context(
        base_url=live_url,
        viewport={"width": 1366, "height": 768},
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
    )
    context.set_default_timeout(PATIENCE_MS)
    opened = context.new_page()
    watch(opened, faults)
    yield opened
    context.close()
    assert faults == []


def watch(page: Page, faults: list[str]) -> None:
    """Write every fault of ``page`` into ``faults``; a refusal that is a page of its own is no fault."""

    def on_console(message: ConsoleMessage) -> None:
        # Chromium also reports a refused document as a console error; on_response judges those.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            faults.append(f"console: {message.text} ({page.url})")

    def on_failure(request: Request) -> None:
        if "ERR_ABORTED" not in str(request.failure):  # a download ends its navigation so
            faults.append(f"request: {request.method} {request.url}: {request.failure}")

    def on_response(response: Response) -> None:
        meant = response.request.is_navigation_request() and response.status in REFUSALS
        if response.status >= 400 and not meant:
            faults.append(f"response: {response.status} {response.url}")

    page.on("console", on_console)
    page.on("pageerror", lambda error: faults.append(f"script: {error} ({page.url})"))
    page.on("requestfailed", on_failure)
    page.on("response", on_response)
