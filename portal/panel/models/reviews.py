"""Opening and review of one tender: officers, members, what was found about each bid, what was reported."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from portal.access import Actor, Permission, Role
from portal.audit import Moved
from portal.kernel.money import Yuan
from portal.kernel.ruling import Clause
from portal.panel.lifecycle import PANEL_LABELS, PanelState
from portal.panel.models.explanations import Explanation
from portal.panel.models.members import PanelMember
from portal.panel.rules import BidFacts
from portal.tender.rules.moves import cited
from tenants.db import Model, TenantRow, tenant_constraints, within_tenant
from tenants.rowsecurity import TENANT

_STATES = ", ".join(f"'{state.value}'" for state in PanelState)
AWAITS = {
    PanelState.AWAITING.value: ("open",),
    PanelState.REVIEWING.value: ("conclude",),
    PanelState.CONCLUDED.value: ("sign",),
}


class PanelFinding(TenantRow, Model):
    """认定: what the panel found about one opened bid, requirement by requirement, and about its price."""

    __tablename__ = "panel_finding"
    __protection__ = TENANT

    panel_id: Mapped[UUID]
    bid_id: Mapped[UUID]
    firm_id: Mapped[UUID]
    firm_name: Mapped[str] = mapped_column(Text)
    number: Mapped[str] = mapped_column(Text)
    submitted_at: Mapped[datetime]
    price: Mapped[Decimal | None]
    intact: Mapped[bool]
    results: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list)
    conforming: Mapped[bool | None]
    reason: Mapped[str | None] = mapped_column(Text)
    examined_at: Mapped[datetime | None]
    justified: Mapped[bool | None]
    justified_reason: Mapped[str | None] = mapped_column(Text)
    judged_at: Mapped[datetime | None]

    __table_args__ = tenant_constraints(
        within_tenant("panel_id", "panel"),
        within_tenant("bid_id", "bid"),
        UniqueConstraint("tenant_id", "panel_id", "bid_id"),
        CheckConstraint("price IS NOT NULL OR NOT intact", name="intact_has_price"),
        CheckConstraint("intact OR conforming IS NOT TRUE", name="broken_never_conforms"),
        CheckConstraint("conforming IS NOT FALSE OR reason IS NOT NULL", name="rejected_for_a_reason"),
        CheckConstraint(
            "(justified IS NULL) = (justified_reason IS NULL) AND (justified IS NULL) = (judged_at IS NULL)",
            name="judged_for_a_reason",
        ),
    )

    panel: Mapped["Panel"] = relationship(
        primaryjoin=lambda: foreign(PanelFinding.panel_id) == Panel.id, viewonly=True
    )

    @property
    def stamp(self) -> str:
        """Which finding this is: another once it was saved again."""
        return self.examined_at.isoformat() if self.examined_at else ""

    @property
    def why_invalid(self) -> str:
        """The reason given where the bid was found invalid."""
        return (self.justified_reason if self.justified is False else self.reason) or ""

    def is_chair(self, actor: Actor) -> bool:
        """Whether the actor leads the panel that examines this bid."""
        return self.panel.is_chair(actor)


class PanelReport(TenantRow, Model):
    """小组评审报告: one edition as it was laid before the members to sign; a void one stays on file."""

    __tablename__ = "panel_report"
    __protection__ = TENANT

    panel_id: Mapped[UUID]
    edition: Mapped[int]
    document_id: Mapped[UUID]
    digest: Mapped[str] = mapped_column(Text)
    content: Mapped[dict[str, Any]] = mapped_column(JSONB)
    made_at: Mapped[datetime]
    made_by: Mapped[str] = mapped_column(Text)
    voided_at: Mapped[datetime | None]
    void_reason: Mapped[str | None] = mapped_column(Text)

    __table_args__ = tenant_constraints(
        within_tenant("panel_id", "panel"),
        within_tenant("document_id", "issued_document"),
        UniqueConstraint("tenant_id", "panel_id", "edition"),
        CheckConstraint("(voided_at IS NULL) = (void_reason IS NULL)", name="void_for_a_reason"),
        Index(
            "uq_panel_report_live",
            "tenant_id",
            "panel_id",
            unique=True,
            postgresql_where=text("voided_at IS NULL"),
        ),
    )


class Panel(Moved, Model):
    """开启与评审: from the deadline of a tender to the report its panel signed."""

    __tablename__ = "panel"
    __protection__ = TENANT

    tender_id: Mapped[UUID]
    tender_name: Mapped[str] = mapped_column(Text)
    statutory: Mapped[bool] = mapped_column(default=False)
    min_quotes: Mapped[int]
    seats: Mapped[int] = mapped_column(default=0)
    closed_at: Mapped[datetime | None]
    received: Mapped[int | None]
    too_few: Mapped[bool] = mapped_column(default=False)
    first_officer_id: Mapped[UUID | None]
    first_officer: Mapped[str | None] = mapped_column(Text)
    first_at: Mapped[datetime | None]
    second_officer_id: Mapped[UUID | None]
    second_officer: Mapped[str | None] = mapped_column(Text)
    opened_at: Mapped[datetime | None]
    commitments: Mapped[str | None] = mapped_column(Text)
    draw_id: Mapped[UUID | None]
    tie_order: Mapped[list[str]] = mapped_column(JSONB, default=list)
    ranked_at: Mapped[datetime | None]
    last_reason: Mapped[str | None] = mapped_column(Text)

    members: Mapped[list[PanelMember]] = relationship(
        primaryjoin=lambda: foreign(PanelMember.panel_id) == Panel.id,
        order_by=PanelMember.place,
        lazy="selectin",
        cascade="all, delete-orphan",
    )
    findings: Mapped[list[PanelFinding]] = relationship(
        primaryjoin=lambda: foreign(PanelFinding.panel_id) == Panel.id,
        order_by=(PanelFinding.price, PanelFinding.number),
        lazy="selectin",
        cascade="all, delete-orphan",
    )
    explanations: Mapped[list[Explanation]] = relationship(
        primaryjoin=lambda: foreign(Explanation.panel_id) == Panel.id,
        order_by=Explanation.asked_at,
        lazy="selectin",
    )
    reports: Mapped[list[PanelReport]] = relationship(
        primaryjoin=lambda: foreign(PanelReport.panel_id) == Panel.id,
        order_by=PanelReport.edition.desc(),
        lazy="selectin",
    )

    __table_args__ = tenant_constraints(
        within_tenant("tender_id", "tender"),
        UniqueConstraint("tenant_id", "tender_id"),
        CheckConstraint(f"state IN ({_STATES})", name="state"),
        CheckConstraint("(closed_at IS NULL) = (received IS NULL)", name="closed_is_counted"),
        CheckConstraint(
            "(first_at IS NULL) = (first_officer_id IS NULL)"
            " AND (opened_at IS NULL) = (second_officer_id IS NULL)",
            name="confirmed_by_somebody",
        ),
        CheckConstraint("first_officer_id <> second_officer_id", name="two_officers"),
        CheckConstraint("opened_at IS NULL OR first_at IS NOT NULL", name="never_one_alone"),
        CheckConstraint(
            "state NOT IN ('reviewing', 'concluded', 'ranked') OR opened_at IS NOT NULL", name="has_opened"
        ),
        CheckConstraint("state <> 'ranked' OR ranked_at IS NOT NULL", name="ranked_has_time"),
    )

    @property
    def title(self) -> str:
        """What the inbox calls it."""
        return self.tender_name

    @property
    def state_label(self) -> tuple[str, str]:
        """The state in words, and its tone."""
        return PANEL_LABELS[PanelState(self.state)]

    @property
    def is_reviewing(self) -> bool:
        """Whether findings may still change."""
        return self.state == PanelState.REVIEWING.value

    @property
    def report(self) -> PanelReport | None:
        """The edition in force."""
        return next((each for each in self.reports if each.voided_at is None), None)

    def member(self, actor: Actor) -> PanelMember | None:
        """The actor's own seat, where they sit."""
        return next(
            (each for each in self.members if each.account_id == actor.account_id and each.sits), None
        )

    def is_member(self, actor: Actor) -> bool:
        """Whether the actor sits on this panel."""
        return self.member(actor) is not None

    def is_chair(self, actor: Actor) -> bool:
        """Whether the actor leads this panel."""
        own = self.member(actor)
        return own is not None and own.is_chair

    def explanation_of(self, finding: PanelFinding) -> Explanation | None:
        """The question asked about one bid."""
        return next((each for each in self.explanations if each.finding_id == finding.id), None)

    def bid_facts(self) -> list[BidFacts]:
        """The findings for the rules, one per bid."""
        asked = {each.finding_id: each for each in self.explanations}
        return [
            BidFacts(
                firm=str(each.firm_id),
                name=each.firm_name,
                price=Yuan(each.price if each.price is not None else Decimal(0)),
                intact=each.intact,
                conforming=each.conforming,
                justified=each.justified,
                asked=each.id in asked,
                answered=each.id in asked and asked[each.id].answered_at is not None,
                answer_by=asked[each.id].answer_by if each.id in asked else None,
            )
            for each in self.findings
        ]

    def cites(self, clause: Clause | None) -> Clause | None:
        """The law in a statutory purchase; else the bureau's own rules."""
        return clause and cited(clause, statutory=self.statutory)

    def awaits(self) -> Sequence[str]:
        """The verbs somebody is now expected to do."""
        if self.too_few and self.state in AWAITS:
            return ("terminate",)
        if self.is_reviewing:
            return self._review_awaits()
        return AWAITS.get(self.state, ()) if self.closed_at is not None else ()

    def _review_awaits(self) -> Sequence[str]:
        sitting = [each for each in self.members if each.sits]
        if len(sitting) < self.seats:
            return ("replace",)
        return ("declare",) if any(each.declared_at is None for each in sitting) else ("conclude",)

    def inbox_party(self, permission: Permission) -> Mapping[Role, Sequence[UUID]] | None:
        """The members it waits for, each in their own post; opening and replacing wait for their roles."""
        sitting = [each for each in self.members if each.sits]
        if permission is Permission.PANEL_DECLARE:
            return _posts([each for each in sitting if each.declared_at is None])
        if permission is Permission.PANEL_SIGN:
            return _posts([each for each in sitting if each.signed_at is None])
        if permission is Permission.PANEL_CONCLUDE:
            return _posts([each for each in sitting if each.is_chair])
        return None

    def inbox_due(self, _verb: str) -> datetime | None:
        """No clock runs between the deadline and the report."""
        return None

    def snapshot(self) -> Mapping[str, object]:
        """Opening and review as the audit chain digests them."""
        return {
            "tender": self.tender_id,
            "received": self.received,
            "first_officer": self.first_officer_id,
            "second_officer": self.second_officer_id,
            "opened_at": self.opened_at,
            "commitments": self.commitments,
            "members": [
                [each.account_id, each.declared_at, each.recused_at, each.signed_at] for each in self.members
            ],
            "findings": [
                [each.bid_id, each.price, each.conforming, each.justified] for each in self.findings
            ],
            "tie_order": self.tie_order,
            "report": self.report.digest if self.report else None,
        }


def _posts(members: Sequence[PanelMember]) -> Mapping[Role, Sequence[UUID]]:
    return {
        role: [each.post_id for each in members if each.role == role.value]
        for role in (Role.PANEL_CHAIR, Role.PANEL_MEMBER)
    }
