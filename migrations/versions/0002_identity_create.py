"""Accounts, posts, sign-in, codes, sealed personal data, and the setting of the scope."""

import sqlalchemy as sa
from alembic import op

from tenants.migration import definer, drop, protect
from tenants.rowsecurity import PERSONAL, SECRET, TENANT_READ, TENANT_WRITE, Protection, Rows, setting

revision = "0002"
down_revision = "0001"

PROTECTIONS = {
    "account": SECRET,
    "failed_sign_in": SECRET,
    "sign_in": SECRET,
    "one_time_code": SECRET,
    "post": Protection(
        Rows.TENANT,
        f"({TENANT_READ}) OR account_id::text = {setting('account')}",
        f"({TENANT_WRITE}) OR (tenant_id IS NULL AND {setting('kind')} = 'operator')",
        definer=True,
    ),
    "consent": Protection(Rows.PERSONAL, PERSONAL.read, PERSONAL.write, definer=True, append_only=True),
    "personal_datum": SECRET,
}
ENTER = (
    "portal_enter(p_kind text, p_account uuid, p_post uuid, p_tenants uuid[])"
    " RETURNS TABLE (entered_at timestamptz, tenant uuid)"
)
ENTER_BODY = """
DECLARE
    v_post post%ROWTYPE;
    v_acts uuid;
    v_kind text := p_kind;
    v_reads uuid[] := '{}';
    v_writes uuid[] := '{}';
    v_guests uuid[] := '{}';
    v_lineage uuid[] := '{}';
    v_libraries uuid[] := '{}';
BEGIN
    IF p_kind NOT IN ('anonymous', 'account', 'post', 'supervisor', 'operator', 'system', 'across') THEN
        RAISE EXCEPTION 'unknown scope %', p_kind;
    END IF;
    IF p_kind IN ('post', 'supervisor') THEN
        SELECT * INTO v_post FROM post WHERE id = p_post AND account_id = p_account AND ended_at IS NULL;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'no such post in force' USING ERRCODE = 'insufficient_privilege';
        END IF;
        IF v_post.tenant_id IS NULL THEN
            v_kind := 'operator';
        ELSIF p_kind = 'supervisor' THEN
            IF v_post.role <> 'supervisor' THEN
                RAISE EXCEPTION 'not a supervisor' USING ERRCODE = 'insufficient_privilege';
            END IF;
            v_acts := p_tenants[1];
            v_reads := ARRAY[v_acts];
        ELSE
            v_acts := v_post.tenant_id;
            IF v_post.party_id IS NULL THEN
                v_reads := ARRAY[v_acts];
                v_writes := ARRAY[v_acts];
            ELSE
                v_guests := ARRAY[v_acts];
            END IF;
        END IF;
    ELSIF p_kind = 'system' THEN
        v_acts := p_tenants[1];
        v_reads := ARRAY[v_acts];
        v_writes := ARRAY[v_acts];
    ELSIF p_kind = 'across' THEN
        v_reads := p_tenants;
    END IF;
    IF v_acts IS NOT NULL THEN
        WITH RECURSIVE up(id, parent_id) AS (
            SELECT t.id, t.parent_id FROM tenant t WHERE t.id = v_acts
            UNION ALL
            SELECT t.id, t.parent_id FROM tenant t JOIN up ON t.id = up.parent_id
        )
        SELECT coalesce(array_agg(up.id), '{}') INTO v_lineage FROM up;
        IF NOT v_acts = ANY (v_lineage) THEN
            RAISE EXCEPTION 'no such tenant' USING ERRCODE = 'insufficient_privilege';
        END IF;
        IF p_kind = 'supervisor' AND (v_acts = v_post.tenant_id OR NOT v_post.tenant_id = ANY (v_lineage)) THEN
            RAISE EXCEPTION 'not a bureau below' USING ERRCODE = 'insufficient_privilege';
        END IF;
        SELECT v_lineage || coalesce(array_agg(g.tenant_id), '{}') INTO v_libraries
            FROM library_grant g WHERE g.grantee_id = v_acts AND g.ended_at IS NULL;
    END IF;
    PERFORM set_config('portal.kind', v_kind, true),
        set_config('portal.account', coalesce(p_account::text, ''), true),
        set_config('portal.tenants', array_to_string(v_reads, ','), true),
        set_config('portal.writes', array_to_string(v_writes, ','), true),
        set_config('portal.guests', array_to_string(v_guests, ','), true),
        set_config('portal.lineage', array_to_string(v_lineage, ','), true),
        set_config('portal.libraries', array_to_string(v_libraries, ','), true),
        set_config('portal.roles', coalesce(v_post.role, ''), true),
        set_config('portal.parties', concat_ws(',', v_post.party_id, v_post.section_id), true);
    RETURN QUERY SELECT clock_timestamp(), v_acts;
END
"""
FIND = "portal_find_account(p_username text) RETURNS TABLE (id uuid, name text, password text)"
FIND_BODY = """
BEGIN
    RETURN QUERY SELECT a.id, a.name, a.password
        FROM account a WHERE a.username = p_username AND a.closed_at IS NULL;
END
"""
ATTEMPT = (
    "portal_attempt_sign_in(p_username text, p_limit integer, p_minutes integer)"
    " RETURNS TABLE (admitted boolean, locked_until timestamptz)"
)
ATTEMPT_BODY = """
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
OPEN = "portal_open_sign_in(p_account uuid, p_token bytea) RETURNS void"
OPEN_BODY = """
BEGIN
    DELETE FROM failed_sign_in WHERE digest =
        (SELECT sha256(convert_to(a.username, 'UTF8')) FROM account a WHERE a.id = p_account);
    INSERT INTO sign_in (id, account_id, token, opened_at, seen_at)
        VALUES (gen_random_uuid(), p_account, p_token, clock_timestamp(), clock_timestamp());
