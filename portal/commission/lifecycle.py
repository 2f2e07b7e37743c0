"""The table of moves of a commission: 起草 → 送审 → 批准, with return, correction and withdrawal."""

from enum import StrEnum
from typing import Final

from portal.commission import rules as r
from portal.kernel.machine import Machine, Move
from portal.wording import STATES


class CommissionState(StrEnum):
    """Where a commission stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    WITHDRAWN = "withdrawn"
    DISCARDED = "discarded"


C = CommissionState
STATE_LABELS: Final[dict[CommissionState, tuple[str, str]]] = {
    C.DRAFT: (STATES["commission.draft"], "draft"),
    C.SUBMITTED: (STATES["commission.submitted"], "waiting"),
    C.APPROVED: (STATES["commission.approved"], "done"),
    C.WITHDRAWN: (STATES["commission.withdrawn"], "stopped"),
    C.DISCARDED: (STATES["commission.discarded"], "stopped"),
}

# fmt: off
MOVES = (
    Move("submit",   (C.DRAFT,),     C.SUBMITTED, r.may_submit,   r.GUIDANCE),
    Move("discard",  (C.DRAFT,),     C.DISCARDED),
    Move("approve",  (C.SUBMITTED,), C.APPROVED,  r.may_approve,  r.GUIDANCE),
    Move("return",   (C.SUBMITTED,), C.DRAFT,     r.needs_reason),
    Move("correct",  (C.APPROVED,),  C.DRAFT,     r.may_take_back),
    Move("withdraw", (C.APPROVED,),  C.WITHDRAWN, r.may_take_back),
)
# fmt: on
COMMISSION = Machine("commission", CommissionState, start=C.DRAFT, moves=MOVES)
AWAITS: Final[dict[CommissionState, tuple[str, ...]]] = {
    C.DRAFT: ("submit",),
    C.SUBMITTED: ("approve",),
    C.APPROVED: ("buy",),
}
