"""Rounds, seats and score sheets; an expert's open load, counted and locked on the membership."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from tenants.migration import definer, drop, protect
from tenants.rowsecurity import (
    TENANT,
    TENANT_READ,
    TENANT_WRITE,
    Protection,
    Rows,
    ids,
    setting,
    shared_with,
)

revision = "0021"
down_revision = "0020"

_OWN = f"expert_id = ANY ({ids('parties')})"
_SYSTEM = f"{setting('kind')} = 'system'"
SHEETS = Protection(
    Rows.CONFIDENTIAL,
    f"({_OWN}) OR ({TENANT_READ} AND (released_at IS NOT NULL OR {_SYSTEM}))",
    f"{TENANT_WRITE} AND {_SYSTEM}",
)
_MEMBERS = f"tenant_id = ANY ({ids('libraries')}) AND {setting('tenants')} <> ''"
MEMBERSHIP = Protection(Rows.INHERITED, _MEMBERS, TENANT_WRITE)
COUNTED_MEMBERSHIP = Protection(Rows.INHERITED, _MEMBERS, TENANT_WRITE, definer=True)
TABLES = {
    "round": shared_with("readers"),
    "seat": shared_with("readers"),
    "sheet": SHEETS,
    "employer_match": TENANT,
}
LOCKED = """
CREATE FUNCTION portal_sheet_locked() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    IF OLD.state <> 'open' AND (TG_OP = 'DELETE' OR NEW.state = 'open' OR
        (NEW.round_id, NEW.seat_id, NEW.expert_id, NEW.subject_id, NEW.stage, NEW.form_code, NEW.form_version,
            NEW.file_id, NEW.edition, NEW.nonce, NEW.entries, NEW.total, NEW.handed_in_at)
        IS DISTINCT FROM
        (OLD.round_id, OLD.seat_id, OLD.expert_id, OLD.subject_id, OLD.stage, OLD.form_code, OLD.form_version,
            OLD.file_id, OLD.edition, OLD.nonce, OLD.entries, OLD.total, OLD.handed_in_at))
    THEN
        RAISE EXCEPTION 'a sheet handed in never changes' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END
$body$
"""
TRIGGER = """
CREATE TRIGGER locked BEFORE UPDATE OR DELETE ON sheet
    FOR EACH ROW EXECUTE FUNCTION portal_sheet_locked()
"""
_OPEN_LIBRARIES = "(string_to_array(nullif(current_setting('portal.libraries', true), ''), ','))::uuid[]"
_ONE_AT_A_TIME = "PERFORM pg_advisory_xact_lock(hashtextextended('portal.load', 0));"
TAKE = "portal_take_load(p_member uuid, p_most integer) RETURNS boolean"
TAKE_BODY = f"""
BEGIN
    IF current_setting('portal.kind', true) <> 'system' THEN
        RAISE EXCEPTION 'only a bureau counts seats' USING ERRCODE = 'insufficient_privilege';
    END IF;
    {_ONE_AT_A_TIME}
    UPDATE membership SET open_load = open_load + 1
        WHERE id = p_member AND tenant_id = ANY ({_OPEN_LIBRARIES}) AND open_load < p_most;
    RETURN FOUND;
END
"""
GIVE = "portal_give_back_load(p_member uuid) RETURNS boolean"
GIVE_BODY = f"""
BEGIN
    IF current_setting('portal.kind', true) <> 'system' THEN
        RAISE EXCEPTION 'only a bureau counts seats' USING ERRCODE = 'insufficient_privilege';
    END IF;
    {_ONE_AT_A_TIME}
    UPDATE membership SET open_load = open_load - 1
        WHERE id = p_member AND tenant_id = ANY ({_OPEN_LIBRARIES}) AND open_load > 0;
    RETURN FOUND;
