"""The blueprint of tenders, and what all its pages share."""

from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Blueprint, g, url_for

from portal.kernel.errors import NotFound
from portal.kernel.ruling import Ruling
from portal.kernel.workdays import Calendar, day_of, workdays_between
from portal.tender import queries
from portal.tender.lifecycle import TenderState, state_at
from portal.tender.models import Tender, TenderQuestion
from portal.web.guard import current_actor, show_refusal
from portal.web.pages import page

bp = Blueprint("tender", __name__, url_prefix="/t/<tenant>")
SOON_HOURS = 24


def url(endpoint: str, **arguments: Any) -> str:
    """An address of this slice in the bureau one acts in."""
    return url_for(f"tender.{endpoint}", tenant=g.seat.tenant_code, **arguments)


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
    """What the deadline macro prints; nothing runs while it is suspended, nor counts once it has ended."""
    at: dict[str, Any] = {"at": row.response_by, "workdays": None, "hours": None, "past": False}
    if row.suspended_at is not None or row.ended_at is not None:
        return {**at, "stands": row.suspended_at is not None}
    left = row.response_by - now
    hours = int(left.total_seconds() // 3600)
    if now > row.response_by:
        return {**at, "past": True}
    if hours < SOON_HOURS:
        return {**at, "hours": hours}
    return {**at, "workdays": workdays_between(day_of(now), day_of(row.response_by), days)}


def is_open(row: Tender, now: datetime) -> bool:
    """Whether responses may come now."""
    return state_at(row, now) is TenderState.ISSUED
