"""Settlements, payments, recoveries."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from tenants.migration import protect
from tenants.rowsecurity import shared_with

revision = "0022"
down_revision = "0021"

TABLES = ("settlement", "payment", "recovery")


def upgrade() -> None:
    op.create_table(
        "settlement",
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("terms_id", sa.Uuid(), nullable=False),
        sa.Column("fee", sa.Numeric(precision=16, scale=2), nullable=False),
        sa.Column("quality", sa.Numeric(precision=5, scale=2), nullable=True),
        sa.Column("vetoed", sa.Boolean(), nullable=False),
        sa.Column("deducted", sa.Numeric(precision=16, scale=2), nullable=False),
        sa.Column("penalties", sa.Numeric(precision=16, scale=2), nullable=False),
        sa.Column("other", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("earned", sa.Numeric(precision=16, scale=2), nullable=False),
        sa.Column("basis", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("accepted_on", sa.Date(), nullable=False),
        sa.Column("due_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("adjusted_by", sa.Uuid(), nullable=True),
        sa.Column("adjuster", sa.Text(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmer", sa.Text(), nullable=True),
        sa.Column("balanced_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("contract_name", sa.Text(), nullable=False),
        sa.Column("firm_id", sa.Uuid(), nullable=False),
        sa.Column("firm_name", sa.Text(), nullable=False),
        sa.Column("section_id", sa.Uuid(), nullable=True),
        sa.Column("readers", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("touched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(state = 'confirmed') = (confirmed_at IS NOT NULL)",
            name=op.f("ck_settlement_confirmed_has_time"),
        ),
        sa.CheckConstraint("state IN ('computed', 'confirmed')", name=op.f("ck_settlement_state")),
        sa.CheckConstraint(
            "deducted >= 0 AND penalties >= 0 AND earned >= 0", name=op.f("ck_settlement_nothing_negative")
        ),
        sa.CheckConstraint("fee = deducted + penalties + earned", name=op.f("ck_settlement_adds_up")),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name=op.f("fk_settlement_firm_id")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "contract_id"],
            ["contract.tenant_id", "contract.id"],
            name=op.f("fk_settlement_tenant_id_contract_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "section_id"],
            ["section.tenant_id", "section.id"],
            name=op.f("fk_settlement_tenant_id_section_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "terms_id"],
            ["quality_terms.tenant_id", "quality_terms.id"],
            name=op.f("fk_settlement_tenant_id_terms_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_settlement_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlement")),
        sa.UniqueConstraint("tenant_id", "contract_id", name=op.f("uq_settlement_tenant_id_contract_id")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_settlement_tenant_id_id")),
    )
    op.create_index("ix_settlement_touched", "settlement", ["tenant_id", "touched_at", "id"], unique=False)
    op.create_table(
        "payment",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=16, scale=2), nullable=False),
        sa.Column("accepted_on", sa.Date(), nullable=False),
        sa.Column("due_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("requester_id", sa.Uuid(), nullable=False),
        sa.Column("requester", sa.Text(), nullable=False),
        sa.Column("requester_section", sa.Uuid(), nullable=True),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("checker", sa.Text(), nullable=True),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("payer", sa.Text(), nullable=True),
        sa.Column("paid_on", sa.Date(), nullable=True),
        sa.Column("invoice_number", sa.Text(), nullable=True),
        sa.Column("invoice_on", sa.Date(), nullable=True),
        sa.Column("invoice_file_id", sa.Uuid(), nullable=True),
        sa.Column("last_reason", sa.Text(), nullable=True),
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("contract_name", sa.Text(), nullable=False),
        sa.Column("firm_id", sa.Uuid(), nullable=False),
        sa.Column("firm_name", sa.Text(), nullable=False),
        sa.Column("section_id", sa.Uuid(), nullable=True),
        sa.Column("readers", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("touched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(state = 'paid') = (paid_on IS NOT NULL AND invoice_number IS NOT NULL)",
            name=op.f("ck_payment_paid_has_invoice"),
        ),
        sa.CheckConstraint("kind IN ('advance', 'final')", name=op.f("ck_payment_kind")),
        sa.CheckConstraint(
            "state <> 'returned' OR last_reason IS NOT NULL", name=op.f("ck_payment_returned_for_a_reason")
        ),
        sa.CheckConstraint(
            "state IN ('requested', 'checked', 'paid', 'returned')", name=op.f("ck_payment_state")
        ),
        sa.CheckConstraint(
            "state NOT IN ('checked', 'paid') OR checked_at IS NOT NULL",
            name=op.f("ck_payment_checked_has_time"),
        ),
        sa.CheckConstraint("amount > 0", name=op.f("ck_payment_amount")),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name=op.f("fk_payment_firm_id")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "contract_id"],
            ["contract.tenant_id", "contract.id"],
            name=op.f("fk_payment_tenant_id_contract_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "invoice_file_id"],
            ["stored_file.tenant_id", "stored_file.id"],
            name=op.f("fk_payment_tenant_id_invoice_file_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "requester_section"],
            ["section.tenant_id", "section.id"],
            name=op.f("fk_payment_tenant_id_requester_section"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "section_id"],
            ["section.tenant_id", "section.id"],
            name=op.f("fk_payment_tenant_id_section_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_payment_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_payment_tenant_id_id")),
    )
    op.create_index("ix_payment_contract", "payment", ["tenant_id", "contract_id"], unique=False)
    op.create_index("ix_payment_touched", "payment", ["tenant_id", "touched_at", "id"], unique=False)
    op.create_index(
        "uq_payment_underway",
        "payment",
        ["tenant_id", "contract_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('requested', 'checked')"),
    )
    op.create_table(
        "recovery",
        sa.Column("settlement_id", sa.Uuid(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=16, scale=2), nullable=False),
        sa.Column("demanded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_on", sa.Date(), nullable=True),
        sa.Column("voucher", sa.Text(), nullable=True),
        sa.Column("receiver", sa.Text(), nullable=True),
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("contract_name", sa.Text(), nullable=False),
        sa.Column("firm_id", sa.Uuid(), nullable=False),
        sa.Column("firm_name", sa.Text(), nullable=False),
        sa.Column("section_id", sa.Uuid(), nullable=True),
        sa.Column("readers", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("touched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(state = 'received') = (received_on IS NOT NULL)", name=op.f("ck_recovery_received_has_day")
        ),
        sa.CheckConstraint("state IN ('demanded', 'received')", name=op.f("ck_recovery_state")),
        sa.CheckConstraint("amount > 0", name=op.f("ck_recovery_amount")),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name=op.f("fk_recovery_firm_id")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "contract_id"],
            ["contract.tenant_id", "contract.id"],
            name=op.f("fk_recovery_tenant_id_contract_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "section_id"],
            ["section.tenant_id", "section.id"],
            name=op.f("fk_recovery_tenant_id_section_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "settlement_id"],
            ["settlement.tenant_id", "settlement.id"],
            name=op.f("fk_recovery_tenant_id_settlement_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_recovery_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_recovery_tenant_id_id")),
        sa.UniqueConstraint("tenant_id", "settlement_id", name=op.f("uq_recovery_tenant_id_settlement_id")),
    )
    op.create_index("ix_recovery_contract", "recovery", ["tenant_id", "contract_id"], unique=False)
    for table in TABLES:
        protect(table, shared_with("readers"))


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
