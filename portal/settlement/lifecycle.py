"""The tables of moves of a settlement, of a payment, and of money that comes back."""

from enum import StrEnum
from typing import Final

from portal.kernel.machine import Machine, Move
from portal.settlement import rules as r
from portal.wording import STATES


class SettlementState(StrEnum):
    """Where a settlement stands."""

    COMPUTED = "computed"
    CONFIRMED = "confirmed"


class PaymentState(StrEnum):
    """Where a payment stands; a returned one is asked for anew."""

    REQUESTED = "requested"
    CHECKED = "checked"
    PAID = "paid"
    RETURNED = "returned"


class RecoveryState(StrEnum):
    """Where a recovery stands."""

    DEMANDED = "demanded"
    RECEIVED = "received"


S, Y, R = SettlementState, PaymentState, RecoveryState
STATE_LABELS: Final[dict[SettlementState, tuple[str, str]]] = {
    S.COMPUTED: (STATES["settlement.computed"], "waiting"),
    S.CONFIRMED: (STATES["settlement.confirmed"], "done"),
}
PAYMENT_STATES: Final[dict[PaymentState, tuple[str, str]]] = {
    Y.REQUESTED: (STATES["payment.requested"], "waiting"),
    Y.CHECKED: (STATES["payment.checked"], "waiting"),
    Y.PAID: (STATES["payment.paid"], "done"),
    Y.RETURNED: (STATES["payment.returned"], "stopped"),
}
RECOVERY_STATES: Final[dict[RecoveryState, tuple[str, str]]] = {
    R.DEMANDED: (STATES["recovery.demanded"], "waiting"),
    R.RECEIVED: (STATES["recovery.received"], "done"),
}
UNDERWAY: Final = (Y.REQUESTED, Y.CHECKED)

# fmt: off
MOVES = (
    Move("adjust",  (S.COMPUTED,),              S.COMPUTED,  r.may_adjust,   r.CONTRACT),
    Move("confirm", (S.COMPUTED,),              S.CONFIRMED, r.may_confirm,  r.CONTRACT),
)
PAYMENT_MOVES = (
    Move("check",   (Y.REQUESTED,),             Y.CHECKED,   r.may_check,    r.HOUSE),
    Move("return",  (Y.REQUESTED, Y.CHECKED),   Y.RETURNED,  r.needs_reason),
    Move("pay",     (Y.CHECKED,),               Y.PAID,      r.may_pay,      r.SME_9),
)
RECOVERY_MOVES = (
    Move("acknowledge", (R.DEMANDED,),          R.DEMANDED,  r.may_acknowledge),
    Move("receive", (R.DEMANDED,),              R.RECEIVED,  None,           r.CONTRACT),
)
# fmt: on
SETTLEMENT = Machine("settlement", SettlementState, start=S.COMPUTED, moves=MOVES)
PAYMENT = Machine("payment", PaymentState, start=Y.REQUESTED, moves=PAYMENT_MOVES)
RECOVERY = Machine("recovery", RecoveryState, start=R.DEMANDED, moves=RECOVERY_MOVES)
AWAITS: Final[dict[SettlementState, tuple[str, ...]]] = {S.COMPUTED: ("confirm",)}
PAYMENT_AWAITS: Final[dict[PaymentState, tuple[str, ...]]] = {Y.REQUESTED: ("check",), Y.CHECKED: ("pay",)}
