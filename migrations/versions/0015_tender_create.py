"""Tenders, whom they invite, who examines, what is asked and told; how many contracts a firm works on."""

from dataclasses import replace

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from tenants.migration import protect
from tenants.rowsecurity import TENANT, TENANT_READ, Protection, Rows, setting, shared_with

revision = "0015"
down_revision = "0014"

BY_SYSTEM = f"{TENANT_READ} AND {setting('kind')} = 'system'"
SHARED = shared_with("readers")
PROTECTIONS = {
    "firm_load": TENANT,
    "tender": replace(SHARED, definer=True),
    "tender_key": Protection(Rows.CONFIDENTIAL, None, BY_SYSTEM, definer=True, append_only=True),
    "tender_namesake": TENANT,
    "tender_panel_member": TENANT,
    "tender_prospect": TENANT,
    "tender_question": SHARED,
    "tender_bulletin": SHARED,
    "tender_receipt": SHARED,
}


def upgrade() -> None:
    op.create_table(
        "firm_load",
        sa.Column("firm_id", sa.Uuid(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("count >= 0", name=op.f("ck_firm_load_count")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "firm_id"],
            ["firm_acceptance.tenant_id", "firm_acceptance.firm_id"],
            name=op.f("fk_firm_load_tenant_id_firm_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_firm_load_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_firm_load")),
        sa.UniqueConstraint("tenant_id", "firm_id", name=op.f("uq_firm_load_tenant_id_firm_id")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_firm_load_tenant_id_id")),
    )
    op.create_table(
        "tender",
        sa.Column("commission_id", sa.Uuid(), nullable=False),
        sa.Column("commission_name", sa.Text(), nullable=False),
        sa.Column("commissioner_name", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("terms_id", sa.Uuid(), nullable=False),
        sa.Column("terms", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("subjects", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("basis", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("rule_set_id", sa.Uuid(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("regime", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("needs", sa.Text(), nullable=False),
        sa.Column("ceiling", sa.Numeric(precision=16, scale=2), nullable=False),
        sa.Column("plan_due_on", sa.Date(), nullable=False),
        sa.Column("draft_due_on", sa.Date(), nullable=False),
        sa.Column("report_due_on", sa.Date(), nullable=False),
        sa.Column("response_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_deadline", sa.DateTime(timezone=True), nullable=True),
        sa.Column("min_quotes", sa.Integer(), nullable=False),
        sa.Column("min_workdays", sa.Integer(), nullable=False),
        sa.Column("change_workdays", sa.Integer(), nullable=False),
        sa.Column("answer_workdays", sa.Integer(), nullable=False),
        sa.Column("requirements", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("tie_rule", sa.Text(), nullable=False),
        sa.Column("invitation_reason", sa.Text(), nullable=False),
        sa.Column("suspended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("suspended_reason", sa.Text(), nullable=True),
        sa.Column("public_key", sa.LargeBinary(), nullable=True),
        sa.Column("readers", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("unseen", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("answer_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("drafted_by", sa.Uuid(), nullable=False),
        sa.Column("drafter", sa.Text(), nullable=False),
        sa.Column("approver", sa.Text(), nullable=True),
        sa.Column("last_reason", sa.Text(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("awarded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_ground", sa.Text(), nullable=True),
        sa.Column("refused", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("touched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(state = 'terminated') = (ended_ground IS NOT NULL)",
            name=op.f("ck_tender_terminated_on_a_ground"),
        ),
        sa.CheckConstraint(
            "ended_ground IN ('too_few', 'violation', 'conditions_gone', 'nobody_signs')",
            name=op.f("ck_tender_ended_ground"),
        ),
        sa.CheckConstraint("method = 'inquiry'", name=op.f("ck_tender_method")),
        sa.CheckConstraint("regime IN ('internal', 'statutory')", name=op.f("ck_tender_regime")),
        sa.CheckConstraint(
            "state <> 'closed' OR closed_at IS NOT NULL", name=op.f("ck_tender_closed_has_time")
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'submitted', 'approved', 'cancelled') OR (issued_at IS NOT NULL AND number IS NOT NULL AND public_key IS NOT NULL)",
            name=op.f("ck_tender_issued_is_whole"),
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'submitted', 'approved', 'issued', 'closed', 'opened', 'awarded', 'terminated', 'cancelled')",
            name=op.f("ck_tender_state"),
        ),
        sa.CheckConstraint("tie_rule = 'draw'", name=op.f("ck_tender_tie_rule")),
        sa.CheckConstraint(
            "(suspended_at IS NULL) = (suspended_reason IS NULL)",
            name=op.f("ck_tender_suspended_for_a_reason"),
        ),
        sa.CheckConstraint("ceiling > 0", name=op.f("ck_tender_ceiling")),
        sa.CheckConstraint(
            "issued_at IS NULL OR response_by > issued_at", name=op.f("ck_tender_deadline_after_issue")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "commission_id"],
            ["commission.tenant_id", "commission.id"],
            name=op.f("fk_tender_tenant_id_commission_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "terms_id"],
            ["quality_terms.tenant_id", "quality_terms.id"],
            name=op.f("fk_tender_tenant_id_terms_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_tender_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tender")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_tender_tenant_id_id")),
    )
    op.create_index("ix_tender_state", "tender", ["tenant_id", "year", "state"], unique=False)
    op.create_index("ix_tender_touched", "tender", ["tenant_id", "touched_at", "id"], unique=False)
    op.create_index(
        "uq_tender_live",
        "tender",
        ["tenant_id", "commission_id"],
        unique=True,
        postgresql_where=sa.text("state NOT IN ('terminated', 'cancelled')"),
    )
    op.create_table(
        "tender_key",
        sa.Column("tender_id", sa.Uuid(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "tender_id"],
            ["tender.tenant_id", "tender.id"],
            name=op.f("fk_tender_key_tenant_id_tender_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_tender_key_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tender_key")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_tender_key_tenant_id_id")),
        sa.UniqueConstraint("tenant_id", "tender_id", name=op.f("uq_tender_key_tenant_id_tender_id")),
    )
    op.create_table(
        "tender_namesake",
        sa.Column("firm_id", sa.Uuid(), nullable=False),
        sa.Column("firm_name", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("kin", sa.Text(), nullable=False),
        sa.Column("other_id", sa.Uuid(), nullable=False),
        sa.Column("other_name", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("found_by", sa.Text(), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("kin IN ('unit', 'firm')", name=op.f("ck_tender_namesake_kin")),
        sa.CheckConstraint("verdict IN ('confirmed', 'rejected')", name=op.f("ck_tender_namesake_verdict")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_tender_namesake_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tender_namesake")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_tender_namesake_tenant_id_id")),
    )
    op.create_index(
        "uq_tender_namesake_live",
        "tender_namesake",
        ["tenant_id", "firm_id", "person", "other_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "tender_panel_member",
        sa.Column("tender_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("post_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("is_chair", sa.Boolean(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "post_id"],
            ["post.tenant_id", "post.id"],
            name=op.f("fk_tender_panel_member_tenant_id_post_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "tender_id"],
            ["tender.tenant_id", "tender.id"],
            name=op.f("fk_tender_panel_member_tenant_id_tender_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_tender_panel_member_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tender_panel_member")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_tender_panel_member_tenant_id_id")),
        sa.UniqueConstraint(
            "tenant_id",
            "tender_id",
            "account_id",
            name=op.f("uq_tender_panel_member_tenant_id_tender_id_account_id"),
        ),
    )
    op.create_index(
        "uq_tender_panel_chair",
        "tender_panel_member",
        ["tenant_id", "tender_id"],
        unique=True,
        postgresql_where=sa.text("is_chair"),
    )
    op.create_table(
        "tender_prospect",
        sa.Column("tender_id", sa.Uuid(), nullable=False),
        sa.Column("firm_id", sa.Uuid(), nullable=False),
        sa.Column("firm_name", sa.Text(), nullable=False),
        sa.Column("representative", sa.Text(), nullable=False),
        sa.Column("chosen", sa.Boolean(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("exclusions", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("standing", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("load", sa.Integer(), nullable=False),
        sa.Column("namesakes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "firm_id"],
            ["firm_acceptance.tenant_id", "firm_acceptance.firm_id"],
            name=op.f("fk_tender_prospect_tenant_id_firm_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "tender_id"],
            ["tender.tenant_id", "tender.id"],
            name=op.f("fk_tender_prospect_tenant_id_tender_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_tender_prospect_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tender_prospect")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_tender_prospect_tenant_id_id")),
        sa.UniqueConstraint(
            "tenant_id", "tender_id", "firm_id", name=op.f("uq_tender_prospect_tenant_id_tender_id_firm_id")
        ),
    )
    op.create_table(
        "tender_question",
        sa.Column("tender_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("asker", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published", sa.Text(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.Text(), nullable=True),
        sa.Column("readers", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "answer IS NOT NULL OR readers = '{}'", name=op.f("ck_tender_question_unanswered_is_nobodys")
        ),
        sa.CheckConstraint(
            "(answer IS NULL) = (answered_at IS NULL)", name=op.f("ck_tender_question_answered_has_time")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "tender_id"],
            ["tender.tenant_id", "tender.id"],
            name=op.f("fk_tender_question_tenant_id_tender_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_tender_question_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tender_question")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_tender_question_tenant_id_id")),
        sa.UniqueConstraint(
            "tenant_id", "tender_id", "number", name=op.f("uq_tender_question_tenant_id_tender_id_number")
        ),
    )
    op.create_table(
        "tender_bulletin",
        sa.Column("tender_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("question_id", sa.Uuid(), nullable=True),
        sa.Column("moved_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("moved_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_by", sa.Text(), nullable=False),
        sa.Column("readers", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('answer', 'amendment', 'suspension', 'resumption', 'termination', 'cancellation')",
            name=op.f("ck_tender_bulletin_kind"),
        ),
        sa.CheckConstraint(
            "(moved_from IS NULL) = (moved_to IS NULL)", name=op.f("ck_tender_bulletin_moved_from_somewhere")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "question_id"],
            ["tender_question.tenant_id", "tender_question.id"],
            name=op.f("fk_tender_bulletin_tenant_id_question_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "tender_id"],
            ["tender.tenant_id", "tender.id"],
            name=op.f("fk_tender_bulletin_tenant_id_tender_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_tender_bulletin_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tender_bulletin")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_tender_bulletin_tenant_id_id")),
    )
    op.create_index(
        "ix_tender_bulletin_tender", "tender_bulletin", ["tenant_id", "tender_id", "told_at"], unique=False
    )
    op.create_table(
        "tender_receipt",
        sa.Column("tender_id", sa.Uuid(), nullable=False),
        sa.Column("bulletin_id", sa.Uuid(), nullable=True),
        sa.Column("firm_id", sa.Uuid(), nullable=False),
        sa.Column("firm_name", sa.Text(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seen_by", sa.Text(), nullable=True),
        sa.Column("readers", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(seen_at IS NULL) = (seen_by IS NULL)", name=op.f("ck_tender_receipt_seen_by_somebody")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "bulletin_id"],
            ["tender_bulletin.tenant_id", "tender_bulletin.id"],
            name=op.f("fk_tender_receipt_tenant_id_bulletin_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "tender_id"],
            ["tender.tenant_id", "tender.id"],
            name=op.f("fk_tender_receipt_tenant_id_tender_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_tender_receipt_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tender_receipt")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_tender_receipt_tenant_id_id")),
    )
    op.create_index(
        "uq_tender_receipt_once",
        "tender_receipt",
        ["tenant_id", "tender_id", "firm_id", "bulletin_id"],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )
    op.add_column("commission", sa.Column("bought_as", sa.Text(), nullable=True))
    op.add_column(
        "commission", sa.Column("in_purchase", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.alter_column("commission", "in_purchase", server_default=None)
    for table, protection in PROTECTIONS.items():
        protect(table, protection)


def downgrade() -> None:
    for table in reversed(PROTECTIONS):
        op.drop_table(table)
    op.drop_column("commission", "in_purchase")
    op.drop_column("commission", "bought_as")
