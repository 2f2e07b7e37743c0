"""An appraisal, its sheets, and what stands in each, which nobody else reads before both are locked."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from portal.access import Actor, Permission, Role
from portal.appraisal.lifecycle import (
    LATE_LABEL,
    LOCKED_LABEL,
    SHEET_AWAITS,
    SHEET_LABELS,
    STATE_LABELS,
    AppraisalState,
    SheetState,
)
from portal.appraisal.rules import BASIS_LABELS, MAIN, PARTY_LABELS, SAMPLED_LABEL, Basis, Party, gap
from portal.audit import Moved
from portal.commission import QualityTerms
from tenants.db import RATIO, SCORE, Model, TenantRow, tenant_constraints, within_tenant
from tenants.rowsecurity import TENANT_READ, TENANT_WRITE, Protection, Rows, ids, setting, shared_with

_STATES = ", ".join(f"'{state.value}'" for state in AppraisalState)
_SHEET_STATES = ", ".join(f"'{state.value}'" for state in SheetState)
_PARTIES = ", ".join(f"'{party.value}'" for party in Party)
_BASES = ", ".join(f"'{basis.value}'" for basis in Basis)
BY_SYSTEM = f"{setting('kind')} = 'system'"
HIDDEN_FROM_EACH_OTHER = Protection(
    Rows.CONFIDENTIAL,
    f"(tenant_id = ANY ({ids('guests')}) AND readers && {ids('parties')})"
    f" OR ({TENANT_READ} AND (released_at IS NOT NULL OR party <> 'unit' OR {BY_SYSTEM}))",
    f"{TENANT_WRITE} AND (party <> 'unit' OR {BY_SYSTEM})",
)


class Appraisal(Moved, Model):
    """考评: what the evaluated units and the bureau each say about the firm's work under one contract."""

    __tablename__ = "appraisal"
    __protection__ = shared_with("readers")

    contract_id: Mapped[UUID]
    contract_name: Mapped[str] = mapped_column(Text)
    year: Mapped[int]
    firm_id: Mapped[UUID] = mapped_column(ForeignKey("firm.id"))
    firm_name: Mapped[str] = mapped_column(Text)
    lead_evaluator: Mapped[str] = mapped_column(Text)
    section_id: Mapped[UUID | None]
    terms_id: Mapped[UUID]
    rule_set_id: Mapped[UUID]
    weight_unit: Mapped[Decimal] = mapped_column(RATIO)
    weight_finance: Mapped[Decimal] = mapped_column(RATIO)
    gap_limit: Mapped[Decimal] = mapped_column(SCORE)
    basis: Mapped[str] = mapped_column(Text)
    plan_mean: Mapped[Decimal | None] = mapped_column(SCORE)
    report_mean: Mapped[Decimal | None] = mapped_column(SCORE)
    days_agreed: Mapped[int]
    days_present: Mapped[int | None]
    opened_at: Mapped[datetime]
    due_by: Mapped[datetime]
    late_at: Mapped[datetime | None]
    released_at: Mapped[datetime | None]
    unit_score: Mapped[Decimal | None] = mapped_column(SCORE)
    finance_score: Mapped[Decimal | None] = mapped_column(SCORE)
    score: Mapped[Decimal | None] = mapped_column(SCORE)
    vetoed: Mapped[bool] = mapped_column(default=False)
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None] = mapped_column(Text)
    last_reason: Mapped[str | None] = mapped_column(Text)
    talked_on: Mapped[date | None]
    talk: Mapped[str] = mapped_column(Text, default="")
    talk_file_id: Mapped[UUID | None]
    readers: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), default=list)

    sheets: Mapped[list["AppraisalSheet"]] = relationship(
        primaryjoin=lambda: foreign(AppraisalSheet.appraisal_id) == Appraisal.id,
        order_by=lambda: (AppraisalSheet.place, AppraisalSheet.id),
        viewonly=True,
        lazy="selectin",
    )
    terms: Mapped[QualityTerms | None] = relationship(
        primaryjoin=lambda: foreign(Appraisal.terms_id) == QualityTerms.id, viewonly=True
    )

    __table_args__ = tenant_constraints(
        within_tenant("contract_id", "contract"),
        within_tenant("terms_id", "quality_terms"),
        within_tenant("section_id", "section"),
        within_tenant("talk_file_id", "stored_file"),
        UniqueConstraint("tenant_id", "contract_id"),
        CheckConstraint(f"state IN ({_STATES})", name="state"),
        CheckConstraint(f"basis IN ({_BASES})", name="basis"),
        CheckConstraint("weight_unit + weight_finance = 1", name="party_weights"),
        CheckConstraint("(state = 'open') = (ended_at IS NULL)", name="ended_has_time"),
        CheckConstraint("(state = 'final') = (score IS NOT NULL)", name="final_has_score"),
        CheckConstraint("score IS NULL OR released_at IS NOT NULL", name="score_after_release"),
        CheckConstraint("state <> 'closed' OR last_reason IS NOT NULL", name="closed_for_a_reason"),
        Index("ix_appraisal_touched", "tenant_id", "touched_at", "id"),
        Index("ix_appraisal_year", "tenant_id", "year", "state"),
    )

    @property
    def title(self) -> str:
        """What the inbox calls it."""
        return f"{self.contract_name}（{self.firm_name}）考评"

    @property
    def state_label(self) -> tuple[str, str]:
        """The state in words, and its tone; while it is open, what it waits for."""
        if not self.over and self.released_at is not None:
            return LOCKED_LABEL
        if not self.over and self.late_at is not None:
            return LATE_LABEL
        return STATE_LABELS[AppraisalState(self.state)]

    @property
    def basis_label(self) -> str:
        """口径 in words; 抽评 to the bureau alone, which reads the terms, and only where they sample."""
        basis = Basis(self.basis)
        sampled = basis is Basis.SAMPLED and self.terms is not None and self.terms.sample_size
        return SAMPLED_LABEL if sampled else BASIS_LABELS[basis]

    @property
    def over(self) -> bool:
        """Whether it has ended."""
        return self.ended_at is not None

    @property
    def gap(self) -> Decimal | None:
        """分差 of the two parties, None before the release."""
        if self.unit_score is None or self.finance_score is None:
            return None
        return gap([self.unit_score], [self.finance_score])

    @property
    def is_wide(self) -> bool:
        """Whether the parties differ so far that each has to say why."""
        return self.gap is not None and self.gap > self.gap_limit

    @property
    def waiting(self) -> list[str]:
        """The parties whose 考评表 is not locked yet."""
        return [
            each.party_name
            for each in self.sheets
            if each.form_code in MAIN and SheetState(each.state) is not SheetState.LOCKED
        ]

    def in_section(self, actor: Actor) -> bool:
        """Whether the actor sits in the section that runs the contract, or none does."""
        return self.section_id is None or self.section_id == actor.section_id

    def is_reader(self, actor: Actor) -> bool:
        """Whether the actor's unit fills a sheet, or the actor's firm was told the score."""
        return actor.party_id is not None and actor.party_id in self.readers

    def awaits(self) -> Sequence[str]:
        """Both locked waits for the end; a late party for a decision."""
        if self.over:
            return ()
        if self.released_at is not None:
            return ("finish",)
        return ("extend",) if self.late_at is not None else ()

    def inbox_party(self, _permission: Permission) -> None:
        """Every approver of the bureau."""

    def inbox_due(self, _verb: str) -> datetime | None:
        """The date by which both hand in."""
        return self.due_by

    def snapshot(self) -> Mapping[str, object]:
        """The appraisal as the audit chain digests it; nothing of a sheet before both are locked."""
        return {
            "contract": self.contract_id,
            "basis": self.basis,
            "due_by": self.due_by,
            "late": self.late_at,
            "released": self.released_at,
            "unit": self.unit_score,
            "finance": self.finance_score,
            "score": self.score,
            "vetoed": self.vetoed,
            "talk": self.talk,
            "reason": self.last_reason,
        }


