"""What the clock does: a question about a price nobody answered in time is closed."""

from datetime import datetime
from uuid import UUID

from portal.panel import actions, queries


def ring(row_id: UUID, verb: str, now: datetime) -> None:
    """Do a move that fell due; raises `Refused` where its guard says no now."""
    moves = {"lapse": actions.lapse}
    moves[verb](queries.explanation(row_id), by=None, now=now)
