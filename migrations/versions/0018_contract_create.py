"""Contracts, and the extensions of their dates."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from tenants.migration import protect
from tenants.rowsecurity import shared_with

revision = "0018"
down_revision = "0017"

TABLES = (
    "contract",
    "contract_extension",
)


def upgrade() -> None:
    op.create_table(
        "contract",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("commission_id", sa.Uuid(), nullable=False),
        sa.Column("tender_id", sa.Uuid(), nullable=False),
        sa.Column("tender_number", sa.Text(), nullable=False),
        sa.Column("award_id", sa.Uuid(), nullable=False),
        sa.Column("bid_id", sa.Uuid(), nullable=False),
        sa.Column("section_id", sa.Uuid(), nullable=True),
        sa.Column("bureau_name", sa.Text(), nullable=False),
        sa.Column("firm_id", sa.Uuid(), nullable=False),
        sa.Column("firm_name", sa.Text(), nullable=False),
        sa.Column("subjects", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("terms_id", sa.Uuid(), nullable=False),
        sa.Column("tendered_terms_id", sa.Uuid(), nullable=False),
        sa.Column("quality", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("fee", sa.Numeric(precision=16, scale=2), nullable=False),
        sa.Column("awarded", sa.Numeric(precision=16, scale=2), nullable=False),
        sa.Column("advance_ratio", sa.Numeric(precision=5, scale=4), nullable=False),
        sa.Column("payment_days", sa.Integer(), nullable=False),
        sa.Column("late_ratio", sa.Numeric(precision=5, scale=4), nullable=False),
        sa.Column("late_cap", sa.Numeric(precision=5, scale=4), nullable=False),
        sa.Column("lead_evaluator", sa.Text(), nullable=False),
        sa.Column("team", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("onsite_days", sa.Integer(), nullable=False),
        sa.Column("plan_due_on", sa.Date(), nullable=False),
        sa.Column("draft_due_on", sa.Date(), nullable=False),
        sa.Column("report_due_on", sa.Date(), nullable=False),
        sa.Column("clauses", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("special", sa.Text(), nullable=False),
        sa.Column("awarded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sign_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("offered_by", sa.Uuid(), nullable=True),
        sa.Column("offerer", sa.Text(), nullable=True),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("firm_digest", sa.Text(), nullable=True),
        sa.Column("firm_signer", sa.Text(), nullable=True),
        sa.Column("firm_signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("signer", sa.Text(), nullable=True),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("appraised_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("filed_on", sa.Date(), nullable=True),
        sa.Column("filed_with", sa.Text(), nullable=True),
        sa.Column("filing_note", sa.Text(), nullable=False),
        sa.Column("filer", sa.Text(), nullable=True),
        sa.Column("last_reason", sa.Text(), nullable=True),
        sa.Column("readers", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("touched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "state <> 'completed' OR (settled_at IS NOT NULL AND appraised_at IS NOT NULL)",
            name=op.f("ck_contract_completed"),
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'offered', 'confirmed', 'effective', 'completed', 'cancelled')",
            name=op.f("ck_contract_state"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('confirmed', 'effective', 'completed') OR firm_signed_at IS NOT NULL",
            name=op.f("ck_contract_firm_signed"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('effective', 'completed') OR signed_at IS NOT NULL",
            name=op.f("ck_contract_bureau_signed"),
        ),
        sa.CheckConstraint(
            "advance_ratio BETWEEN 0 AND 1 AND payment_days BETWEEN 1 AND 60",
            name=op.f("ck_contract_payment"),
        ),
        sa.CheckConstraint(
            "filed_on IS NULL OR (signed_at IS NOT NULL AND filed_with IS NOT NULL)",
            name=op.f("ck_contract_filed_whole"),
        ),
        sa.CheckConstraint("fee = awarded AND fee > 0", name=op.f("ck_contract_fee_is_awarded")),
        sa.CheckConstraint(
            "plan_due_on < draft_due_on AND draft_due_on < report_due_on",
            name=op.f("ck_contract_dates_follow"),
        ),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name=op.f("fk_contract_firm_id")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "award_id"],
            ["award.tenant_id", "award.id"],
            name=op.f("fk_contract_tenant_id_award_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "bid_id"], ["bid.tenant_id", "bid.id"], name=op.f("fk_contract_tenant_id_bid_id")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "commission_id"],
            ["commission.tenant_id", "commission.id"],
            name=op.f("fk_contract_tenant_id_commission_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "section_id"],
            ["section.tenant_id", "section.id"],
            name=op.f("fk_contract_tenant_id_section_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "tender_id"],
            ["tender.tenant_id", "tender.id"],
            name=op.f("fk_contract_tenant_id_tender_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "terms_id"],
            ["quality_terms.tenant_id", "quality_terms.id"],
            name=op.f("fk_contract_tenant_id_terms_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_contract_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_contract_tenant_id_id")),
    )
    op.create_index("ix_contract_commission", "contract", ["tenant_id", "commission_id"], unique=False)
    op.create_index("ix_contract_touched", "contract", ["tenant_id", "touched_at", "id"], unique=False)
    op.create_index("ix_contract_year", "contract", ["tenant_id", "year", "state"], unique=False)
    op.create_index(
        "uq_contract_award",
        "contract",
        ["tenant_id", "award_id"],
        unique=True,
        postgresql_where=sa.text("state <> 'cancelled'"),
    )
    op.create_table(
        "contract_extension",
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("old_on", sa.Date(), nullable=False),
        sa.Column("new_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("granted_by", sa.Text(), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("readers", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("kind IN ('plan', 'draft', 'report')", name=op.f("ck_contract_extension_kind")),
        sa.CheckConstraint("new_on > old_on", name=op.f("ck_contract_extension_later")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "contract_id"],
            ["contract.tenant_id", "contract.id"],
            name=op.f("fk_contract_extension_tenant_id_contract_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_contract_extension_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_extension")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_contract_extension_tenant_id_id")),
    )
    op.create_index(
        "ix_contract_extension_contract", "contract_extension", ["tenant_id", "contract_id"], unique=False
    )
    for table in TABLES:
        protect(table, shared_with("readers"))


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
