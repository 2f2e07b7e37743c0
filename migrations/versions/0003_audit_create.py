"""The audit chain and the inbox."""

import sqlalchemy as sa
from alembic import op

from tenants.migration import definer, drop, protect
from tenants.rowsecurity import SECRET, TENANT_READ, TENANT_WRITE, Protection, Rows, ids, setting, words

revision = "0003"
down_revision = "0002"

PROTECTIONS = {
    "audit_head": SECRET,
    "audit_event": Protection(
        Rows.TENANT,
        f"({TENANT_READ}) OR (tenant_id IS NULL AND chain = {setting('account')})",
        None,
        definer=True,
    ),
    "inbox": Protection(
        Rows.TENANT,
        f"({TENANT_READ}) OR (tenant_id = ANY ({ids('guests')}) AND role = ANY ({words('roles')})"
        f" AND (party_id IS NULL OR party_id = ANY ({ids('parties')})))",
        TENANT_WRITE,
    ),
}
HEAD = "portal_audit_head(p_chain text) RETURNS TABLE (seq integer, digest bytea)"
HEAD_BODY = """
BEGIN
    INSERT INTO audit_head (chain, seq, digest) VALUES (p_chain, 0, decode(repeat('00', 32), 'hex'))
        ON CONFLICT (chain) DO NOTHING;
    RETURN QUERY SELECT h.seq, h.digest FROM audit_head h WHERE h.chain = p_chain FOR UPDATE;
END
"""
APPEND = (
    "portal_audit_append(p_chain text, p_seq integer, p_tenant uuid, p_at timestamptz, p_verb text,"
    " p_subject uuid, p_body text, p_previous bytea, p_digest bytea) RETURNS void"
)
APPEND_BODY = """
DECLARE v_own boolean;
BEGIN
    IF p_tenant IS NULL THEN
        v_own := NOT EXISTS (SELECT 1 FROM tenant t WHERE t.id::text = p_chain);
    ELSIF current_setting('portal.roles', true) = 'supervisor' THEN
        WITH RECURSIVE up(id, parent_id) AS (
            SELECT t.id, t.parent_id FROM tenant t WHERE t.id = p_tenant
            UNION ALL
            SELECT t.id, t.parent_id FROM tenant t JOIN up ON t.id = up.parent_id
        )
        SELECT EXISTS (SELECT 1 FROM up WHERE up.id::text = current_setting('portal.writes', true)) INTO v_own;
    ELSE
        v_own := current_setting('portal.kind', true) = 'operator' OR p_tenant::text IN (
            current_setting('portal.writes', true), current_setting('portal.guests', true));
    END IF;
    IF v_own IS NOT TRUE OR p_chain <> p_tenant::text THEN
        RAISE EXCEPTION 'the chain % is not this scope''s', p_chain USING ERRCODE = 'insufficient_privilege';
    END IF;
    UPDATE audit_head SET seq = p_seq, digest = p_digest
        WHERE chain = p_chain AND seq = p_seq - 1 AND digest = p_previous;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the chain % does not end where this event begins', p_chain;
    END IF;
    INSERT INTO audit_event (chain, seq, tenant_id, at, verb, subject_id, body, previous, digest)
        VALUES (p_chain, p_seq, p_tenant, p_at, p_verb, p_subject, p_body, p_previous, p_digest);
END
"""
END = "portal_audit_end(p_chain text) RETURNS TABLE (seq integer, digest bytea)"
END_BODY = """
BEGIN
    RETURN QUERY SELECT h.seq, h.digest FROM audit_head h WHERE h.chain = p_chain AND (
        p_chain = current_setting('portal.account', true)
        OR p_chain = ANY (string_to_array(nullif(current_setting('portal.tenants', true), ''), ',')));
END
"""
FUNCTIONS = ((HEAD, HEAD_BODY), (APPEND, APPEND_BODY), (END, END_BODY))


def upgrade() -> None:
    op.create_table(
        "audit_head",
        sa.Column("chain", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("chain", name=op.f("pk_audit_head")),
    )
    op.create_table(
        "audit_event",
        sa.Column("chain", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("verb", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("previous", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_audit_event_tenant_id")),
        sa.PrimaryKeyConstraint("chain", "seq", name=op.f("pk_audit_event")),
    )
    op.create_index("ix_audit_event_subject", "audit_event", ["tenant_id", "subject_id", "seq"], unique=False)
    op.create_table(
        "inbox",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("verb", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("party_id", sa.Uuid(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("due_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_inbox_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_inbox_tenant_id_id")),
    )
    op.create_index("ix_inbox_role", "inbox", ["tenant_id", "role", "due_by"], unique=False)
    op.create_index("ix_inbox_subject", "inbox", ["tenant_id", "subject_id"], unique=False)
    for table, protection in PROTECTIONS.items():
        protect(table, protection)
    for signature, code in FUNCTIONS:
        definer(signature, code)


def downgrade() -> None:
    for signature, _ in reversed(FUNCTIONS):
        drop(signature)
    op.drop_table("inbox")
    op.drop_table("audit_event")
    op.drop_table("audit_head")
