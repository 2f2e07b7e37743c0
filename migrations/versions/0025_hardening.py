"""Wrong passwords counted by username and address, by address, and by username; forms that count once."""

import sqlalchemy as sa
from alembic import op

from tenants.migration import definer, drop, protect
from tenants.rowsecurity import PERSONAL

revision = "0025"
down_revision = "0024"

ATTEMPT = (
    "portal_attempt(p_digests bytea[], p_usernames bytea[], p_limits integer[], p_minutes integer[])"
    " RETURNS TABLE (place integer, locked_until timestamptz, admitted boolean)"
)
# The rows are locked in the order given, which is the same for everybody, so of those who try at once nobody
# waits for ever and nobody slips past the count. While one of them is shut none is counted: whoever is locked
# out already cannot bring about the next wider lock.
ATTEMPT_BODY = """
DECLARE
    v_now timestamptz := clock_timestamp();
    v_place integer;
    v_while interval;
    v_tries failed_sign_in%ROWTYPE;
    v_told boolean := false;
BEGIN
    DELETE FROM failed_sign_in WHERE digest IN (
        SELECT f.digest FROM failed_sign_in f
        WHERE f.failed_at < v_now - interval '1 hour' AND NOT coalesce(f.locked_until > v_now, false)
        LIMIT 100 FOR UPDATE SKIP LOCKED);
    FOR v_place IN 1 .. cardinality(p_digests) LOOP
        INSERT INTO failed_sign_in AS f (digest, username, failures, failed_at)
            VALUES (p_digests[v_place], p_usernames[v_place], 0, v_now)
            ON CONFLICT (digest) DO UPDATE SET failures = f.failures
            RETURNING * INTO v_tries;
        IF v_tries.locked_until > v_now THEN
            RETURN QUERY SELECT v_place, v_tries.locked_until, false;
            RETURN;
        END IF;
    END LOOP;
    FOR v_place IN 1 .. cardinality(p_digests) LOOP
        v_while := make_interval(mins => p_minutes[v_place]);
        UPDATE failed_sign_in f SET
            failures = CASE WHEN f.locked_until IS NOT NULL OR f.failed_at < v_now - v_while THEN 1
                ELSE f.failures + 1 END,
            failed_at = v_now,
            locked_until = CASE WHEN f.locked_until IS NULL AND f.failed_at >= v_now - v_while
                AND f.failures + 1 >= p_limits[v_place] THEN v_now + v_while END
            WHERE f.digest = p_digests[v_place] RETURNING * INTO v_tries;
        IF v_tries.locked_until IS NOT NULL AND NOT v_told THEN
            v_told := true;
            RETURN QUERY SELECT v_place, v_tries.locked_until, true;
        END IF;
    END LOOP;
    IF NOT v_told THEN
        RETURN QUERY SELECT 0, NULL::timestamptz, true;
    END IF;
END
"""
# What was counted before it was judged right is taken back; the first, the narrowest, is forgotten whole.
FORGIVE = "portal_forgive(p_digests bytea[]) RETURNS void"
FORGIVE_BODY = """
BEGIN
    DELETE FROM failed_sign_in WHERE digest = p_digests[1];
    UPDATE failed_sign_in f SET failures = greatest(f.failures - 1, 0), locked_until = NULL
        WHERE f.digest = ANY (p_digests[2:]);
END
"""
OPEN = "portal_open_sign_in(p_account uuid, p_token bytea) RETURNS void"
OPEN_BODY = """
BEGIN
    INSERT INTO sign_in (id, account_id, token, opened_at, seen_at)
        VALUES (gen_random_uuid(), p_account, p_token, clock_timestamp(), clock_timestamp());
END
"""
UNLOCK = "portal_unlock(p_account uuid) RETURNS void"
UNLOCK_BODY = """
BEGIN
    DELETE FROM failed_sign_in WHERE username =
        (SELECT sha256(convert_to(a.username, 'UTF8')) FROM account a WHERE a.id = p_account);
END
"""
HELD = (
    "portal_accounts_of(p_accounts uuid[]) RETURNS TABLE (id uuid, username text, name text,"
    " locked_until timestamptz, has_password boolean, last_seen timestamptz, home uuid)"
)
HELD_BODY = """
BEGIN
    RETURN QUERY SELECT a.id, a.username, a.name,
        (SELECT max(f.locked_until) FROM failed_sign_in f
            WHERE f.username = sha256(convert_to(a.username, 'UTF8')) AND f.locked_until > clock_timestamp()),
        a.password IS NOT NULL,
        (SELECT max(s.seen_at) FROM sign_in s WHERE s.account_id = a.id),
        portal_home_of(a.id)
        FROM account a WHERE a.id = ANY (p_accounts) AND EXISTS (
            SELECT 1 FROM post p WHERE p.account_id = a.id AND (
                p.tenant_id = ANY (
                    string_to_array(nullif(current_setting('portal.tenants', true), ''), ',')::uuid[])
                OR current_setting('portal.kind', true) = 'operator'));
END
"""
FORMER_ATTEMPT = (
    "portal_attempt_sign_in(p_username text, p_limit integer, p_minutes integer)"
    " RETURNS TABLE (admitted boolean, locked_until timestamptz)"
)
FORMER_ATTEMPT_BODY = """
DECLARE
    v_now timestamptz := clock_timestamp();
    v_while interval := make_interval(mins => p_minutes);
    v_tries failed_sign_in%ROWTYPE;
BEGIN
    DELETE FROM failed_sign_in WHERE digest IN (
        SELECT f.digest FROM failed_sign_in f WHERE f.failed_at < v_now - v_while
        LIMIT 100 FOR UPDATE SKIP LOCKED);
    INSERT INTO failed_sign_in AS f (digest, failures, failed_at)
        VALUES (sha256(convert_to(p_username, 'UTF8')), 1, v_now)
        ON CONFLICT (digest) DO UPDATE SET
            failures = CASE WHEN f.locked_until > v_now THEN f.failures
                WHEN f.locked_until IS NOT NULL OR f.failed_at < v_now - v_while THEN 1
                ELSE f.failures + 1 END,
            failed_at = CASE WHEN f.locked_until > v_now THEN f.failed_at ELSE v_now END,
            locked_until = CASE WHEN f.locked_until > v_now THEN f.locked_until
                WHEN f.locked_until IS NULL AND f.failed_at >= v_now - v_while AND f.failures + 1 >= p_limit
                THEN v_now + v_while END
        RETURNING * INTO v_tries;
    RETURN QUERY SELECT v_tries.failed_at = v_now, v_tries.locked_until;
END
"""
FORMER_OPEN_BODY = """
BEGIN
    DELETE FROM failed_sign_in WHERE digest =
        (SELECT sha256(convert_to(a.username, 'UTF8')) FROM account a WHERE a.id = p_account);
    INSERT INTO sign_in (id, account_id, token, opened_at, seen_at)
        VALUES (gen_random_uuid(), p_account, p_token, clock_timestamp(), clock_timestamp());
END
"""
FORMER_UNLOCK_BODY = """
BEGIN
    DELETE FROM failed_sign_in WHERE digest =
        (SELECT sha256(convert_to(a.username, 'UTF8')) FROM account a WHERE a.id = p_account);
END
"""
FORMER_HELD_BODY = """
BEGIN
    RETURN QUERY SELECT a.id, a.username, a.name,
        (SELECT f.locked_until FROM failed_sign_in f
            WHERE f.digest = sha256(convert_to(a.username, 'UTF8')) AND f.locked_until > clock_timestamp()),
        a.password IS NOT NULL,
        (SELECT max(s.seen_at) FROM sign_in s WHERE s.account_id = a.id),
        portal_home_of(a.id)
        FROM account a WHERE a.id = ANY (p_accounts) AND EXISTS (
            SELECT 1 FROM post p WHERE p.account_id = a.id AND (
                p.tenant_id = ANY (
                    string_to_array(nullif(current_setting('portal.tenants', true), ''), ',')::uuid[])
                OR current_setting('portal.kind', true) = 'operator'));
END
"""


