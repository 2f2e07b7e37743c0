"""What the clock does to a ranking."""

from datetime import datetime
from uuid import UUID

from portal.ranking import actions, queries


def ring(row_id: UUID, verb: str, now: datetime) -> None:  # noqa: ARG001 -- it has one move of the clock
    """The publicity is over."""
    actions.conclude(queries.ranking(row_id), now=now)
