"""What the clock does: the bureau is told of a unit that let its time for opinions pass."""

from datetime import datetime
from uuid import UUID

from portal.deliverable import actions, queries


def ring(row_id: UUID, verb: str, now: datetime) -> None:
    """Do a move of a consultation that fell due; raises `Refused` where its guard says no now."""
    {"overdue": actions.overdue}[verb](queries.consultation(row_id), by=None, now=now)
