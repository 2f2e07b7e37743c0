"""The register of a bureau's units."""

from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, LargeBinary, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship, remote

from tenants.db import Model, TenantRow, tenant_constraints
from tenants.rowsecurity import TENANT


class Unit(TenantRow, Model):
    """预算单位/被评价单位; ``department`` is its 主管部门, which may be itself.

    The contact's number is sealed; here stand its mask and its blind index.
    """

    __tablename__ = "unit"
    __protection__ = TENANT

    code: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    initials: Mapped[str] = mapped_column(Text)
    department_id: Mapped[UUID]
    contact: Mapped[str] = mapped_column(Text)
    phone_masked: Mapped[str] = mapped_column(Text)
    phone_index: Mapped[bytes | None] = mapped_column(LargeBinary)

    department: Mapped["Unit"] = relationship(
        primaryjoin=lambda: foreign(Unit.department_id) == remote(Unit.id),
        viewonly=True,
        lazy="joined",
        join_depth=1,
    )

    __table_args__ = tenant_constraints(
        UniqueConstraint("tenant_id", "code"),
        UniqueConstraint("tenant_id", "name"),
        ForeignKeyConstraint(
            ["tenant_id", "department_id"],
            ["unit.tenant_id", "unit.id"],
            deferrable=True,
            initially="DEFERRED",
        ),
        Index("ix_unit_department", "tenant_id", "department_id"),
    )
