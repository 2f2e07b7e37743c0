"""A proxy nobody told us of: behind it all visitors have one address, and one of them can shut out all."""

import logging
from pathlib import Path
from typing import Final

from flask import Flask, request

log = logging.getLogger("portal")
FORWARDED: Final = ("X-Forwarded-For", "X-Real-IP", "Forwarded")


def marker(var: Path) -> Path:
    """The file whose time says when a process last met its first request through a proxy, for `doctor`."""
    return var / "behind-proxy"


def watch(app: Flask, var: Path) -> None:
    """Where no proxy is configured: note, once in each process, that a request says it came through one."""
    noted = False

    def note() -> None:
        nonlocal noted
        if noted or not any(name in request.headers for name in FORWARDED):
            return
        noted = True
        marker(var).touch()
        log.warning("a request came through a proxy, but PORTAL_PROXIES is 0: all visitors share one address")

    app.before_request(note)