END
"""
CLOSE = "portal_end_sign_in(p_token bytea) RETURNS void"
CLOSE_BODY = """
BEGIN
    UPDATE sign_in SET ended_at = clock_timestamp() WHERE token = p_token AND ended_at IS NULL;
END
"""
LOAD = "portal_load_sign_in(p_token bytea, p_idle_minutes integer) RETURNS jsonb"
LOAD_BODY = """
DECLARE v_in sign_in%ROWTYPE; v_account account%ROWTYPE;
BEGIN
    SELECT * INTO v_in FROM sign_in WHERE token = p_token AND ended_at IS NULL;
    IF NOT FOUND OR v_in.seen_at < clock_timestamp() - make_interval(mins => p_idle_minutes) THEN
        RETURN NULL;
    END IF;
    SELECT * INTO v_account FROM account WHERE id = v_in.account_id AND closed_at IS NULL;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    IF v_in.seen_at < clock_timestamp() - interval '1 minute' THEN
        UPDATE sign_in SET seen_at = clock_timestamp() WHERE id = v_in.id;
    END IF;
    RETURN jsonb_build_object(
        'account', v_account.id, 'name', v_account.name, 'username', v_account.username,
        'must_change', v_account.must_change,
        'consent', (SELECT c.notice_version FROM consent c
            WHERE c.account_id = v_account.id ORDER BY c.given_at DESC LIMIT 1),
        'posts', (SELECT coalesce(jsonb_agg(jsonb_build_object(
            'id', p.id, 'role', p.role, 'tenant_id', t.id, 'tenant_code', t.code, 'tenant_name', t.name,
            'is_demo', coalesce(t.is_demo, false), 'section_id', p.section_id, 'party_id', p.party_id,
            'place', coalesce(s.name, p.party_name)) ORDER BY t.code, p.began_at, p.id), '[]')
            FROM post p LEFT JOIN tenant t ON t.id = p.tenant_id LEFT JOIN section s ON s.id = p.section_id
            WHERE p.account_id = v_account.id AND p.ended_at IS NULL));
END
"""
SET_PASSWORD = "portal_set_password(p_account uuid, p_password text, p_keep bytea) RETURNS void"
SET_PASSWORD_BODY = """
BEGIN
    UPDATE account SET password = p_password, must_change = false WHERE id = p_account;
    UPDATE sign_in SET ended_at = clock_timestamp()
        WHERE account_id = p_account AND ended_at IS NULL AND token <> p_keep;
END
"""
NEW = "portal_new_account(p_username text, p_name text, p_password text) RETURNS uuid"
NEW_BODY = """
DECLARE v_id uuid := gen_random_uuid();
BEGIN
    IF current_setting('portal.kind', true) IS DISTINCT FROM 'operator'
        AND coalesce(current_setting('portal.writes', true), '') = '' THEN
        RAISE EXCEPTION 'a bureau or the operator opens accounts' USING ERRCODE = 'insufficient_privilege';
    END IF;
    INSERT INTO account (id, username, name, password, must_change)
        VALUES (v_id, p_username, p_name, p_password, p_password IS NULL);
    RETURN v_id;
