"""Alarms, the switch that lets a demo's clock travel, and a person's own: password again, what waits in all posts."""

import sqlalchemy as sa
from alembic import op

from tenants.migration import definer, drop, protect
from tenants.rowsecurity import OWNER, SECRET, TENANT_READ, TENANT_WRITE, Protection, Rows

revision = "0013"
down_revision = "0012"

CLOCK = "portal_clock() RETURNS timestamptz"
CLOCK_BODY = """
BEGIN
    RETURN clock_timestamp() + coalesce((SELECT c.ahead FROM clock_shift c), interval '0');
END
"""
TRAVEL = "portal_travel(p_ahead interval) RETURNS timestamptz"
TRAVEL_BODY = """
BEGIN
    IF p_ahead <> interval '0' AND EXISTS (SELECT 1 FROM tenant t WHERE NOT t.is_demo) THEN
        RAISE EXCEPTION 'the clock of a real bureau does not travel' USING ERRCODE = 'insufficient_privilege';
    END IF;
    INSERT INTO clock_shift (one, ahead) VALUES (true, p_ahead)
        ON CONFLICT (one) DO UPDATE SET ahead = EXCLUDED.ahead;
    RETURN portal_clock();
END
"""
DUE = (
    "portal_due_alarms(p_limit integer)"
    " RETURNS TABLE (tenant_id uuid, id uuid, kind text, subject_id uuid, verb text)"
)
DUE_BODY = """
DECLARE v_now timestamptz := portal_clock();
BEGIN
    RETURN QUERY SELECT a.tenant_id, a.id, a.kind, a.subject_id, a.verb FROM alarm a
        WHERE a.due_at < v_now ORDER BY a.due_at, a.id LIMIT p_limit;
END
"""
OWN = "portal_own_password() RETURNS TABLE (username text, password text)"
OWN_BODY = """
BEGIN
    RETURN QUERY SELECT a.username, a.password FROM account a
        WHERE a.id::text = current_setting('portal.account', true) AND a.closed_at IS NULL;
END
"""
# A post of an outside party reads what waits for itself alone; its holder is to know of their other posts too.
WAITS = (
    "portal_own_waits(p_tenant uuid) RETURNS TABLE (post_id uuid, kind text, subject_id uuid, verb text,"
    " role text, title text, due_by timestamptz, since timestamptz)"
)
WAITS_BODY = """
BEGIN
    RETURN QUERY SELECT p.id, i.kind, i.subject_id, i.verb, i.role, i.title, i.due_by, i.since
        FROM post p JOIN inbox i ON i.tenant_id = p.tenant_id AND i.role = p.role
            AND (i.party_id IS NULL OR i.party_id IN (p.party_id, p.section_id, p.id))
        WHERE p.account_id::text = current_setting('portal.account', true)
            AND p.tenant_id = p_tenant AND p.ended_at IS NULL;
END
"""
FUNCTIONS = (
    (CLOCK, CLOCK_BODY),
    (TRAVEL, TRAVEL_BODY),
    (DUE, DUE_BODY),
    (OWN, OWN_BODY),
    (WAITS, WAITS_BODY),
)


def upgrade() -> None:
    op.create_table(
        "alarm",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("verb", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_alarm_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alarm")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_alarm_tenant_id_id")),
    )
    op.create_index("ix_alarm_due_at", "alarm", ["due_at"], unique=False)
    op.create_index("ix_alarm_subject", "alarm", ["tenant_id", "subject_id"], unique=False)
    op.create_table(
        "clock_shift",
        sa.Column("one", sa.Boolean(), nullable=False),
        sa.Column("ahead", sa.Interval(), nullable=False),
        sa.CheckConstraint("one", name=op.f("ck_clock_shift_one_row")),
        sa.PrimaryKeyConstraint("one", name=op.f("pk_clock_shift")),
    )
    protect("alarm", Protection(Rows.TENANT, TENANT_READ, TENANT_WRITE, definer=True))
    protect("clock_shift", SECRET)
    op.execute(f"CREATE POLICY definer ON inbox TO {OWNER} USING (true) WITH CHECK (true)")
    for signature, body in FUNCTIONS:
        definer(signature, body)


def downgrade() -> None:
    for signature, _ in FUNCTIONS:
        drop(signature)
    op.execute("DROP POLICY definer ON inbox")
    op.drop_table("clock_shift")
    op.drop_table("alarm")
