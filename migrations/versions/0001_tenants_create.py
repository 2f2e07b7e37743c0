"""Regions, tenants, sections, calendar, rule sets and document numbers."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from tenants.migration import protect
from tenants.rowsecurity import (
    BY_OPERATOR,
    INHERITED,
    REGISTER,
    SIGNED_IN,
    TENANT,
    TENANT_READ,
    TENANT_WRITE,
    Protection,
    Rows,
    ids,
)

revision = "0001"
down_revision = None

PROTECTIONS = {
    "region": REGISTER,
    "tenant": Protection(Rows.REGISTER, SIGNED_IN, BY_OPERATOR, definer=True),
    "section": Protection(Rows.TENANT, TENANT_READ, TENANT_WRITE, definer=True),
    "calendar_day": REGISTER,
    "rule_set": INHERITED,
    "document_code": TENANT,
    "document_number": Protection(Rows.TENANT, TENANT_READ, TENANT_WRITE, append_only=True),
    "library_grant": Protection(
        Rows.TENANT, f"({TENANT_READ}) OR grantee_id = ANY ({ids('tenants')})", TENANT_WRITE, definer=True
    ),
}


def upgrade() -> None:
    op.execute("GRANT USAGE ON SCHEMA public TO portal_web, portal_backup")
    op.create_table(
        "calendar_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("is_workday", sa.Boolean(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_calendar_day")),
    )
    op.create_table(
        "region",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("parent_code", sa.Text(), nullable=True),
        sa.CheckConstraint("code ~ '^[1-9][0-9]{5}$'", name=op.f("ck_region_code")),
        sa.ForeignKeyConstraint(["parent_code"], ["region.code"], name=op.f("fk_region_parent_code")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_region")),
    )
    op.create_table(
        "tenant",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("is_demo", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column(
            "opened_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["code"], ["region.code"], name=op.f("fk_tenant_code")),
        sa.ForeignKeyConstraint(["parent_id"], ["tenant.id"], name=op.f("fk_tenant_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tenant")),
        sa.UniqueConstraint("code", name=op.f("uq_tenant_code")),
    )
    op.create_table(
        "library_grant",
        sa.Column("grantee_id", sa.Uuid(), nullable=False),
        sa.Column("opened_by", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("grantee_id <> tenant_id", name=op.f("ck_library_grant_grantee_is_another")),
        sa.ForeignKeyConstraint(["grantee_id"], ["tenant.id"], name=op.f("fk_library_grant_grantee_id")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_library_grant_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_library_grant")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_library_grant_tenant_id_id")),
    )
    op.create_index(
        "uq_library_grant_open",
        "library_grant",
        ["tenant_id", "grantee_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "rule_set",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("own", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("whole", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("drafted_by", sa.Text(), nullable=False),
        sa.Column("published_by", sa.Text(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(published_at IS NULL) = (whole IS NULL)", name=op.f("ck_rule_set_published_is_whole")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_rule_set_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_set")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_rule_set_tenant_id_id")),
        sa.UniqueConstraint("tenant_id", "version", name=op.f("uq_rule_set_tenant_id_version")),
    )
    op.create_table(
        "section",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("duties", sa.Text(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_section_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_section")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_section_tenant_id_id")),
    )
    op.create_index(
        "uq_section_open_name",
        "section",
        ["tenant_id", "name"],
        unique=True,
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "document_code",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("section_id", sa.Uuid(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("code ~ '^[一-龥]{2,10}$'", name=op.f("ck_document_code_code")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "section_id"],
            ["section.tenant_id", "section.id"],
            name=op.f("fk_document_code_tenant_id_section_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_document_code_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document_code")),
        sa.UniqueConstraint("tenant_id", "code", name=op.f("uq_document_code_tenant_id_code")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_document_code_tenant_id_id")),
    )
    op.create_table(
        "document_number",
        sa.Column("code_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("duplicate_reason", sa.Text(), nullable=True),
        sa.Column("taken_by", sa.Text(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("number >= 1", name=op.f("ck_document_number_number")),
        sa.CheckConstraint("year BETWEEN 1949 AND 2999", name=op.f("ck_document_number_year")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "code_id"],
            ["document_code.tenant_id", "document_code.id"],
            name=op.f("fk_document_number_tenant_id_code_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_document_number_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document_number")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_document_number_tenant_id_id")),
    )
    op.create_index(
        "uq_document_number_once",
        "document_number",
        ["tenant_id", "code_id", "year", "number"],
        unique=True,
        postgresql_where=sa.text("duplicate_reason IS NULL"),
    )
    for table, protection in PROTECTIONS.items():
        protect(table, protection)


def downgrade() -> None:
    op.drop_table("document_number")
    op.drop_table("document_code")
    op.drop_table("section")
    op.drop_table("rule_set")
    op.drop_table("library_grant")
    op.drop_table("tenant")
    op.drop_table("region")
    op.drop_table("calendar_day")
