"""Deliverables with their versions, consultations of units, field visits, and material lent."""

import sqlalchemy as sa
from alembic import op

from tenants.migration import protect
from tenants.rowsecurity import shared_with

revision = "0019"
down_revision = "0018"

TABLES = (
    "deliverable",
    "deliverable_version",
    "consultation",
    "opinion",
    "field_visit",
    "material",
)

FREEZE = """
CREATE FUNCTION portal_version_kept() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.decision IS NOT NULL
        OR (OLD.tenant_id, OLD.deliverable_id, OLD.number, OLD.file_id, OLD.file_name, OLD.size, OLD.digest,
            OLD.note, OLD.lead_confirmed, OLD.submitted_by, OLD.submitted_at)
        IS DISTINCT FROM
           (NEW.tenant_id, NEW.deliverable_id, NEW.number, NEW.file_id, NEW.file_name, NEW.size, NEW.digest,
            NEW.note, NEW.lead_confirmed, NEW.submitted_by, NEW.submitted_at) THEN
        RAISE EXCEPTION 'a version handed in never changes' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END
$body$
"""
TRIGGER = """
CREATE TRIGGER kept BEFORE UPDATE OR DELETE ON deliverable_version
    FOR EACH ROW EXECUTE FUNCTION portal_version_kept()
"""


