"""The table of moves of an award: 待确定 → 已成交; and of the letter each firm acknowledges."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from portal.award import rules as r
from portal.kernel.machine import Machine, Move
from portal.kernel.money import Yuan
from portal.wording import STATES


class AwardState(StrEnum):
    """Where an award stands."""

    PENDING = "pending"
    AWARDED = "awarded"
    ENDED = "ended"


A = AwardState
AWARD_LABELS: Final[dict[AwardState, tuple[str, str]]] = {
    A.PENDING: (STATES["award.pending"], "waiting"),
    A.AWARDED: (STATES["award.awarded"], "done"),
    A.ENDED: (STATES["award.ended"], "stopped"),
}


def _deems_at(row: Any) -> datetime | None:
    """视为确定 after the buyer's last day."""
    return row.lapses_at  # type: ignore[no-any-return]


# fmt: off
AWARD_MOVES = (
    Move("decide", (A.PENDING,), A.AWARDED, r.may_decide, r.REGULATION_43),
    Move("deem",   (A.PENDING,), A.AWARDED, r.may_deem,   r.ORDER_74_49, due=_deems_at),
    Move("refuse", (A.AWARDED,), A.PENDING, None,         r.REGULATION_49),
    Move("fail",   (A.PENDING,), A.ENDED,   r.may_fail,   r.REGULATION_49),
    Move("end",    (A.PENDING,), A.ENDED),
)
# fmt: on
AWARD = Machine("award", AwardState, start=A.PENDING, moves=AWARD_MOVES)


def state_at(row: Any, now: datetime, *, suspended: bool) -> AwardState:
    """The state as it is at ``now``: past the buyer's last day the first is chosen, job or no job."""
    state = AwardState(row.state)
    if state is A.PENDING and r.has_lapsed(row.lapses_at, now, suspended=suspended):
        return A.AWARDED
    return state


class LetterState(StrEnum):
    """Whether a firm has acknowledged its letter."""

    SENT = "sent"
    ACKNOWLEDGED = "acknowledged"


L = LetterState
LETTER_LABELS: Final[dict[LetterState, tuple[str, str]]] = {
    L.SENT: (STATES["award_letter.sent"], "waiting"),
    L.ACKNOWLEDGED: (STATES["award_letter.acknowledged"], "done"),
}

# fmt: off
LETTER_MOVES = (
    Move("acknowledge", (L.SENT,), L.ACKNOWLEDGED),
)
# fmt: on
AWARD_LETTER = Machine("award_letter", LetterState, start=L.SENT, moves=LETTER_MOVES)


@dataclass(frozen=True, slots=True)
class Awarded:
    """成交: the firm that won, at the price it bid."""

    tender_id: UUID
    bid_id: UUID
    firm_id: UUID
    price: Yuan
    award_id: UUID
