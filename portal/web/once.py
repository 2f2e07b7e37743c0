"""A form sent twice counts once: a double click, a page sent again, a form sent twenty times.

Each form that is shown carries a token of its own (a fresh pad over the session's). What was sent with it is
known again by a keyed digest of the whole form, kept for a day with the page it led to. The digest is put
down before the deed, in the same transaction: of two at once the second waits for the first, and a deed that
was refused may be tried again.
"""

import hashlib
import hmac
from typing import IO, Any, Final
from uuid import UUID

from flask import current_app, g, redirect, request, session
from sqlalchemy import text
from werkzeug.wrappers import Response

from portal.wording import notice
from tenants.db import db

SEE_OTHER: Final = 303
REFUSED: Final = 400
CHUNK: Final = 1024 * 1024
PUT_DOWN: Final = text(
    "INSERT INTO form_use (account_id, digest, used_at) VALUES (:account, :digest, :now)"
    " ON CONFLICT DO NOTHING RETURNING true"
)
LED_TO: Final = text("SELECT led_to FROM form_use WHERE account_id = :account AND digest = :digest")
KEEP: Final = text(
    "WITH old AS (DELETE FROM form_use WHERE account_id = :account AND used_at < :now - interval '1 day')"
    " UPDATE form_use SET led_to = :led_to WHERE account_id = :account AND digest = :digest"
)
FORGET: Final = text("DELETE FROM form_use WHERE account_id = :account AND digest = :digest")


class Sending:
    """One sending of a form by a person: whether it came before, and where it leads."""

    def __init__(self, account_id: UUID) -> None:
        self._key = {"account": account_id, "digest": _digest_of_form()}

    def earlier(self) -> Response | None:
        """The answer where the very same form was sent before: where that led, and that it counts once."""
        if db.session.scalar(PUT_DOWN, {**self._key, "now": g.now}):
            return None
        session.setdefault("notices", []).append(("done", notice("portal.sent_before")))
        session.modified = True
        return redirect(db.session.execute(LED_TO, self._key).scalar_one(), SEE_OTHER)

    def keep(self, answer: Response) -> None:
        """A deed that leads to a page is not done again; any other answer may be asked for again.

        What was refused is not kept: nothing of its transaction is.
        """
        if answer.status_code == SEE_OTHER:
            db.session.execute(KEEP, {**self._key, "now": g.now, "led_to": answer.location})
        elif answer.status_code < REFUSED:
            db.session.execute(FORGET, self._key)


def counts_once(view: Any) -> bool:
    """Not what a script sends to be kept as a draft, nor what is sealed: of that no digest exists."""
    drafted = request.accept_mimetypes.best == "application/json"
    return not drafted and not hasattr(view, "portal_stream")


def _digest_of_form() -> bytes:
    secret = current_app.secret_key
    mac = hmac.new(secret if isinstance(secret, bytes) else str(secret).encode(), digestmod=hashlib.sha256)
    parts = [request.method, request.full_path]
    parts += [part for field in request.form.items(multi=True) for part in field]
    for name, upload in request.files.items(multi=True):
        parts += [name, upload.filename or "", _digest_of(upload.stream)]
        upload.stream.seek(0)
    for part in parts:
        spelled = part.encode("utf-8", "surrogatepass")
        mac.update(len(spelled).to_bytes(8, "big") + spelled)
    return mac.digest()


def _digest_of(content: IO[bytes]) -> str:
    made = hashlib.sha256()
    while chunk := content.read(CHUNK):
        made.update(chunk)
    return made.hexdigest()
