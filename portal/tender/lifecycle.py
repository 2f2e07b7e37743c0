"""The table of moves of a tender: 起草 → 送审 → 批准 → 发出 → 截止 → 开启 → 成交, and how it ends early."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from portal.kernel.machine import Machine, Move
from portal.tender.rules import moves as r
from portal.tender.rules.deadlines import ORDER_74_45
from portal.wording import STATES


class TenderState(StrEnum):
    """Where a tender stands; suspended is a fact beside it."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    ISSUED = "issued"
    CLOSED = "closed"
    OPENED = "opened"
    AWARDED = "awarded"
    TERMINATED = "terminated"
    CANCELLED = "cancelled"


T = TenderState
STATE_LABELS: Final[dict[TenderState, tuple[str, str]]] = {
    T.DRAFT: (STATES["tender.draft"], "draft"),
    T.SUBMITTED: (STATES["tender.submitted"], "waiting"),
    T.APPROVED: (STATES["tender.approved"], "waiting"),
    T.ISSUED: (STATES["tender.issued"], "active"),
    T.CLOSED: (STATES["tender.closed"], "waiting"),
    T.OPENED: (STATES["tender.opened"], "active"),
    T.AWARDED: (STATES["tender.awarded"], "done"),
    T.TERMINATED: (STATES["tender.terminated"], "stopped"),
    T.CANCELLED: (STATES["tender.cancelled"], "stopped"),
}
BEFORE_ISSUE: Final = (T.DRAFT, T.SUBMITTED, T.APPROVED)
AFTER_ISSUE: Final = (T.ISSUED, T.CLOSED, T.OPENED)
ENDED: Final = (T.TERMINATED, T.CANCELLED)


def closes_at(row: Any) -> datetime | None:
    """When the clock closes it: at its deadline, and not while it is suspended."""
    return None if row.suspended_at else row.response_by


# fmt: off
MOVES = (
    Move("submit",    (T.DRAFT,),     T.SUBMITTED,  r.may_submit),
    Move("discard",   (T.DRAFT,),     T.CANCELLED),
    Move("approve",   (T.SUBMITTED,), T.APPROVED,   r.may_approve),
    Move("return",    (T.SUBMITTED, T.APPROVED), T.DRAFT, r.needs_reason),
    Move("issue",     (T.APPROVED,),  T.ISSUED,     r.may_issue,     ORDER_74_45),
    Move("amend",     (T.ISSUED,),    T.ISSUED,     r.may_amend,     ORDER_74_45),
    Move("suspend",   (T.ISSUED,),    T.ISSUED,     r.may_suspend_open),
    Move("suspend",   (T.CLOSED,),    T.CLOSED,     r.may_suspend),
    Move("suspend",   (T.OPENED,),    T.OPENED,     r.may_suspend),
    Move("resume",    (T.ISSUED,),    T.ISSUED,     r.may_resume),
    Move("resume",    (T.CLOSED,),    T.CLOSED,     r.may_resume),
    Move("resume",    (T.OPENED,),    T.OPENED,     r.may_resume),
    Move("close",     (T.ISSUED,),    T.CLOSED,     r.may_close,     due=closes_at),
    Move("open",      (T.CLOSED,),    T.OPENED,     r.not_suspended),
    Move("award",     (T.OPENED,),    T.AWARDED,    r.not_suspended),
    Move("terminate", AFTER_ISSUE,    T.TERMINATED, r.may_terminate, r.ORDER_74_50),
    Move("fail",      (T.AWARDED,), T.TERMINATED, r.may_fail,    r.REGULATION_49),
    Move("cancel",    (T.SUBMITTED, T.APPROVED, *AFTER_ISSUE), T.CANCELLED, r.needs_reason, r.ORDER_74_23),
)
# fmt: on
TENDER = Machine("tender", TenderState, start=T.DRAFT, moves=MOVES)
AWAITS: Final[dict[TenderState, tuple[str, ...]]] = {
    T.DRAFT: ("submit",),
    T.SUBMITTED: ("approve",),
    T.APPROVED: ("issue",),
    T.ISSUED: ("respond",),
}


def state_at(row: Any, now: datetime) -> TenderState:
    """The state as it is at ``now``: past its deadline a tender is closed, though the job has not run."""
    state = TenderState(row.state)
    if state is T.ISSUED and r.is_over(row.response_by, now, suspended=row.suspended_at is not None):
        return T.CLOSED
    return state


@dataclass(frozen=True, slots=True)
class TenderIssued:
    """询价通知书 went out to the invited firms."""

    tender_id: UUID


@dataclass(frozen=True, slots=True)
class TenderClosed:
    """The deadline has passed; no bid is taken, changed or withdrawn any more."""

    tender_id: UUID


@dataclass(frozen=True, slots=True)
class TenderResumed:
    """恢复: what stood still since ``suspended_at`` goes on."""

    tender_id: UUID
    suspended_at: datetime


@dataclass(frozen=True, slots=True)
class TenderEnded:
    """终止 or 取消: the purchase ended without an award."""

    tender_id: UUID
    state: TenderState