END
"""
ACCOUNTS = (
    "portal_expert_accounts(p_members uuid[])"
    " RETURNS TABLE (member_id uuid, party_id uuid, account_id uuid, holder text, tenant_id uuid)"
)
ACCOUNTS_BODY = f"""
BEGIN
    IF coalesce(current_setting('portal.tenants', true), '') = '' THEN
        RETURN;
    END IF;
    RETURN QUERY SELECT m.id, p.party_id, p.account_id, p.holder, p.tenant_id
        FROM membership m
        JOIN membership same ON same.expert_id = m.expert_id
        JOIN post p ON p.party_id = same.id AND p.role = 'expert' AND p.ended_at IS NULL
        WHERE m.id = ANY (p_members) AND m.tenant_id = ANY ({_OPEN_LIBRARIES})
        ORDER BY m.id, p.began_at, p.id;
END
"""
FUNCTIONS = ((TAKE, TAKE_BODY), (GIVE, GIVE_BODY), (ACCOUNTS, ACCOUNTS_BODY))


def upgrade() -> None:
    op.add_column("membership", sa.Column("open_load", sa.Integer(), server_default="0", nullable=False))
    op.create_check_constraint("open_load", "membership", "open_load >= 0")
    protect("membership", COUNTED_MEMBERSHIP)
    op.create_table(
        "round",
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("tender_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("section_id", sa.Uuid(), nullable=True),
        sa.Column("firm_id", sa.Uuid(), nullable=False),
        sa.Column("firm_name", sa.Text(), nullable=False),
        sa.Column("terms_id", sa.Uuid(), nullable=False),
        sa.Column("rule_set_id", sa.Uuid(), nullable=False),
        sa.Column("subjects", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("sample_size", sa.Integer(), nullable=True),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("min_valid_sheets", sa.Integer(), nullable=False),
        sa.Column("trim_extremes", sa.Boolean(), nullable=False),
        sa.Column("weight_plan", sa.Numeric(precision=5, scale=4), nullable=False),
        sa.Column("weight_report", sa.Numeric(precision=5, scale=4), nullable=False),
        sa.Column("scoring_workdays", sa.Integer(), nullable=False),
        sa.Column("objection_workdays", sa.Integer(), nullable=False),
        sa.Column("forms", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("sampled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("draw_id", sa.Uuid(), nullable=True),
        sa.Column("unfilled", sa.Integer(), nullable=False),
        sa.Column("scored_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("result", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("quality_score", sa.Numeric(precision=5, scale=2), nullable=True),
        sa.Column("plan_mean", sa.Numeric(precision=5, scale=2), nullable=True),
        sa.Column("report_mean", sa.Numeric(precision=5, scale=2), nullable=True),
        sa.Column("vetoed", sa.Boolean(), nullable=True),
        sa.Column("veto_reason", sa.Text(), nullable=True),
        sa.Column("veto_ruler", sa.Text(), nullable=True),
        sa.Column("notified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("objection_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("objected_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("objector", sa.Text(), nullable=True),
        sa.Column("objection", sa.Text(), nullable=True),
        sa.Column("objection_file_id", sa.Uuid(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answerer", sa.Text(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("concurrer", sa.Text(), nullable=True),
        sa.Column("final_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("readers", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("touched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(state = 'final') = (final_at IS NOT NULL)", name=op.f("ck_round_final_has_time")
        ),
        sa.CheckConstraint(
            "state IN ('planned', 'sampling', 'drawing', 'scoring', 'supplementing', 'scored', 'notified', 'objected', 'final')",
            name=op.f("ck_round_state"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('notified', 'objected', 'final') OR notified_at IS NOT NULL",
            name=op.f("ck_round_notified_has_time"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('scored', 'notified', 'objected', 'final') OR scored_at IS NOT NULL",
            name=op.f("ck_round_scored_has_time"),
        ),
        sa.CheckConstraint(
            "(objected_at IS NULL) = (objection IS NULL)", name=op.f("ck_round_objection_has_reason")
        ),
        sa.CheckConstraint("places > 0 AND min_valid_sheets > 0", name=op.f("ck_round_places")),
        sa.CheckConstraint(
            "vetoed IS NULL OR veto_reason IS NOT NULL", name=op.f("ck_round_veto_has_reason")
        ),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name=op.f("fk_round_firm_id")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "contract_id"],
            ["contract.tenant_id", "contract.id"],
            name=op.f("fk_round_tenant_id_contract_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "draw_id"], ["draw.tenant_id", "draw.id"], name=op.f("fk_round_tenant_id_draw_id")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "objection_file_id"],
            ["stored_file.tenant_id", "stored_file.id"],
            name=op.f("fk_round_tenant_id_objection_file_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "section_id"],
            ["section.tenant_id", "section.id"],
            name=op.f("fk_round_tenant_id_section_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "terms_id"],
            ["quality_terms.tenant_id", "quality_terms.id"],
            name=op.f("fk_round_tenant_id_terms_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_round_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_round")),
        sa.UniqueConstraint("tenant_id", "contract_id", name=op.f("uq_round_tenant_id_contract_id")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_round_tenant_id_id")),
    )
    op.create_index("ix_round_touched", "round", ["tenant_id", "touched_at", "id"], unique=False)
    op.create_index("ix_round_year", "round", ["tenant_id", "year", "state"], unique=False)
    op.create_table(
        "seat",
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("draw_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("expert_id", sa.Uuid(), nullable=False),
        sa.Column("expert_name", sa.Text(), nullable=False),
        sa.Column("employer", sa.Text(), nullable=False),
        sa.Column("has_account", sa.Boolean(), nullable=False),
        sa.Column("round_name", sa.Text(), nullable=False),
        sa.Column("firm_name", sa.Text(), nullable=False),
        sa.Column("work", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("weight_plan", sa.Numeric(5, 4), nullable=False),
        sa.Column("weight_report", sa.Numeric(5, 4), nullable=False),
        sa.Column("scoring_workdays", sa.Integer(), nullable=False),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("offer_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("replied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("declaration", sa.Text(), nullable=True),
        sa.Column("declining", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("score_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_late", sa.Boolean(), nullable=False),
        sa.Column("sheets", sa.Integer(), nullable=False),
        sa.Column("handed_in", sa.Integer(), nullable=False),
        sa.Column("loads", sa.Boolean(), nullable=False),
        sa.Column("readers", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("touched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "declining IS NULL OR declining IN ('conflict', 'time', 'field', 'health', 'other')",
            name=op.f("ck_seat_declining"),
        ),
        sa.CheckConstraint(
            "state <> 'accepted' OR (declaration IS NOT NULL AND score_by IS NOT NULL)",
            name=op.f("ck_seat_accepted_declared"),
        ),
        sa.CheckConstraint(
            "state IN ('offered', 'accepted', 'declined', 'lapsed', 'passed', 'recused')",
            name=op.f("ck_seat_state"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('passed', 'recused') OR reason IS NOT NULL",
            name=op.f("ck_seat_ended_for_a_reason"),
        ),
        sa.CheckConstraint("handed_in BETWEEN 0 AND sheets", name=op.f("ck_seat_handed_in")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "draw_id"], ["draw.tenant_id", "draw.id"], name=op.f("fk_seat_tenant_id_draw_id")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "round_id"],
            ["round.tenant_id", "round.id"],
            name=op.f("fk_seat_tenant_id_round_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_seat_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seat")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_seat_tenant_id_id")),
        sa.UniqueConstraint(
            "tenant_id", "round_id", "expert_id", name=op.f("uq_seat_tenant_id_round_id_expert_id")
        ),
    )
    op.create_index("ix_seat_expert", "seat", ["tenant_id", "expert_id"], unique=False)
    op.create_table(
        "sheet",
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("seat_id", sa.Uuid(), nullable=False),
        sa.Column("expert_id", sa.Uuid(), nullable=False),
        sa.Column("expert_name", sa.Text(), nullable=False),
        sa.Column("round_name", sa.Text(), nullable=False),
        sa.Column("firm_name", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("subject_name", sa.Text(), nullable=False),
        sa.Column("unit_name", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("form_code", sa.Text(), nullable=False),
        sa.Column("form_version", sa.Integer(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("nonce", sa.Text(), nullable=False),
        sa.Column("entries", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("total", sa.Numeric(precision=5, scale=2), nullable=True),
        sa.Column("score_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("handed_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("touched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("stage IN ('plan', 'report')", name=op.f("ck_sheet_stage")),
        sa.CheckConstraint(
            "state <> 'handed_in' OR (total IS NOT NULL AND handed_in_at IS NOT NULL)",
            name=op.f("ck_sheet_handed_in_whole"),
        ),
        sa.CheckConstraint("state <> 'open' OR total IS NULL", name=op.f("ck_sheet_open_has_no_total")),
        sa.CheckConstraint("state <> 'void' OR reason IS NOT NULL", name=op.f("ck_sheet_void_for_a_reason")),
        sa.CheckConstraint("state IN ('open', 'handed_in', 'void')", name=op.f("ck_sheet_state")),
        sa.CheckConstraint("total BETWEEN 0 AND 100", name=op.f("ck_sheet_total")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "file_id"],
            ["stored_file.tenant_id", "stored_file.id"],
            name=op.f("fk_sheet_tenant_id_file_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "round_id"],
            ["round.tenant_id", "round.id"],
            name=op.f("fk_sheet_tenant_id_round_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "seat_id"], ["seat.tenant_id", "seat.id"], name=op.f("fk_sheet_tenant_id_seat_id")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "subject_id"],
            ["subject.tenant_id", "subject.id"],
            name=op.f("fk_sheet_tenant_id_subject_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_sheet_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sheet")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_sheet_tenant_id_id")),
        sa.UniqueConstraint(
            "tenant_id",
            "seat_id",
            "subject_id",
            "stage",
            "edition",
            name=op.f("uq_sheet_tenant_id_seat_id_subject_id_stage_edition"),
        ),
    )
    op.create_index("ix_sheet_expert", "sheet", ["tenant_id", "expert_id"], unique=False)
    op.create_index("ix_sheet_round", "sheet", ["tenant_id", "round_id"], unique=False)
    op.create_table(
        "employer_match",
        sa.Column("expert_id", sa.Uuid(), nullable=False),
        sa.Column("expert_name", sa.Text(), nullable=False),
        sa.Column("employer", sa.Text(), nullable=False),
        sa.Column("bare", sa.Text(), nullable=False),
        sa.Column("other_id", sa.Uuid(), nullable=False),
        sa.Column("other_name", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("found_by", sa.Text(), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("verdict IN ('confirmed', 'rejected')", name=op.f("ck_employer_match_verdict")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_employer_match_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_employer_match")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_employer_match_tenant_id_id")),
    )
    op.create_index(
        "uq_employer_match_live",
        "employer_match",
        ["tenant_id", "expert_id", "bare", "other_id"],
        unique=True,
        postgresql_where="ended_at IS NULL",
    )
    for table, protection in TABLES.items():
        protect(table, protection)
    op.execute(LOCKED)
    op.execute(TRIGGER)
    for signature, body in FUNCTIONS:
        definer(signature, body)


def downgrade() -> None:
    for signature, _ in FUNCTIONS:
        drop(signature)
    op.execute("DROP TRIGGER locked ON sheet")
    op.execute("DROP FUNCTION portal_sheet_locked()")
    for table in reversed(TABLES):
        op.drop_table(table)
    op.drop_constraint("ck_membership_open_load", "membership")
    op.drop_column("membership", "open_load")
    protect("membership", MEMBERSHIP)
