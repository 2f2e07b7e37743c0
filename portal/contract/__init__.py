"""合同: what was awarded becomes a contract both sides sign over the same digest (财预〔2021〕6号).

It carries the quality terms of commission and tender by the same id; deliverables begin when it takes effect.
"""

from portal.contract.actions import (
    Awarding,
    Draft,
    Filing,
    appraised,
    cancel,
    complete,
    confirm,
    draft_from,
    edit,
    extend,
    file,
    offer,
    return_,
    revise,
    settled,
    sign,
)
from portal.contract.invariants import invariants
from portal.contract.models import Contract
from portal.contract.queries import (
    contract,
    contracts_of,
    counts,
    is_in_force,
    of_award,
    of_commission,
    signed,
)
from portal.contract.rules import DELIVERABLES, DeliverableKind

__all__ = [
    "DELIVERABLES",
    "Awarding",
    "Contract",
    "DeliverableKind",
    "Draft",
    "Filing",
    "appraised",
    "cancel",
    "complete",
    "confirm",
    "contract",
    "contracts_of",
    "counts",
    "draft_from",
    "edit",
    "extend",
    "file",
    "invariants",
    "is_in_force",
    "of_award",
    "of_commission",
    "offer",
    "return_",
    "revise",
    "settled",
    "sign",
    "signed",
]
