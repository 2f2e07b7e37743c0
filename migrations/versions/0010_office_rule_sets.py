"""A rule set's drafter, one draft at a time, and published versions that nothing changes."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

FREEZE = """
CREATE FUNCTION portal_rule_set_frozen() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    IF OLD.published_at IS NOT NULL THEN
        RAISE EXCEPTION 'a published rule set never changes' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END
$body$
"""
TRIGGER = """
CREATE TRIGGER frozen BEFORE UPDATE OR DELETE ON rule_set
    FOR EACH ROW EXECUTE FUNCTION portal_rule_set_frozen()
"""


def upgrade() -> None:
    op.add_column("rule_set", sa.Column("drafter_id", sa.Uuid(), nullable=True))
    op.create_index(
        "uq_rule_set_one_draft",
        "rule_set",
        ["tenant_id"],
        unique=True,
        postgresql_where=sa.text("published_at IS NULL"),
    )
    op.execute(FREEZE)
    op.execute(TRIGGER)


def downgrade() -> None:
    op.execute("DROP TRIGGER frozen ON rule_set")
    op.execute("DROP FUNCTION portal_rule_set_frozen()")
    op.drop_index("uq_rule_set_one_draft", table_name="rule_set")
    op.drop_column("rule_set", "drafter_id")
