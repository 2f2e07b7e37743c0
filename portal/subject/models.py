"""The register of what may be evaluated."""

from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from portal.subject.rules import BUDGET_LABELS, KIND_LABELS, SOURCES, Budget, SubjectKind
from portal.unit import Unit
from tenants.db import Model, TenantRow, tenant_constraints, within_tenant
from tenants.rowsecurity import TENANT

_KINDS = ", ".join(f"'{kind.value}'" for kind in SubjectKind)
_BUDGETS = ", ".join(f"'{budget.value}'" for budget in Budget)


class Subject(TenantRow, Model):
    """评价对象 of one year, with its money in 元 by source."""

    __tablename__ = "subject"
    __protection__ = TENANT

    name: Mapped[str] = mapped_column(Text)
    initials: Mapped[str] = mapped_column(Text)
    unit_id: Mapped[UUID]
    kind: Mapped[str] = mapped_column(Text)
    budget: Mapped[str] = mapped_column(Text)
    year: Mapped[int]
    total: Mapped[Decimal]
    central: Mapped[Decimal]
    province: Mapped[Decimal]
    city: Mapped[Decimal]
    county: Mapped[Decimal]
    other: Mapped[Decimal]
    note: Mapped[str] = mapped_column(Text)

    unit: Mapped[Unit] = relationship(
        primaryjoin=lambda: foreign(Subject.unit_id) == Unit.id, viewonly=True, lazy="joined", innerjoin=True
    )

    __table_args__ = tenant_constraints(
        within_tenant("unit_id", "unit"),
        UniqueConstraint("tenant_id", "year", "name"),
        CheckConstraint(f"kind IN ({_KINDS})", name="kind"),
        CheckConstraint(f"budget IN ({_BUDGETS})", name="budget"),
        CheckConstraint("year BETWEEN 2000 AND 2100", name="year"),
        CheckConstraint(
            f"{' AND '.join(f'{source} >= 0' for source in SOURCES)} AND total >= 0", name="amounts"
        ),
        CheckConstraint(f"{' + '.join(SOURCES)} IN (0, total)", name="sources_make_the_total"),
        Index("ix_subject_unit", "tenant_id", "unit_id"),
    )

    @property
    def kind_label(self) -> str:
        """评价对象类型 in words."""
        return KIND_LABELS[SubjectKind(self.kind)]

    @property
    def budget_label(self) -> str:
        """四本预算 in words."""
        return BUDGET_LABELS[Budget(self.budget)]

    @property
    def unit_name(self) -> str:
        """Its 预算单位."""
        return self.unit.name

    @property
    def department(self) -> str:
        """The 主管部门 of its unit."""
        return self.unit.department.name
