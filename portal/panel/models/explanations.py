"""What one firm is asked about its low price, and what it answers."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, Text, UniqueConstraint, Uuid
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from portal.access import Actor, Permission
from portal.audit import Moved
from portal.kernel.ruling import Clause
from portal.panel.lifecycle import EXPLANATION_LABELS, ExplanationState
from portal.tender.rules.moves import cited
from tenants.db import Model, tenant_constraints, within_tenant
from tenants.rowsecurity import shared_with

_STATES = ", ".join(f"'{state.value}'" for state in ExplanationState)


class Explanation(Moved, Model):
    """异常低价说明: one firm is asked to explain its price in writing; it reads and answers only its own."""

    __tablename__ = "explanation"
    __protection__ = shared_with("readers")

    panel_id: Mapped[UUID]
    tender_id: Mapped[UUID]
    tender_name: Mapped[str] = mapped_column(Text)
    finding_id: Mapped[UUID]
    firm_id: Mapped[UUID]
    firm_name: Mapped[str] = mapped_column(Text)
    statutory: Mapped[bool] = mapped_column(default=False)
    price: Mapped[Decimal]
    asked_at: Mapped[datetime]
    asked_by: Mapped[str] = mapped_column(Text)
    answer_by: Mapped[datetime]
    text: Mapped[str | None] = mapped_column(Text)
    file_id: Mapped[UUID | None]
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[str | None] = mapped_column(Text)
    readers: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), default=list)

    __table_args__ = tenant_constraints(
        within_tenant("panel_id", "panel"),
        within_tenant("tender_id", "tender"),
        within_tenant("finding_id", "panel_finding"),
        within_tenant("file_id", "stored_file"),
        UniqueConstraint("tenant_id", "finding_id"),
        CheckConstraint(f"state IN ({_STATES})", name="state"),
        CheckConstraint(
            "(state = 'answered') = (text IS NOT NULL) AND (state = 'answered') = (answered_at IS NOT NULL)",
            name="answered_has_text",
        ),
        CheckConstraint("answer_by > asked_at", name="has_time"),
    )

    @property
    def title(self) -> str:
        """What the inbox calls it."""
        return f"{self.tender_name}：异常低价说明"

    def state_at(self, now: datetime) -> ExplanationState:
        """The state as it is at ``now``: past its time nobody can answer, though the clock has not rung."""
        state = ExplanationState(self.state)
        over = state is ExplanationState.ASKED and now > self.answer_by
        return ExplanationState.LAPSED if over else state

    def label_at(self, now: datetime) -> tuple[str, str]:
        """The state at this instant, in words, and its tone."""
        return EXPLANATION_LABELS[self.state_at(now)]

    def is_asked(self, actor: Actor) -> bool:
        """Whether the actor stands for the firm that was asked."""
        return actor.party_id == self.firm_id

    def cites(self, clause: Clause | None) -> Clause | None:
        """The law in a statutory purchase; else the bureau's own rules."""
        return clause and cited(clause, statutory=self.statutory)

    def awaits(self) -> Sequence[str]:
        """The firm's answer, while it may come."""
        return ("answer",) if self.state == ExplanationState.ASKED.value else ()

    def inbox_party(self, _permission: Permission) -> UUID:
        """The firm alone."""
        return self.firm_id

    def inbox_due(self, _verb: str) -> datetime:
        """Until when."""
        return self.answer_by

    def snapshot(self) -> Mapping[str, object]:
        """The question as the audit chain digests it."""
        return {
            "tender": self.tender_id,
            "firm": self.firm_id,
            "price": self.price,
            "asked_at": self.asked_at,
            "answer_by": self.answer_by,
            "text": self.text,
            "file": self.file_id,
            "answered_at": self.answered_at,
        }
