"""A commission, its subjects, the quality terms frozen with it, and each approved edition whole."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Numeric, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from portal.access import Actor, Permission
from portal.audit import Moved
from portal.commission.lifecycle import AWAITS, STATE_LABELS, CommissionState
from portal.commission.rules import KIND_LABELS, ServiceKind
from tenants.db import RATIO, SCORE, Model, TenantRow, tenant_constraints, within_tenant
from tenants.models import Tenant
from tenants.rowsecurity import TENANT

_STATES = ", ".join(f"'{state.value}'" for state in CommissionState)
_KINDS = ", ".join(f"'{kind.value}'" for kind in ServiceKind)


class QualityTerms(TenantRow, Model):
    """质量约定: the numbers the firm is judged and paid by.

    Frozen at approval; contract, round and settlement refer to this row by its id.
    """

    __tablename__ = "quality_terms"
    __protection__ = TENANT

    weight_plan: Mapped[Decimal] = mapped_column(RATIO)
    weight_report: Mapped[Decimal] = mapped_column(RATIO)
    cutoff: Mapped[Decimal | None] = mapped_column(SCORE)
    tiers: Mapped[list[dict[str, str]] | None] = mapped_column(JSONB)
    deduct_ratio: Mapped[Decimal] = mapped_column(RATIO)
    scope: Mapped[str] = mapped_column(Text)
    sample_size: Mapped[int | None]
    experts: Mapped[int]
    min_valid_sheets: Mapped[int]
    trim_extremes: Mapped[bool]
    weight_unit: Mapped[Decimal] = mapped_column(RATIO)
    weight_finance: Mapped[Decimal] = mapped_column(RATIO)
    scoring_workdays: Mapped[int]
    objection_workdays: Mapped[int]
    forms: Mapped[dict[str, int]] = mapped_column(JSONB)
    rule_set_id: Mapped[UUID]
    frozen_at: Mapped[datetime | None]

    __table_args__ = tenant_constraints(
        CheckConstraint("weight_plan + weight_report = 1", name="stage_weights"),
        CheckConstraint("weight_unit + weight_finance = 1", name="party_weights"),
        CheckConstraint("cutoff IS NULL OR cutoff BETWEEN 0 AND 100", name="cutoff"),
        CheckConstraint(
            "frozen_at IS NULL OR cutoff IS NOT NULL OR tiers IS NOT NULL", name="frozen_is_whole"
        ),
    )


class CommissionSubject(TenantRow, Model):
    """One subject of a commission, in the order of the list."""

    __tablename__ = "commission_subject"
    __protection__ = TENANT

    commission_id: Mapped[UUID]
    subject_id: Mapped[UUID]
    place: Mapped[int]

    __table_args__ = tenant_constraints(
        within_tenant("commission_id", "commission"),
        within_tenant("subject_id", "subject"),
        UniqueConstraint("tenant_id", "commission_id", "subject_id"),
        Index("ix_commission_subject_subject", "tenant_id", "subject_id"),
    )


class Edition(TenantRow, Model):
    """One approved edition, whole: later corrections make the next and change nothing here."""

    __tablename__ = "commission_edition"
    __protection__ = TENANT

    commission_id: Mapped[UUID]
    number: Mapped[int]
    content: Mapped[dict[str, Any]] = mapped_column(JSONB)
    digest: Mapped[str] = mapped_column(Text)
    approved_by: Mapped[str] = mapped_column(Text)
    approved_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_reason: Mapped[str | None] = mapped_column(Text)

    __table_args__ = tenant_constraints(
        within_tenant("commission_id", "commission"),
        UniqueConstraint("tenant_id", "commission_id", "number"),
        CheckConstraint("(ended_at IS NULL) = (ended_reason IS NULL)", name="ended_for_a_reason"),
    )


class Commission(Moved, Model):
    """委托: one piece of evaluation work a bureau wants done by a third party."""

    __tablename__ = "commission"
    __protection__ = TENANT

    name: Mapped[str] = mapped_column(Text)
    year: Mapped[int]
    service_kind: Mapped[str] = mapped_column(Text)
    assist_only: Mapped[bool] = mapped_column(default=False)
    commissioner_id: Mapped[UUID | None]
    commissioner_name: Mapped[str] = mapped_column(Text)
    section_id: Mapped[UUID | None]
    budget_item: Mapped[str] = mapped_column(Text, default="")
    ceiling: Mapped[Decimal | None] = mapped_column(Numeric(16, 2))
    plan_due_on: Mapped[date | None]
    draft_due_on: Mapped[date | None]
    report_due_on: Mapped[date | None]
    requirements: Mapped[str] = mapped_column(Text, default="")
    terms_id: Mapped[UUID]
    edition: Mapped[int] = mapped_column(default=1)
    drafted_by: Mapped[UUID]
    drafter: Mapped[str] = mapped_column(Text)
    approved_at: Mapped[datetime | None]
    approver: Mapped[str | None] = mapped_column(Text)
    last_reason: Mapped[str | None] = mapped_column(Text)
    bought_as: Mapped[str | None] = mapped_column(Text)
    in_purchase: Mapped[bool] = mapped_column(default=False)

    terms: Mapped[QualityTerms] = relationship(
        primaryjoin=lambda: foreign(Commission.terms_id) == QualityTerms.id, lazy="joined", innerjoin=True
    )
    lines: Mapped[list[CommissionSubject]] = relationship(
        primaryjoin=lambda: foreign(CommissionSubject.commission_id) == Commission.id,
        order_by=CommissionSubject.place,
        cascade="all, delete-orphan",
        lazy="selectin",
    )
    bureau: Mapped[Tenant] = relationship(
        primaryjoin=lambda: foreign(Commission.tenant_id) == Tenant.id, viewonly=True, innerjoin=True
    )
    editions: Mapped[list[Edition]] = relationship(
        primaryjoin=lambda: foreign(Edition.commission_id) == Commission.id,
        order_by=Edition.number.desc(),
        viewonly=True,
        lazy="raise",
    )

    __table_args__ = tenant_constraints(
        within_tenant("terms_id", "quality_terms"),
        within_tenant("section_id", "section"),
        within_tenant("commissioner_id", "unit"),
        CheckConstraint(f"state IN ({_STATES})", name="state"),
        CheckConstraint(f"service_kind IN ({_KINDS})", name="service_kind"),
        CheckConstraint("ceiling IS NULL OR ceiling > 0", name="ceiling"),
        CheckConstraint("state <> 'approved' OR approved_at IS NOT NULL", name="approved_has_time"),
        CheckConstraint("plan_due_on < draft_due_on AND draft_due_on < report_due_on", name="dates_follow"),
        Index("ix_commission_touched", "tenant_id", "touched_at", "id"),
        Index("ix_commission_year", "tenant_id", "year", "state"),
    )

    @property
    def title(self) -> str:
        """What the inbox calls it."""
        return f"{self.name}（{self.year} 年度委托）"

    @property
    def kind_label(self) -> str:
        """委托事项 in words."""
        return KIND_LABELS[ServiceKind(self.service_kind)]

    @property
    def state_label(self) -> tuple[str, str]:
        """The state in words, and its tone."""
        return STATE_LABELS[CommissionState(self.state)]

    def in_section(self, actor: Actor) -> bool:
        """Whether the actor sits in the section that runs this commission, or none does."""
        return self.section_id is None or self.section_id == actor.section_id

    def awaits(self) -> Sequence[str]:
        """The verbs somebody is now expected to do; once approved it waits to be bought."""
        if self.state == CommissionState.APPROVED.value and self.in_purchase:
            return ()
        return AWAITS.get(CommissionState(self.state), ())

    def inbox_party(self, permission: Permission) -> UUID | None:
        """A draft waits for its own section; an approval for every approver of the bureau."""
        return self.section_id if permission is Permission.COMMISSION_SUBMIT else None

    def inbox_due(self, _verb: str) -> datetime | None:
        """No clock runs before the tender."""
        return None

    def snapshot(self) -> Mapping[str, object]:
        """The commission as the audit chain digests it and an edition keeps it."""
        terms = self.terms
        return {
            "name": self.name,
            "year": self.year,
            "service_kind": self.service_kind,
            "assist_only": self.assist_only,
            "commissioner": self.commissioner_name,
            "budget_item": self.budget_item,
            "ceiling": self.ceiling,
            "plan_due_on": self.plan_due_on,
            "draft_due_on": self.draft_due_on,
            "report_due_on": self.report_due_on,
            "requirements": self.requirements,
            "subjects": [line.subject_id for line in self.lines],
            "terms": {
                "id": terms.id,
                "weight_plan": terms.weight_plan,
                "weight_report": terms.weight_report,
                "cutoff": terms.cutoff,
                "tiers": terms.tiers,
                "deduct_ratio": terms.deduct_ratio,
                "scope": terms.scope,
                "sample_size": terms.sample_size,
                "experts": terms.experts,
                "min_valid_sheets": terms.min_valid_sheets,
                "trim_extremes": terms.trim_extremes,
                "weight_unit": terms.weight_unit,
                "weight_finance": terms.weight_finance,
                "scoring_workdays": terms.scoring_workdays,
                "objection_workdays": terms.objection_workdays,
                "forms": terms.forms,
                "rule_set": terms.rule_set_id,
            },
        }
