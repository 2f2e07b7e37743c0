"""Firms, the bureaus that accepted them, and their lead evaluators."""

import sqlalchemy as sa
from alembic import op

from tenants.migration import protect
from tenants.rowsecurity import BY_OPERATOR, SIGNED_IN, TENANT, Protection, Rows, ids

revision = "0006"
down_revision = "0005"

PROTECTIONS = {
    "firm": Protection(
        Rows.REGISTER,
        SIGNED_IN,
        f"registered_by = ANY ({ids('writes')}) OR id = ANY ({ids('parties')}) OR {BY_OPERATOR}",
    ),
    "firm_acceptance": TENANT,
    "lead_evaluator": TENANT,
}


def upgrade() -> None:
    op.create_table(
        "firm",
        sa.Column("credit_code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("initials", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("representative", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("staff", sa.Integer(), nullable=True),
        sa.Column("size", sa.Text(), nullable=True),
        sa.Column("registered_by", sa.Uuid(), nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("credit_code ~ '^[0-9A-HJ-NPQRTUWXY]{18}$'", name=op.f("ck_firm_credit_code")),
        sa.CheckConstraint(
            "kind IN ('accountants', 'consultants', 'appraisers', 'lawyers', 'institute', 'university')",
            name=op.f("ck_firm_kind"),
        ),
        sa.CheckConstraint("size IN ('large', 'medium', 'small', 'micro')", name=op.f("ck_firm_size")),
        sa.CheckConstraint("staff >= 0", name=op.f("ck_firm_staff")),
        sa.ForeignKeyConstraint(["registered_by"], ["tenant.id"], name=op.f("fk_firm_registered_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_firm")),
        sa.UniqueConstraint("credit_code", name=op.f("uq_firm_credit_code")),
    )
    op.create_index("ix_firm_name", "firm", ["name"], unique=False)
    op.create_table(
        "firm_acceptance",
        sa.Column("firm_id", sa.Uuid(), nullable=False),
        sa.Column("phone_masked", sa.Text(), nullable=False),
        sa.Column("phone_index", sa.LargeBinary(), nullable=True),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name=op.f("fk_firm_acceptance_firm_id")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_firm_acceptance_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_firm_acceptance")),
        sa.UniqueConstraint("tenant_id", "firm_id", name=op.f("uq_firm_acceptance_tenant_id_firm_id")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_firm_acceptance_tenant_id_id")),
    )
    op.create_table(
        "lead_evaluator",
        sa.Column("firm_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("initials", sa.Text(), nullable=False),
        sa.Column("qualification", sa.Text(), nullable=False),
        sa.Column("work_years", sa.Integer(), nullable=False),
        sa.Column("evaluation_years", sa.Integer(), nullable=False),
        sa.Column("education", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "work_years BETWEEN 0 AND 70 AND evaluation_years BETWEEN 0 AND 70",
            name=op.f("ck_lead_evaluator_years"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "firm_id"],
            ["firm_acceptance.tenant_id", "firm_acceptance.firm_id"],
            name=op.f("fk_lead_evaluator_tenant_id_firm_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_lead_evaluator_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lead_evaluator")),
        sa.UniqueConstraint(
            "tenant_id", "firm_id", "name", name=op.f("uq_lead_evaluator_tenant_id_firm_id_name")
        ),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_lead_evaluator_tenant_id_id")),
    )
    for table, protection in PROTECTIONS.items():
        protect(table, protection)


def downgrade() -> None:
    op.drop_table("lead_evaluator")
    op.drop_table("firm_acceptance")
    op.drop_table("firm")
