"""Experts as persons, and their memberships of expert libraries."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from tenants.migration import definer, drop, protect
from tenants.rowsecurity import SECRET, TENANT_WRITE, Protection, Rows, ids, setting

revision = "0007"
down_revision = "0006"

PROTECTIONS = {
    "expert": SECRET,
    "membership": Protection(
        Rows.INHERITED, f"tenant_id = ANY ({ids('libraries')}) AND {setting('tenants')} <> ''", TENANT_WRITE
    ),
}
REGISTER = "portal_register_expert(p_index bytea) RETURNS uuid"
REGISTER_BODY = """
BEGIN
    INSERT INTO expert (id, identity_index) VALUES (gen_random_uuid(), p_index)
        ON CONFLICT (identity_index) DO NOTHING;
    RETURN (SELECT id FROM expert WHERE identity_index = p_index);
END
"""


def upgrade() -> None:
    op.create_table(
        "expert",
        sa.Column("identity_index", sa.LargeBinary(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_expert")),
        sa.UniqueConstraint("identity_index", name=op.f("uq_expert_identity_index")),
    )
    op.create_table(
        "membership",
        sa.Column("expert_id", sa.Uuid(), nullable=False),
        sa.Column("identity_index", sa.LargeBinary(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("initials", sa.Text(), nullable=False),
        sa.Column("sex", sa.Text(), nullable=False),
        sa.Column("classes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("domains", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("employer", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("work_years", sa.Integer(), nullable=False),
        sa.Column("is_civil_servant", sa.Boolean(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("identity_masked", sa.Text(), nullable=False),
        sa.Column("mobile_masked", sa.Text(), nullable=False),
        sa.Column("mobile_index", sa.LargeBinary(), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "classes <@ ARRAY['performance', 'industry'] AND cardinality(classes) > 0",
            name=op.f("ck_membership_classes"),
        ),
        sa.CheckConstraint(
            "domains <@ ARRAY['audit', 'finance', 'housing', 'community', 'social_security',"
            " 'general_services', 'natural_resources', 'public_security', 'disaster', 'culture', 'health',"
            " 'transport', 'environment', 'education', 'science', 'commerce', 'agriculture', 'information']",
            name=op.f("ck_membership_domains"),
        ),
        sa.CheckConstraint("sex IN ('female', 'male')", name=op.f("ck_membership_sex")),
        sa.CheckConstraint("work_years BETWEEN 0 AND 70", name=op.f("ck_membership_work_years")),
        sa.ForeignKeyConstraint(["expert_id"], ["expert.id"], name=op.f("fk_membership_expert_id")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_membership_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_membership")),
        sa.UniqueConstraint("tenant_id", "expert_id", name=op.f("uq_membership_tenant_id_expert_id")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_membership_tenant_id_id")),
    )
    op.create_index("ix_membership_employer", "membership", ["tenant_id", "employer"], unique=False)
    for table, protection in PROTECTIONS.items():
        protect(table, protection)
    definer(REGISTER, REGISTER_BODY)


def downgrade() -> None:
    drop(REGISTER)
    op.drop_table("membership")
    op.drop_table("expert")
