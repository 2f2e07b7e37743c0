"""Sealed bids, their frozen lists, and the release of a tender's key to its opening alone."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from tenants.migration import definer, drop, protect
from tenants.rowsecurity import TENANT_READ, Protection, Rows, ids, setting, shared_with

revision = "0016"
down_revision = "0015"

BY_SYSTEM = f"{TENANT_READ} AND {setting('kind')} = 'system'"
OWN = f"tenant_id = ANY ({ids('guests')}) AND firm_id = ANY ({ids('parties')})"
PROTECTIONS = {
    "bid": Protection(
        Rows.CONFIDENTIAL,
        f"({OWN}) OR ({BY_SYSTEM}) OR ({TENANT_READ} AND released_at IS NOT NULL)",
        BY_SYSTEM,
    ),
    "bid_commitment": shared_with("readers"),
    "tender_opening": Protection(Rows.TENANT, TENANT_READ, None, definer=True),
}
WRITES = "string_to_array(nullif(current_setting('portal.writes', true), ''), ',')::uuid[]"
CONFIRM = "portal_confirm_opening(p_tender uuid) RETURNS integer"
CONFIRM_BODY = f"""
DECLARE
    v_account uuid := nullif(current_setting('portal.account', true), '')::uuid;
    v_tender tender%ROWTYPE;
    v_count integer;
BEGIN
    SELECT * INTO v_tender FROM tender t WHERE t.id = p_tender AND t.tenant_id = ANY ({WRITES});
    IF NOT FOUND THEN
        RAISE EXCEPTION 'not this scope''s tender' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF v_tender.state <> 'closed' OR v_tender.response_by >= portal_clock() THEN
        RAISE EXCEPTION 'the bids of this tender are sealed' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF v_account IS NULL OR NOT EXISTS (
        SELECT 1 FROM post p WHERE p.account_id = v_account AND p.tenant_id = v_tender.tenant_id
            AND p.role = 'opener' AND p.ended_at IS NULL
    ) THEN
        RAISE EXCEPTION 'not an opener of this bureau' USING ERRCODE = 'insufficient_privilege';
    END IF;
    INSERT INTO tender_opening (id, tenant_id, tender_id, account_id, confirmed_at)
        VALUES (gen_random_uuid(), v_tender.tenant_id, p_tender, v_account, portal_clock())
        ON CONFLICT (tenant_id, tender_id, account_id) DO NOTHING;
    SELECT count(*) INTO v_count FROM tender_opening o
        WHERE o.tenant_id = v_tender.tenant_id AND o.tender_id = p_tender;
    RETURN v_count;
END
"""
RELEASE = "portal_release_key(p_tender uuid) RETURNS bytea"
RELEASE_BODY = f"""
DECLARE
    v_tender tender%ROWTYPE;
    v_count integer;
    v_wrapped bytea;
BEGIN
    SELECT * INTO v_tender FROM tender t WHERE t.id = p_tender AND t.tenant_id = ANY ({WRITES});
    IF NOT FOUND OR current_setting('portal.kind', true) <> 'system' THEN
        RAISE EXCEPTION 'not this scope''s tender' USING ERRCODE = 'insufficient_privilege';
    END IF;
    SELECT count(DISTINCT o.account_id) INTO v_count FROM tender_opening o
        WHERE o.tenant_id = v_tender.tenant_id AND o.tender_id = p_tender;
    IF v_tender.state <> 'closed' OR v_tender.suspended_at IS NOT NULL
        OR v_tender.response_by >= portal_clock() OR v_count < 2
    THEN
        RAISE EXCEPTION 'the bids of this tender are sealed' USING ERRCODE = 'insufficient_privilege';
    END IF;
    SELECT k.wrapped INTO v_wrapped FROM tender_key k
        WHERE k.tenant_id = v_tender.tenant_id AND k.tender_id = p_tender;
    RETURN v_wrapped;
END
"""


def upgrade() -> None:
    op.create_table(
        "bid",
        sa.Column("tender_id", sa.Uuid(), nullable=False),
        sa.Column("firm_id", sa.Uuid(), nullable=False),
        sa.Column("firm_name", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitter_id", sa.Uuid(), nullable=False),
        sa.Column("submitter", sa.Text(), nullable=False),
        sa.Column("envelope", sa.LargeBinary(), nullable=False),
        sa.Column("envelope_digest", sa.Text(), nullable=False),
        sa.Column("commitments", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("sealed_files", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("price", sa.Numeric(precision=16, scale=2), nullable=True),
        sa.Column("content", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("nonces", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("file_ids", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("fault", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("touched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "state IN ('submitted', 'replaced', 'withdrawn', 'opened')", name=op.f("ck_bid_state")
        ),
        sa.CheckConstraint("fault IN ('broken', 'commitment', 'file')", name=op.f("ck_bid_fault")),
        sa.CheckConstraint("price > 0", name=op.f("ck_bid_price")),
        sa.CheckConstraint(
            "released_at IS NOT NULL OR (price IS NULL AND content IS NULL AND nonces IS NULL)",
            name=op.f("ck_bid_sealed_until_released"),
        ),
        sa.CheckConstraint(
            "(state = 'opened') = (released_at IS NOT NULL)", name=op.f("ck_bid_opened_is_released")
        ),
        sa.CheckConstraint(
            "state <> 'opened' OR fault IS NOT NULL OR (price IS NOT NULL AND content IS NOT NULL)",
            name=op.f("ck_bid_opened_is_read"),
        ),
        sa.CheckConstraint(
            "(state IN ('replaced', 'withdrawn')) = (ended_at IS NOT NULL)",
            name=op.f("ck_bid_ended_has_time"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "tender_id"],
            ["tender.tenant_id", "tender.id"],
            name=op.f("fk_bid_tenant_id_tender_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_bid_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bid")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_bid_tenant_id_id")),
        sa.UniqueConstraint(
            "tenant_id", "tender_id", "number", name=op.f("uq_bid_tenant_id_tender_id_number")
        ),
    )
    op.create_index(
        "uq_bid_standing",
        "bid",
        ["tenant_id", "tender_id", "firm_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('submitted', 'opened')"),
    )
    op.create_table(
        "bid_commitment",
        sa.Column("tender_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("commitments", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("envelope_digest", sa.Text(), nullable=False),
        sa.Column("frozen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("readers", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "tender_id"],
            ["tender.tenant_id", "tender.id"],
            name=op.f("fk_bid_commitment_tenant_id_tender_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_bid_commitment_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bid_commitment")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_bid_commitment_tenant_id_id")),
        sa.UniqueConstraint(
            "tenant_id", "tender_id", "number", name=op.f("uq_bid_commitment_tenant_id_tender_id_number")
        ),
    )
    op.create_table(
        "tender_opening",
        sa.Column("tender_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "tender_id"],
            ["tender.tenant_id", "tender.id"],
            name=op.f("fk_tender_opening_tenant_id_tender_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_tender_opening_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tender_opening")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_tender_opening_tenant_id_id")),
        sa.UniqueConstraint(
            "tenant_id",
            "tender_id",
            "account_id",
            name=op.f("uq_tender_opening_tenant_id_tender_id_account_id"),
        ),
    )
    for table, protection in PROTECTIONS.items():
        protect(table, protection)
    definer(CONFIRM, CONFIRM_BODY)
    definer(RELEASE, RELEASE_BODY)


def downgrade() -> None:
    drop(RELEASE)
    drop(CONFIRM)
    for table in reversed(PROTECTIONS):
        op.drop_table(table)
