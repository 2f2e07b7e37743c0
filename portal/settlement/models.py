"""A contract's settlement, its payments, and what is to come back where too much was paid."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from portal.access import Actor, Permission
from portal.audit import Moved
from portal.kernel.score import Score
from portal.kernel.workdays import day_of
from portal.settlement.lifecycle import (
    AWAITS,
    PAYMENT_AWAITS,
    PAYMENT_STATES,
    RECOVERY_STATES,
    STATE_LABELS,
    UNDERWAY,
    PaymentState,
    RecoveryState,
    SettlementState,
)
from portal.settlement.rules import PAYMENT_LABELS, PaymentKind
from tenants.db import MONEY, SCORE, Model, tenant_constraints, within_tenant
from tenants.rowsecurity import shared_with


def _listed(values: Sequence[str]) -> str:
    return ", ".join(f"'{each}'" for each in values)


class Money:
    """What every row about a contract's money says: which contract, whose work, and of which section."""

    contract_id: Mapped[UUID]
    contract_name: Mapped[str] = mapped_column(Text)
    firm_id: Mapped[UUID] = mapped_column(ForeignKey("firm.id"))
    firm_name: Mapped[str] = mapped_column(Text)
    section_id: Mapped[UUID | None]
    readers: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), default=list)

    def in_section(self, actor: Actor) -> bool:
        """Whether the actor sits in the section that runs the contract, or none does."""
        return self.section_id is None or self.section_id == actor.section_id

    def is_firm(self, actor: Actor) -> bool:
        """Whether the actor acts for the firm."""
        return self.firm_id == actor.party_id

    def inbox_party(self, _permission: Permission) -> UUID | None:
        """Every holder of the role; who asked is told apart by the guard."""
        return None


class Settlement(Money, Moved, Model):
    """结算: what of a contract's fee is earned, by the quality terms both sides signed."""

    __tablename__ = "settlement"
    __protection__ = shared_with("readers")

    year: Mapped[int]
    terms_id: Mapped[UUID]
    fee: Mapped[Decimal] = mapped_column(MONEY)
    quality: Mapped[Decimal | None] = mapped_column(SCORE)
    vetoed: Mapped[bool] = mapped_column(default=False)
    deducted: Mapped[Decimal] = mapped_column(MONEY)
    penalties: Mapped[Decimal] = mapped_column(MONEY)
    other: Mapped[dict[str, Any]] = mapped_column(JSONB)
    earned: Mapped[Decimal] = mapped_column(MONEY)
    basis: Mapped[dict[str, Any]] = mapped_column(JSONB)
    accepted_on: Mapped[date]
    due_by: Mapped[datetime]
    computed_at: Mapped[datetime]
    adjusted_by: Mapped[UUID | None]
    adjuster: Mapped[str | None] = mapped_column(Text)
    confirmed_at: Mapped[datetime | None]
    confirmer: Mapped[str | None] = mapped_column(Text)
    balanced_at: Mapped[datetime | None]

    __table_args__ = tenant_constraints(
        within_tenant("contract_id", "contract"),
        within_tenant("terms_id", "quality_terms"),
        within_tenant("section_id", "section"),
        UniqueConstraint("tenant_id", "contract_id"),
        CheckConstraint(f"state IN ({_listed(list(SettlementState))})", name="state"),
        CheckConstraint("fee = deducted + penalties + earned", name="adds_up"),
        CheckConstraint("deducted >= 0 AND penalties >= 0 AND earned >= 0", name="nothing_negative"),
        CheckConstraint("(state = 'confirmed') = (confirmed_at IS NOT NULL)", name="confirmed_has_time"),
        Index("ix_settlement_touched", "tenant_id", "touched_at", "id"),
    )

    @property
    def title(self) -> str:
        """What the inbox calls it."""
        return f"{self.contract_name}（{self.firm_name}）结算"

    @property
    def state_label(self) -> tuple[str, str]:
        """The state in words, and its tone."""
        return STATE_LABELS[SettlementState(self.state)]

    @property
    def penalty_lines(self) -> list[dict[str, str]]:
        """其他扣减, one by one: clause, reason, amount."""
        return list(self.other["lines"])

    @property
    def score(self) -> Score | None:
        """质量得分, None where nothing was sampled."""
        return None if self.quality is None else Score(self.quality)

    def awaits(self) -> Sequence[str]:
        """The verbs somebody is now expected to do."""
        return AWAITS.get(SettlementState(self.state), ())

    def inbox_due(self, _verb: str) -> datetime | None:
        """The day by which the rest is to be paid; none where nothing is earned."""
        return self.due_by if self.earned else None

    def snapshot(self) -> Mapping[str, object]:
        """The settlement as the audit chain digests it."""
        return {
            "contract": self.contract_id,
            "terms": self.terms_id,
            "fee": self.fee,
            "quality": self.quality,
            "vetoed": self.vetoed,
            "deducted": self.deducted,
            "penalties": self.penalties,
            "penalty_lines": self.penalty_lines,
            "earned": self.earned,
        }


