"""What may be evaluated."""

import sqlalchemy as sa
from alembic import op

from tenants.migration import protect
from tenants.rowsecurity import TENANT

revision = "0005"
down_revision = "0004"

PROTECTIONS = {"subject": TENANT}


def upgrade() -> None:
    op.create_table(
        "subject",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("initials", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("budget", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("total", sa.Numeric(precision=16, scale=2), nullable=False),
        sa.Column("central", sa.Numeric(precision=16, scale=2), nullable=False),
        sa.Column("province", sa.Numeric(precision=16, scale=2), nullable=False),
        sa.Column("city", sa.Numeric(precision=16, scale=2), nullable=False),
        sa.Column("county", sa.Numeric(precision=16, scale=2), nullable=False),
        sa.Column("other", sa.Numeric(precision=16, scale=2), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "budget IN ('general', 'government_fund', 'state_capital', 'social_insurance')",
            name=op.f("ck_subject_budget"),
        ),
        sa.CheckConstraint(
            "kind IN ('department', 'project', 'special_fund', 'policy', 'bond', 'ppp',"
            " 'purchased_service', 'social_insurance', 'state_capital', 'transfer')",
            name=op.f("ck_subject_kind"),
        ),
        sa.CheckConstraint(
            "central + province + city + county + other IN (0, total)",
            name=op.f("ck_subject_sources_make_the_total"),
        ),
        sa.CheckConstraint(
            "central >= 0 AND province >= 0 AND city >= 0 AND county >= 0 AND other >= 0 AND total >= 0",
            name=op.f("ck_subject_amounts"),
        ),
        sa.CheckConstraint("year BETWEEN 2000 AND 2100", name=op.f("ck_subject_year")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "unit_id"], ["unit.tenant_id", "unit.id"], name=op.f("fk_subject_tenant_id_unit_id")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_subject_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subject")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_subject_tenant_id_id")),
        sa.UniqueConstraint("tenant_id", "year", "name", name=op.f("uq_subject_tenant_id_year_name")),
    )
    op.create_index("ix_subject_unit", "subject", ["tenant_id", "unit_id"], unique=False)
    for table, protection in PROTECTIONS.items():
        protect(table, protection)


def downgrade() -> None:
    op.drop_table("subject")
