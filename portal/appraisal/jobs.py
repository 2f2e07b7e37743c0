"""What the clock does to an appraisal."""

from datetime import datetime
from uuid import UUID

from portal.appraisal import actions, queries


def ring(row_id: UUID, verb: str, now: datetime) -> None:  # noqa: ARG001 -- it has one move of the clock
    """A party is late."""
    actions.expire(queries.appraisal(row_id), now=now)
