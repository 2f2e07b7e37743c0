"""The table of moves of a draw: 已承诺 → 已抽取 → 已结束. Every draw started has an end."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

from portal.draw import rules as r
from portal.kernel.machine import Machine, Move
from portal.wording import STATES


class DrawState(StrEnum):
    """Where a draw stands."""

    COMMITTED = "committed"
    DRAWN = "drawn"
    ENDED = "ended"


D = DrawState
STATE_LABELS: Final[dict[DrawState, tuple[str, str]]] = {
    D.COMMITTED: (STATES["draw.committed"], "waiting"),
    D.DRAWN: (STATES["draw.drawn"], "active"),
    D.ENDED: (STATES["draw.ended"], "done"),
}

# fmt: off
MOVES = (
    Move("seed", (D.COMMITTED,), D.DRAWN, r.may_seed),
    Move("end",  (D.COMMITTED,), D.ENDED, r.may_end_undrawn),
    Move("end",  (D.DRAWN,),     D.ENDED, r.may_end),
)
# fmt: on
DRAW = Machine("draw", DrawState, start=D.COMMITTED, moves=MOVES)
AWAITS: Final[dict[DrawState, tuple[str, ...]]] = {D.COMMITTED: ("seed",)}


@dataclass(frozen=True, slots=True)
class DrawSeeded:
    """The order is known: whoever asked for the draw goes on with it."""

    draw_id: UUID
    subject_kind: str
    subject_id: UUID


@dataclass(frozen=True, slots=True)
class DrawEnded:
    """A draw ended; ``outcome`` void before an order was used means: begin anew."""

    draw_id: UUID
    subject_kind: str
    subject_id: UUID
    outcome: str
