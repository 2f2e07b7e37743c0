"""The moves of opening and review: 待开启 → 评审中 → 待签署 → 已出报告; and of a question about a price."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from portal.kernel.machine import Machine, Move
from portal.panel import rules as r
from portal.wording import STATES


class PanelState(StrEnum):
    """Where opening and review stand."""

    AWAITING = "awaiting"
    REVIEWING = "reviewing"
    CONCLUDED = "concluded"
    RANKED = "ranked"
    ENDED = "ended"


P = PanelState
PANEL_LABELS: Final[dict[PanelState, tuple[str, str]]] = {
    P.AWAITING: (STATES["panel.awaiting"], "waiting"),
    P.REVIEWING: (STATES["panel.reviewing"], "active"),
    P.CONCLUDED: (STATES["panel.concluded"], "waiting"),
    P.RANKED: (STATES["panel.ranked"], "done"),
    P.ENDED: (STATES["panel.ended"], "stopped"),
}

# fmt: off
PANEL_MOVES = (
    Move("open",     (P.AWAITING,),  P.REVIEWING, r.may_open,     r.ORDER_74),
    Move("conclude", (P.REVIEWING,), P.CONCLUDED, r.may_conclude, r.REPORT),
    Move("reopen",   (P.CONCLUDED,), P.REVIEWING, r.may_reopen),
    Move("sign",     (P.CONCLUDED,), P.RANKED,    r.may_sign,     r.REPORT),
    Move("end",      (P.AWAITING, P.REVIEWING, P.CONCLUDED, P.RANKED), P.ENDED),
)
# fmt: on
PANEL = Machine("panel", PanelState, start=P.AWAITING, moves=PANEL_MOVES)


class ExplanationState(StrEnum):
    """Where a question about an abnormally low price stands."""

    ASKED = "asked"
    ANSWERED = "answered"
    LAPSED = "lapsed"


E = ExplanationState
EXPLANATION_LABELS: Final[dict[ExplanationState, tuple[str, str]]] = {
    E.ASKED: (STATES["explanation.asked"], "waiting"),
    E.ANSWERED: (STATES["explanation.answered"], "done"),
    E.LAPSED: (STATES["explanation.lapsed"], "stopped"),
}


def _lapses_at(row: Any) -> datetime | None:
    """Its time is over after ``answer_by``."""
    return row.answer_by  # type: ignore[no-any-return]


# fmt: off
EXPLANATION_MOVES = (
    Move("answer", (E.ASKED,), E.ANSWERED, r.may_answer, r.LOW_PRICE),
    Move("lapse",  (E.ASKED,), E.LAPSED,   r.is_over,    r.LOW_PRICE, due=_lapses_at),
)
# fmt: on
EXPLANATION = Machine("explanation", ExplanationState, start=E.ASKED, moves=EXPLANATION_MOVES)


@dataclass(frozen=True, slots=True)
class PanelRanked:
    """All members signed the report; the buyer decides now."""

    tender_id: UUID
    panel_id: UUID
