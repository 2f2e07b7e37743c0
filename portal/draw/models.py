"""A draw, and the part of it that everybody may read."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, LargeBinary, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from portal.access import Permission, Role
from portal.audit import Moved
from portal.draw.lifecycle import AWAITS, STATE_LABELS, DrawState
from portal.draw.rules import OUTCOME_LABELS, PURPOSE_LABELS, Outcome, Purpose, number_of
from tenants.db import Model, TenantRow, tenant_constraints, within_tenant
from tenants.rowsecurity import PUBLIC, TENANT

_STATES = ", ".join(f"'{state.value}'" for state in DrawState)
_PURPOSES = ", ".join(f"'{each.value}'" for each in Purpose)
_OUTCOMES = ", ".join(f"'{each.value}'" for each in Outcome)


class Draw(Moved, Model):
    """抽取: candidates fixed and committed to before a second officer types a number; then the order."""

    __tablename__ = "draw"
    __protection__ = TENANT

    year: Mapped[int]
    sequence: Mapped[int]
    purpose: Mapped[str] = mapped_column(Text)
    subject_kind: Mapped[str] = mapped_column(Text)
    subject_id: Mapped[UUID]
    title: Mapped[str] = mapped_column(Text)
    entries: Mapped[list[dict[str, str]]] = mapped_column(JSONB)
    excluded: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    quotas: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list)
    nonce: Mapped[str] = mapped_column(Text)
    sealed_secret: Mapped[bytes] = mapped_column(LargeBinary)
    list_digest: Mapped[str] = mapped_column(Text)
    commitment: Mapped[str] = mapped_column(Text)
    committed_by: Mapped[UUID | None]
    committer: Mapped[str] = mapped_column(Text)
    committed_at: Mapped[datetime]
    typed: Mapped[str | None] = mapped_column(Text)
    seeded_by: Mapped[UUID | None]
    seeder: Mapped[str | None] = mapped_column(Text)
    seeded_at: Mapped[datetime | None]
    drawn: Mapped[list[int] | None] = mapped_column(JSONB)
    outcome: Mapped[str | None] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text, default="")
    ended_at: Mapped[datetime | None]
    released_at: Mapped[datetime | None]

    __table_args__ = tenant_constraints(
        UniqueConstraint("tenant_id", "year", "sequence"),
        CheckConstraint(f"state IN ({_STATES})", name="state"),
        CheckConstraint(f"purpose IN ({_PURPOSES})", name="purpose"),
        CheckConstraint(f"outcome IN ({_OUTCOMES})", name="outcome"),
        CheckConstraint("sequence > 0", name="sequence"),
        CheckConstraint("(state = 'ended') = (outcome IS NOT NULL)", name="ended_has_outcome"),
        CheckConstraint("(state = 'ended') = (ended_at IS NOT NULL)", name="ended_has_time"),
        CheckConstraint("state <> 'drawn' OR drawn IS NOT NULL", name="drawn_has_order"),
        CheckConstraint("(typed IS NULL) = (drawn IS NULL)", name="typed_and_drawn"),
        CheckConstraint("typed ~ '^[0-9]{4,20}$'", name="typed"),
        CheckConstraint("seeded_by <> committed_by", name="two_people"),
        CheckConstraint("outcome IS NULL OR outcome = 'filled' OR reason <> ''", name="why_not_filled"),
        Index("ix_draw_subject", "tenant_id", "subject_id"),
    )

    @property
    def number(self) -> str:
        """抽取编号, as published."""
        return number_of(self.year, self.sequence)

    @property
    def purpose_label(self) -> str:
        """What is drawn, in words."""
        return PURPOSE_LABELS[Purpose(self.purpose)]

    @property
    def outcome_label(self) -> str:
        """How it ended, in words; empty before."""
        return OUTCOME_LABELS[Outcome(self.outcome)] if self.outcome else ""

    @property
    def state_label(self) -> tuple[str, str]:
        """The state in words, and its tone."""
        if self.outcome:
            return self.outcome_label, "done" if self.outcome == Outcome.FILLED.value else "stopped"
        return STATE_LABELS[DrawState(self.state)]

    def awaits(self) -> Sequence[str]:
        """The verbs somebody is now expected to do."""
        return AWAITS.get(DrawState(self.state), ())

    def inbox_party(self, _permission: Permission) -> Mapping[Role, Sequence[UUID | None]] | None:
        """The number is typed by whoever of the entitled is at hand."""
        return None

    def inbox_due(self, _verb: str) -> datetime | None:
        """No clock runs on a draw; the work it belongs to has its own."""
        return None

    def snapshot(self) -> Mapping[str, object]:
        """The draw as the audit chain digests it: never the secret, never a name."""
        return {
            "number": self.number,
            "purpose": self.purpose,
            "subject": self.subject_id,
            "list_digest": self.list_digest,
            "quotas": self.quotas,
            "commitment": self.commitment,
            "typed": self.typed,
            "drawn": self.drawn,
            "outcome": self.outcome,
            "reason": self.reason,
            "released": self.released_at,
        }


class PublicDraw(TenantRow, Model):
    """What everybody may read of a draw, grown step by step; a candidate's name only after release.

    ``leaves`` are the salted digests of the names; ``names`` has number, name and salt of those released.
    """

    __tablename__ = "public_draw"
    __protection__ = PUBLIC

    draw_id: Mapped[UUID]
    bureau_code: Mapped[str] = mapped_column(Text)
    bureau: Mapped[str] = mapped_column(Text)
    year: Mapped[int]
    sequence: Mapped[int]
    purpose: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    excluded_counts: Mapped[dict[str, int]] = mapped_column(JSONB)
    excluded_digest: Mapped[str] = mapped_column(Text)
    list_digest: Mapped[str] = mapped_column(Text)
    commitment: Mapped[str] = mapped_column(Text)
    committed_at: Mapped[datetime]
    typed: Mapped[str | None] = mapped_column(Text)
    seeded_at: Mapped[datetime | None]
    outcome: Mapped[str | None] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text, default="")
    ended_at: Mapped[datetime | None]
    leaves: Mapped[list[str]] = mapped_column(JSONB)
    quotas: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list)
    secret: Mapped[str | None] = mapped_column(Text)
    names: Mapped[list[dict[str, Any]] | None] = mapped_column(JSONB)

    __table_args__ = tenant_constraints(
        within_tenant("draw_id", "draw"),
        UniqueConstraint("tenant_id", "draw_id"),
        UniqueConstraint("tenant_id", "year", "sequence"),
        CheckConstraint("(secret IS NULL) = (ended_at IS NULL)", name="secret_at_the_end"),
        Index("ix_public_draw_bureau", "bureau_code", "year", "sequence"),
    )

    @property
    def candidates(self) -> int:
        """How many stood on the list."""
        return len(self.leaves)

    @property
    def number(self) -> str:
        """抽取编号."""
        return number_of(self.year, self.sequence)

    @property
    def purpose_label(self) -> str:
        """What was drawn, in words."""
        return PURPOSE_LABELS[Purpose(self.purpose)]

    @property
    def state_label(self) -> tuple[str, str]:
        """Where it stands, in words, and the tone."""
        if self.outcome:
            done = self.outcome == Outcome.FILLED.value
            return OUTCOME_LABELS[Outcome(self.outcome)], "done" if done else "stopped"
        return STATE_LABELS[DrawState.DRAWN if self.typed else DrawState.COMMITTED]
