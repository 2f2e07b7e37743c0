"""A contract as both sides sign it, and each extension of a date that was signed."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, ForeignKey, Index, Numeric, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from portal.access import Actor, Permission
from portal.audit import Moved
from portal.contract.lifecycle import AWAITS, STATE_LABELS, ContractState
from portal.contract.rules import DELIVERABLES, DeliverableKind, late_clause, payment_clause
from portal.kernel.hashing import digest
from portal.kernel.money import Yuan
from tenants.db import RATIO, Model, TenantRow, tenant_constraints, within_tenant
from tenants.rowsecurity import shared_with

_STATES = ", ".join(f"'{state.value}'" for state in ContractState)
_KINDS = ", ".join(f"'{kind.value}'" for kind in DeliverableKind)


class Extension(TenantRow, Model):
    """延期: one kind of deliverable is due later than was signed; the signed date stays in the contract."""

    __tablename__ = "contract_extension"
    __protection__ = shared_with("readers")

    contract_id: Mapped[UUID]
    kind: Mapped[str] = mapped_column(Text)
    old_on: Mapped[date]
    new_on: Mapped[date]
    reason: Mapped[str] = mapped_column(Text)
    granted_by: Mapped[str] = mapped_column(Text)
    granted_at: Mapped[datetime]
    readers: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), default=list)

    __table_args__ = tenant_constraints(
        within_tenant("contract_id", "contract"),
        CheckConstraint(f"kind IN ({_KINDS})", name="kind"),
        CheckConstraint("new_on > old_on", name="later"),
        Index("ix_contract_extension_contract", "tenant_id", "contract_id"),
    )

    @property
    def kind_label(self) -> str:
        """The deliverable in words."""
        return DELIVERABLES[DeliverableKind(self.kind)]


class Contract(Moved, Model):
    """绩效评价委托服务合同: what the bureau and the firm agree after the award."""

    __tablename__ = "contract"
    __protection__ = shared_with("readers")

    name: Mapped[str] = mapped_column(Text)
    year: Mapped[int]
    number: Mapped[str | None] = mapped_column(Text)
    commission_id: Mapped[UUID]
    tender_id: Mapped[UUID]
    tender_number: Mapped[str] = mapped_column(Text, default="")
    award_id: Mapped[UUID]
    bid_id: Mapped[UUID]
    section_id: Mapped[UUID | None]
    bureau_name: Mapped[str] = mapped_column(Text)
    firm_id: Mapped[UUID] = mapped_column(ForeignKey("firm.id"))
    firm_name: Mapped[str] = mapped_column(Text)
    subjects: Mapped[dict[str, Any]] = mapped_column(JSONB)
    terms_id: Mapped[UUID]
    tendered_terms_id: Mapped[UUID]
    quality: Mapped[dict[str, Any]] = mapped_column(JSONB)
    fee: Mapped[Decimal] = mapped_column(Numeric(16, 2))
    awarded: Mapped[Decimal] = mapped_column(Numeric(16, 2))
    advance_ratio: Mapped[Decimal] = mapped_column(RATIO, default=Decimal("0.30"))
    payment_days: Mapped[int] = mapped_column(default=30)
    late_ratio: Mapped[Decimal] = mapped_column(RATIO, default=Decimal(0))
    late_cap: Mapped[Decimal] = mapped_column(RATIO, default=Decimal(0))
    lead_evaluator: Mapped[str] = mapped_column(Text)
    team: Mapped[dict[str, Any]] = mapped_column(JSONB)
    onsite_days: Mapped[int] = mapped_column(default=0)
    plan_due_on: Mapped[date]
    draft_due_on: Mapped[date]
    report_due_on: Mapped[date]
    clauses: Mapped[dict[str, str]] = mapped_column(JSONB)
    special: Mapped[str] = mapped_column(Text, default="")
    awarded_at: Mapped[datetime]
    sign_by: Mapped[datetime]
    offered_by: Mapped[UUID | None]
    offerer: Mapped[str | None] = mapped_column(Text)
    offered_at: Mapped[datetime | None]
    firm_digest: Mapped[str | None] = mapped_column(Text)
    firm_signer: Mapped[str | None] = mapped_column(Text)
    firm_signed_at: Mapped[datetime | None]
    signer: Mapped[str | None] = mapped_column(Text)
    signed_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
    appraised_at: Mapped[datetime | None]
    filed_on: Mapped[date | None]
    filed_with: Mapped[str | None] = mapped_column(Text)
    filing_note: Mapped[str] = mapped_column(Text, default="")
    filer: Mapped[str | None] = mapped_column(Text)
    last_reason: Mapped[str | None] = mapped_column(Text)
    readers: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), default=list)

    extensions: Mapped[list[Extension]] = relationship(
        primaryjoin=lambda: foreign(Extension.contract_id) == Contract.id,
        order_by=Extension.granted_at,
        viewonly=True,
        lazy="select",
    )

    __table_args__ = tenant_constraints(
        within_tenant("commission_id", "commission"),
        within_tenant("tender_id", "tender"),
        within_tenant("bid_id", "bid"),
        within_tenant("award_id", "award"),
        within_tenant("terms_id", "quality_terms"),
        within_tenant("section_id", "section"),
        CheckConstraint(f"state IN ({_STATES})", name="state"),
        CheckConstraint("fee = awarded AND fee > 0", name="fee_is_awarded"),
        CheckConstraint("plan_due_on < draft_due_on AND draft_due_on < report_due_on", name="dates_follow"),
        CheckConstraint("advance_ratio BETWEEN 0 AND 1 AND payment_days BETWEEN 1 AND 60", name="payment"),
        CheckConstraint(
            "state NOT IN ('confirmed', 'effective', 'completed') OR firm_signed_at IS NOT NULL",
            name="firm_signed",
        ),
        CheckConstraint(
            "state NOT IN ('effective', 'completed') OR signed_at IS NOT NULL", name="bureau_signed"
        ),
        CheckConstraint(
            "state <> 'completed' OR (settled_at IS NOT NULL AND appraised_at IS NOT NULL)", name="completed"
        ),
        CheckConstraint(
            "filed_on IS NULL OR (signed_at IS NOT NULL AND filed_with IS NOT NULL)", name="filed_whole"
        ),
        Index(
            "uq_contract_award",
            "tenant_id",
            "award_id",
            unique=True,
            postgresql_where=text("state <> 'cancelled'"),
        ),
        Index("ix_contract_touched", "tenant_id", "touched_at", "id"),
        Index("ix_contract_year", "tenant_id", "year", "state"),
        Index("ix_contract_commission", "tenant_id", "commission_id"),
    )

    @property
    def title(self) -> str:
        """What the inbox calls it."""
        return f"{self.name}（{self.firm_name}）合同"

    @property
    def state_label(self) -> tuple[str, str]:
        """The state in words, and its tone."""
        return STATE_LABELS[ContractState(self.state)]

    @property
    def objects(self) -> list[dict[str, str]]:
        """The subjects as signed: id, name, unit_id, unit_name; ids as text."""
        return list(self.subjects["subjects"])

    @property
    def members(self) -> list[dict[str, str]]:
        """The team beside the lead evaluator, as the bid named it."""
        return list(self.team["members"])

    @property
    def due_signed(self) -> dict[DeliverableKind, date]:
        """The delivery dates as both sides signed them."""
        return {
            DeliverableKind.PLAN: self.plan_due_on,
            DeliverableKind.DRAFT: self.draft_due_on,
            DeliverableKind.REPORT: self.report_due_on,
        }

    def due_on(self, kind: DeliverableKind) -> date:
        """The delivery date in force, extensions counted."""
        return max([self.due_signed[kind], *(each.new_on for each in self.extensions if each.kind == kind)])

    @property
    def payment_lines(self) -> tuple[str, ...]:
        """付款 and 逾期 in sentences."""
        fee = Yuan(self.fee)
        return (
            *payment_clause(fee, self.advance_ratio, self.payment_days),
            *late_clause(self.late_ratio, self.late_cap),
        )

    @property
    def content_digest(self) -> str:
        """SM3 of what both sides sign, in hexadecimal."""
        return digest(self.content()).hex()

    def in_section(self, actor: Actor) -> bool:
        """Whether the actor sits in the section that runs this contract, or none does."""
        return self.section_id is None or self.section_id == actor.section_id

    def is_firm(self, actor: Actor) -> bool:
        """Whether the actor acts for the firm of this contract."""
        return self.firm_id == actor.party_id

    def awaits(self) -> Sequence[str]:
        """The verbs somebody is now expected to do."""
        return AWAITS.get(ContractState(self.state), ())

    def inbox_party(self, permission: Permission) -> UUID | None:
        """An offer waits for its firm, a draft for its section, a signature for every approver."""
        if permission is Permission.CONTRACT_CONFIRM:
            return self.firm_id
        return self.section_id if permission is Permission.CONTRACT_OFFER else None

    def inbox_due(self, _verb: str) -> datetime | None:
        """Thirty days from the award, whoever has it."""
        return self.sign_by

    def content(self) -> Mapping[str, object]:
        """What both sides sign, whole; nothing else enters the digest."""
        return {
            "name": self.name,
            "year": self.year,
            "tender": self.tender_number,
            "award": self.award_id,
            "bureau": self.bureau_name,
            "firm": self.firm_id,
            "firm_name": self.firm_name,
            "subjects": self.subjects,
            "terms": self.terms_id,
            "quality": self.quality,
            "fee": self.fee,
            "advance_ratio": self.advance_ratio,
            "payment_days": self.payment_days,
            "late_ratio": self.late_ratio,
            "late_cap": self.late_cap,
            "lead_evaluator": self.lead_evaluator,
            "team": self.team,
            "onsite_days": self.onsite_days,
            "plan_due_on": self.plan_due_on,
            "draft_due_on": self.draft_due_on,
            "report_due_on": self.report_due_on,
            "clauses": self.clauses,
            "special": self.special,
        }

    def snapshot(self) -> Mapping[str, object]:
        """The contract as the audit chain digests it."""
        return {
            **self.content(),
            "firm_digest": self.firm_digest,
            "firm_signer": self.firm_signer,
            "signer": self.signer,
            "filed_on": self.filed_on,
            "filed_with": self.filed_with,
        }
