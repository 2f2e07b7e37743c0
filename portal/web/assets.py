"""Our own styles, script and seal: their addresses change with their content, so that they may be kept."""

import hashlib
from functools import cache
from pathlib import Path

from flask import Flask, Response, request, url_for

FILES = frozenset({"static", "bootstrap.static"})
STATIC = Path(__file__).parents[1] / "static"


@cache
def _version(filename: str) -> str:
    return hashlib.sha256((STATIC / filename).read_bytes()).hexdigest()[:12]


def asset(filename: str) -> str:
    """The address of a file in ``portal/static``. Raises `FileNotFoundError` for one that is not there."""
    return url_for("static", filename=filename, v=_version(filename))


def _read_whole(response: Response) -> Response:
    """A file is read whole, because a stream would reach browsers that ask for gzip uncompressed."""
    if request.endpoint in FILES and response.is_streamed:
        response.direct_passthrough = False
        response.get_data()
    return response


def register(app: Flask) -> None:
    """Make `asset` known to the templates of ``app``, after Flask-Compress, whose work it prepares."""
    app.add_template_global(asset)
    app.after_request(_read_whole)
