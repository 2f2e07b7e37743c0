"""A tender, whom it invites, who examines it, what is asked and answered, and who has seen what."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from portal.access import Actor, Permission
from portal.audit import Moved
from portal.commission.rules import REGIME_LABELS, Regime
from portal.kernel.ruling import Clause
from portal.tender.lifecycle import AWAITS, BEFORE_ISSUE, STATE_LABELS, TenderState, state_at
from portal.tender.rules.moves import Ground, cited
from portal.tender.rules.prospects import Kin, Verdict
from tenants.db import Model, TenantRow, tenant_constraints, within_tenant
from tenants.rowsecurity import TENANT, TENANT_READ, Protection, Rows, setting, shared_with

_STATES = ", ".join(f"'{state.value}'" for state in TenderState)
_UNISSUED = ", ".join(f"'{state.value}'" for state in (*BEFORE_ISSUE, TenderState.CANCELLED))
_REGIMES = ", ".join(f"'{regime.value}'" for regime in Regime)
_KINS = ", ".join(f"'{kin.value}'" for kin in Kin)
_VERDICTS = ", ".join(f"'{verdict.value}'" for verdict in Verdict)
_GROUNDS = ", ".join(f"'{ground.value}'" for ground in Ground)
_BULLETINS = "'answer', 'amendment', 'suspension', 'resumption', 'termination', 'cancellation'"
BY_SYSTEM = f"{TENANT_READ} AND {setting('kind')} = 'system'"


class Tender(Moved, Model):
    """采购（一次）: one purchase of an approved commission; invited firms read it once it is issued."""

    __tablename__ = "tender"
    __protection__ = replace(shared_with("readers"), definer=True)

    commission_id: Mapped[UUID]
    commission_name: Mapped[str] = mapped_column(Text)
    commissioner_name: Mapped[str] = mapped_column(Text)
    year: Mapped[int]
    terms_id: Mapped[UUID]
    terms: Mapped[dict[str, Any]] = mapped_column(JSONB)
    subjects: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    basis: Mapped[dict[str, Any]] = mapped_column(JSONB)
    rule_set_id: Mapped[UUID]
    method: Mapped[str] = mapped_column(Text, default="inquiry")
    regime: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    number: Mapped[str | None] = mapped_column(Text)
    needs: Mapped[str] = mapped_column(Text)
    ceiling: Mapped[Decimal]
    plan_due_on: Mapped[date]
    draft_due_on: Mapped[date]
    report_due_on: Mapped[date]
    response_by: Mapped[datetime]
    approved_deadline: Mapped[datetime | None]
    min_quotes: Mapped[int]
    min_workdays: Mapped[int]
    change_workdays: Mapped[int]
    answer_workdays: Mapped[int]
    requirements: Mapped[list[str]] = mapped_column(JSONB)
    tie_rule: Mapped[str] = mapped_column(Text, default="draw")
    invitation_reason: Mapped[str] = mapped_column(Text, default="")
    suspended_at: Mapped[datetime | None]
    suspended_reason: Mapped[str | None] = mapped_column(Text)
    public_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    readers: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), default=list)
    unseen: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), default=list)
    answer_by: Mapped[datetime | None]
    drafted_by: Mapped[UUID]
    drafter: Mapped[str] = mapped_column(Text)
    approver: Mapped[str | None] = mapped_column(Text)
    last_reason: Mapped[str | None] = mapped_column(Text)
    approved_at: Mapped[datetime | None]
    issued_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    opened_at: Mapped[datetime | None]
    awarded_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended_ground: Mapped[str | None] = mapped_column(Text)
    refused: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), default=list)

    prospects: Mapped[list["TenderProspect"]] = relationship(
        primaryjoin=lambda: foreign(TenderProspect.tender_id) == Tender.id,
        order_by=lambda: TenderProspect.firm_name,
        cascade="all, delete-orphan",
        lazy="raise",
    )

    __table_args__ = tenant_constraints(
        within_tenant("commission_id", "commission"),
        within_tenant("terms_id", "quality_terms"),
        CheckConstraint(f"state IN ({_STATES})", name="state"),
        CheckConstraint(f"regime IN ({_REGIMES})", name="regime"),
        CheckConstraint(f"ended_ground IN ({_GROUNDS})", name="ended_ground"),
        CheckConstraint("method = 'inquiry'", name="method"),
        CheckConstraint("tie_rule = 'draw'", name="tie_rule"),
        CheckConstraint("ceiling > 0", name="ceiling"),
        CheckConstraint(
            f"state IN ({_UNISSUED})"
            " OR (issued_at IS NOT NULL AND number IS NOT NULL AND public_key IS NOT NULL)",
            name="issued_is_whole",
        ),
        CheckConstraint("state <> 'closed' OR closed_at IS NOT NULL", name="closed_has_time"),
        CheckConstraint("(suspended_at IS NULL) = (suspended_reason IS NULL)", name="suspended_for_a_reason"),
        CheckConstraint("(state = 'terminated') = (ended_ground IS NOT NULL)", name="terminated_on_a_ground"),
        CheckConstraint("issued_at IS NULL OR response_by > issued_at", name="deadline_after_issue"),
        Index("ix_tender_touched", "tenant_id", "touched_at", "id"),
        Index("ix_tender_state", "tenant_id", "year", "state"),
        Index(
            "uq_tender_live",
            "tenant_id",
            "commission_id",
            unique=True,
            postgresql_where=text("state NOT IN ('terminated', 'cancelled')"),
        ),
    )

    @property
    def title(self) -> str:
        """What the inbox calls it."""
        return self.name

    @property
    def regime_label(self) -> str:
        """法律适用 in words."""
        return REGIME_LABELS[Regime(self.regime)]

    @property
    def state_label(self) -> tuple[str, str]:
        """The state in words, and its tone."""
        return STATE_LABELS[TenderState(self.state)]

    def label_at(self, now: datetime) -> tuple[str, str]:
        """The state as it is at this instant, in words, and its tone."""
        return STATE_LABELS[state_at(self, now)]

    def is_invited(self, actor: Actor) -> bool:
        """Whether the actor stands for one of the invited firms."""
        return actor.party_id is not None and actor.party_id in self.readers

    def cites(self, clause: Clause | None) -> Clause | None:
        """The law in a statutory purchase; else the bureau's own rules."""
        return clause and cited(clause, statutory=self.regime == Regime.STATUTORY.value)

    def awaits(self) -> Sequence[str]:
        """The verbs somebody is now expected to do; a suspended tender waits for its resumption alone."""
        read = ("acknowledge",) if self.unseen else ()
        if self.suspended_at is not None:
            return ("resume", *read)
        more = ("answer",) if self.answer_by is not None else ()
        return (*AWAITS.get(TenderState(self.state), ()), *more, *read)

    def inbox_party(self, permission: Permission) -> Sequence[UUID] | UUID | None:
        """Each invited firm where a response is awaited, whether it has sent one or not; else the role.

        What was told since the issue waits for those firms that have not seen it.
        """
        if permission is Permission.TENDER_ACKNOWLEDGE:
            return list(self.unseen)
        return list(self.readers) if permission is Permission.TENDER_RESPOND else None

    def inbox_due(self, verb: str) -> datetime | None:
        """Until when."""
        if verb == "answer":
            return self.answer_by
        return self.response_by if verb == "respond" else None

    def snapshot(self) -> Mapping[str, object]:
        """The tender as the audit chain digests it."""
        return {
            "commission": self.commission_id,
            "terms": self.terms_id,
            "rule_set": self.rule_set_id,
            "method": self.method,
            "regime": self.regime,
            "name": self.name,
            "number": self.number,
            "needs": self.needs,
            "ceiling": self.ceiling,
            "dates": [self.plan_due_on, self.draft_due_on, self.report_due_on],
            "response_by": self.response_by,
            "requirements": self.requirements,
            "tie_rule": self.tie_rule,
            "invitation_reason": self.invitation_reason,
            "invited": sorted(str(each) for each in self.readers),
            "suspended": self.suspended_at,
            "public_key": self.public_key.hex() if self.public_key else None,
        }


