"""What opening and review hear: a tender was issued, closed or ended; lots were drawn."""

from datetime import datetime
from typing import Final

from portal import tender
from portal.access import Actor
from portal.draw.lifecycle import DrawEnded, DrawSeeded
from portal.draw.rules import Outcome
from portal.kernel.errors import NotFound
from portal.panel import actions, queries
from portal.panel.lifecycle import PanelState
from portal.panel.models import Panel
from portal.tender.lifecycle import TenderClosed, TenderEnded, TenderIssued

KIND: Final = "panel"


def hear_issued(event: TenderIssued, *, by: Actor | None, now: datetime) -> None:
    """An opening waits for the deadline of every tender that goes out."""
    actions.draft(tender.tender(event.tender_id), by=by, now=now)


def hear_closed(event: TenderClosed, *, by: Actor | None, now: datetime) -> None:  # noqa: ARG001
    """The number of bids is frozen, and the officers are called."""
    row = _panel(event)
    if row is not None:
        actions.close(row, tender.bids(event.tender_id) or 0, now=now)


def hear_ended(event: TenderEnded, *, by: Actor | None, now: datetime) -> None:
    """Nothing is left to open or to review."""
    row = _panel(event)
    if row is not None and row.state != PanelState.ENDED.value:
        actions.end(row, by=by, now=now)


def hear_seeded(event: DrawSeeded, *, by: Actor, now: datetime) -> None:
    """The tied firms have their order."""
    if event.subject_kind == KIND:
        actions.order_drawn(queries.by_id(event.subject_id), event.draw_id, by=by, now=now)


def hear_draw_ended(event: DrawEnded, *, by: Actor, now: datetime) -> None:
    """A draw that came to nothing may be begun anew."""
    if event.subject_kind == KIND and event.outcome != Outcome.FILLED.value:
        actions.undraw(queries.by_id(event.subject_id), event.draw_id, by=by, now=now)


def _panel(event: TenderClosed | TenderEnded) -> Panel | None:
    try:
        return queries.panel(event.tender_id)
    except NotFound:
        return None