class Payment(Money, Moved, Model):
    """付款: asked for by the section that runs the contract, checked by another, recorded by the payer."""

    __tablename__ = "payment"
    __protection__ = shared_with("readers")

    kind: Mapped[str] = mapped_column(Text)
    amount: Mapped[Decimal] = mapped_column(MONEY)
    accepted_on: Mapped[date]
    due_by: Mapped[datetime]
    note: Mapped[str] = mapped_column(Text, default="")
    requester_id: Mapped[UUID]
    requester: Mapped[str] = mapped_column(Text)
    requester_section: Mapped[UUID | None]
    requested_at: Mapped[datetime]
    checker: Mapped[str | None] = mapped_column(Text)
    checked_at: Mapped[datetime | None]
    payer: Mapped[str | None] = mapped_column(Text)
    paid_on: Mapped[date | None]
    invoice_number: Mapped[str | None] = mapped_column(Text)
    invoice_on: Mapped[date | None]
    invoice_file_id: Mapped[UUID | None]
    last_reason: Mapped[str | None] = mapped_column(Text)

    __table_args__ = tenant_constraints(
        within_tenant("contract_id", "contract"),
        within_tenant("section_id", "section"),
        within_tenant("requester_section", "section"),
        within_tenant("invoice_file_id", "stored_file"),
        CheckConstraint(f"state IN ({_listed(list(PaymentState))})", name="state"),
        CheckConstraint(f"kind IN ({_listed(list(PaymentKind))})", name="kind"),
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint(
            "state NOT IN ('checked', 'paid') OR checked_at IS NOT NULL", name="checked_has_time"
        ),
        CheckConstraint(
            "(state = 'paid') = (paid_on IS NOT NULL AND invoice_number IS NOT NULL)", name="paid_has_invoice"
        ),
        CheckConstraint("state <> 'returned' OR last_reason IS NOT NULL", name="returned_for_a_reason"),
        Index(
            "uq_payment_underway",
            "tenant_id",
            "contract_id",
            unique=True,
            postgresql_where=text("state IN ('requested', 'checked')"),
        ),
        Index("ix_payment_touched", "tenant_id", "touched_at", "id"),
        Index("ix_payment_contract", "tenant_id", "contract_id"),
    )

    @property
    def title(self) -> str:
        """What the inbox calls it."""
        return f"{self.contract_name}（{self.firm_name}）{self.kind_label}"

    @property
    def kind_label(self) -> str:
        """款项 in words."""
        return PAYMENT_LABELS[PaymentKind(self.kind)]

    @property
    def is_advance(self) -> bool:
        """Whether it is the first payment, due with the plans and not with the reports."""
        return PaymentKind(self.kind) is PaymentKind.ADVANCE

    @property
    def state_label(self) -> tuple[str, str]:
        """The state in words, and its tone."""
        return PAYMENT_STATES[PaymentState(self.state)]

    @property
    def due_on(self) -> date:
        """The last day on which it is in time."""
        return day_of(self.due_by)

    @property
    def underway(self) -> bool:
        """Asked for, and neither paid nor returned."""
        return PaymentState(self.state) in UNDERWAY

    @property
    def is_paid(self) -> bool:
        """Whether the money has left."""
        return PaymentState(self.state) is PaymentState.PAID

    def awaits(self) -> Sequence[str]:
        """The verbs somebody is now expected to do."""
        return PAYMENT_AWAITS.get(PaymentState(self.state), ())

    def inbox_due(self, _verb: str) -> datetime | None:
        """The last day on which it is in time."""
        return self.due_by

    def snapshot(self) -> Mapping[str, object]:
        """The payment as the audit chain digests it."""
        return {
            "contract": self.contract_id,
            "kind": self.kind,
            "amount": self.amount,
            "due_by": self.due_by,
            "paid_on": self.paid_on,
            "invoice": self.invoice_number,
            "invoice_on": self.invoice_on,
            "reason": self.last_reason,
        }


class Recovery(Money, Moved, Model):
    """应退: what was paid above what was earned, until it is back."""

    __tablename__ = "recovery"
    __protection__ = shared_with("readers")

    settlement_id: Mapped[UUID]
    amount: Mapped[Decimal] = mapped_column(MONEY)
    demanded_at: Mapped[datetime]
    seen_at: Mapped[datetime | None]
    received_on: Mapped[date | None]
    voucher: Mapped[str | None] = mapped_column(Text)
    receiver: Mapped[str | None] = mapped_column(Text)

    __table_args__ = tenant_constraints(
        within_tenant("contract_id", "contract"),
        within_tenant("settlement_id", "settlement"),
        within_tenant("section_id", "section"),
        UniqueConstraint("tenant_id", "settlement_id"),
        CheckConstraint(f"state IN ({_listed(list(RecoveryState))})", name="state"),
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("(state = 'received') = (received_on IS NOT NULL)", name="received_has_day"),
        Index("ix_recovery_contract", "tenant_id", "contract_id"),
    )

    @property
    def title(self) -> str:
        """What the inbox calls it."""
        return f"{self.contract_name}（{self.firm_name}）应退款"

    @property
    def state_label(self) -> tuple[str, str]:
        """The state in words, and its tone."""
        return RECOVERY_STATES[RecoveryState(self.state)]

    @property
    def is_received(self) -> bool:
        """Whether the money is back."""
        return RecoveryState(self.state) is RecoveryState.RECEIVED

    def awaits(self) -> Sequence[str]:
        """The firm reads what it owes and pays it back; the payer records that."""
        if self.is_received:
            return ()
        return ("receive",) if self.seen_at is not None else ("acknowledge", "receive")

    def inbox_party(self, permission: Permission) -> UUID | None:
        """The firm that has to pay back; whoever records payments in the bureau."""
        return self.firm_id if permission is Permission.RECOVERY_ACKNOWLEDGE else None

    def inbox_due(self, _verb: str) -> datetime | None:
        """No clock runs: when it is due stands in the notice."""
        return None

    def snapshot(self) -> Mapping[str, object]:
        """The recovery as the audit chain digests it."""
        return {
            "settlement": self.settlement_id,
            "amount": self.amount,
            "received_on": self.received_on,
            "voucher": self.voucher,
        }
