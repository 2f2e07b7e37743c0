"""The sheets of a round, each its expert's alone until the round is added up."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from portal.access import Actor, Permission
from portal.audit import Moved
from portal.quality.lifecycle import SHEET_LABELS, SheetState
from portal.quality.rules import STAGE_LABELS, Stage
from tenants.db import SCORE, Model, tenant_constraints, within_tenant
from tenants.rowsecurity import TENANT_READ, TENANT_WRITE, Protection, Rows, ids, setting

_OWN = f"expert_id = ANY ({ids('parties')})"
_SYSTEM = f"{setting('kind')} = 'system'"
SHEETS = Protection(
    Rows.CONFIDENTIAL,
    f"({_OWN}) OR ({TENANT_READ} AND (released_at IS NOT NULL OR {_SYSTEM}))",
    f"{TENANT_WRITE} AND {_SYSTEM}",
)
_STATES = ", ".join(f"'{each}'" for each in SheetState)
_STAGES = ", ".join(f"'{each}'" for each in Stage)


class Sheet(Moved, Model):
    """评分表: one expert's points for one deliverable; theirs alone until the round is added up.

    A trigger keeps what was handed in as it was. ``nonce`` keeps its digests from being guessed.
    """

    __tablename__ = "sheet"
    __protection__ = SHEETS

    round_id: Mapped[UUID]
    seat_id: Mapped[UUID]
    expert_id: Mapped[UUID]
    expert_name: Mapped[str] = mapped_column(Text)
    round_name: Mapped[str] = mapped_column(Text)
    firm_name: Mapped[str] = mapped_column(Text)
    subject_id: Mapped[UUID]
    subject_name: Mapped[str] = mapped_column(Text)
    unit_name: Mapped[str] = mapped_column(Text)
    stage: Mapped[str] = mapped_column(Text)
    form_code: Mapped[str] = mapped_column(Text)
    form_version: Mapped[int]
    file_id: Mapped[UUID]
    edition: Mapped[int] = mapped_column(default=1)
    nonce: Mapped[str] = mapped_column(Text)
    entries: Mapped[dict[str, Any]] = mapped_column(JSONB)
    total: Mapped[Decimal | None] = mapped_column(SCORE)
    score_by: Mapped[datetime]
    saved_at: Mapped[datetime | None]
    handed_in_at: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(Text)
    released_at: Mapped[datetime | None]

    __table_args__ = tenant_constraints(
        within_tenant("round_id", "round"),
        within_tenant("seat_id", "seat"),
        within_tenant("subject_id", "subject"),
        within_tenant("file_id", "stored_file"),
        CheckConstraint(f"state IN ({_STATES})", name="state"),
        CheckConstraint(f"stage IN ({_STAGES})", name="stage"),
        CheckConstraint(
            "state <> 'handed_in' OR (total IS NOT NULL AND handed_in_at IS NOT NULL)", name="handed_in_whole"
        ),
        CheckConstraint("state <> 'open' OR total IS NULL", name="open_has_no_total"),
        CheckConstraint("state <> 'void' OR reason IS NOT NULL", name="void_for_a_reason"),
        CheckConstraint("total BETWEEN 0 AND 100", name="total"),
        UniqueConstraint("tenant_id", "seat_id", "subject_id", "stage", "edition"),
        Index("ix_sheet_round", "tenant_id", "round_id"),
        Index("ix_sheet_expert", "tenant_id", "expert_id"),
    )

    @property
    def stage_label(self) -> str:
        """The deliverable scored, in words."""
        return STAGE_LABELS[Stage(self.stage)]

    @property
    def title(self) -> str:
        """What the inbox calls it."""
        return f"{self.subject_name} {self.stage_label}评分表"

    @property
    def state_label(self) -> tuple[str, str]:
        """The state in words, and its tone."""
        return SHEET_LABELS[SheetState(self.state)]

    @property
    def is_open(self) -> bool:
        """Whether it may still be written on."""
        return SheetState(self.state) is SheetState.OPEN

    @property
    def is_void(self) -> bool:
        """Whether it is only kept."""
        return SheetState(self.state) is SheetState.VOID

    @property
    def counts(self) -> bool:
        """Whether it is in and valid."""
        return SheetState(self.state) is SheetState.HANDED_IN

    def is_expert(self, actor: Actor) -> bool:
        """Whether the actor fills it in."""
        return self.expert_id == actor.party_id

    def awaits(self) -> Sequence[str]:
        """The verbs the expert is now expected to do."""
        return ("hand_in",) if self.is_open else ()

    def inbox_party(self, _permission: Permission) -> UUID:
        """A sheet waits for its expert alone."""
        return self.expert_id

    def inbox_due(self, _verb: str) -> datetime:
        """Scoring ends with its last working day."""
        return self.score_by

    def snapshot(self) -> Mapping[str, object]:
        """The sheet as the audit chain digests it: nobody can guess it back from the digest."""
        return {
            "nonce": self.nonce,
            "seat": self.seat_id,
            "subject": self.subject_id,
            "stage": self.stage,
            "form": f"{self.form_code}@{self.form_version}",
            "edition": self.edition,
            "entries": self.entries,
            "total": self.total,
            "score_by": self.score_by,
        }