END
"""
NAMED = "portal_accounts_named(p_usernames text[]) RETURNS TABLE (id uuid, username text, name text)"
NAMED_BODY = """
BEGIN
    RETURN QUERY SELECT a.id, a.username, a.name FROM account a
        WHERE a.username = ANY (p_usernames) AND a.closed_at IS NULL
            AND (current_setting('portal.kind', true) = 'operator'
                OR coalesce(current_setting('portal.tenants', true), '') <> '');
END
"""
HOME = "portal_home_of(p_account uuid) RETURNS uuid"
HOME_BODY = """
BEGIN
    RETURN (SELECT p.tenant_id FROM post p WHERE p.account_id = p_account ORDER BY p.began_at, p.id LIMIT 1);
END
"""
ELSEWHERE = "portal_roles_elsewhere(p_account uuid, p_tenant uuid) RETURNS TABLE (role text)"
ELSEWHERE_BODY = """
BEGIN
    RETURN QUERY SELECT DISTINCT p.role FROM post p
        WHERE p.account_id = p_account AND p.tenant_id IS DISTINCT FROM p_tenant AND p.ended_at IS NULL
            AND (current_setting('portal.kind', true) = 'operator'
                OR p_tenant::text = current_setting('portal.writes', true));
END
"""
HELD = (
    "portal_accounts_of(p_accounts uuid[]) RETURNS TABLE (id uuid, username text, name text,"
    " locked_until timestamptz, has_password boolean, last_seen timestamptz, home uuid)"
)
HELD_BODY = """
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
UNLOCK = "portal_unlock(p_account uuid) RETURNS void"
UNLOCK_BODY = """
BEGIN
    DELETE FROM failed_sign_in WHERE digest =
        (SELECT sha256(convert_to(a.username, 'UTF8')) FROM account a WHERE a.id = p_account);
END
"""
ISSUE = "portal_issue_code(p_account uuid, p_digest bytea, p_days integer) RETURNS timestamptz"
ISSUE_BODY = """
DECLARE v_until timestamptz := clock_timestamp() + make_interval(days => p_days);
BEGIN
    IF current_setting('portal.kind', true) <> 'operator' AND portal_home_of(p_account)::text
        IS DISTINCT FROM nullif(current_setting('portal.writes', true), '') THEN
        RAISE EXCEPTION 'another bureau opened this account' USING ERRCODE = 'insufficient_privilege';
    END IF;
    UPDATE one_time_code SET used_at = clock_timestamp() WHERE account_id = p_account AND used_at IS NULL;
    INSERT INTO one_time_code (id, account_id, digest, issued_at, expires_at)
        VALUES (gen_random_uuid(), p_account, p_digest, clock_timestamp(), v_until);
    RETURN v_until;
END
"""
REDEEM = "portal_redeem_code(p_username text, p_digest bytea, p_password text) RETURNS uuid"
REDEEM_BODY = """
DECLARE v_account uuid;
BEGIN
    UPDATE one_time_code c SET used_at = clock_timestamp() FROM account a
        WHERE a.id = c.account_id AND c.digest = p_digest AND a.username = p_username AND a.closed_at IS NULL
            AND c.used_at IS NULL AND c.expires_at > clock_timestamp()
        RETURNING a.id INTO v_account;
    IF v_account IS NOT NULL THEN
        UPDATE account SET password = p_password, must_change = false WHERE id = v_account;
        UPDATE sign_in SET ended_at = clock_timestamp() WHERE account_id = v_account AND ended_at IS NULL;
    END IF;
    RETURN v_account;
END
"""
KEEP = "portal_keep_personal(p_owner uuid, p_field text, p_ciphertext bytea) RETURNS void"
KEEP_BODY = """
DECLARE v_tenant uuid := nullif(current_setting('portal.writes', true), '')::uuid;
BEGIN
    IF v_tenant IS NULL THEN
        RAISE EXCEPTION 'no tenant to write in' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF p_ciphertext IS NULL THEN
        DELETE FROM personal_datum WHERE tenant_id = v_tenant AND owner_id = p_owner AND field = p_field;
    ELSE
        INSERT INTO personal_datum (id, tenant_id, owner_id, field, ciphertext)
            VALUES (gen_random_uuid(), v_tenant, p_owner, p_field, p_ciphertext)
            ON CONFLICT (tenant_id, owner_id, field) DO UPDATE SET ciphertext = excluded.ciphertext;
    END IF;
END
"""
REVEAL = "portal_reveal_personal(p_tenant uuid, p_owner uuid, p_field text, p_roles text[]) RETURNS bytea"
REVEAL_BODY = """
BEGIN
    IF NOT current_setting('portal.roles', true) = ANY (p_roles)
        OR NOT p_tenant = ANY (string_to_array(concat_ws(',', nullif(current_setting('portal.tenants', true), ''),
            nullif(current_setting('portal.libraries', true), '')), ',')::uuid[]) THEN
        RAISE EXCEPTION 'not granted' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN (SELECT ciphertext FROM personal_datum
        WHERE tenant_id = p_tenant AND owner_id = p_owner AND field = p_field);
END
"""
FUNCTIONS = (
    (ENTER, ENTER_BODY),
    (FIND, FIND_BODY),
    (ATTEMPT, ATTEMPT_BODY),
    (OPEN, OPEN_BODY),
    (CLOSE, CLOSE_BODY),
    (LOAD, LOAD_BODY),
    (SET_PASSWORD, SET_PASSWORD_BODY),
    (NEW, NEW_BODY),
    (NAMED, NAMED_BODY),
    (HOME, HOME_BODY),
    (ELSEWHERE, ELSEWHERE_BODY),
    (HELD, HELD_BODY),
    (UNLOCK, UNLOCK_BODY),
    (ISSUE, ISSUE_BODY),
    (REDEEM, REDEEM_BODY),
    (KEEP, KEEP_BODY),
    (REVEAL, REVEAL_BODY),
)


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("password", sa.Text(), nullable=True),
        sa.Column("must_change", sa.Boolean(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("username", name=op.f("uq_account_username")),
    )
    op.create_table(
        "failed_sign_in",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_failed_sign_in")),
    )
    op.create_index(op.f("ix_failed_sign_in_failed_at"), "failed_sign_in", ["failed_at"], unique=False)
    op.create_table(
        "consent",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("notice_version", sa.Text(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_consent_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
    )
    op.create_index(op.f("ix_consent_account_id"), "consent", ["account_id"], unique=False)
    op.create_table(
        "one_time_code",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_one_time_code_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_one_time_code")),
        sa.UniqueConstraint("digest", name=op.f("uq_one_time_code_digest")),
    )
    op.create_table(
        "sign_in",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("token", sa.LargeBinary(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_sign_in_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in")),
        sa.UniqueConstraint("token", name=op.f("uq_sign_in_token")),
    )
    op.create_table(
        "personal_datum",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("ciphertext", sa.LargeBinary(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_personal_datum_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_personal_datum")),
        sa.UniqueConstraint(
            "tenant_id", "owner_id", "field", name=op.f("uq_personal_datum_tenant_id_owner_id_field")
        ),
    )
    op.create_table(
        "post",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=True),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("section_id", sa.Uuid(), nullable=True),
        sa.Column("party_id", sa.Uuid(), nullable=True),
        sa.Column("party_name", sa.Text(), nullable=False),
        sa.Column(
            "began_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(role = 'operator') = (tenant_id IS NULL)", name=op.f("ck_post_operator_has_no_tenant")
        ),
        sa.CheckConstraint(
            "(role IN ('expert', 'firm_handler', 'firm_signatory', 'lead_evaluator', 'unit_handler', 'unit_head')) = (party_id IS NOT NULL)",
            name=op.f("ck_post_outside_names_its_party"),
        ),
        sa.CheckConstraint(
            "role IN ('handler', 'checker', 'approver', 'buyer', 'opener', 'panel_member', 'panel_chair', 'complaint_officer', 'inspector', 'organiser', 'payer', 'supervisor', 'system_admin', 'security_admin', 'audit_admin', 'expert', 'firm_handler', 'firm_signatory', 'lead_evaluator', 'unit_handler', 'unit_head', 'operator')",
            name=op.f("ck_post_role"),
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_post_account_id")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_post_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_post_tenant_id_id")),
    )
    op.create_index(op.f("ix_post_account_id"), "post", ["account_id"], unique=False)
    op.create_index(
        "uq_post_once",
        "post",
        ["tenant_id", "account_id", "role", sa.literal_column("coalesce(section_id, party_id)")],
        unique=True,
        postgresql_nulls_not_distinct=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    for table, protection in PROTECTIONS.items():
        protect(table, protection)
    for signature, code in FUNCTIONS:
        definer(signature, code)


def downgrade() -> None:
    for signature, _ in reversed(FUNCTIONS):
        drop(signature)
    op.drop_table("post")
    op.drop_table("personal_datum")
    op.drop_table("sign_in")
    op.drop_table("one_time_code")
    op.drop_table("consent")
    op.drop_table("failed_sign_in")
    op.drop_table("account")