def upgrade() -> None:
    drop(FORMER_ATTEMPT)
    op.execute("DELETE FROM failed_sign_in")
    op.add_column("failed_sign_in", sa.Column("username", sa.LargeBinary(), nullable=True))
    op.create_index(op.f("ix_failed_sign_in_username"), "failed_sign_in", ["username"])
    for signature, body in (
        (ATTEMPT, ATTEMPT_BODY),
        (FORGIVE, FORGIVE_BODY),
        (OPEN, OPEN_BODY),
        (UNLOCK, UNLOCK_BODY),
        (HELD, HELD_BODY),
    ):
        definer(signature, body)
    op.create_table(
        "form_use",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("led_to", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("account_id", "digest", name=op.f("pk_form_use")),
    )
    protect("form_use", PERSONAL)


def downgrade() -> None:
    op.drop_table("form_use")
    drop(FORGIVE)
    drop(ATTEMPT)
    op.execute("DELETE FROM failed_sign_in")
    op.drop_index(op.f("ix_failed_sign_in_username"), "failed_sign_in")
    op.drop_column("failed_sign_in", "username")
    for signature, body in (
        (FORMER_ATTEMPT, FORMER_ATTEMPT_BODY),
        (OPEN, FORMER_OPEN_BODY),
        (UNLOCK, FORMER_UNLOCK_BODY),
        (HELD, FORMER_HELD_BODY),
    ):
        definer(signature, body)