def upgrade() -> None:
    op.create_table(
        "deliverable",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("lead_evaluator", sa.Text(), nullable=False),
        sa.Column("signed_due_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("first_submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("versions_count", sa.Integer(), nullable=False),
        sa.Column("returns", sa.Integer(), nullable=False),
        sa.Column("ready", sa.Boolean(), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepter", sa.Text(), nullable=True),
        sa.Column("accepted_file_id", sa.Uuid(), nullable=True),
        sa.Column("last_reason", sa.Text(), nullable=True),
        sa.Column("audience", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("contract_name", sa.Text(), nullable=False),
        sa.Column("section_id", sa.Uuid(), nullable=True),
        sa.Column("firm_id", sa.Uuid(), nullable=False),
        sa.Column("firm_name", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("subject_name", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("unit_name", sa.Text(), nullable=False),
        sa.Column("readers", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("touched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(state = 'accepted') = (accepted_at IS NOT NULL AND accepted_file_id IS NOT NULL)",
            name=op.f("ck_deliverable_accepted_has_file"),
        ),
        sa.CheckConstraint("kind IN ('plan', 'draft', 'report')", name=op.f("ck_deliverable_kind")),
        sa.CheckConstraint(
            "state IN ('awaited', 'submitted', 'returned', 'accepted')", name=op.f("ck_deliverable_state")
        ),
        sa.CheckConstraint("due_on >= signed_due_on", name=op.f("ck_deliverable_due_not_earlier")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "accepted_file_id"],
            ["stored_file.tenant_id", "stored_file.id"],
            name=op.f("fk_deliverable_tenant_id_accepted_file_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "contract_id"],
            ["contract.tenant_id", "contract.id"],
            name=op.f("fk_deliverable_tenant_id_contract_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "subject_id"],
            ["subject.tenant_id", "subject.id"],
            name=op.f("fk_deliverable_tenant_id_subject_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "unit_id"],
            ["unit.tenant_id", "unit.id"],
            name=op.f("fk_deliverable_tenant_id_unit_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_deliverable_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliverable")),
        sa.UniqueConstraint(
            "tenant_id",
            "contract_id",
            "subject_id",
            "kind",
            name=op.f("uq_deliverable_tenant_id_contract_id_subject_id_kind"),
        ),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_deliverable_tenant_id_id")),
    )
    op.create_index("ix_deliverable_due", "deliverable", ["tenant_id", "due_on", "id"], unique=False)
    op.create_index("ix_deliverable_touched", "deliverable", ["tenant_id", "touched_at", "id"], unique=False)
    op.create_table(
        "deliverable_version",
        sa.Column("deliverable_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("lead_confirmed", sa.Text(), nullable=True),
        sa.Column("submitted_by", sa.Text(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("readers", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "decision IN ('accepted', 'returned')", name=op.f("ck_deliverable_version_decision")
        ),
        sa.CheckConstraint(
            "(decision IS NULL) = (decided_at IS NULL)", name=op.f("ck_deliverable_version_decided_has_time")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "deliverable_id"],
            ["deliverable.tenant_id", "deliverable.id"],
            name=op.f("fk_deliverable_version_tenant_id_deliverable_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "file_id"],
            ["stored_file.tenant_id", "stored_file.id"],
            name=op.f("fk_deliverable_version_tenant_id_file_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_deliverable_version_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliverable_version")),
        sa.UniqueConstraint(
            "tenant_id",
            "deliverable_id",
            "number",
            name=op.f("uq_deliverable_version_tenant_id_deliverable_id_number"),
        ),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_deliverable_version_tenant_id_id")),
    )
    op.create_table(
        "consultation",
        sa.Column("deliverable_id", sa.Uuid(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("due_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_late", sa.Boolean(), nullable=False),
        sa.Column("stated_by", sa.Text(), nullable=True),
        sa.Column("stated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.Text(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("contract_name", sa.Text(), nullable=False),
        sa.Column("section_id", sa.Uuid(), nullable=True),
        sa.Column("firm_id", sa.Uuid(), nullable=False),
        sa.Column("firm_name", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("subject_name", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("unit_name", sa.Text(), nullable=False),
        sa.Column("readers", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("touched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "state IN ('open', 'stated', 'agreed', 'lapsed', 'answered')", name=op.f("ck_consultation_state")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "contract_id"],
            ["contract.tenant_id", "contract.id"],
            name=op.f("fk_consultation_tenant_id_contract_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "deliverable_id"],
            ["deliverable.tenant_id", "deliverable.id"],
            name=op.f("fk_consultation_tenant_id_deliverable_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "file_id"],
            ["stored_file.tenant_id", "stored_file.id"],
            name=op.f("fk_consultation_tenant_id_file_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "subject_id"],
            ["subject.tenant_id", "subject.id"],
            name=op.f("fk_consultation_tenant_id_subject_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "unit_id"],
            ["unit.tenant_id", "unit.id"],
            name=op.f("fk_consultation_tenant_id_unit_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_consultation_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consultation")),
        sa.UniqueConstraint(
            "tenant_id", "deliverable_id", name=op.f("uq_consultation_tenant_id_deliverable_id")
        ),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_consultation_tenant_id_id")),
    )
    op.create_index("ix_consultation_contract", "consultation", ["tenant_id", "contract_id"], unique=False)
    op.create_index(
        "ix_consultation_touched", "consultation", ["tenant_id", "touched_at", "id"], unique=False
    )
    op.create_table(
        "opinion",
        sa.Column("consultation_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("written_by", sa.Text(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("adopted", sa.Boolean(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("readers", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "consultation_id"],
            ["consultation.tenant_id", "consultation.id"],
            name=op.f("fk_opinion_tenant_id_consultation_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_opinion_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opinion")),
        sa.UniqueConstraint(
            "tenant_id", "consultation_id", "number", name=op.f("uq_opinion_tenant_id_consultation_id_number")
        ),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_opinion_tenant_id_id")),
    )
    op.create_table(
        "field_visit",
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("attended", sa.Text(), nullable=False),
        sa.Column("lead_attended", sa.Boolean(), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("struck_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("struck_reason", sa.Text(), nullable=True),
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("contract_name", sa.Text(), nullable=False),
        sa.Column("section_id", sa.Uuid(), nullable=True),
        sa.Column("firm_id", sa.Uuid(), nullable=False),
        sa.Column("firm_name", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("subject_name", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("unit_name", sa.Text(), nullable=False),
        sa.Column("readers", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(struck_at IS NULL) = (struck_reason IS NULL)", name=op.f("ck_field_visit_struck_for_a_reason")
        ),
        sa.CheckConstraint("to_on >= from_on", name=op.f("ck_field_visit_days_follow")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "contract_id"],
            ["contract.tenant_id", "contract.id"],
            name=op.f("fk_field_visit_tenant_id_contract_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "subject_id"],
            ["subject.tenant_id", "subject.id"],
            name=op.f("fk_field_visit_tenant_id_subject_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "unit_id"],
            ["unit.tenant_id", "unit.id"],
            name=op.f("fk_field_visit_tenant_id_unit_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_field_visit_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_field_visit")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_field_visit_tenant_id_id")),
    )
    op.create_index(
        "ix_field_visit_contract", "field_visit", ["tenant_id", "contract_id", "from_on"], unique=False
    )
    op.create_table(
        "material",
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("is_original", sa.Boolean(), nullable=False),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("handed_on", sa.Date(), nullable=True),
        sa.Column("handed_by", sa.Text(), nullable=True),
        sa.Column("returned_on", sa.Date(), nullable=True),
        sa.Column("returned_by", sa.Text(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("receiver", sa.Text(), nullable=True),
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("contract_name", sa.Text(), nullable=False),
        sa.Column("section_id", sa.Uuid(), nullable=True),
        sa.Column("firm_id", sa.Uuid(), nullable=False),
        sa.Column("firm_name", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("subject_name", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("unit_name", sa.Text(), nullable=False),
        sa.Column("readers", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("touched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "state IN ('asked', 'lent', 'given_back', 'closed', 'withdrawn')", name=op.f("ck_material_state")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "contract_id"],
            ["contract.tenant_id", "contract.id"],
            name=op.f("fk_material_tenant_id_contract_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "subject_id"],
            ["subject.tenant_id", "subject.id"],
            name=op.f("fk_material_tenant_id_subject_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "unit_id"],
            ["unit.tenant_id", "unit.id"],
            name=op.f("fk_material_tenant_id_unit_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_material_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_material")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_material_tenant_id_id")),
    )
    op.create_index("ix_material_contract", "material", ["tenant_id", "contract_id"], unique=False)
    op.create_index("ix_material_touched", "material", ["tenant_id", "touched_at", "id"], unique=False)
    for table in TABLES:
        protect(table, shared_with("readers"))
    op.execute(FREEZE)
    op.execute(TRIGGER)


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
    op.execute("DROP FUNCTION portal_version_kept()")