class TenderKey(TenantRow, Model):
    """The private key of a tender, wrapped by a master key outside the database.

    Written once by the system, read by nobody: `portal_release_key` gives it for the opening alone.
    """

    __tablename__ = "tender_key"
    __protection__ = Protection(Rows.CONFIDENTIAL, None, BY_SYSTEM, definer=True, append_only=True)

    tender_id: Mapped[UUID]
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)

    __table_args__ = tenant_constraints(
        within_tenant("tender_id", "tender"), UniqueConstraint("tenant_id", "tender_id")
    )


class TenderProspect(TenantRow, Model):
    """可邀请机构: a firm considered for this purchase, what excluded it, and whether it was chosen.

    As it stood when it was chosen; taken anew, whole, at issue. Provenance: 政府采购法 §42.
    """

    __tablename__ = "tender_prospect"
    __protection__ = TENANT

    tender_id: Mapped[UUID]
    firm_id: Mapped[UUID]
    firm_name: Mapped[str] = mapped_column(Text)
    representative: Mapped[str] = mapped_column(Text, default="")
    chosen: Mapped[bool]
    source: Mapped[str] = mapped_column(Text)
    exclusions: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    standing: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    load: Mapped[int]
    namesakes: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list)
    noted_at: Mapped[datetime]

    __table_args__ = tenant_constraints(
        within_tenant("tender_id", "tender"),
        ForeignKeyConstraint(
            ["tenant_id", "firm_id"], ["firm_acceptance.tenant_id", "firm_acceptance.firm_id"]
        ),
        UniqueConstraint("tenant_id", "tender_id", "firm_id"),
    )


