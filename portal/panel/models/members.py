"""Who sits on a panel: whether they have an interest, stepped aside, signed."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.panel.rules import MemberFacts
from tenants.db import Model, TenantRow, tenant_constraints, within_tenant
from tenants.rowsecurity import TENANT


class PanelMember(TenantRow, Model):
    """评审小组成员: who sits, whether they have an interest, and whether they signed the report."""

    __tablename__ = "panel_member"
    __protection__ = TENANT

    panel_id: Mapped[UUID]
    account_id: Mapped[UUID]
    post_id: Mapped[UUID]
    role: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    is_chair: Mapped[bool]
    place: Mapped[int]
    declared_at: Mapped[datetime | None]
    recused_at: Mapped[datetime | None]
    recused_reason: Mapped[str | None] = mapped_column(Text)
    signed_at: Mapped[datetime | None]
    dissent: Mapped[str | None] = mapped_column(Text)

    __table_args__ = tenant_constraints(
        within_tenant("panel_id", "panel"),
        within_tenant("post_id", "post"),
        UniqueConstraint("tenant_id", "panel_id", "account_id"),
        CheckConstraint("(recused_at IS NULL) = (recused_reason IS NULL)", name="recused_for_a_reason"),
        CheckConstraint("signed_at IS NULL OR recused_at IS NULL", name="recused_signs_nothing"),
        CheckConstraint("dissent IS NULL OR signed_at IS NOT NULL", name="dissent_is_signed"),
        Index(
            "uq_panel_member_chair",
            "tenant_id",
            "panel_id",
            unique=True,
            postgresql_where=text("is_chair AND recused_at IS NULL"),
        ),
    )

    @property
    def sits(self) -> bool:
        """Whether they did not step aside."""
        return self.recused_at is None

    def facts(self) -> MemberFacts:
        """For the rules."""
        return MemberFacts(
            account_id=self.account_id,
            name=self.name,
            is_chair=self.is_chair,
            declared=self.declared_at is not None,
            recused=self.recused_at is not None,
            signed=self.signed_at is not None,
        )