class AppraisalSheet(Moved, Model):
    """考评表 of one party, or a sheet its folded items come from: who has it, and how far it is."""

    __tablename__ = "appraisal_sheet"
    __protection__ = shared_with("readers")

    appraisal_id: Mapped[UUID]
    place: Mapped[int]
    party: Mapped[str] = mapped_column(Text)
    party_id: Mapped[UUID | None]
    party_name: Mapped[str] = mapped_column(Text)
    form_code: Mapped[str] = mapped_column(Text)
    form_version: Mapped[int]
    form_name: Mapped[str] = mapped_column(Text)
    due_by: Mapped[datetime]
    signer_id: Mapped[UUID | None]
    signer: Mapped[str | None] = mapped_column(Text)
    signed_at: Mapped[datetime | None]
    head: Mapped[str | None] = mapped_column(Text)
    locked_at: Mapped[datetime | None]
    returned_at: Mapped[datetime | None]
    explained_at: Mapped[datetime | None]
    readers: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), default=list)

    appraisal: Mapped[Appraisal] = relationship(
        primaryjoin=lambda: foreign(AppraisalSheet.appraisal_id) == Appraisal.id,
        viewonly=True,
        lazy="joined",
        innerjoin=True,
    )

    __table_args__ = tenant_constraints(
        within_tenant("appraisal_id", "appraisal"),
        UniqueConstraint("tenant_id", "appraisal_id", "form_code", "party_id"),
        CheckConstraint(f"state IN ({_SHEET_STATES})", name="state"),
        CheckConstraint(f"party IN ({_PARTIES})", name="party"),
        CheckConstraint("party = 'finance' OR party_id IS NOT NULL", name="unit_is_somebody"),
        CheckConstraint("(state = 'open') = (signed_at IS NULL)", name="signed_has_time"),
        CheckConstraint("(state = 'locked') = (locked_at IS NOT NULL)", name="locked_has_time"),
    )

    @property
    def title(self) -> str:
        """What the inbox calls it."""
        return f"{self.appraisal.contract_name}：{self.form_name}"

    @property
    def state_label(self) -> tuple[str, str]:
        """The state in words, and its tone."""
        return SHEET_LABELS[SheetState(self.state)]

    @property
    def party_label(self) -> str:
        """Whose it is, in words."""
        return PARTY_LABELS[Party(self.party)]

    @property
    def is_main(self) -> bool:
        """A 考评表 itself, not one it takes a share of."""
        return self.form_code in MAIN

    def is_filler(self, actor: Actor) -> bool:
        """Whether the actor sits where this sheet is filled in: the unit, or the section of the contract."""
        if Party(self.party) is Party.UNIT:
            return actor.party_id is not None and actor.party_id == self.party_id
        return actor.party_id is None and self.party_id in (None, actor.section_id)

    def is_head(self, actor: Actor) -> bool:
        """Whether the actor heads the party: of the bureau any approver does."""
        if Party(self.party) is Party.UNIT:
            return actor.party_id is not None and actor.party_id == self.party_id
        return actor.party_id is None

    def may_read(self, actor: Actor) -> bool:
        """A party reads its own; the other's once both are locked."""
        if self.appraisal.released_at is not None:
            return actor.party_id is None or actor.party_id in self.readers
        return self.is_head(actor)

    def awaits(self) -> Sequence[str]:
        """The verbs somebody is now expected to do; sheets of which a share is taken wait for nobody."""
        if self.appraisal.over or not self.is_main:
            return ()
        if self.appraisal.is_wide and self.explained_at is None:
            return ("explain",)
        return SHEET_AWAITS.get(SheetState(self.state), ())

    def inbox_party(self, permission: Permission) -> Mapping[Role, UUID | None]:
        """Who fills it in, then who heads them, each on their own side."""
        if Party(self.party) is Party.UNIT:
            return {Role.UNIT_HANDLER: self.party_id, Role.UNIT_HEAD: self.party_id}
        if permission is not Permission.APPRAISAL_SHEET_LOCK:
            return {Role.HANDLER: self.party_id}
        return {Role.APPROVER: None}

    def inbox_due(self, _verb: str) -> datetime | None:
        """The date by which both hand in."""
        return self.due_by

    def snapshot(self) -> Mapping[str, object]:
        """The sheet as the audit chain digests it; what stands in it has a digest of its own."""
        return {
            "form": self.form_code,
            "version": self.form_version,
            "party": self.party_name,
            "signer": self.signer,
            "head": self.head,
            "due_by": self.due_by,
        }


