"""What was uploaded and waits for its confirmation: sealed, the uploader's own, then gone."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tenants.db import Identified, Model
from tenants.rowsecurity import PERSONAL, TENANT_READ, TENANT_WRITE, Protection, Rows


class Upload(Identified, Model):
    """A workbook between its preview and its confirmation; ``sealed`` is its content under the master key.

    Its uploader's own, and only in the bureau it was uploaded for.
    """

    __tablename__ = "spreadsheet_upload"
    __protection__ = Protection(
        Rows.PERSONAL, f"({PERSONAL.read}) AND {TENANT_READ}", f"({PERSONAL.write}) AND {TENANT_WRITE}"
    )

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id"))
    register: Mapped[str] = mapped_column(Text)
    filename: Mapped[str] = mapped_column(Text)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    uploaded_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("account_id", "tenant_id", "register"),)
