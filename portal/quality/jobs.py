"""What the clock does: an unanswered offer goes on, a late expert is told of, a score becomes final."""

from datetime import datetime
from uuid import UUID

from portal.quality import actions, queries


def ring_seat(row_id: UUID, verb: str, now: datetime) -> None:
    """Do a move of a seat that fell due; raises `Refused` where its guard says no now."""
    {"lapse": actions.lapse, "overdue": actions.overdue}[verb](queries.seat(row_id), by=None, now=now)


def ring_round(row_id: UUID, verb: str, now: datetime) -> None:
    """Do a move of a round that fell due; raises `Refused` where its guard says no now."""
    {"finalise": actions.finalise}[verb](queries.round_(row_id), by=None, now=now)
