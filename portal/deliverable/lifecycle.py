"""The tables of moves of a deliverable, of the consultation on its draft, and of borrowed material."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from portal.contract.rules import DeliverableKind
from portal.deliverable import rules as r
from portal.kernel.machine import Machine, Move
from portal.wording import STATES


class DeliverableState(StrEnum):
    """Where a deliverable stands."""

    AWAITED = "awaited"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    ACCEPTED = "accepted"


class ConsultationState(StrEnum):
    """Where the consultation of a unit stands."""

    OPEN = "open"
    STATED = "stated"
    AGREED = "agreed"
    LAPSED = "lapsed"
    ANSWERED = "answered"


class MaterialState(StrEnum):
    """Who has the material."""

    ASKED = "asked"
    LENT = "lent"
    GIVEN_BACK = "given_back"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class DeliverableAccepted:
    """The bureau accepted one deliverable of one subject."""

    contract_id: UUID
    subject_id: UUID
    kind: DeliverableKind


@dataclass(frozen=True, slots=True)
class WorkDelivered:
    """Every report of a contract is accepted."""

    contract_id: UUID


D, C, M = DeliverableState, ConsultationState, MaterialState
STATE_LABELS: Final[dict[DeliverableState, tuple[str, str]]] = {
    D.AWAITED: (STATES["deliverable.awaited"], "draft"),
    D.SUBMITTED: (STATES["deliverable.submitted"], "waiting"),
    D.RETURNED: (STATES["deliverable.returned"], "danger"),
    D.ACCEPTED: (STATES["deliverable.accepted"], "done"),
}
NOT_READY: Final = (STATES["deliverable.not_ready"], "draft")
CONSULTATION_LABELS: Final[dict[ConsultationState, tuple[str, str]]] = {
    C.OPEN: (STATES["consultation.open"], "waiting"),
    C.STATED: (STATES["consultation.stated"], "active"),
    C.AGREED: (STATES["consultation.agreed"], "done"),
    C.LAPSED: (STATES["consultation.lapsed"], "stopped"),
    C.ANSWERED: (STATES["consultation.answered"], "done"),
}
MATERIAL_LABELS: Final[dict[MaterialState, tuple[str, str]]] = {
    M.ASKED: (STATES["material.asked"], "waiting"),
    M.LENT: (STATES["material.lent"], "active"),
    M.GIVEN_BACK: (STATES["material.given_back"], "waiting"),
    M.CLOSED: (STATES["material.closed"], "done"),
    M.WITHDRAWN: (STATES["material.withdrawn"], "stopped"),
}
HEARD: Final = (C.AGREED, C.LAPSED, C.ANSWERED)


def _unheard_after(row: object) -> datetime | None:
    """When the unit's time is over, for a consultation that was not called late yet."""
    due_by: datetime = row.due_by  # type: ignore[attr-defined]
    return None if row.is_late else due_by  # type: ignore[attr-defined]


# fmt: off
DELIVERABLE_MOVES = (
    Move("submit", (D.AWAITED, D.SUBMITTED, D.RETURNED), D.SUBMITTED, r.may_submit),
    Move("accept", (D.SUBMITTED,),                       D.ACCEPTED),
    Move("return", (D.SUBMITTED,),                       D.RETURNED,  r.needs_reason),
)
CONSULTATION_MOVES = (
    Move("state",   (C.OPEN,),   C.STATED,   r.may_state),
    Move("agree",   (C.OPEN,),   C.AGREED,   r.may_agree),
    Move("overdue", (C.OPEN,),   C.OPEN,     r.may_lapse, due=_unheard_after),
    Move("lapse",   (C.OPEN,),   C.LAPSED,   r.may_lapse),
    Move("answer",  (C.STATED,), C.ANSWERED, r.may_answer),
)
MATERIAL_MOVES = (
    Move("hand_over", (M.ASKED,),      M.LENT,       r.may_pass),
    Move("withdraw",  (M.ASKED,),      M.WITHDRAWN),
    Move("give_back", (M.LENT,),       M.GIVEN_BACK, r.may_pass),
    Move("receive",   (M.GIVEN_BACK,), M.CLOSED),
)
# fmt: on
DELIVERABLE = Machine("deliverable", DeliverableState, start=D.AWAITED, moves=DELIVERABLE_MOVES)
CONSULTATION = Machine("consultation", ConsultationState, start=C.OPEN, moves=CONSULTATION_MOVES)
MATERIAL = Machine("material", MaterialState, start=M.ASKED, moves=MATERIAL_MOVES)
AWAITS: Final[dict[DeliverableState, tuple[str, ...]]] = {
    D.AWAITED: ("submit",),
    D.RETURNED: ("submit",),
    D.SUBMITTED: ("accept",),
}
CONSULTATION_AWAITS: Final[dict[ConsultationState, tuple[str, ...]]] = {
    C.OPEN: ("state",),
    C.STATED: ("answer",),
}
MATERIAL_AWAITS: Final[dict[MaterialState, tuple[str, ...]]] = {
    M.ASKED: ("hand_over",),
    M.LENT: ("give_back",),
    M.GIVEN_BACK: ("receive",),
}
