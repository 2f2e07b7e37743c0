"""Deliverables and their versions, the consultation of units, visits to them, and material they lent."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, CheckConstraint, Index, Text, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from portal.access import Actor, Permission
from portal.audit import Moved
from portal.contract.rules import DELIVERABLES, DeliverableKind
from portal.deliverable.lifecycle import (
    AWAITS,
    CONSULTATION_AWAITS,
    CONSULTATION_LABELS,
    MATERIAL_AWAITS,
    MATERIAL_LABELS,
    NOT_READY,
    STATE_LABELS,
    ConsultationState,
    DeliverableState,
    MaterialState,
)
from portal.kernel.workdays import end_of
from tenants.db import Model, TenantRow, tenant_constraints, within_tenant
from tenants.rowsecurity import shared_with


def _listed(values: Sequence[str]) -> str:
    return ", ".join(f"'{each}'" for each in values)


class Work:
    """What every row of the work under a contract says: whose it is, and about which subject."""

    contract_id: Mapped[UUID]
    contract_name: Mapped[str] = mapped_column(Text)
    section_id: Mapped[UUID | None]
    firm_id: Mapped[UUID]
    firm_name: Mapped[str] = mapped_column(Text)
    subject_id: Mapped[UUID]
    subject_name: Mapped[str] = mapped_column(Text)
    unit_id: Mapped[UUID]
    unit_name: Mapped[str] = mapped_column(Text)
    readers: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), default=list)

    def in_section(self, actor: Actor) -> bool:
        """Whether the actor sits in the section that runs the contract, or none does."""
        return self.section_id is None or self.section_id == actor.section_id

    def is_firm(self, actor: Actor) -> bool:
        """Whether the actor acts for the firm."""
        return self.firm_id == actor.party_id

    def is_unit(self, actor: Actor) -> bool:
        """Whether the actor acts for the evaluated unit."""
        return self.unit_id == actor.party_id


def _keys() -> tuple[object, ...]:
    return (
        within_tenant("contract_id", "contract"),
        within_tenant("subject_id", "subject"),
        within_tenant("unit_id", "unit"),
    )


class Version(TenantRow, Model):
    """One version handed in, as it was; only the bureau's decision is added to it, once."""

    __tablename__ = "deliverable_version"
    __protection__ = shared_with("readers")

    deliverable_id: Mapped[UUID]
    number: Mapped[int]
    file_id: Mapped[UUID]
    file_name: Mapped[str] = mapped_column(Text)
    size: Mapped[int] = mapped_column(BigInteger)
    digest: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(Text)
    lead_confirmed: Mapped[str | None] = mapped_column(Text)
    submitted_by: Mapped[str] = mapped_column(Text)
    submitted_at: Mapped[datetime]
    decision: Mapped[str | None] = mapped_column(Text)
    comment: Mapped[str | None] = mapped_column(Text)
    decided_by: Mapped[str | None] = mapped_column(Text)
    decided_at: Mapped[datetime | None]
    readers: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), default=list)

    __table_args__ = tenant_constraints(
        within_tenant("deliverable_id", "deliverable"),
        within_tenant("file_id", "stored_file"),
        UniqueConstraint("tenant_id", "deliverable_id", "number"),
        CheckConstraint("decision IN ('accepted', 'returned')", name="decision"),
        CheckConstraint("(decision IS NULL) = (decided_at IS NULL)", name="decided_has_time"),
    )


