"""What the settlement hears from upstream; same transaction."""

from datetime import datetime

from portal.access import Actor
from portal.deliverable.lifecycle import WorkDelivered
from portal.quality.lifecycle import QualityFinal
from portal.settlement import actions


def quality_final(event: QualityFinal, *, by: Actor | None, now: datetime) -> None:
    """The quality score stands: the fee can be settled, if the work is delivered."""
    actions.compute(event.contract_id, by=by, now=now)


def work_delivered(event: WorkDelivered, *, by: Actor | None, now: datetime) -> None:
    """The work is delivered: the fee can be settled, if its quality is final (nothing was sampled, say)."""
    actions.compute(event.contract_id, by=by, now=now)
