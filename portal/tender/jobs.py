"""What the clock does to tenders: it closes them at their deadline."""

from datetime import datetime
from uuid import UUID

from portal.tender import actions, queries


def ring(row_id: UUID, verb: str, now: datetime) -> None:
    """Do a move that fell due; raises `Refused` where its guard says no now."""
    moves = {"close": actions.close}
    moves[verb](queries.tender(row_id), by=None, now=now)