class Deliverable(Work, Moved, Model):
    """成果: the plan, the draft or the report on one subject of a contract."""

    __tablename__ = "deliverable"
    __protection__ = shared_with("readers")

    kind: Mapped[str] = mapped_column(Text)
    lead_evaluator: Mapped[str] = mapped_column(Text)
    signed_due_on: Mapped[date]
    due_on: Mapped[date]
    first_submitted_at: Mapped[datetime | None]
    submitted_at: Mapped[datetime | None]
    versions_count: Mapped[int] = mapped_column(default=0)
    returns: Mapped[int] = mapped_column(default=0)
    ready: Mapped[bool] = mapped_column(default=True)
    accepted_at: Mapped[datetime | None]
    accepter: Mapped[str | None] = mapped_column(Text)
    accepted_file_id: Mapped[UUID | None]
    last_reason: Mapped[str | None] = mapped_column(Text)
    audience: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), default=list)

    versions: Mapped[list[Version]] = relationship(
        primaryjoin=lambda: foreign(Version.deliverable_id) == Deliverable.id,
        order_by=Version.number.desc(),
        viewonly=True,
        lazy="select",
    )

    __table_args__ = tenant_constraints(
        *_keys(),
        within_tenant("accepted_file_id", "stored_file"),
        UniqueConstraint("tenant_id", "contract_id", "subject_id", "kind"),
        CheckConstraint(f"state IN ({_listed(list(DeliverableState))})", name="state"),
        CheckConstraint(f"kind IN ({_listed(list(DeliverableKind))})", name="kind"),
        CheckConstraint(
            "(state = 'accepted') = (accepted_at IS NOT NULL AND accepted_file_id IS NOT NULL)",
            name="accepted_has_file",
        ),
        CheckConstraint("due_on >= signed_due_on", name="due_not_earlier"),
        Index("ix_deliverable_touched", "tenant_id", "touched_at", "id"),
        Index("ix_deliverable_due", "tenant_id", "due_on", "id"),
    )

    @property
    def which(self) -> DeliverableKind:
        """Plan, draft or report."""
        return DeliverableKind(self.kind)

    @property
    def kind_label(self) -> str:
        """The kind in words."""
        return DELIVERABLES[self.which]

    @property
    def title(self) -> str:
        """What the inbox calls it."""
        return f"{self.subject_name} {self.kind_label}"

    @property
    def state_label(self) -> tuple[str, str]:
        """The state in words, and its tone; a report says when its turn has not come."""
        return STATE_LABELS[DeliverableState(self.state)] if self.ready else NOT_READY

    def awaits(self) -> Sequence[str]:
        """The verbs somebody is now expected to do; a report waits for nobody before it is ready."""
        return AWAITS.get(DeliverableState(self.state), ()) if self.ready else ()

    def inbox_party(self, permission: Permission) -> UUID | None:
        """Handing in waits for the firm, deciding for the section."""
        return self.firm_id if permission is Permission.DELIVERABLE_SUBMIT else self.section_id

    def inbox_due(self, verb: str) -> datetime | None:
        """Handing in is due at the end of its day."""
        return end_of(self.due_on) if verb == "submit" else None

    def snapshot(self) -> Mapping[str, object]:
        """The deliverable as the audit chain digests it."""
        return {
            "contract": self.contract_id,
            "subject": self.subject_id,
            "kind": self.kind,
            "due_on": self.due_on,
            "versions": self.versions_count,
            "returns": self.returns,
            "accepted_file": self.accepted_file_id,
        }


class Opinion(TenantRow, Model):
    """One opinion of the unit on the draft, and the firm's answer to it."""

    __tablename__ = "opinion"
    __protection__ = shared_with("readers")

    consultation_id: Mapped[UUID]
    number: Mapped[int]
    place: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    written_by: Mapped[str] = mapped_column(Text)
    written_at: Mapped[datetime]
    adopted: Mapped[bool | None]
    answer: Mapped[str] = mapped_column(Text, default="")
    readers: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), default=list)

    __table_args__ = tenant_constraints(
        within_tenant("consultation_id", "consultation"),
        UniqueConstraint("tenant_id", "consultation_id", "number"),
    )


class Consultation(Work, Moved, Model):
    """征求意见: the unit reads the accepted draft and says what it thinks, the firm answers each opinion."""

    __tablename__ = "consultation"
    __protection__ = shared_with("readers")

    deliverable_id: Mapped[UUID]
    file_id: Mapped[UUID]
    due_by: Mapped[datetime]
    is_late: Mapped[bool] = mapped_column(default=False)
    stated_by: Mapped[str | None] = mapped_column(Text)
    stated_at: Mapped[datetime | None]
    answered_by: Mapped[str | None] = mapped_column(Text)
    answered_at: Mapped[datetime | None]

    opinions: Mapped[list[Opinion]] = relationship(
        primaryjoin=lambda: foreign(Opinion.consultation_id) == Consultation.id,
        order_by=Opinion.number,
        viewonly=True,
        lazy="select",
    )

    __table_args__ = tenant_constraints(
        *_keys(),
        within_tenant("deliverable_id", "deliverable"),
        within_tenant("file_id", "stored_file"),
        UniqueConstraint("tenant_id", "deliverable_id"),
        CheckConstraint(f"state IN ({_listed(list(ConsultationState))})", name="state"),
        Index("ix_consultation_touched", "tenant_id", "touched_at", "id"),
        Index("ix_consultation_contract", "tenant_id", "contract_id"),
    )

    @property
    def title(self) -> str:
        """What the inbox calls it."""
        return f"{self.subject_name} 报告初稿征求意见"

    @property
    def state_label(self) -> tuple[str, str]:
        """The state in words, and its tone."""
        return CONSULTATION_LABELS[ConsultationState(self.state)]

    def awaits(self) -> Sequence[str]:
        """The verbs somebody is now expected to do; a unit that let its time pass, the bureau."""
        verbs = CONSULTATION_AWAITS.get(ConsultationState(self.state), ())
        return (*verbs, "lapse") if self.is_late and self.state == ConsultationState.OPEN.value else verbs

    def inbox_party(self, permission: Permission) -> UUID | None:
        """Opinions wait for the unit, answers for the firm, closing without any for the section."""
        asked = {
            Permission.CONSULTATION_STATE: self.unit_id,
            Permission.CONSULTATION_ANSWER: self.firm_id,
            Permission.CONSULTATION_LAPSE: self.section_id,
        }
        return asked[permission]

    def inbox_due(self, verb: str) -> datetime | None:
        """The unit has its working days, the bureau sees them over; the firm has none."""
        return None if verb == "answer" else self.due_by

    def snapshot(self) -> Mapping[str, object]:
        """The consultation as the audit chain digests it."""
        return {
            "deliverable": self.deliverable_id,
            "due_by": self.due_by,
            "stated_by": self.stated_by,
            "answered_by": self.answered_by,
        }


