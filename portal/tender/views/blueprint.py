"""The blueprint of tenders, and what all its pages share."""

from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Blueprint, g, request, url_for

from portal.kernel.errors import NotFound
from portal.kernel.ruling import Ruling
from portal.kernel.workdays import Calendar, day_of, workdays_between
from portal.tender import queries
from portal.tender.lifecycle import TenderState, state_at
from portal.tender.models import Tender, TenderQuestion
from portal.web.guard import current_actor, show_refusal
from portal.web.pages import page
from portal.wording import sentence, verb_label

bp = Blueprint("tender", __name__, url_prefix="/t/<tenant>")
LONGEST = 10
SOON_HOURS = 24
ASKING = "tender.ask"
CLOSING = "tender.close"


def url(endpoint: str, **arguments: Any) -> str:
    """An address of this slice in the bureau one acts in."""
    return url_for(f"tender.{endpoint}", tenant=g.seat.tenant_code, **arguments)


def shown_version() -> int:
    """The version the page showed; 0 where none or nonsense came."""
    typed = request.form.get("version", "")
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < LONGEST else 0


def as_shown(row: Tender) -> Tender:
    """Nobody decides on what they have not seen. Raises `Stale` where the page showed an earlier version."""
    if request.form.get("version") is not None:
        queries.lock(row, version=shown_version())
    return row


def refused(template: str, ruling: Ruling, **context: Any) -> tuple[str, int]:
    """The form again, with every reason why not; the guard keeps the refusal in the chain."""
    show_refusal(ruling)
    return page(template, refusal=ruling, **context), 409


def invited(row_id: UUID) -> Tender:
    """A tender as an invited firm acts on it. Raises `NotFound` for one it is not invited to."""
    row = queries.tender(row_id)
    if not row.is_invited(current_actor()):
        raise NotFound
    return row


def asked(row_id: UUID) -> TenderQuestion:
    """A question, to be answered."""
    return queries.question(row_id)


def due(row: Tender, days: Calendar, now: datetime) -> dict[str, Any]:
    """What the deadline macro prints."""
    over = now > row.response_by
    left = row.response_by - now
    hours = int(left.total_seconds() // 3600)
    near = not over and hours < SOON_HOURS
    workdays = None if over or near else workdays_between(day_of(now), day_of(row.response_by), days)
    return {"at": row.response_by, "workdays": workdays, "hours": hours if near else None, "past": over}


def is_open(row: Tender, now: datetime) -> bool:
    """Whether responses may come now."""
    return state_at(row, now) is TenderState.ISSUED


def moment(each: Any) -> dict[str, Any]:
    """One line of the timeline; a question shows its pseudonym, nobody's name."""
    body = each.body
    refused_then = each.verb.endswith(".refused")
    told = body.get("reason") or "；".join(
        sentence(one["code"], one["facts"]) for one in body.get("refusals", ())
    )
    return {
        "what": verb_label(each.verb.removesuffix(".refused")),
        "at": each.at,
        "who": body["asker"] if each.verb == ASKING else each.who,
        "kind": "refused" if refused_then else "clock" if each.verb == CLOSING else "done",
        "detail": told,
        "clause": body.get("clause"),
    }
