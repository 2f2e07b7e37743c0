"""The forms every score is entered on, each version pinned whole."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from tenants.db import Model, TenantRow, tenant_constraints
from tenants.rowsecurity import INHERITED, Protection, Rows


class FormTemplate(TenantRow, Model):
    """评分表模板: one version of one form; a later version is a new row, and no row ever changes."""

    __tablename__ = "form_template"
    __protection__ = Protection(Rows.INHERITED, INHERITED.read, INHERITED.write, append_only=True)

    code: Mapped[str] = mapped_column(Text)
    version: Mapped[int]
    name: Mapped[str] = mapped_column(Text)
    content: Mapped[dict[str, Any]] = mapped_column(JSONB)
    made_at: Mapped[datetime]

    __table_args__ = tenant_constraints(
        UniqueConstraint("tenant_id", "code", "version"),
        CheckConstraint("version >= 1", name="version"),
    )
