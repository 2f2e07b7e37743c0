"""What an award hears: the panel signed its report, or the tender ended."""

from datetime import datetime

from portal import panel, tender
from portal.access import Actor
from portal.award import actions, queries
from portal.kernel.errors import NotFound
from portal.panel.lifecycle import PanelRanked
from portal.tender.lifecycle import TenderEnded


def hear_ranked(event: PanelRanked, *, by: Actor | None, now: datetime) -> None:
    """The buyer decides on the report."""
    actions.draft(tender.tender(event.tender_id), panel.reported(event.tender_id), by=by, now=now)


def hear_ended(event: TenderEnded, *, by: Actor | None, now: datetime) -> None:
    """Nothing is left to decide."""
    try:
        row = queries.award(event.tender_id)
    except NotFound:
        return
    if row.is_pending:
        actions.end(row, by=by, now=now)
