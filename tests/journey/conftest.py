"""A real browser on a real server: each journey gets a page that fails it on any error nobody asked for."""

import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Response, sync_playwright
from werkzeug.serving import make_server

from portal.app import create_app
from portal.config import Settings
from tests.support import browser as chromium

REFUSALS = {403, 404, 409, 422}  # answers a page may be meant to give; their document still has to be whole
PATIENCE_MS = 10_000


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium without a screen."""
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=chromium.executable(), args=list(chromium.FLAGS))


@pytest.fixture(scope="session")
def live_url(settings: Settings) -> Iterator[str]:
    """The application on a free port of this machine."""
    server = make_server("127.0.0.1", 0, create_app(settings), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


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
