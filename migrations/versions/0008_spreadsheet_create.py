"""Workbooks between their preview and their confirmation."""

import sqlalchemy as sa
from alembic import op

from tenants.migration import protect
from tenants.rowsecurity import PERSONAL, TENANT_READ, TENANT_WRITE, Protection, Rows

revision = "0008"
down_revision = "0007"

PROTECTIONS = {
    "spreadsheet_upload": Protection(
        Rows.PERSONAL, f"({PERSONAL.read}) AND {TENANT_READ}", f"({PERSONAL.write}) AND {TENANT_WRITE}"
    )
}


def upgrade() -> None:
    op.create_table(
        "spreadsheet_upload",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("register", sa.Text(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_spreadsheet_upload_account_id")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_spreadsheet_upload_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spreadsheet_upload")),
        sa.UniqueConstraint(
            "account_id",
            "tenant_id",
            "register",
            name=op.f("uq_spreadsheet_upload_account_id_tenant_id_register"),
        ),
    )
    for table, protection in PROTECTIONS.items():
        protect(table, protection)


def downgrade() -> None:
    op.drop_table("spreadsheet_upload")
