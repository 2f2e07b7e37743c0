"""The tables of moves of a year's ranking (起草 → 公示 → 定稿) and of an objection to it."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from portal.kernel.machine import Machine, Move
from portal.kernel.workdays import end_of
from portal.ranking import rules as r
from portal.wording import STATES


class RankingState(StrEnum):
    """Where a ranking stands."""

    DRAFT = "draft"
    PUBLICITY = "publicity"
    FINAL = "final"


class ObjectionState(StrEnum):
    """Where an objection stands."""

    OPEN = "open"
    ANSWERED = "answered"


S, O = RankingState, ObjectionState  # noqa: E741 -- beside S it reads as what it is
STATE_LABELS: Final[dict[RankingState, tuple[str, str]]] = {
    S.DRAFT: (STATES["ranking.draft"], "draft"),
    S.PUBLICITY: (STATES["ranking.publicity"], "active"),
    S.FINAL: (STATES["ranking.final"], "done"),
}
OBJECTION_LABELS: Final[dict[ObjectionState, tuple[str, str]]] = {
    O.OPEN: (STATES["ranking_objection.open"], "waiting"),
    O.ANSWERED: (STATES["ranking_objection.answered"], "done"),
}


def concludes_at(row: Any) -> datetime | None:
    """When the clock ends the publicity: with the day after its last, once."""
    if row.concluded_at is not None or row.publicity_until is None:
        return None
    return end_of(row.publicity_until) + timedelta(seconds=1)


# fmt: off
MOVES = (
    Move("publish",     (S.DRAFT,),             S.PUBLICITY, r.may_publish),
    Move("acknowledge", (S.PUBLICITY,),         S.PUBLICITY, r.may_acknowledge),
    Move("conclude",    (S.PUBLICITY,),         S.PUBLICITY, r.may_conclude, due=concludes_at),
    Move("finalise",    (S.PUBLICITY,),         S.FINAL,     r.may_finalise),
    Move("correct",     (S.PUBLICITY, S.FINAL), S.DRAFT,     r.needs_reason),
)
OBJECTION_MOVES = (
    Move("answer",   (O.OPEN,),                O.ANSWERED,  r.may_answer),
)
# fmt: on
RANKING = Machine("ranking", RankingState, start=S.DRAFT, moves=MOVES)
OBJECTION = Machine("ranking_objection", ObjectionState, start=O.OPEN, moves=OBJECTION_MOVES)
