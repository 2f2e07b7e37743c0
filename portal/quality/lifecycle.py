"""The tables of moves of a round (会审), of a seat (席位) and of a sheet (评分表)."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from portal.kernel.machine import Machine, Move
from portal.quality import rules as r
from portal.wording import STATES


class RoundState(StrEnum):
    """Where a round stands."""

    PLANNED = "planned"
    SAMPLING = "sampling"
    DRAWING = "drawing"
    SCORING = "scoring"
    SUPPLEMENTING = "supplementing"
    SCORED = "scored"
    NOTIFIED = "notified"
    OBJECTED = "objected"
    FINAL = "final"


class SeatState(StrEnum):
    """Where a seat stands; who is recused is replaced by the next in the order."""

    OFFERED = "offered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    LAPSED = "lapsed"
    PASSED = "passed"
    RECUSED = "recused"


class SheetState(StrEnum):
    """Where a sheet stands; a void one is kept and never counts."""

    OPEN = "open"
    HANDED_IN = "handed_in"
    VOID = "void"


@dataclass(frozen=True, slots=True)
class QualityFinal:
    """The quality score of a contract stands; None where no subject was scored."""

    contract_id: UUID
    score: Decimal | None
    vetoed: bool


R, S, H = RoundState, SeatState, SheetState
ROUND_LABELS: Final[dict[RoundState, tuple[str, str]]] = {
    R.PLANNED: (STATES["round.planned"], "draft"),
    R.SAMPLING: (STATES["round.sampling"], "waiting"),
    R.DRAWING: (STATES["round.drawing"], "waiting"),
    R.SCORING: (STATES["round.scoring"], "active"),
    R.SUPPLEMENTING: (STATES["round.supplementing"], "waiting"),
    R.SCORED: (STATES["round.scored"], "active"),
    R.NOTIFIED: (STATES["round.notified"], "waiting"),
    R.OBJECTED: (STATES["round.objected"], "danger"),
    R.FINAL: (STATES["round.final"], "done"),
}
SEAT_LABELS: Final[dict[SeatState, tuple[str, str]]] = {
    S.OFFERED: (STATES["seat.offered"], "waiting"),
    S.ACCEPTED: (STATES["seat.accepted"], "active"),
    S.DECLINED: (STATES["seat.declined"], "stopped"),
    S.LAPSED: (STATES["seat.lapsed"], "stopped"),
    S.PASSED: (STATES["seat.passed"], "stopped"),
    S.RECUSED: (STATES["seat.recused"], "stopped"),
}
DONE_LABEL: Final = (STATES["seat.done"], "done")  # an accepted seat whose sheets are all in
SHEET_LABELS: Final[dict[SheetState, tuple[str, str]]] = {
    H.OPEN: (STATES["sheet.open"], "draft"),
    H.HANDED_IN: (STATES["sheet.handed_in"], "done"),
    H.VOID: (STATES["sheet.void"], "stopped"),
}


def _objection_by(row: Any) -> datetime | None:
    """When a round nobody objected to becomes final."""
    until: datetime | None = row.objection_by
    return until


def _offer_until(row: Any) -> datetime | None:
    """When an offer nobody answered goes to the next."""
    until: datetime | None = row.offer_until
    return until


def _score_by(row: Any) -> datetime | None:
    """When the organiser learns that an expert is late; once."""
    until: datetime | None = None if row.is_late or row.is_done else row.score_by
    return until


# fmt: off
ROUND_MOVES = (
    Move("sample",     (R.PLANNED,),       R.SAMPLING,      r.may_sample,       r.QUALITY),
    Move("draw",       (R.PLANNED,),       R.DRAWING,       r.may_draw,         r.QUALITY),
    Move("drawn",      (R.SAMPLING,),      R.PLANNED),
    Move("drawn",      (R.DRAWING, R.SUPPLEMENTING), R.SCORING),
    Move("redraw",     (R.SAMPLING, R.DRAWING), R.PLANNED),
    Move("redraw",     (R.SUPPLEMENTING,), R.SCORING),
    Move("supplement", (R.SCORING,),       R.SUPPLEMENTING, r.may_supplement),
    Move("score",      (R.SCORING,),       R.SCORED,        r.may_score,        r.QUALITY),
    Move("veto",       (R.SCORED,),        R.SCORED,        r.may_rule_on_veto, r.QUALITY),
    Move("dismiss",    (R.SCORED,),        R.SCORED,        r.may_rule_on_veto, r.QUALITY),
    Move("notify",     (R.SCORED,),        R.NOTIFIED,      r.may_notify,       r.QUALITY),
    Move("object",     (R.NOTIFIED,),      R.OBJECTED,      r.may_object,       r.QUALITY),
    Move("concur",     (R.NOTIFIED,),      R.FINAL,         None,               r.QUALITY),
    Move("finalise",   (R.NOTIFIED,),      R.FINAL,         r.may_finalise,     r.QUALITY, due=_objection_by),
    Move("uphold",     (R.OBJECTED,),      R.FINAL,         r.needs_reason,     r.QUALITY),
    Move("reopen",     (R.OBJECTED,),      R.SCORING,       r.may_reopen,       r.QUALITY),
)
SEAT_MOVES = (
    Move("accept",  (S.OFFERED,),            S.ACCEPTED, r.may_accept),
    Move("decline", (S.OFFERED,),            S.DECLINED, r.may_decline),
    Move("lapse",   (S.OFFERED,),            S.LAPSED,   r.has_lapsed, due=_offer_until),
    Move("pass",    (S.OFFERED,),            S.PASSED),
    Move("overdue", (S.ACCEPTED,),           S.ACCEPTED, r.is_overdue, due=_score_by),
    Move("extend",  (S.ACCEPTED,),           S.ACCEPTED, r.may_extend),
    Move("recuse",  (S.OFFERED, S.ACCEPTED), S.RECUSED,  r.may_recuse),
)
SHEET_MOVES = (
    Move("hand_in", (H.OPEN,),              H.HANDED_IN, r.may_hand_in, r.QUALITY),
    Move("void",    (H.OPEN, H.HANDED_IN),  H.VOID),
)
# fmt: on
ROUND = Machine("round", RoundState, start=R.PLANNED, moves=ROUND_MOVES)
SEAT = Machine("seat", SeatState, start=S.OFFERED, moves=SEAT_MOVES)
SHEET = Machine("sheet", SheetState, start=H.OPEN, moves=SHEET_MOVES)
ROUND_AWAITS: Final[dict[RoundState, tuple[str, ...]]] = {
    R.PLANNED: ("draw",),
    R.SCORED: ("notify",),
    R.NOTIFIED: ("object",),
    R.OBJECTED: ("uphold",),
}
SHOWN: Final = frozenset({R.SCORED, R.NOTIFIED, R.OBJECTED, R.FINAL})
TOLD: Final = frozenset({R.NOTIFIED, R.OBJECTED, R.FINAL})
