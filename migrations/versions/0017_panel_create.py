"""Openings, findings of the panel, its report, questions about prices; awards and their letters."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from tenants.migration import protect
from tenants.rowsecurity import TENANT, shared_with

revision = "0017"
down_revision = "0016"

TABLES = {
    "panel": TENANT,
    "panel_member": TENANT,
    "panel_finding": TENANT,
    "explanation": shared_with("readers"),
    "panel_report": TENANT,
    "award": TENANT,
    "award_candidate": TENANT,
    "award_letter": shared_with("readers"),
}


def upgrade() -> None:
    op.create_table(
        "panel",
        sa.Column("tender_id", sa.Uuid(), nullable=False),
        sa.Column("tender_name", sa.Text(), nullable=False),
        sa.Column("statutory", sa.Boolean(), nullable=False),
        sa.Column("min_quotes", sa.Integer(), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received", sa.Integer(), nullable=True),
        sa.Column("too_few", sa.Boolean(), nullable=False),
        sa.Column("first_officer_id", sa.Uuid(), nullable=True),
        sa.Column("first_officer", sa.Text(), nullable=True),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("second_officer_id", sa.Uuid(), nullable=True),
        sa.Column("second_officer", sa.Text(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("commitments", sa.Text(), nullable=True),
        sa.Column("draw_id", sa.Uuid(), nullable=True),
        sa.Column("tie_order", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("ranked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_reason", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("touched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "state <> 'ranked' OR ranked_at IS NOT NULL", name=op.f("ck_panel_ranked_has_time")
        ),
        sa.CheckConstraint(
            "state IN ('awaiting', 'reviewing', 'concluded', 'ranked', 'ended')", name=op.f("ck_panel_state")
        ),
        sa.CheckConstraint(
            "state NOT IN ('reviewing', 'concluded', 'ranked') OR opened_at IS NOT NULL",
            name=op.f("ck_panel_has_opened"),
        ),
        sa.CheckConstraint(
            "(closed_at IS NULL) = (received IS NULL)", name=op.f("ck_panel_closed_is_counted")
        ),
        sa.CheckConstraint(
            "(first_at IS NULL) = (first_officer_id IS NULL) AND (opened_at IS NULL) = (second_officer_id IS NULL)",
            name=op.f("ck_panel_confirmed_by_somebody"),
        ),
        sa.CheckConstraint("first_officer_id <> second_officer_id", name=op.f("ck_panel_two_officers")),
        sa.CheckConstraint(
            "opened_at IS NULL OR first_at IS NOT NULL", name=op.f("ck_panel_never_one_alone")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "tender_id"],
            ["tender.tenant_id", "tender.id"],
            name=op.f("fk_panel_tenant_id_tender_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_panel_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_panel")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_panel_tenant_id_id")),
        sa.UniqueConstraint("tenant_id", "tender_id", name=op.f("uq_panel_tenant_id_tender_id")),
    )
    op.create_table(
        "panel_member",
        sa.Column("panel_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("post_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("is_chair", sa.Boolean(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("recused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("recused_reason", sa.Text(), nullable=True),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dissent", sa.Text(), nullable=True),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(recused_at IS NULL) = (recused_reason IS NULL)",
            name=op.f("ck_panel_member_recused_for_a_reason"),
        ),
        sa.CheckConstraint(
            "dissent IS NULL OR signed_at IS NOT NULL", name=op.f("ck_panel_member_dissent_is_signed")
        ),
        sa.CheckConstraint(
            "signed_at IS NULL OR recused_at IS NULL", name=op.f("ck_panel_member_recused_signs_nothing")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "panel_id"],
            ["panel.tenant_id", "panel.id"],
            name=op.f("fk_panel_member_tenant_id_panel_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "post_id"],
            ["post.tenant_id", "post.id"],
            name=op.f("fk_panel_member_tenant_id_post_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_panel_member_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_panel_member")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_panel_member_tenant_id_id")),
        sa.UniqueConstraint(
            "tenant_id", "panel_id", "account_id", name=op.f("uq_panel_member_tenant_id_panel_id_account_id")
        ),
    )
    op.create_index(
        "uq_panel_member_chair",
        "panel_member",
        ["tenant_id", "panel_id"],
        unique=True,
        postgresql_where=sa.text("is_chair AND recused_at IS NULL"),
    )
    op.create_table(
        "panel_finding",
        sa.Column("panel_id", sa.Uuid(), nullable=False),
        sa.Column("bid_id", sa.Uuid(), nullable=False),
        sa.Column("firm_id", sa.Uuid(), nullable=False),
        sa.Column("firm_name", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("price", sa.Numeric(precision=16, scale=2), nullable=True),
        sa.Column("intact", sa.Boolean(), nullable=False),
        sa.Column("results", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("conforming", sa.Boolean(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("examined_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("justified", sa.Boolean(), nullable=True),
        sa.Column("justified_reason", sa.Text(), nullable=True),
        sa.Column("judged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(justified IS NULL) = (justified_reason IS NULL) AND (justified IS NULL) = (judged_at IS NULL)",
            name=op.f("ck_panel_finding_judged_for_a_reason"),
        ),
        sa.CheckConstraint(
            "conforming IS NOT FALSE OR reason IS NOT NULL",
            name=op.f("ck_panel_finding_rejected_for_a_reason"),
        ),
        sa.CheckConstraint(
            "intact OR conforming IS NOT TRUE", name=op.f("ck_panel_finding_broken_never_conforms")
        ),
        sa.CheckConstraint("price IS NOT NULL OR NOT intact", name=op.f("ck_panel_finding_intact_has_price")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "bid_id"],
            ["bid.tenant_id", "bid.id"],
            name=op.f("fk_panel_finding_tenant_id_bid_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "panel_id"],
            ["panel.tenant_id", "panel.id"],
            name=op.f("fk_panel_finding_tenant_id_panel_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_panel_finding_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_panel_finding")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_panel_finding_tenant_id_id")),
        sa.UniqueConstraint(
            "tenant_id", "panel_id", "bid_id", name=op.f("uq_panel_finding_tenant_id_panel_id_bid_id")
        ),
    )
    op.create_table(
        "explanation",
        sa.Column("panel_id", sa.Uuid(), nullable=False),
        sa.Column("tender_id", sa.Uuid(), nullable=False),
        sa.Column("tender_name", sa.Text(), nullable=False),
        sa.Column("finding_id", sa.Uuid(), nullable=False),
        sa.Column("firm_id", sa.Uuid(), nullable=False),
        sa.Column("firm_name", sa.Text(), nullable=False),
        sa.Column("statutory", sa.Boolean(), nullable=False),
        sa.Column("price", sa.Numeric(precision=16, scale=2), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("answer_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("file_id", sa.Uuid(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.Text(), nullable=True),
        sa.Column("readers", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("touched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(state = 'answered') = (text IS NOT NULL) AND (state = 'answered') = (answered_at IS NOT NULL)",
            name=op.f("ck_explanation_answered_has_text"),
        ),
        sa.CheckConstraint("state IN ('asked', 'answered', 'lapsed')", name=op.f("ck_explanation_state")),
        sa.CheckConstraint("answer_by > asked_at", name=op.f("ck_explanation_has_time")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "file_id"],
            ["stored_file.tenant_id", "stored_file.id"],
            name=op.f("fk_explanation_tenant_id_file_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "finding_id"],
            ["panel_finding.tenant_id", "panel_finding.id"],
            name=op.f("fk_explanation_tenant_id_finding_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "panel_id"],
            ["panel.tenant_id", "panel.id"],
            name=op.f("fk_explanation_tenant_id_panel_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "tender_id"],
            ["tender.tenant_id", "tender.id"],
            name=op.f("fk_explanation_tenant_id_tender_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_explanation_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_explanation")),
        sa.UniqueConstraint("tenant_id", "finding_id", name=op.f("uq_explanation_tenant_id_finding_id")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_explanation_tenant_id_id")),
    )
    op.create_table(
        "panel_report",
        sa.Column("panel_id", sa.Uuid(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("void_reason", sa.Text(), nullable=True),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(voided_at IS NULL) = (void_reason IS NULL)", name=op.f("ck_panel_report_void_for_a_reason")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "document_id"],
            ["issued_document.tenant_id", "issued_document.id"],
            name=op.f("fk_panel_report_tenant_id_document_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "panel_id"],
            ["panel.tenant_id", "panel.id"],
            name=op.f("fk_panel_report_tenant_id_panel_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_panel_report_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_panel_report")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_panel_report_tenant_id_id")),
        sa.UniqueConstraint(
            "tenant_id", "panel_id", "edition", name=op.f("uq_panel_report_tenant_id_panel_id_edition")
        ),
    )
    op.create_index(
        "uq_panel_report_live",
        "panel_report",
        ["tenant_id", "panel_id"],
        unique=True,
        postgresql_where=sa.text("voided_at IS NULL"),
    )
    op.create_table(
        "award",
        sa.Column("tender_id", sa.Uuid(), nullable=False),
        sa.Column("panel_id", sa.Uuid(), nullable=False),
        sa.Column("tender_name", sa.Text(), nullable=False),
        sa.Column("statutory", sa.Boolean(), nullable=False),
        sa.Column("report_digest", sa.Text(), nullable=False),
        sa.Column("ranked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("award_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("bid_id", sa.Uuid(), nullable=True),
        sa.Column("firm_id", sa.Uuid(), nullable=True),
        sa.Column("firm_name", sa.Text(), nullable=True),
        sa.Column("price", sa.Numeric(precision=16, scale=2), nullable=True),
        sa.Column("place", sa.Integer(), nullable=True),
        sa.Column("ground", sa.Text(), nullable=True),
        sa.Column("ground_file_id", sa.Uuid(), nullable=True),
        sa.Column("letter_number", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("awarded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("touched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(state = 'awarded') = (awarded_at IS NOT NULL) AND (state = 'awarded') = (bid_id IS NOT NULL) AND (state = 'awarded') = (price IS NOT NULL) AND (state = 'awarded') = (firm_id IS NOT NULL)",
            name=op.f("ck_award_awarded_is_whole"),
        ),
        sa.CheckConstraint("state IN ('pending', 'awarded', 'ended')", name=op.f("ck_award_state")),
        sa.CheckConstraint(
            "place IS NULL OR place = 1 OR edition > 1 OR (ground IS NOT NULL AND ground_file_id IS NOT NULL)",
            name=op.f("ck_award_passed_over_on_a_ground"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "bid_id"], ["bid.tenant_id", "bid.id"], name=op.f("fk_award_tenant_id_bid_id")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "ground_file_id"],
            ["stored_file.tenant_id", "stored_file.id"],
            name=op.f("fk_award_tenant_id_ground_file_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "panel_id"],
            ["panel.tenant_id", "panel.id"],
            name=op.f("fk_award_tenant_id_panel_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "tender_id"],
            ["tender.tenant_id", "tender.id"],
            name=op.f("fk_award_tenant_id_tender_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_award_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_award")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_award_tenant_id_id")),
        sa.UniqueConstraint("tenant_id", "tender_id", name=op.f("uq_award_tenant_id_tender_id")),
    )
    op.create_table(
        "award_candidate",
        sa.Column("award_id", sa.Uuid(), nullable=False),
        sa.Column("bid_id", sa.Uuid(), nullable=False),
        sa.Column("firm_id", sa.Uuid(), nullable=False),
        sa.Column("firm_name", sa.Text(), nullable=False),
        sa.Column("price", sa.Numeric(precision=16, scale=2), nullable=True),
        sa.Column("place", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("refused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refused_reason", sa.Text(), nullable=True),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "place IS NOT NULL OR reason <> ''", name=op.f("ck_award_candidate_unranked_for_a_reason")
        ),
        sa.CheckConstraint(
            "(refused_at IS NULL) = (refused_reason IS NULL)",
            name=op.f("ck_award_candidate_refused_for_a_reason"),
        ),
        sa.CheckConstraint(
            "place IS NULL OR price IS NOT NULL", name=op.f("ck_award_candidate_ranked_has_price")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "award_id"],
            ["award.tenant_id", "award.id"],
            name=op.f("fk_award_candidate_tenant_id_award_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "bid_id"],
            ["bid.tenant_id", "bid.id"],
            name=op.f("fk_award_candidate_tenant_id_bid_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_award_candidate_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_award_candidate")),
        sa.UniqueConstraint(
            "tenant_id", "award_id", "bid_id", name=op.f("uq_award_candidate_tenant_id_award_id_bid_id")
        ),
        sa.UniqueConstraint(
            "tenant_id", "award_id", "place", name=op.f("uq_award_candidate_tenant_id_award_id_place")
        ),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_award_candidate_tenant_id_id")),
    )
    op.create_table(
        "award_letter",
        sa.Column("award_id", sa.Uuid(), nullable=False),
        sa.Column("tender_id", sa.Uuid(), nullable=False),
        sa.Column("tender_name", sa.Text(), nullable=False),
        sa.Column("firm_id", sa.Uuid(), nullable=False),
        sa.Column("firm_name", sa.Text(), nullable=False),
        sa.Column("is_winner", sa.Boolean(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_by", sa.Text(), nullable=True),
        sa.Column("readers", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("touched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(state = 'acknowledged') = (acknowledged_at IS NOT NULL)",
            name=op.f("ck_award_letter_acknowledged_at"),
        ),
        sa.CheckConstraint("state IN ('sent', 'acknowledged')", name=op.f("ck_award_letter_state")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "award_id"],
            ["award.tenant_id", "award.id"],
            name=op.f("fk_award_letter_tenant_id_award_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "document_id"],
            ["issued_document.tenant_id", "issued_document.id"],
            name=op.f("fk_award_letter_tenant_id_document_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "tender_id"],
            ["tender.tenant_id", "tender.id"],
            name=op.f("fk_award_letter_tenant_id_tender_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_award_letter_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_award_letter")),
        sa.UniqueConstraint(
            "tenant_id",
            "award_id",
            "firm_id",
            "edition",
            name=op.f("uq_award_letter_tenant_id_award_id_firm_id_edition"),
        ),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_award_letter_tenant_id_id")),
    )
    op.create_index(
        "uq_award_letter_winner",
        "award_letter",
        ["tenant_id", "award_id", "edition"],
        unique=True,
        postgresql_where=sa.text("is_winner"),
    )
    for table, protection in TABLES.items():
        protect(table, protection)


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
