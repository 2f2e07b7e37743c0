"""Appraisals of both parties: sheets, and what stands in them, guarded by a trigger once locked."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from tenants.migration import protect
from tenants.rowsecurity import TENANT_READ, TENANT_WRITE, Protection, Rows, ids, setting, shared_with

revision = "0023"
down_revision = "0022"

BY_SYSTEM = f"{setting('kind')} = 'system'"
PROTECTED = {
    "appraisal": shared_with("readers"),
    "appraisal_sheet": shared_with("readers"),
    "appraisal_content": Protection(
        Rows.CONFIDENTIAL,
        f"(tenant_id = ANY ({ids('guests')}) AND readers && {ids('parties')})"
        f" OR ({TENANT_READ} AND (released_at IS NOT NULL OR party <> 'unit' OR {BY_SYSTEM}))",
        f"{TENANT_WRITE} AND (party <> 'unit' OR {BY_SYSTEM})",
    ),
}
GUARD = """
CREATE FUNCTION portal_appraisal_locked() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
BEGIN
    IF OLD.locked_at IS NULL THEN
        RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    IF TG_OP = 'DELETE' OR (NEW.entries, NEW.sources, NEW.points, NEW.total, NEW.digest, NEW.nonce, NEW.locked_at,
            NEW.sheet_id, NEW.party) IS DISTINCT FROM (OLD.entries, OLD.sources, OLD.points, OLD.total, OLD.digest,
            OLD.nonce, OLD.locked_at, OLD.sheet_id, OLD.party) OR (OLD.released_at IS NOT NULL
            AND NEW.released_at IS DISTINCT FROM OLD.released_at) THEN
        RAISE EXCEPTION 'a locked sheet does not change' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END
