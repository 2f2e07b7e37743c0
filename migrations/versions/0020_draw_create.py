"""Draws that outsiders can check."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from tenants.migration import protect
from tenants.rowsecurity import PUBLIC, TENANT

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.create_table(
        "draw",
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("entries", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("excluded", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("quotas", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("nonce", sa.Text(), nullable=False),
        sa.Column("sealed_secret", sa.LargeBinary(), nullable=False),
        sa.Column("list_digest", sa.Text(), nullable=False),
        sa.Column("commitment", sa.Text(), nullable=False),
        sa.Column("committed_by", sa.Uuid(), nullable=True),
        sa.Column("committer", sa.Text(), nullable=False),
        sa.Column("committed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("typed", sa.Text(), nullable=True),
        sa.Column("seeded_by", sa.Uuid(), nullable=True),
        sa.Column("seeder", sa.Text(), nullable=True),
        sa.Column("seeded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("drawn", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("touched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("state IN ('committed', 'drawn', 'ended')", name=op.f("ck_draw_state")),
        sa.CheckConstraint("purpose IN ('experts', 'subjects', 'tie')", name=op.f("ck_draw_purpose")),
        sa.CheckConstraint("outcome IN ('filled', 'short', 'void')", name=op.f("ck_draw_outcome")),
        sa.CheckConstraint("sequence > 0", name=op.f("ck_draw_sequence")),
        sa.CheckConstraint(
            "(state = 'ended') = (outcome IS NOT NULL)", name=op.f("ck_draw_ended_has_outcome")
        ),
        sa.CheckConstraint("(state = 'ended') = (ended_at IS NOT NULL)", name=op.f("ck_draw_ended_has_time")),
        sa.CheckConstraint("state <> 'drawn' OR drawn IS NOT NULL", name=op.f("ck_draw_drawn_has_order")),
        sa.CheckConstraint("(typed IS NULL) = (drawn IS NULL)", name=op.f("ck_draw_typed_and_drawn")),
        sa.CheckConstraint("typed ~ '^[0-9]{4,20}$'", name=op.f("ck_draw_typed")),
        sa.CheckConstraint("seeded_by <> committed_by", name=op.f("ck_draw_two_people")),
        sa.CheckConstraint(
            "outcome IS NULL OR outcome = 'filled' OR reason <> ''", name=op.f("ck_draw_why_not_filled")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_draw_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draw")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_draw_tenant_id_id")),
        sa.UniqueConstraint("tenant_id", "year", "sequence", name=op.f("uq_draw_tenant_id_year_sequence")),
    )
    op.create_index("ix_draw_subject", "draw", ["tenant_id", "subject_id"], unique=False)
    op.create_table(
        "public_draw",
        sa.Column("draw_id", sa.Uuid(), nullable=False),
        sa.Column("bureau_code", sa.Text(), nullable=False),
        sa.Column("bureau", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("excluded_counts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("excluded_digest", sa.Text(), nullable=False),
        sa.Column("list_digest", sa.Text(), nullable=False),
        sa.Column("commitment", sa.Text(), nullable=False),
        sa.Column("committed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("typed", sa.Text(), nullable=True),
        sa.Column("seeded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("leaves", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("quotas", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("secret", sa.Text(), nullable=True),
        sa.Column("names", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(secret IS NULL) = (ended_at IS NULL)", name=op.f("ck_public_draw_secret_at_the_end")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "draw_id"],
            ["draw.tenant_id", "draw.id"],
            name=op.f("fk_public_draw_tenant_id_draw_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_public_draw_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_public_draw")),
        sa.UniqueConstraint("tenant_id", "draw_id", name=op.f("uq_public_draw_tenant_id_draw_id")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_public_draw_tenant_id_id")),
        sa.UniqueConstraint(
            "tenant_id", "year", "sequence", name=op.f("uq_public_draw_tenant_id_year_sequence")
        ),
    )
    op.create_index("ix_public_draw_bureau", "public_draw", ["bureau_code", "year", "sequence"], unique=False)
    protect("draw", TENANT)
    protect("public_draw", PUBLIC)


def downgrade() -> None:
    op.drop_table("public_draw")
    op.drop_table("draw")