class AppraisalContent(TenantRow, Model):
    """What stands in a sheet. Of a unit nobody in the bureau reads it before both parties are locked.

    ``nonce`` goes into the digest, which a small content would otherwise give away. A trigger refuses any
    change once the sheet is locked, but for the release and the reason of a wide gap.
    """

    __tablename__ = "appraisal_content"
    __protection__ = HIDDEN_FROM_EACH_OTHER

    sheet_id: Mapped[UUID]
    appraisal_id: Mapped[UUID]
    party: Mapped[str] = mapped_column(Text)
    readers: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), default=list)
    entries: Mapped[dict[str, Any]] = mapped_column(JSONB)
    sources: Mapped[dict[str, str]] = mapped_column(JSONB, default=dict)
    points: Mapped[Decimal | None] = mapped_column(SCORE)
    total: Mapped[Decimal | None] = mapped_column(SCORE)
    nonce: Mapped[str] = mapped_column(Text)
    digest: Mapped[str | None] = mapped_column(Text)
    saved_at: Mapped[datetime | None]
    locked_at: Mapped[datetime | None]
    released_at: Mapped[datetime | None]
    return_reason: Mapped[str] = mapped_column(Text, default="")
    gap_reason: Mapped[str] = mapped_column(Text, default="")

    __table_args__ = tenant_constraints(
        within_tenant("sheet_id", "appraisal_sheet"),
        within_tenant("appraisal_id", "appraisal"),
        UniqueConstraint("tenant_id", "sheet_id"),
        CheckConstraint(f"party IN ({_PARTIES})", name="party"),
        CheckConstraint(
            "locked_at IS NULL OR (total IS NOT NULL AND digest IS NOT NULL)", name="locked_is_whole"
        ),
        CheckConstraint("released_at IS NULL OR locked_at IS NOT NULL", name="released_is_locked"),
        Index("ix_appraisal_content_appraisal", "tenant_id", "appraisal_id"),
    )

    @property
    def said(self) -> Mapping[str, object]:
        """What the digest is made of."""
        return {"nonce": self.nonce, "entries": self.entries, "sources": self.sources}