class Visit(Work, TenantRow, Model):
    """现场: who was where, when, for which subject; struck out for a reason, never erased."""

    __tablename__ = "field_visit"
    __protection__ = shared_with("readers")

    from_on: Mapped[date]
    to_on: Mapped[date]
    place: Mapped[str] = mapped_column(Text)
    attended: Mapped[str] = mapped_column(Text)
    lead_attended: Mapped[bool]
    notes: Mapped[str] = mapped_column(Text)
    recorded_by: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime]
    struck_at: Mapped[datetime | None]
    struck_reason: Mapped[str | None] = mapped_column(Text)

    __table_args__ = tenant_constraints(
        *_keys(),
        CheckConstraint("to_on >= from_on", name="days_follow"),
        CheckConstraint("(struck_at IS NULL) = (struck_reason IS NULL)", name="struck_for_a_reason"),
        Index("ix_field_visit_contract", "tenant_id", "contract_id", "from_on"),
    )


class Material(Work, Moved, Model):
    """资料: what the firm asked of the unit, when it got it, when it gave it back, confirmed by the unit."""

    __tablename__ = "material"
    __protection__ = shared_with("readers")

    item: Mapped[str] = mapped_column(Text)
    is_original: Mapped[bool]
    asked_on: Mapped[date]
    asked_by: Mapped[str] = mapped_column(Text)
    handed_on: Mapped[date | None]
    handed_by: Mapped[str | None] = mapped_column(Text)
    returned_on: Mapped[date | None]
    returned_by: Mapped[str | None] = mapped_column(Text)
    received_at: Mapped[datetime | None]
    receiver: Mapped[str | None] = mapped_column(Text)

    __table_args__ = tenant_constraints(
        *_keys(),
        CheckConstraint(f"state IN ({_listed(list(MaterialState))})", name="state"),
        Index("ix_material_touched", "tenant_id", "touched_at", "id"),
        Index("ix_material_contract", "tenant_id", "contract_id"),
    )

    @property
    def title(self) -> str:
        """What the inbox calls it."""
        return f"资料：{self.item}（{self.subject_name}）"

    @property
    def state_label(self) -> tuple[str, str]:
        """The state in words, and its tone."""
        return MATERIAL_LABELS[MaterialState(self.state)]

    def awaits(self) -> Sequence[str]:
        """The verbs somebody is now expected to do; copies need not go back."""
        copy_is_there = self.state == MaterialState.LENT.value and not self.is_original
        return () if copy_is_there else MATERIAL_AWAITS.get(MaterialState(self.state), ())

    def inbox_party(self, permission: Permission) -> UUID | None:
        """Giving back waits for the firm, the rest for the unit."""
        return self.firm_id if permission is Permission.MATERIAL_GIVE_BACK else self.unit_id

    def inbox_due(self, _verb: str) -> datetime | None:
        """No clock runs: both sides agree on days among themselves."""
        return None

    def snapshot(self) -> Mapping[str, object]:
        """The material as the audit chain digests it."""
        return {
            "item": self.item,
            "asked_on": self.asked_on,
            "handed_on": self.handed_on,
            "returned_on": self.returned_on,
            "received_at": self.received_at,
        }
