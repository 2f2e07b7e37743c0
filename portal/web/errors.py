"""Errors in the user's words: one page per status, JSON where asked for, and nothing typed is lost."""

import logging
import secrets
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

from flask import Flask, current_app, g, jsonify, request
from flask_login import AnonymousUserMixin
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from portal.access import GRANTS, ROLE_LABELS, STAFF, Role
from portal.kernel.errors import NotPermitted, PortalError, Refused, Stale, Unavailable
from portal.kernel.hashing import plain
from portal.kernel.ruling import ALLOWED, Ruling
from portal.web.guard import UNSAFE, current_actor, readable, typed
from portal.web.pages import page
from portal.wording import REFUSALS, say, sentence

MEGABYTE: Final = 1024 * 1024
log = logging.getLogger("portal")


def register(app: Flask) -> None:
    """Answer every error by a page (or JSON) of ours."""
    app.add_template_filter(readable)
    app.register_error_handler(PortalError, _portal_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(OperationalError, _away)
    app.register_error_handler(Exception, _bug)


def _wants_json() -> bool:
    return request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json"


def _answer(status: int, **context: Any) -> tuple[Any, int]:
    g.asks_nothing = True  # the transaction is over: the page of an error asks the database nothing
    if _wants_json():
        ruling: Ruling = context.get("ruling", ALLOWED)
        refusals = [
            {"code": each.code, "text": say(each), "facts": plain(each.facts)} for each in ruling.refusals
        ]
        return jsonify(status=status, refusals=refusals, message=context.get("sentence", "")), status
    template = f"error/{status}.html"
    known = template in current_app.jinja_env.list_templates()
    nearest = "error/400.html" if status < 500 else "error/500.html"  # noqa: PLR2004 -- HTTP's own border
    return page(template if known else nearest, status=status, **context), status


def _portal_error(error: PortalError) -> tuple[Any, int]:
    if isinstance(error, Refused):
        return _answer(error.status, ruling=error.ruling, back=_back())
    if isinstance(error, Stale):
        return _stale(error)
    known = error.code in REFUSALS
    said = sentence(error.code, error.facts) if known else ""
    return _answer(error.status, sentence=said, able=_able() if isinstance(error, NotPermitted) else "")


def _able() -> str:
    """The other posts that may do what was refused, in words; '' where it hangs on the row."""
    refused = g.get("refused_permission")
    roles = {grant.role for grant in GRANTS[refused]} if refused else set()
    if current_actor().role in roles:
        return ""
    return "、".join(ROLE_LABELS[role] for role in Role if role in roles & STAFF)


def _stale(error: Stale) -> tuple[Any, int]:
    """What was typed may be sent again as it is, but for a form of a version that is gone for good."""
    carried = list(typed().items(multi=True)) if request.method in UNSAFE else []
    if "cause" not in error.facts:
        said = sentence("portal.saved_first")
        return _answer(error.status, sentence=said, carried=carried, newest=_newest())
    said = sentence(str(error.facts["cause"]))
    return _answer(error.status, sentence=said, carried=carried, action=request.full_path.rstrip("?"))


def _newest() -> str:
    """The page this form stands on, as it is now; '' where nobody can say."""
    adapter = current_app.create_url_adapter(request)
    if adapter is not None and adapter.test(method="GET"):
        return request.full_path.rstrip("?")
    return _came_from()


def _came_from() -> str:
    came = urlsplit(request.referrer or "")
    return urlunsplit(("", "", came.path, came.query, "")) if came.netloc == request.host else ""


def _back() -> str:
    """Where to look at what was refused: the form's page; of a page refused itself, the one before."""
    if request.method in UNSAFE:
        return _newest()
    before = _came_from()
    return "" if urlsplit(before).path == request.path else before


def _http_error(error: HTTPException) -> tuple[Any, int] | HTTPException:
    if error.code is None or error.code < 400:  # noqa: PLR2004
        return error
    most = (request.max_content_length or 0) // MEGABYTE if error.code == RequestEntityTooLarge.code else 0
    return _answer(error.code, sentence=sentence("portal.body_too_large", {"most": most}) if most else "")


def _away(error: OperationalError) -> tuple[Any, int]:
    """The database is being restarted, or gave the transaction up; its last word may not have reached us."""
    log.error("no database at %s %s", request.method, request.path, exc_info=error)
    if "_login_user" not in g:
        g._login_user = AnonymousUserMixin()  # noqa: SLF001 -- or the page would ask it
    if request.method not in UNSAFE:
        return _answer(Unavailable.status, sentence="")
    return _answer(
        Unavailable.status,
        sentence=sentence("portal.interrupted"),
        carried=list(typed().items(multi=True)),
        had_files=bool(request.files),
        action=request.full_path.rstrip("?"),
    )


def _bug(error: Exception) -> tuple[Any, int]:
    if current_app.testing or current_app.debug:
        raise error
    reference = secrets.token_hex(4).upper()
    log.error("bug %s at %s %s", reference, request.method, request.path, exc_info=error)
    return _answer(500, reference=reference)
