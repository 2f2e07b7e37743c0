"""The product as it really runs: a web server as a process of its own, which can be killed, and visitors."""

import base64
import json
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlencode

from portal.config import DatabaseUrls
from tests.support.world import PASSWORD

ROOT = Path(__file__).parents[2]
_HIDDEN = re.compile(r'<input type="hidden" name="(csrf_token|_post)" value="([^"]*)"')
_RECEIPT = re.compile(r"data:application/json;base64,([A-Za-z0-9+/=]+)")
START_SECONDS = 60
File = tuple[str, str, bytes]


def environment(urls: DatabaseUrls, var: Path, **more: str) -> dict[str, str]:
    """What an installation on this database is started with."""
    return {
        "PORTAL_VAR": str(var),
        "DATABASE_URL": urls.web,
        "DATABASE_OWNER_URL": urls.owner,
        "DATABASE_BACKUP_URL": urls.backup,
        **more,
    }


class Site:
    """One web server with its workers, in a process group of its own."""

    def __init__(self, settings: Mapping[str, str], log: Path) -> None:
        self._settings = dict(settings)
        self.log = log
        self._process: subprocess.Popen[bytes] | None = None
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]

    def start(self) -> None:
        """Start it and wait until it answers. Raises `RuntimeError` with the end of its log."""
        with self.log.open("ab") as handle:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "gunicorn", "wsgi:app"],
                cwd=ROOT,
                env={**os.environ, **self._settings, "PORT": str(self.port)},
                stdout=handle,
                stderr=handle,
                start_new_session=True,
            )
        last = time.monotonic() + START_SECONDS
        while time.monotonic() < last and self._process.poll() is None:
            with suppress(OSError, HTTPException):
                if Visitor(self).send("GET", "/sign-in")[0] == 200:
                    return
            time.sleep(0.1)
        raise RuntimeError(self.log.read_text(errors="replace")[-3000:])

    def kill(self) -> None:
        """End it and all its workers as a power cut would."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """End it in order."""
        self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, how)
            self._process.wait(30)
            self._process = None


@contextmanager
def running(settings: Mapping[str, str], log: Path) -> Iterator[Site]:
    """A server for the length of the block."""
    site = Site(settings, log)
    site.start()
    try:
        yield site
    finally:
        site.kill()


class Visitor:
    """One browser: keeps its cookies, sends its forms with their tokens."""

    def __init__(self, site: Site, username: str | None = None) -> None:
        self._site = site
        self._cookies: dict[str, str] = {}
        if username is not None:
            status, _ = self.post("/sign-in", {"username": username, "password": PASSWORD}, page="/sign-in")
            assert status == 303, f"{username} could not sign in"

    def get(self, path: str) -> tuple[int, str]:
        """GET a page: status and text."""
        return self.send("GET", path)

    def hidden(self, path: str) -> dict[str, str]:
        """Token and post as the forms of a page carry them."""
        return dict(_HIDDEN.findall(self.get(path)[1]))

    def post(
        self, path: str, fields: Mapping[str, str], *, page: str | None = None, files: Sequence[File] = ()
    ) -> tuple[int, str]:
        """POST a form with the token of ``page``; ``files`` are (field, name, content)."""
        whole = {**(self.hidden(page) if page else {}), **fields}
        if not files:
            return self.send("POST", path, urlencode(whole).encode(), "application/x-www-form-urlencoded")
        kind, body = multipart(whole, files)
        return self.send("POST", path, body, kind)

    def send(
        self, method: str, path: str, body: bytes | None = None, kind: str | None = None
    ) -> tuple[int, str]:
        """One request: status and text."""
        status, content = self.fetch(method, path, body, kind)
        return status, content.decode(errors="replace")

    def fetch(
        self, method: str, path: str, body: bytes | None = None, kind: str | None = None
    ) -> tuple[int, bytes]:
        """One request on a connection of its own: status and bytes."""
        connection = HTTPConnection("127.0.0.1", self._site.port, timeout=60)
        try:
            connection.request(method, path, body, self.headers(kind))
            answer = connection.getresponse()
            for cookie in answer.headers.get_all("Set-Cookie") or ():
                name, _, value = cookie.partition(";")[0].partition("=")
                self._cookies[name] = value
            return answer.status, answer.read()
        finally:
            connection.close()

    def headers(self, kind: str | None = None) -> dict[str, str]:
        """What every request of this browser carries."""
        carried = {"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())}
        return {**carried, "Content-Type": kind} if kind else carried

    def half(self, path: str, body: bytes, kind: str, *, sent: int) -> socket.socket:
        """Send a request only up to ``sent`` bytes of its body, and leave the line open."""
        line = socket.create_connection(("127.0.0.1", self._site.port), timeout=60)
        head = {**self.headers(kind), "Host": "127.0.0.1", "Content-Length": str(len(body))}
        text = f"POST {path} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in head.items())
        line.sendall(text.encode() + b"\r\n" + body[:sent])
        return line


def multipart(fields: Mapping[str, str], files: Sequence[File]) -> tuple[str, bytes]:
    """A form with files as browsers send it: content type and body."""
    mark = secrets.token_hex(16)
    parts = [
        f'--{mark}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    parts += [
        f'--{mark}\r\nContent-Disposition: form-data; name="{field}"; filename="{name}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n".encode()
        + content
        + b"\r\n"
        for field, name, content in files
    ]
    return f"multipart/form-data; boundary={mark}", b"".join(parts) + f"--{mark}--\r\n".encode()


def receipt_in(page: str) -> dict[str, object]:
    """The receipt a page carries as a file to keep. Raises `LookupError`."""
    found = _RECEIPT.search(page)
    if found is None:
        raise LookupError("no receipt on this page")
    made = json.loads(base64.b64decode(found[1]))
    assert isinstance(made, dict)
    return made
