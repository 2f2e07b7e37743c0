"""Annual rankings, objections to them, and the standings that the next purchase reads."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from tenants.migration import protect
from tenants.rowsecurity import TENANT_READ, TENANT_WRITE, Protection, Rows, ids, shared_with

revision = "0024"
down_revision = "0023"

STANDINGS = Protection(
    Rows.CONFIDENTIAL,
    f"({TENANT_READ}) OR (tenant_id = ANY ({ids('guests')}) AND firm_id = ANY ({ids('parties')}))",
    TENANT_WRITE,
)


def upgrade() -> None:
    op.create_table(
        "firm_standing",
        sa.Column("firm_id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=True),
        sa.Column("grade", sa.Text(), nullable=False),
        sa.Column("score", sa.Numeric(precision=5, scale=2), nullable=True),
        sa.Column("engagements", sa.Integer(), nullable=False),
        sa.Column("vetoed", sa.Integer(), nullable=False),
        sa.Column("quality", sa.Numeric(precision=5, scale=2), nullable=True),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("ranking_id", sa.Uuid(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "engagements > 0 AND edition > 0 AND vetoed BETWEEN 0 AND engagements",
            name=op.f("ck_firm_standing_counts"),
        ),
        sa.CheckConstraint(
            "(rank IS NULL) = (score IS NULL)", name=op.f("ck_firm_standing_ranked_is_scored")
        ),
        sa.CheckConstraint("(rank IS NULL) = (grade = '')", name=op.f("ck_firm_standing_ranked_is_graded")),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name=op.f("fk_firm_standing_firm_id")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_firm_standing_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_firm_standing")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_firm_standing_tenant_id_id")),
        sa.UniqueConstraint(
            "tenant_id",
            "firm_id",
            "year",
            "edition",
            name=op.f("uq_firm_standing_tenant_id_firm_id_year_edition"),
        ),
    )
    op.create_index(
        "uq_firm_standing_in_force",
        "firm_standing",
        ["tenant_id", "firm_id", "year"],
        unique=True,
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.create_table(
        "ranking",
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("rule_set_id", sa.Uuid(), nullable=False),
        sa.Column("rule_label", sa.Text(), nullable=False),
        sa.Column("rules", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("missing", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("ranked", sa.Integer(), nullable=False),
        sa.Column("figures", sa.Text(), nullable=False),
        sa.Column("collected_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("drafted_by", sa.Uuid(), nullable=False),
        sa.Column("drafter", sa.Text(), nullable=False),
        sa.Column("publisher", sa.Text(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("publicity_until", sa.Date(), nullable=True),
        sa.Column("finaliser", sa.Text(), nullable=True),
        sa.Column("final_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("concluded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("upheld_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("unread", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("last_reason", sa.Text(), nullable=True),
        sa.Column("readers", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("touched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("state IN ('draft', 'publicity', 'final')", name=op.f("ck_ranking_state")),
        sa.CheckConstraint(
            "(state = 'draft') = (publicity_until IS NULL)", name=op.f("ck_ranking_public_until_a_day")
        ),
        sa.CheckConstraint(
            "(state = 'final') = (final_at IS NOT NULL)", name=op.f("ck_ranking_final_has_time")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_ranking_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ranking")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_ranking_tenant_id_id")),
        sa.UniqueConstraint("tenant_id", "year", name=op.f("uq_ranking_tenant_id_year")),
    )
    op.create_table(
        "ranking_row",
        sa.Column("ranking_id", sa.Uuid(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("firm_id", sa.Uuid(), nullable=False),
        sa.Column("firm_name", sa.Text(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=True),
        sa.Column("grade", sa.Text(), nullable=False),
        sa.Column("score", sa.Numeric(precision=5, scale=2), nullable=True),
        sa.Column("engagements", sa.Integer(), nullable=False),
        sa.Column("quality", sa.Numeric(precision=5, scale=2), nullable=True),
        sa.Column("on_time", sa.Integer(), nullable=False),
        sa.Column("works", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("readers", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "engagements > 0 AND on_time BETWEEN 0 AND engagements", name=op.f("ck_ranking_row_counts")
        ),
        sa.CheckConstraint("(rank IS NULL) = (score IS NULL)", name=op.f("ck_ranking_row_ranked_is_scored")),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name=op.f("fk_ranking_row_firm_id")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "ranking_id"],
            ["ranking.tenant_id", "ranking.id"],
            name=op.f("fk_ranking_row_tenant_id_ranking_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_ranking_row_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ranking_row")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_ranking_row_tenant_id_id")),
        sa.UniqueConstraint(
            "tenant_id",
            "ranking_id",
            "edition",
            "firm_id",
            name=op.f("uq_ranking_row_tenant_id_ranking_id_edition_firm_id"),
        ),
    )
    op.create_index("ix_ranking_row_firm", "ranking_row", ["tenant_id", "firm_id"], unique=False)
    op.create_table(
        "ranking_objection",
        sa.Column("ranking_id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("firm_id", sa.Uuid(), nullable=False),
        sa.Column("firm_name", sa.Text(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("filed_by", sa.Text(), nullable=False),
        sa.Column("filed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finding", sa.Text(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answerer", sa.Text(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("readers", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("touched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("state IN ('open', 'answered')", name=op.f("ck_ranking_objection_state")),
        sa.CheckConstraint("finding IN ('upheld', 'rejected')", name=op.f("ck_ranking_objection_finding")),
        sa.CheckConstraint(
            "(state = 'answered') = (finding IS NOT NULL AND answer IS NOT NULL AND answered_at IS NOT NULL)",
            name=op.f("ck_ranking_objection_answered_whole"),
        ),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name=op.f("fk_ranking_objection_firm_id")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "ranking_id"],
            ["ranking.tenant_id", "ranking.id"],
            name=op.f("fk_ranking_objection_tenant_id_ranking_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_ranking_objection_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ranking_objection")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_ranking_objection_tenant_id_id")),
    )
    op.create_index(
        "uq_ranking_objection_open",
        "ranking_objection",
        ["tenant_id", "ranking_id", "firm_id"],
        unique=True,
        postgresql_where=sa.text("state = 'open'"),
    )
    protect("firm_standing", STANDINGS)
    for table in ("ranking", "ranking_row", "ranking_objection"):
        protect(table, shared_with("readers"))


def downgrade() -> None:
    for table in ("ranking_objection", "ranking_row", "ranking", "firm_standing"):
        op.drop_table(table)
