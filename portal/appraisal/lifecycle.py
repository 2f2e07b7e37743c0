"""The tables of moves: a 考评表 经办 → 负责人, and the appraisal of a contract that both sheets make."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from portal.appraisal import rules as r
from portal.kernel.machine import Machine, Move
from portal.kernel.score import Score
from portal.wording import STATES


class SheetState(StrEnum):
    """Where a 考评表 stands."""

    OPEN = "open"
    SIGNED = "signed"
    LOCKED = "locked"


class AppraisalState(StrEnum):
    """Where the appraisal of a contract stands; late is a fact beside it."""

    OPEN = "open"
    FINAL = "final"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class AppraisalFinal:
    """考评 has ended: ``score`` 0–100, or None where it was closed without one."""

    contract_id: UUID
    score: Score | None


S, A = SheetState, AppraisalState
SHEET_LABELS: Final[dict[SheetState, tuple[str, str]]] = {
    S.OPEN: (STATES["appraisal_sheet.open"], "draft"),
    S.SIGNED: (STATES["appraisal_sheet.signed"], "waiting"),
    S.LOCKED: (STATES["appraisal_sheet.locked"], "done"),
}
STATE_LABELS: Final[dict[AppraisalState, tuple[str, str]]] = {
    A.OPEN: (STATES["appraisal.open"], "active"),
    A.FINAL: (STATES["appraisal.final"], "done"),
    A.CLOSED: (STATES["appraisal.closed"], "stopped"),
}


LOCKED_LABEL: Final = ("双方已锁定，待确定", "waiting")
LATE_LABEL: Final = ("逾期未锁定，待决定", "danger")


def expires_at(row: Any) -> datetime | None:
    """When the clock tells that a party is late: once."""
    return None if row.late_at else row.due_by


# fmt: off
SHEET_MOVES = (
    Move("sign",    (S.OPEN,),   S.SIGNED, r.may_sign,    r.HOUSE),
    Move("return",  (S.SIGNED,), S.OPEN,   r.may_return),
    Move("lock",    (S.SIGNED,), S.LOCKED, r.may_lock,    r.HOUSE),
    Move("explain", (S.LOCKED,), S.LOCKED, r.may_explain, r.HOUSE),
)
MOVES = (
    Move("expire",  (A.OPEN,),   A.OPEN,   r.may_expire, due=expires_at),
    Move("extend",  (A.OPEN,),   A.OPEN,   r.may_extend),
    Move("finish",  (A.OPEN,),   A.FINAL,  r.may_finish, r.HOUSE),
    Move("close",   (A.OPEN,),   A.CLOSED, r.may_close),
)
# fmt: on
SHEET = Machine("appraisal_sheet", SheetState, start=S.OPEN, moves=SHEET_MOVES)
APPRAISAL = Machine("appraisal", AppraisalState, start=A.OPEN, moves=MOVES)
SHEET_AWAITS: Final[dict[SheetState, tuple[str, ...]]] = {S.OPEN: ("sign",), S.SIGNED: ("lock",)}
