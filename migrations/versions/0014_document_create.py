"""Stored files, issued documents, signatures, public announcements."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from tenants.migration import protect
from tenants.rowsecurity import PUBLIC, TENANT_WRITE, Protection, Rows, shared_with

revision = "0014"
down_revision = "0013"

SHARED = Protection(Rows.TENANT, shared_with("readers").read, TENANT_WRITE, append_only=True)
ANNOUNCED = Protection(Rows.PUBLIC, PUBLIC.read, PUBLIC.write, append_only=True)
FIXED = """
CREATE FUNCTION portal_stored_file_fixed() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    IF TG_OP = 'DELETE' OR (to_jsonb(NEW) - 'readers') <> (to_jsonb(OLD) - 'readers')
        OR (NOT OLD.readers <@ NEW.readers
            AND current_setting('portal.kind', true) IS DISTINCT FROM 'system') THEN
        RAISE EXCEPTION 'a stored file never changes' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END
$body$
"""
TRIGGER = """
CREATE TRIGGER fixed BEFORE UPDATE OR DELETE ON stored_file
    FOR EACH ROW EXECUTE FUNCTION portal_stored_file_fixed()
"""


def upgrade() -> None:
    op.create_table(
        "stored_file",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=True),
        sa.Column("readers", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("kept_by", sa.Text(), nullable=False),
        sa.Column("keeper_id", sa.Uuid(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("digest ~ '^[0-9a-f]{64}$'", name=op.f("ck_stored_file_digest")),
        sa.CheckConstraint("size > 0", name=op.f("ck_stored_file_size")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_stored_file_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stored_file")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_stored_file_tenant_id_id")),
    )
    op.create_index("ix_stored_file_digest", "stored_file", ["tenant_id", "digest"], unique=False)
    op.create_table(
        "issued_document",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("readers", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("issued_by", sa.Text(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("digest ~ '^[0-9a-f]{64}$'", name=op.f("ck_issued_document_digest")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_issued_document_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issued_document")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_issued_document_tenant_id_id")),
    )
    op.create_index(
        "ix_issued_document_subject",
        "issued_document",
        ["tenant_id", "subject_id", "issued_at"],
        unique=False,
    )
    op.create_index("ix_issued_document_number", "issued_document", ["tenant_id", "number"], unique=False)
    op.create_table(
        "signature",
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("post_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("dissent", sa.Text(), nullable=False),
        sa.Column("readers", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_signature_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signature")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_signature_tenant_id_id")),
    )
    op.create_index(
        "ix_signature_subject", "signature", ["tenant_id", "subject_id", "signed_at"], unique=False
    )
    op.create_index("ix_signature_digest", "signature", ["tenant_id", "digest"], unique=False)
    op.create_table(
        "announcement",
        sa.Column("bureau_code", sa.Text(), nullable=False),
        sa.Column("bureau_name", sa.Text(), nullable=False),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('procurement', 'result', 'termination', 'contract', 'ranking', 'draw', 'other')",
            name=op.f("ck_announcement_kind"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_announcement_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcement")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_announcement_tenant_id_id")),
    )
    op.create_index(
        "ix_announcement_bureau", "announcement", ["bureau_code", "published_at", "id"], unique=False
    )
    op.create_index("ix_announcement_subject", "announcement", ["tenant_id", "subject_id"], unique=False)
    protect("stored_file", shared_with("readers"))
    protect("issued_document", SHARED)
    protect("signature", SHARED)
    protect("announcement", ANNOUNCED)
    op.execute(FIXED)
    op.execute(TRIGGER)


def downgrade() -> None:
    for table in ("announcement", "signature", "issued_document", "stored_file"):
        op.drop_table(table)
    op.execute("DROP FUNCTION portal_stored_file_fixed()")
