"""What bids hear from the purchase: at its deadline their list is frozen."""

from datetime import datetime

from portal.access import Actor
from portal.bid.actions import freeze
from portal.tender.lifecycle import TenderClosed


def closed(event: TenderClosed, *, by: Actor | None, now: datetime) -> None:
    """Freeze the commitments."""
    freeze(event.tender_id, by=by, now=now)
