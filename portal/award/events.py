"""What an award hears: the panel signed its report; the tender went on, or ended."""

from datetime import datetime
from uuid import UUID

from portal import panel, tender
from portal.access import Actor
from portal.award import actions, queries
from portal.award.models import Award
from portal.kernel.errors import NotFound
from portal.panel.lifecycle import PanelRanked
from portal.tender.lifecycle import TenderEnded, TenderResumed


def hear_ranked(event: PanelRanked, *, by: Actor | None, now: datetime) -> None:
    """The buyer decides on the report."""
    actions.draft(tender.tender(event.tender_id), panel.reported(event.tender_id), by=by, now=now)


def hear_resumed(event: TenderResumed, *, by: Actor | None, now: datetime) -> None:
    """The buyer's days stood still with the purchase."""
    row = _pending(event.tender_id)
    if row is not None:
        actions.keep_days(row, event.suspended_at, by=by, now=now)


def hear_ended(event: TenderEnded, *, by: Actor | None, now: datetime) -> None:
    """Nothing is left to decide."""
    row = _pending(event.tender_id)
    if row is not None:
        actions.end(row, by=by, now=now)


def _pending(tender_id: UUID) -> Award | None:
    try:
        row = queries.award(tender_id)
    except NotFound:
        return None
    return row if row.is_pending else None