$body$
"""


def upgrade() -> None:
    op.create_table(
        "appraisal",
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("contract_name", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("firm_id", sa.Uuid(), nullable=False),
        sa.Column("firm_name", sa.Text(), nullable=False),
        sa.Column("lead_evaluator", sa.Text(), nullable=False),
        sa.Column("section_id", sa.Uuid(), nullable=True),
        sa.Column("terms_id", sa.Uuid(), nullable=False),
        sa.Column("rule_set_id", sa.Uuid(), nullable=False),
        sa.Column("weight_unit", sa.Numeric(precision=5, scale=4), nullable=False),
        sa.Column("weight_finance", sa.Numeric(precision=5, scale=4), nullable=False),
        sa.Column("gap_limit", sa.Numeric(precision=5, scale=2), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("plan_mean", sa.Numeric(precision=5, scale=2), nullable=True),
        sa.Column("report_mean", sa.Numeric(precision=5, scale=2), nullable=True),
        sa.Column("days_agreed", sa.Integer(), nullable=False),
        sa.Column("days_present", sa.Integer(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("late_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("unit_score", sa.Numeric(precision=5, scale=2), nullable=True),
        sa.Column("finance_score", sa.Numeric(precision=5, scale=2), nullable=True),
        sa.Column("score", sa.Numeric(precision=5, scale=2), nullable=True),
        sa.Column("vetoed", sa.Boolean(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.Column("last_reason", sa.Text(), nullable=True),
        sa.Column("talked_on", sa.Date(), nullable=True),
        sa.Column("talk", sa.Text(), nullable=False),
        sa.Column("talk_file_id", sa.Uuid(), nullable=True),
        sa.Column("readers", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("touched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(state = 'final') = (score IS NOT NULL)", name=op.f("ck_appraisal_final_has_score")
        ),
        sa.CheckConstraint("(state = 'open') = (ended_at IS NULL)", name=op.f("ck_appraisal_ended_has_time")),
        sa.CheckConstraint("basis IN ('pending', 'sampled', 'unsampled')", name=op.f("ck_appraisal_basis")),
        sa.CheckConstraint(
            "state <> 'closed' OR last_reason IS NOT NULL", name=op.f("ck_appraisal_closed_for_a_reason")
        ),
        sa.CheckConstraint("state IN ('open', 'final', 'closed')", name=op.f("ck_appraisal_state")),
        sa.CheckConstraint(
            "score IS NULL OR released_at IS NOT NULL", name=op.f("ck_appraisal_score_after_release")
        ),
        sa.CheckConstraint("weight_unit + weight_finance = 1", name=op.f("ck_appraisal_party_weights")),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name=op.f("fk_appraisal_firm_id")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "contract_id"],
            ["contract.tenant_id", "contract.id"],
            name=op.f("fk_appraisal_tenant_id_contract_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "section_id"],
            ["section.tenant_id", "section.id"],
            name=op.f("fk_appraisal_tenant_id_section_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "talk_file_id"],
            ["stored_file.tenant_id", "stored_file.id"],
            name=op.f("fk_appraisal_tenant_id_talk_file_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "terms_id"],
            ["quality_terms.tenant_id", "quality_terms.id"],
            name=op.f("fk_appraisal_tenant_id_terms_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_appraisal_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appraisal")),
        sa.UniqueConstraint("tenant_id", "contract_id", name=op.f("uq_appraisal_tenant_id_contract_id")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_appraisal_tenant_id_id")),
    )
    op.create_index("ix_appraisal_touched", "appraisal", ["tenant_id", "touched_at", "id"], unique=False)
    op.create_index("ix_appraisal_year", "appraisal", ["tenant_id", "year", "state"], unique=False)
    op.create_table(
        "appraisal_sheet",
        sa.Column("appraisal_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("party", sa.Text(), nullable=False),
        sa.Column("party_id", sa.Uuid(), nullable=True),
        sa.Column("party_name", sa.Text(), nullable=False),
        sa.Column("form_code", sa.Text(), nullable=False),
        sa.Column("form_version", sa.Integer(), nullable=False),
        sa.Column("form_name", sa.Text(), nullable=False),
        sa.Column("due_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signer_id", sa.Uuid(), nullable=True),
        sa.Column("signer", sa.Text(), nullable=True),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("head", sa.Text(), nullable=True),
        sa.Column("locked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("returned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("explained_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("readers", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("touched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(state = 'locked') = (locked_at IS NOT NULL)", name=op.f("ck_appraisal_sheet_locked_has_time")
        ),
        sa.CheckConstraint(
            "(state = 'open') = (signed_at IS NULL)", name=op.f("ck_appraisal_sheet_signed_has_time")
        ),
        sa.CheckConstraint(
            "party = 'finance' OR party_id IS NOT NULL", name=op.f("ck_appraisal_sheet_unit_is_somebody")
        ),
        sa.CheckConstraint("party IN ('unit', 'finance')", name=op.f("ck_appraisal_sheet_party")),
        sa.CheckConstraint("state IN ('open', 'signed', 'locked')", name=op.f("ck_appraisal_sheet_state")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "appraisal_id"],
            ["appraisal.tenant_id", "appraisal.id"],
            name=op.f("fk_appraisal_sheet_tenant_id_appraisal_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_appraisal_sheet_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appraisal_sheet")),
        sa.UniqueConstraint(
            "tenant_id",
            "appraisal_id",
            "form_code",
            "party_id",
            name=op.f("uq_appraisal_sheet_tenant_id_appraisal_id_form_code_party_id"),
        ),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_appraisal_sheet_tenant_id_id")),
    )
    op.create_table(
        "appraisal_content",
        sa.Column("sheet_id", sa.Uuid(), nullable=False),
        sa.Column("appraisal_id", sa.Uuid(), nullable=False),
        sa.Column("party", sa.Text(), nullable=False),
        sa.Column("readers", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("entries", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("sources", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("points", sa.Numeric(precision=5, scale=2), nullable=True),
        sa.Column("total", sa.Numeric(precision=5, scale=2), nullable=True),
        sa.Column("nonce", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=True),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("locked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("return_reason", sa.Text(), nullable=False),
        sa.Column("gap_reason", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("party IN ('unit', 'finance')", name=op.f("ck_appraisal_content_party")),
        sa.CheckConstraint(
            "locked_at IS NULL OR (total IS NOT NULL AND digest IS NOT NULL)",
            name=op.f("ck_appraisal_content_locked_is_whole"),
        ),
        sa.CheckConstraint(
            "released_at IS NULL OR locked_at IS NOT NULL",
            name=op.f("ck_appraisal_content_released_is_locked"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "appraisal_id"],
            ["appraisal.tenant_id", "appraisal.id"],
            name=op.f("fk_appraisal_content_tenant_id_appraisal_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "sheet_id"],
            ["appraisal_sheet.tenant_id", "appraisal_sheet.id"],
            name=op.f("fk_appraisal_content_tenant_id_sheet_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_appraisal_content_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appraisal_content")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_appraisal_content_tenant_id_id")),
        sa.UniqueConstraint("tenant_id", "sheet_id", name=op.f("uq_appraisal_content_tenant_id_sheet_id")),
    )
    op.create_index(
        "ix_appraisal_content_appraisal", "appraisal_content", ["tenant_id", "appraisal_id"], unique=False
    )
    op.execute(GUARD)
    op.execute(
        "CREATE TRIGGER locked BEFORE UPDATE OR DELETE ON appraisal_content"
        " FOR EACH ROW EXECUTE FUNCTION portal_appraisal_locked()"
    )
    for table, protection in PROTECTED.items():
        protect(table, protection)


def downgrade() -> None:
    for table in reversed(PROTECTED):
        op.drop_table(table)
    op.execute("DROP FUNCTION portal_appraisal_locked()")
