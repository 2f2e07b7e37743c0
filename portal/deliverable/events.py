"""What the work hears from the contract; same transaction."""

from datetime import datetime

from portal.access import Actor
from portal.contract.lifecycle import ContractEffective, ContractExtended
from portal.deliverable import actions


def contract_effective(event: ContractEffective, *, by: Actor | None, now: datetime) -> None:
    """The deliverables of each subject are awaited."""
    actions.open_for(event.contract_id, by=by, now=now)


def contract_extended(event: ContractExtended, *, by: Actor | None, now: datetime) -> None:  # noqa: ARG001
    """One kind of deliverable is due later."""
    actions.put_off(event.contract_id, event.kind, event.due_on, now=now)
