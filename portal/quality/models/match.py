"""What people found about experts' employers and bodies of a like name."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from portal.quality.rules import Verdict
from tenants.db import Model, TenantRow, tenant_constraints
from tenants.rowsecurity import TENANT

_VERDICTS = ", ".join(f"'{each}'" for each in Verdict)


class EmployerMatch(TenantRow, Model):
    """工作单位匹配: what a person found about an expert's employer and a body of the same or a like name."""

    __tablename__ = "employer_match"
    __protection__ = TENANT

    expert_id: Mapped[UUID]
    expert_name: Mapped[str] = mapped_column(Text)
    employer: Mapped[str] = mapped_column(Text)
    bare: Mapped[str] = mapped_column(Text)
    other_id: Mapped[UUID]
    other_name: Mapped[str] = mapped_column(Text)
    verdict: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    found_by: Mapped[str] = mapped_column(Text)
    found_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    __table_args__ = tenant_constraints(
        CheckConstraint(f"verdict IN ({_VERDICTS})", name="verdict"),
        Index(
            "uq_employer_match_live",
            "tenant_id",
            "expert_id",
            "bare",
            "other_id",
            unique=True,
            postgresql_where="ended_at IS NULL",
        ),
    )
