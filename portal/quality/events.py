"""What a round hears: its contract took effect, its draw has an order or was voided; same transaction."""

from datetime import datetime

from portal.access import Actor
from portal.contract.lifecycle import ContractEffective
from portal.draw.lifecycle import DrawEnded, DrawSeeded
from portal.draw.rules import Outcome
from portal.quality import actions
from portal.quality.actions.rounds import KIND


def contract_effective(event: ContractEffective, *, by: Actor | None, now: datetime) -> None:
    """The round is planned."""
    actions.plan(event.contract_id, by=by, now=now)


def draw_seeded(event: DrawSeeded, *, by: Actor | None, now: datetime) -> None:
    """The sample stands, or the first experts are asked."""
    if event.subject_kind == KIND:
        actions.drawn(event.draw_id, event.subject_id, by=by, now=now)


def draw_ended(event: DrawEnded, *, by: Actor | None, now: datetime) -> None:
    """A voided draw is drawn anew."""
    if event.subject_kind == KIND and event.outcome == Outcome.VOID.value:
        actions.redraw(event.draw_id, event.subject_id, by=by, now=now)
