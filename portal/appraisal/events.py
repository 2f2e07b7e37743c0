"""What the appraisal hears from upstream; same transaction."""

from datetime import datetime

from portal.access import Actor
from portal.appraisal import actions
from portal.deliverable.lifecycle import WorkDelivered
from portal.quality.lifecycle import QualityFinal


def work_delivered(event: WorkDelivered, *, by: Actor | None, now: datetime) -> None:
    """Every report is accepted: both parties may appraise."""
    actions.open_for(event.contract_id, by=by, now=now)


def quality_final(event: QualityFinal, *, by: Actor | None, now: datetime) -> None:  # noqa: ARG001
    """The experts' scores stand, or nothing was sampled."""
    actions.quality_known(event.contract_id, now=now)
