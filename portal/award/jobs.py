"""What the clock does: an award the buyer let lapse goes to the first in the ranking."""

from datetime import datetime
from uuid import UUID

from portal.award import actions, queries


def ring(row_id: UUID, verb: str, now: datetime) -> None:
    """Do a move that fell due; raises `Refused` where its guard says no now."""
    {"deem": actions.deem}[verb](queries.by_id(row_id), by=None, now=now)
