"""Issued papers, signatures, and announcements for everybody. All three are only ever added to."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from portal.access import ROLE_LABELS, Role
from portal.document.rules import NOTICE_LABELS, Notice, Paper, read_paper
from tenants.db import Model, TenantRow, tenant_constraints
from tenants.rowsecurity import PUBLIC, TENANT_WRITE, Protection, Rows, shared_with

SHARED = Protection(Rows.TENANT, shared_with("readers").read, TENANT_WRITE, append_only=True)
_NOTICES = ", ".join(f"'{each.value}'" for each in Notice)


class Issued(TenantRow, Model):
    """已制发文书: the paper whole, its number ("" where it bears none) and its digest."""

    __tablename__ = "issued_document"
    __protection__ = SHARED

    kind: Mapped[str] = mapped_column(Text)
    number: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    content: Mapped[dict[str, Any]] = mapped_column(JSONB)
    digest: Mapped[str] = mapped_column(Text)
    subject_id: Mapped[UUID]
    readers: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), default=list)
    issued_by: Mapped[str] = mapped_column(Text)
    issued_at: Mapped[datetime]

    __table_args__ = tenant_constraints(
        CheckConstraint("digest ~ '^[0-9a-f]{64}$'", name="digest"),
        Index("ix_issued_document_subject", "tenant_id", "subject_id", "issued_at"),
        Index("ix_issued_document_number", "tenant_id", "number"),
    )

    @property
    def paper(self) -> Paper:
        """What it says."""
        return read_paper(self.content)


class Signature(TenantRow, Model):
    """签名: who put their name to which content (``digest``), in which post, at what instant.

    ``dissent``: what they do not agree with, in their words; empty where they agree with all of it.
    """

    __tablename__ = "signature"
    __protection__ = SHARED

    subject_kind: Mapped[str] = mapped_column(Text)
    subject_id: Mapped[UUID]
    digest: Mapped[str] = mapped_column(Text)
    account_id: Mapped[UUID]
    post_id: Mapped[UUID]
    name: Mapped[str] = mapped_column(Text)
    role: Mapped[str] = mapped_column(Text)
    place: Mapped[str] = mapped_column(Text)
    dissent: Mapped[str] = mapped_column(Text, default="")
    readers: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), default=list)
    signed_at: Mapped[datetime]

    __table_args__ = tenant_constraints(
        Index("ix_signature_subject", "tenant_id", "subject_id", "signed_at"),
        Index("ix_signature_digest", "tenant_id", "digest"),
    )

    @property
    def role_label(self) -> str:
        """The post in words."""
        return ROLE_LABELS[Role(self.role)]


class Announcement(TenantRow, Model):
    """公告: read by everybody without signing in; it carries its bureau's name with it."""

    __tablename__ = "announcement"
    __protection__ = Protection(Rows.PUBLIC, PUBLIC.read, PUBLIC.write, append_only=True)

    bureau_code: Mapped[str] = mapped_column(Text)
    bureau_name: Mapped[str] = mapped_column(Text)
    is_demo: Mapped[bool]
    kind: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    content: Mapped[dict[str, Any]] = mapped_column(JSONB)
    digest: Mapped[str] = mapped_column(Text)
    subject_id: Mapped[UUID]
    published_at: Mapped[datetime]
    until: Mapped[date | None]

    __table_args__ = tenant_constraints(
        CheckConstraint(f"kind IN ({_NOTICES})", name="kind"),
        Index("ix_announcement_bureau", "bureau_code", "published_at", "id"),
        Index("ix_announcement_subject", "tenant_id", "subject_id"),
    )

    @property
    def paper(self) -> Paper:
        """What it says."""
        return read_paper(self.content)

    @property
    def kind_label(self) -> str:
        """The kind in words."""
        return NOTICE_LABELS[Notice(self.kind)]
