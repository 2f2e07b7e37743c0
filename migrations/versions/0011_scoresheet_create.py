"""Form templates: the forms every score is entered on."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from tenants.migration import protect
from tenants.rowsecurity import INHERITED, Protection, Rows

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.create_table(
        "form_template",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("version >= 1", name=op.f("ck_form_template_version")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_form_template_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_form_template")),
        sa.UniqueConstraint(
            "tenant_id", "code", "version", name=op.f("uq_form_template_tenant_id_code_version")
        ),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_form_template_tenant_id_id")),
    )
    protect("form_template", Protection(Rows.INHERITED, INHERITED.read, INHERITED.write, append_only=True))


def downgrade() -> None:
    op.drop_table("form_template")
