"""A stored file: its name and who may read it; its bytes lie in `portal.file.storage` under the digest."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from portal.file.rules import LABELS, PDF, Kind
from tenants.db import Model, TenantRow, tenant_constraints
from tenants.rowsecurity import shared_with


class StoredFile(TenantRow, Model):
    """文件: kept once and never changed; ``readers`` are the outside parties that read it as well."""

    __tablename__ = "stored_file"
    __protection__ = shared_with("readers")

    name: Mapped[str] = mapped_column(Text)
    media_type: Mapped[str] = mapped_column(Text)
    size: Mapped[int] = mapped_column(BigInteger)
    digest: Mapped[str] = mapped_column(Text)
    pages: Mapped[int | None]
    readers: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), default=list)
    kept_by: Mapped[str] = mapped_column(Text)
    keeper_id: Mapped[UUID]
    kept_at: Mapped[datetime]

    __table_args__ = tenant_constraints(
        CheckConstraint("digest ~ '^[0-9a-f]{64}$'", name="digest"),
        CheckConstraint("size > 0", name="size"),
        Index("ix_stored_file_digest", "tenant_id", "digest"),
    )

    @property
    def kind(self) -> Kind:
        """What the content was found to be."""
        return Kind(self.media_type)

    @property
    def kind_label(self) -> str:
        """The kind in words."""
        return LABELS[self.kind]

    @property
    def is_pdf(self) -> bool:
        """Whether its pages can be turned."""
        return self.kind is PDF
