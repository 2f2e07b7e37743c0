"""The table of moves of a bid: 已提交 → 被替换、已撤回 or 已开启. It is born submitted."""

from enum import StrEnum
from typing import Final

from portal.bid import rules as r
from portal.kernel.machine import Machine, Move
from portal.wording import STATES


class BidState(StrEnum):
    """Where a bid stands."""

    SUBMITTED = "submitted"
    REPLACED = "replaced"
    WITHDRAWN = "withdrawn"
    OPENED = "opened"


B = BidState
STATE_LABELS: Final[dict[BidState, tuple[str, str]]] = {
    B.SUBMITTED: (STATES["bid.submitted"], "active"),
    B.REPLACED: (STATES["bid.replaced"], "stopped"),
    B.WITHDRAWN: (STATES["bid.withdrawn"], "stopped"),
    B.OPENED: (STATES["bid.opened"], "done"),
}
STANDING: Final = (B.SUBMITTED, B.OPENED)

# fmt: off
MOVES = (
    Move("replace",  (B.SUBMITTED,), B.REPLACED,  r.may_submit, r.ORDER_74_15),
    Move("withdraw", (B.SUBMITTED,), B.WITHDRAWN, r.may_submit, r.ORDER_74_15),
    Move("open",     (B.SUBMITTED,), B.OPENED,    r.may_open),
)
# fmt: on
BID = Machine("bid", BidState, start=B.SUBMITTED, moves=MOVES)
