"""A bureau's units."""

import sqlalchemy as sa
from alembic import op

from tenants.migration import protect
from tenants.rowsecurity import TENANT

revision = "0004"
down_revision = "0003"

PROTECTIONS = {"unit": TENANT}


def upgrade() -> None:
    op.create_table(
        "unit",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("initials", sa.Text(), nullable=False),
        sa.Column("department_id", sa.Uuid(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("phone_masked", sa.Text(), nullable=False),
        sa.Column("phone_index", sa.LargeBinary(), nullable=True),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "department_id"],
            ["unit.tenant_id", "unit.id"],
            name=op.f("fk_unit_tenant_id_department_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_unit_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit")),
        sa.UniqueConstraint("tenant_id", "code", name=op.f("uq_unit_tenant_id_code")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_unit_tenant_id_id")),
        sa.UniqueConstraint("tenant_id", "name", name=op.f("uq_unit_tenant_id_name")),
    )
    op.create_index("ix_unit_department", "unit", ["tenant_id", "department_id"], unique=False)
    for table, protection in PROTECTIONS.items():
        protect(table, protection)


def downgrade() -> None:
    op.drop_table("unit")
