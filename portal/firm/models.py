"""Firms as the platform knows them, as a bureau accepted them, and their lead evaluators."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from portal.firm.rules import FIRM_KIND_LABELS, FIRM_SIZE_LABELS, FirmKind, FirmSize
from tenants.db import SCORE, Identified, Model, TenantRow, tenant_constraints
from tenants.rowsecurity import (
    BY_OPERATOR,
    SIGNED_IN,
    TENANT,
    TENANT_READ,
    TENANT_WRITE,
    Protection,
    Rows,
    ids,
)

_KINDS = ", ".join(f"'{kind.value}'" for kind in FirmKind)
_SIZES = ", ".join(f"'{size.value}'" for size in FirmSize)


class Firm(Identified, Model):
    """第三方机构, registered once for all bureaus by the first that lists it; its credit code names it.

    Changed by the bureau that registered it, by the firm itself, or by the operator.
    """

    __tablename__ = "firm"
    __protection__ = Protection(
        Rows.REGISTER,
        SIGNED_IN,
        f"registered_by = ANY ({ids('writes')}) OR id = ANY ({ids('parties')}) OR {BY_OPERATOR}",
    )

    credit_code: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str] = mapped_column(Text)
    initials: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    representative: Mapped[str] = mapped_column(Text)
    address: Mapped[str] = mapped_column(Text)
    staff: Mapped[int | None]
    size: Mapped[str | None] = mapped_column(Text)
    registered_by: Mapped[UUID] = mapped_column(ForeignKey("tenant.id"))
    registered_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("credit_code ~ '^[0-9A-HJ-NPQRTUWXY]{18}$'", name="credit_code"),
        CheckConstraint(f"kind IN ({_KINDS})", name="kind"),
        CheckConstraint(f"size IN ({_SIZES})", name="size"),
        CheckConstraint("staff >= 0", name="staff"),
        Index("ix_firm_name", "name"),
    )

    @property
    def kind_label(self) -> str:
        """机构类型 in words."""
        return FIRM_KIND_LABELS[FirmKind(self.kind)]

    @property
    def size_label(self) -> str:
        """企业规模 in words, '' where it was not given."""
        return FIRM_SIZE_LABELS[FirmSize(self.size)] if self.size else ""


class Acceptance(TenantRow, Model):
    """A bureau's own entry of a firm it works with; the contact's number is sealed."""

    __tablename__ = "firm_acceptance"
    __protection__ = TENANT

    firm_id: Mapped[UUID] = mapped_column(ForeignKey("firm.id"))
    phone_masked: Mapped[str] = mapped_column(Text)
    phone_index: Mapped[bytes | None] = mapped_column(LargeBinary)
    email: Mapped[str] = mapped_column(Text)
    accepted_at: Mapped[datetime]

    firm: Mapped[Firm] = relationship(
        primaryjoin=lambda: foreign(Acceptance.firm_id) == Firm.id, viewonly=True, lazy="raise"
    )

    __table_args__ = tenant_constraints(UniqueConstraint("tenant_id", "firm_id"))

    @property
    def name(self) -> str:
        """机构名称."""
        return self.firm.name


class LeadEvaluator(TenantRow, Model):
    """主评人 of an accepted firm; whether he is below a limit follows from the rule set when it is asked."""

    __tablename__ = "lead_evaluator"
    __protection__ = TENANT

    firm_id: Mapped[UUID]
    name: Mapped[str] = mapped_column(Text)
    initials: Mapped[str] = mapped_column(Text)
    qualification: Mapped[str] = mapped_column(Text)
    work_years: Mapped[int]
    evaluation_years: Mapped[int]
    education: Mapped[str] = mapped_column(Text)

    firm: Mapped[Firm] = relationship(
        primaryjoin=lambda: foreign(LeadEvaluator.firm_id) == Firm.id, viewonly=True, lazy="raise"
    )

    __table_args__ = tenant_constraints(
        ForeignKeyConstraint(
            ["tenant_id", "firm_id"], ["firm_acceptance.tenant_id", "firm_acceptance.firm_id"]
        ),
        UniqueConstraint("tenant_id", "firm_id", "name"),
        CheckConstraint("work_years BETWEEN 0 AND 70 AND evaluation_years BETWEEN 0 AND 70", name="years"),
    )


class Load(TenantRow, Model):
    """在手合同: how many contracts a firm is working on for this bureau; counted by the contracts' slice."""

    __tablename__ = "firm_load"
    __protection__ = TENANT

    firm_id: Mapped[UUID]
    count: Mapped[int] = mapped_column(default=0)

    __table_args__ = tenant_constraints(
        ForeignKeyConstraint(
            ["tenant_id", "firm_id"], ["firm_acceptance.tenant_id", "firm_acceptance.firm_id"]
        ),
        UniqueConstraint("tenant_id", "firm_id"),
        CheckConstraint("count >= 0", name="count"),
    )


class Standing(TenantRow, Model):
    """评级结果: a firm's place in a final ranking of this bureau, for reference when firms are chosen.

    Read by the bureau and the firm itself. ``rank`` and ``score`` are None and ``grade`` is '' where there
    were too few engagements. ``vetoed`` counts the engagements that were vetoed (一票否决): a mark beside the
    grade, which does not show it. A corrected ranking supersedes its rows and changes none.
    """

    __tablename__ = "firm_standing"
    __protection__ = Protection(
        Rows.CONFIDENTIAL,
        f"({TENANT_READ}) OR (tenant_id = ANY ({ids('guests')}) AND firm_id = ANY ({ids('parties')}))",
        TENANT_WRITE,
    )

    firm_id: Mapped[UUID] = mapped_column(ForeignKey("firm.id"))
    year: Mapped[int]
    rank: Mapped[int | None]
    grade: Mapped[str] = mapped_column(Text, default="")
    score: Mapped[Decimal | None] = mapped_column(SCORE)
    engagements: Mapped[int]
    vetoed: Mapped[int] = mapped_column(default=0)
    quality: Mapped[Decimal | None] = mapped_column(SCORE)
    basis: Mapped[str] = mapped_column(Text)
    ranking_id: Mapped[UUID]
    edition: Mapped[int]
    recorded_at: Mapped[datetime]
    superseded_at: Mapped[datetime | None]

    __table_args__ = tenant_constraints(
        UniqueConstraint("tenant_id", "firm_id", "year", "edition"),
        CheckConstraint(
            "engagements > 0 AND edition > 0 AND vetoed BETWEEN 0 AND engagements", name="counts"
        ),
        CheckConstraint("(rank IS NULL) = (score IS NULL)", name="ranked_is_scored"),
        CheckConstraint("(rank IS NULL) = (grade = '')", name="ranked_is_graded"),
        Index(
            "uq_firm_standing_in_force",
            "tenant_id",
            "firm_id",
            "year",
            unique=True,
            postgresql_where=text("superseded_at IS NULL"),
        ),
    )
