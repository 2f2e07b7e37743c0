"""Commissions, their subjects, the quality terms frozen with them, and approved editions."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from tenants.migration import protect
from tenants.rowsecurity import TENANT

revision = "0009"
down_revision = "0008"

TABLES = ("quality_terms", "commission", "commission_edition", "commission_subject")


def upgrade() -> None:
    op.create_table(
        "quality_terms",
        sa.Column("weight_plan", sa.Numeric(precision=5, scale=4), nullable=False),
        sa.Column("weight_report", sa.Numeric(precision=5, scale=4), nullable=False),
        sa.Column("cutoff", sa.Numeric(precision=5, scale=2), nullable=True),
        sa.Column("tiers", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("deduct_ratio", sa.Numeric(precision=5, scale=4), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("sample_size", sa.Integer(), nullable=True),
        sa.Column("experts", sa.Integer(), nullable=False),
        sa.Column("min_valid_sheets", sa.Integer(), nullable=False),
        sa.Column("trim_extremes", sa.Boolean(), nullable=False),
        sa.Column("weight_unit", sa.Numeric(precision=5, scale=4), nullable=False),
        sa.Column("weight_finance", sa.Numeric(precision=5, scale=4), nullable=False),
        sa.Column("scoring_workdays", sa.Integer(), nullable=False),
        sa.Column("objection_workdays", sa.Integer(), nullable=False),
        sa.Column("forms", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("rule_set_id", sa.Uuid(), nullable=False),
        sa.Column("frozen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "cutoff IS NULL OR cutoff BETWEEN 0 AND 100", name=op.f("ck_quality_terms_cutoff")
        ),
        sa.CheckConstraint(
            "frozen_at IS NULL OR cutoff IS NOT NULL OR tiers IS NOT NULL",
            name=op.f("ck_quality_terms_frozen_is_whole"),
        ),
        sa.CheckConstraint("weight_plan + weight_report = 1", name=op.f("ck_quality_terms_stage_weights")),
        sa.CheckConstraint("weight_unit + weight_finance = 1", name=op.f("ck_quality_terms_party_weights")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_quality_terms_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quality_terms")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_quality_terms_tenant_id_id")),
    )
    op.create_table(
        "commission",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("service_kind", sa.Text(), nullable=False),
        sa.Column("assist_only", sa.Boolean(), nullable=False),
        sa.Column("commissioner_id", sa.Uuid(), nullable=True),
        sa.Column("commissioner_name", sa.Text(), nullable=False),
        sa.Column("section_id", sa.Uuid(), nullable=True),
        sa.Column("budget_item", sa.Text(), nullable=False),
        sa.Column("ceiling", sa.Numeric(precision=16, scale=2), nullable=True),
        sa.Column("plan_due_on", sa.Date(), nullable=True),
        sa.Column("draft_due_on", sa.Date(), nullable=True),
        sa.Column("report_due_on", sa.Date(), nullable=True),
        sa.Column("requirements", sa.Text(), nullable=False),
        sa.Column("terms_id", sa.Uuid(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("drafted_by", sa.Uuid(), nullable=False),
        sa.Column("drafter", sa.Text(), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approver", sa.Text(), nullable=True),
        sa.Column("last_reason", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("touched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "service_kind IN ('ex_ante', 'evaluation', 'review', 'indicators', 'research', 'targets', 'monitoring', 'self_evaluation')",
            name=op.f("ck_commission_service_kind"),
        ),
        sa.CheckConstraint(
            "state <> 'approved' OR approved_at IS NOT NULL", name=op.f("ck_commission_approved_has_time")
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'submitted', 'approved', 'withdrawn', 'discarded')",
            name=op.f("ck_commission_state"),
        ),
        sa.CheckConstraint("ceiling IS NULL OR ceiling > 0", name=op.f("ck_commission_ceiling")),
        sa.CheckConstraint(
            "plan_due_on < draft_due_on AND draft_due_on < report_due_on",
            name=op.f("ck_commission_dates_follow"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "commissioner_id"],
            ["unit.tenant_id", "unit.id"],
            name=op.f("fk_commission_tenant_id_commissioner_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "section_id"],
            ["section.tenant_id", "section.id"],
            name=op.f("fk_commission_tenant_id_section_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "terms_id"],
            ["quality_terms.tenant_id", "quality_terms.id"],
            name=op.f("fk_commission_tenant_id_terms_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_commission_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commission")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_commission_tenant_id_id")),
    )
    op.create_index("ix_commission_touched", "commission", ["tenant_id", "touched_at", "id"], unique=False)
    op.create_index("ix_commission_year", "commission", ["tenant_id", "year", "state"], unique=False)
    op.create_table(
        "commission_edition",
        sa.Column("commission_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("approved_by", sa.Text(), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_reason", sa.Text(), nullable=True),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (ended_reason IS NULL)",
            name=op.f("ck_commission_edition_ended_for_a_reason"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "commission_id"],
            ["commission.tenant_id", "commission.id"],
            name=op.f("fk_commission_edition_tenant_id_commission_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_commission_edition_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commission_edition")),
        sa.UniqueConstraint(
            "tenant_id",
            "commission_id",
            "number",
            name=op.f("uq_commission_edition_tenant_id_commission_id_number"),
        ),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_commission_edition_tenant_id_id")),
    )
    op.create_table(
        "commission_subject",
        sa.Column("commission_id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "commission_id"],
            ["commission.tenant_id", "commission.id"],
            name=op.f("fk_commission_subject_tenant_id_commission_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "subject_id"],
            ["subject.tenant_id", "subject.id"],
            name=op.f("fk_commission_subject_tenant_id_subject_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_commission_subject_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commission_subject")),
        sa.UniqueConstraint(
            "tenant_id",
            "commission_id",
            "subject_id",
            name=op.f("uq_commission_subject_tenant_id_commission_id_subject_id"),
        ),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_commission_subject_tenant_id_id")),
    )
    op.create_index(
        "ix_commission_subject_subject", "commission_subject", ["tenant_id", "subject_id"], unique=False
    )
    for table in TABLES:
        protect(table, TENANT)


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
