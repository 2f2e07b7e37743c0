"""The table of moves of a contract: 起草 → 送机构确认 → 机构签章 → 财政签章生效 → 办结."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final
from uuid import UUID

from portal.contract import rules as r
from portal.kernel.machine import Machine, Move
from portal.wording import STATES


class ContractState(StrEnum):
    """Where a contract stands."""

    DRAFT = "draft"
    OFFERED = "offered"
    CONFIRMED = "confirmed"
    EFFECTIVE = "effective"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class ContractEffective:
    """Both sides have signed."""

    contract_id: UUID


@dataclass(frozen=True, slots=True)
class ContractExtended:
    """One kind of deliverable is now due later."""

    contract_id: UUID
    kind: r.DeliverableKind
    due_on: date


C = ContractState
STATE_LABELS: Final[dict[ContractState, tuple[str, str]]] = {
    C.DRAFT: (STATES["contract.draft"], "draft"),
    C.OFFERED: (STATES["contract.offered"], "waiting"),
    C.CONFIRMED: (STATES["contract.confirmed"], "waiting"),
    C.EFFECTIVE: (STATES["contract.effective"], "active"),
    C.COMPLETED: (STATES["contract.completed"], "done"),
    C.CANCELLED: (STATES["contract.cancelled"], "stopped"),
}
OPEN: Final = (C.DRAFT, C.OFFERED, C.CONFIRMED)

# fmt: off
MOVES = (
    Move("offer",    (C.DRAFT,),                C.OFFERED,   r.may_offer,    r.QUALITY),
    Move("confirm",  (C.OFFERED,),              C.CONFIRMED, r.may_confirm),
    Move("return",   (C.OFFERED,),              C.DRAFT,     r.needs_reason),
    Move("revise",   (C.OFFERED, C.CONFIRMED),  C.DRAFT,     r.needs_reason),
    Move("sign",     (C.CONFIRMED,),            C.EFFECTIVE, r.may_sign,     r.QUALITY),
    Move("extend",   (C.EFFECTIVE,),            C.EFFECTIVE, r.may_extend),
    Move("file",     (C.EFFECTIVE,),            C.EFFECTIVE, r.may_file),
    Move("file",     (C.COMPLETED,),            C.COMPLETED, r.may_file),
    Move("complete", (C.EFFECTIVE,),            C.COMPLETED, r.may_complete),
    Move("cancel",   OPEN,                      C.CANCELLED, r.needs_reason),
)
# fmt: on
CONTRACT = Machine("contract", ContractState, start=C.DRAFT, moves=MOVES)
AWAITS: Final[dict[ContractState, tuple[str, ...]]] = {
    C.DRAFT: ("offer",),
    C.OFFERED: ("confirm",),
    C.CONFIRMED: ("sign",),
}