class TenderNamesake(TenantRow, Model):
    """同名认定: what a person found about a firm's head and somebody of another body who bears the same name.

    It holds for every purchase of the bureau until it is found anew; what was found before is kept.
    """

    __tablename__ = "tender_namesake"
    __protection__ = TENANT

    firm_id: Mapped[UUID]
    firm_name: Mapped[str] = mapped_column(Text)
    person: Mapped[str] = mapped_column(Text)
    kin: Mapped[str] = mapped_column(Text)
    other_id: Mapped[UUID]
    other_name: Mapped[str] = mapped_column(Text)
    verdict: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    found_by: Mapped[str] = mapped_column(Text)
    found_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    __table_args__ = tenant_constraints(
        CheckConstraint(f"kin IN ({_KINS})", name="kin"),
        CheckConstraint(f"verdict IN ({_VERDICTS})", name="verdict"),
        Index(
            "uq_tender_namesake_live",
            "tenant_id",
            "firm_id",
            "person",
            "other_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
    )


class TenderPanelMember(TenantRow, Model):
    """询价小组成员: hidden from the firms until the result is published."""

    __tablename__ = "tender_panel_member"
    __protection__ = TENANT

    tender_id: Mapped[UUID]
    account_id: Mapped[UUID]
    post_id: Mapped[UUID]
    name: Mapped[str] = mapped_column(Text)
    is_chair: Mapped[bool]

    __table_args__ = tenant_constraints(
        within_tenant("tender_id", "tender"),
        within_tenant("post_id", "post"),
        UniqueConstraint("tenant_id", "tender_id", "account_id"),
        Index(
            "uq_tender_panel_chair", "tenant_id", "tender_id", unique=True, postgresql_where=text("is_chair")
        ),
    )


class TenderQuestion(TenantRow, Model):
    """询问: asked under a pseudonym (``asker``, a keyed digest that tells nobody who), answered to all."""

    __tablename__ = "tender_question"
    __protection__ = shared_with("readers")

    tender_id: Mapped[UUID]
    number: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    asker: Mapped[str] = mapped_column(Text)
    asked_at: Mapped[datetime]
    due_by: Mapped[datetime]
    published: Mapped[str | None] = mapped_column(Text)
    answer: Mapped[str | None] = mapped_column(Text)
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[str | None] = mapped_column(Text)
    readers: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), default=list)

    __table_args__ = tenant_constraints(
        within_tenant("tender_id", "tender"),
        UniqueConstraint("tenant_id", "tender_id", "number"),
        CheckConstraint("(answer IS NULL) = (answered_at IS NULL)", name="answered_has_time"),
        CheckConstraint("answer IS NOT NULL OR readers = '{}'", name="unanswered_is_nobodys"),
    )


class TenderBulletin(TenantRow, Model):
    """What was told to every invited firm after the issue: answers, changes, suspension, the end."""

    __tablename__ = "tender_bulletin"
    __protection__ = shared_with("readers")

    tender_id: Mapped[UUID]
    kind: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    question_id: Mapped[UUID | None]
    moved_from: Mapped[datetime | None]
    moved_to: Mapped[datetime | None]
    told_at: Mapped[datetime]
    told_by: Mapped[str] = mapped_column(Text)
    readers: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), default=list)

    __table_args__ = tenant_constraints(
        within_tenant("tender_id", "tender"),
        within_tenant("question_id", "tender_question"),
        CheckConstraint(f"kind IN ({_BULLETINS})", name="kind"),
        CheckConstraint("(moved_from IS NULL) = (moved_to IS NULL)", name="moved_from_somewhere"),
        Index("ix_tender_bulletin_tender", "tenant_id", "tender_id", "told_at"),
    )


class TenderReceipt(TenantRow, Model):
    """签收: that one invited firm was told something (the issue itself where no bulletin), and saw it."""

    __tablename__ = "tender_receipt"
    __protection__ = shared_with("readers")

    tender_id: Mapped[UUID]
    bulletin_id: Mapped[UUID | None]
    firm_id: Mapped[UUID]
    firm_name: Mapped[str] = mapped_column(Text)
    told_at: Mapped[datetime]
    seen_at: Mapped[datetime | None]
    seen_by: Mapped[str | None] = mapped_column(Text)
    readers: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), default=list)

    __table_args__ = tenant_constraints(
        within_tenant("tender_id", "tender"),
        within_tenant("bulletin_id", "tender_bulletin"),
        CheckConstraint("(seen_at IS NULL) = (seen_by IS NULL)", name="seen_by_somebody"),
        Index(
            "uq_tender_receipt_once",
            "tenant_id",
            "tender_id",
            "firm_id",
            "bulletin_id",
            unique=True,
            postgresql_nulls_not_distinct=True,
        ),
    )
