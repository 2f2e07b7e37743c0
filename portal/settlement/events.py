"""What the settlement hears from upstream; same transaction."""

from datetime import datetime

from portal.access import Actor
from portal.deliverable.lifecycle import DeliverableAccepted, WorkDelivered
from portal.quality.lifecycle import QualityFinal
from portal.settlement import actions


def deliverable_accepted(event: DeliverableAccepted, *, by: Actor | None, now: datetime) -> None:  # noqa: ARG001
    """With the last plan the first payment may be asked for."""
    actions.ask(event.contract_id, now=now)


def quality_final(event: QualityFinal, *, by: Actor | None, now: datetime) -> None:  # noqa: ARG001
    """The quality score stands: the fee can be settled, if the work is delivered."""
    actions.compute(event.contract_id, now=now)


def work_delivered(event: WorkDelivered, *, by: Actor | None, now: datetime) -> None:  # noqa: ARG001
    """The work is delivered: the fee can be settled, if its quality is final (nothing was sampled, say)."""
    actions.compute(event.contract_id, now=now)
