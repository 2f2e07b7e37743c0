"""A contract's money as it stands: its ledger, what may be asked for, and the facts its rules ask."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar
from uuid import UUID

from sqlalchemy import func, select

from portal import contract, deliverable
from portal.access import Actor, Permission
from portal.contract.rules import DeliverableKind
from portal.kernel.errors import NotFound
from portal.kernel.money import NOTHING, Yuan
from portal.kernel.workdays import day_of
from portal.settlement.lifecycle import UNDERWAY, PaymentState, RecoveryState, SettlementState
from portal.settlement.models import Payment, Recovery, Settlement
from portal.settlement.rules import (
    PAYMENT_LABELS,
    Ledger,
    PaymentFacts,
    PaymentKind,
    RequestFacts,
    SettlementFacts,
    advance_of,
    carried_over,
    may_request,
    pay_by,
)
from tenants.db import db

Row = TypeVar("Row")


def settlement(row_id: UUID) -> Settlement:
    """One settlement. Raises `NotFound`."""
    return _found(db.session.scalars(select(Settlement).where(Settlement.id == row_id)).first())


def payment(row_id: UUID) -> Payment:
    """One payment. Raises `NotFound`."""
    return _found(db.session.scalars(select(Payment).where(Payment.id == row_id)).first())


def recovery(row_id: UUID) -> Recovery:
    """One recovery. Raises `NotFound`."""
    return _found(db.session.scalars(select(Recovery).where(Recovery.id == row_id)).first())


def _found(row: Row | None) -> Row:
    if row is None:
        raise NotFound
    return row


def of_contract(contract_id: UUID) -> Settlement | None:
    """The settlement of a contract, once it was computed."""
    return db.session.scalars(select(Settlement).where(Settlement.contract_id == contract_id)).first()


def payments_of(contract_id: UUID) -> list[Payment]:
    """The payments of a contract, the first first; returned ones too."""
    rows = select(Payment).where(Payment.contract_id == contract_id)
    fresh = rows.order_by(Payment.requested_at, Payment.id).execution_options(populate_existing=True)
    return list(db.session.scalars(fresh))


@dataclass(frozen=True, slots=True)
class Moved:
    """The money of a contract that moved or is about to, in 元: paid, asked for, and come back."""

    paid: Yuan
    underway: Yuan
    given_back: Yuan


def money_of(contract_id: UUID) -> tuple[Settlement | None, Moved]:
    """The settlement of a contract, and what was paid, is underway, and came back; one statement."""
    out = select(func.coalesce(func.sum(Payment.amount), 0)).where(Payment.contract_id == contract_id)
    back = select(func.coalesce(func.sum(Recovery.amount), 0)).where(Recovery.contract_id == contract_id)
    sums = (
        out.where(Payment.state == PaymentState.PAID.value),
        out.where(Payment.state.in_([each.value for each in UNDERWAY])),
        back.where(Recovery.state == RecoveryState.RECEIVED.value),
    )
    always = select(*(each.scalar_subquery() for each in sums)).subquery()
    asked = select(Settlement, *always.c).select_from(always)
    row, paid, underway, given_back = tuple(
        db.session.execute(asked.outerjoin(Settlement, Settlement.contract_id == contract_id)).one()
    )
    return row, Moved(Yuan(paid), Yuan(underway), Yuan(given_back))


def recoveries_of(contract_id: UUID) -> list[Recovery]:
    """What is or was to come back under a contract."""
    return list(db.session.scalars(select(Recovery).where(Recovery.contract_id == contract_id)))


@dataclass(frozen=True, slots=True)
class Account:
    """A contract's money, whole: the contract, its settlement if there is one, payments and recoveries."""

    contract: contract.Contract
    settlement: Settlement | None
    payments: Sequence[Payment]
    recoveries: Sequence[Recovery]

    @property
    def ledger(self) -> Ledger:
        """The ledger; before the settlement nothing is deducted yet."""
        row = self.settlement
        return Ledger(
            fee=Yuan(self.contract.fee),
            deducted=Yuan(row.deducted) if row else NOTHING,
            penalties=Yuan(row.penalties) if row else NOTHING,
            paid=Yuan(sum((each.amount for each in self.payments if each.is_paid), NOTHING)),
            given_back=Yuan(sum((each.amount for each in self.recoveries if each.is_received), NOTHING)),
        )

    @property
    def underway(self) -> Yuan:
        """What was asked for and is neither paid nor returned."""
        return Yuan(sum((each.amount for each in self.payments if each.underway), NOTHING))

    @property
    def confirmed(self) -> bool:
        """Whether the settlement stands."""
        row = self.settlement
        return row is not None and SettlementState(row.state) is SettlementState.CONFIRMED

    @property
    def next_kind(self) -> PaymentKind:
        """Which payment comes next."""
        return PaymentKind.ADVANCE if self.settlement is None else PaymentKind.FINAL

    @property
    def advance(self) -> Yuan:
        """首付款 as agreed, in 元."""
        return advance_of(Yuan(self.contract.fee), self.contract.advance_ratio)

    @property
    def advanced(self) -> Yuan:
        """What was asked for as 首付款 and not returned, in 元."""
        asked = (each for each in self.payments if each.is_advance and (each.is_paid or each.underway))
        return Yuan(sum((each.amount for each in asked), NOTHING))

    @property
    def advance_paid(self) -> Yuan:
        """What was paid as 首付款, in 元."""
        return Yuan(sum((each.amount for each in self.payments if each.is_advance and each.is_paid), NOTHING))

    @property
    def carried_over(self) -> Yuan:
        """What of 首付款 is paid with 尾款, in 元; nothing before the settlement ends the first payment."""
        if self.settlement is None:
            return NOTHING
        return carried_over(self.advance, self.advanced, self.ledger.earned)

    @property
    def advance_apart(self) -> bool:
        """Whether any of 首付款 is, or still may be, paid apart from 尾款."""
        return bool(self.advance) and (self.settlement is None or self.advanced > NOTHING)

    @property
    def advance_open(self) -> bool:
        """Whether less was paid than the agreed first payment, as far as it is earned."""
        return self.ledger.paid < min(self.advance, self.ledger.earned)

    def owed(self) -> Yuan:
        """How much may be paid in all now, in 元: the agreed advance, then what was earned and not paid."""
        ledger = self.ledger
        if self.settlement is not None:
            return ledger.payable
        return max(Yuan(self.advance - ledger.paid), NOTHING)

    def in_section(self, actor: Actor) -> bool:
        """Whether the actor sits in the section that runs the contract, or none does."""
        return self.contract.in_section(actor)

    def is_firm(self, actor: Actor) -> bool:
        """Whether the actor acts for the firm."""
        return self.contract.is_firm(actor)


def account(row_id: UUID) -> Account:
    """A contract's money, by the contract's id. Raises `NotFound`."""
    return _account(row_id, of_contract(row_id))


def account_under(row: Settlement) -> Account:
    """The money of the contract of a settlement that was read already."""
    return _account(row.contract_id, row)


def account_for(row: contract.Contract) -> Account:
    """The money of a contract that was read already, with what is still to come back; three statements."""
    found = of_contract(row.id)
    may_come_back = found is not None and row.settled_at is None
    return Account(row, found, payments_of(row.id), recoveries_of(row.id) if may_come_back else ())


def _account(contract_id: UUID, row: Settlement | None) -> Account:
    return Account(contract.contract(contract_id), row, payments_of(contract_id), recoveries_of(contract_id))


def accounts_of(contracts: Sequence[contract.Contract]) -> list[Account]:
    """The money of several contracts, in their order; three statements."""
    ids = [each.id for each in contracts]
    settled = {
        each.contract_id: each
        for each in db.session.scalars(select(Settlement).where(Settlement.contract_id.in_(ids)))
    }
    paid: defaultdict[UUID, list[Payment]] = defaultdict(list)
    for each in db.session.scalars(
        select(Payment).where(Payment.contract_id.in_(ids)).order_by(Payment.requested_at, Payment.id)
    ):
        paid[each.contract_id].append(each)
    back: defaultdict[UUID, list[Recovery]] = defaultdict(list)
    for one in db.session.scalars(select(Recovery).where(Recovery.contract_id.in_(ids))):
        back[one.contract_id].append(one)
    return [Account(each, settled.get(each.id), paid[each.id], back[each.id]) for each in contracts]


def lock_account(contract_id: UUID) -> Account:
    """A contract's money, held until the transaction ends: nothing is paid twice. Raises `NotFound`."""
    db.session.refresh(contract.contract(contract_id), with_for_update=True)
    return account(contract_id)


def accepted_on(contract_id: UUID, kind: DeliverableKind) -> date | None:
    """The day on which the last deliverable of a kind was accepted; None while one is missing."""
    days = [each.accepted_at for each in deliverable.of_contract(contract_id) if each.which is kind]
    if not days or None in days:
        return None
    return day_of(max(each for each in days if each is not None))


def plans_missing(row: contract.Contract) -> list[str]:
    """The subjects whose plan is not accepted yet."""
    accepted = {
        str(each.subject_id)
        for each in deliverable.of_contract(row.id)
        if each.which is DeliverableKind.PLAN and each.accepted_at is not None
    }
    return [each["name"] for each in row.objects if each["id"] not in accepted]


def request_facts(found: Account, amount: Yuan) -> RequestFacts:
    """Everything the rules ask before a payment is asked for."""
    kind = found.next_kind
    return RequestFacts(
        kind=kind,
        effective=found.contract.signed_at is not None and found.contract.settled_at is None,
        plans_missing=plans_missing(found.contract) if kind is PaymentKind.ADVANCE else (),
        settled=found.settlement is not None,
        confirmed=found.confirmed,
        underway=found.underway > 0,
        amount=amount,
        most=found.owed(),
    )


def payment_facts(row: Payment, *, by: Actor, reason: str | None = None) -> PaymentFacts:
    """Everything the rules ask about a payment, at this moment."""
    return PaymentFacts(
        requester_id=row.requester_id,
        requester_section=row.requester_section,
        actor_id=by.account_id,
        actor_section=by.section_id,
        amount=Yuan(row.amount),
        most=account(row.contract_id).owed(),
        reason=reason,
    )


def settlement_facts(
    row: Settlement, *, by: Actor, penalties: Yuan | None = None, needs_clause: bool = False
) -> SettlementFacts:
    """Everything the rules ask about a settlement, at this moment."""
    taken = Yuan(row.penalties) if penalties is None else penalties
    return SettlementFacts(
        ledger=Ledger(Yuan(row.fee), Yuan(row.deducted), taken, NOTHING),
        computed_by=row.adjusted_by,
        actor_id=by.account_id,
        needs_clause=needs_clause,
    )


def due_by(row: contract.Contract, on: date) -> datetime:
    """The last instant at which a payment is in time: the agreed days after acceptance."""
    return pay_by(on, row.payment_days)


def advance_due(found: Account) -> datetime | None:
    """The last instant at which 首付款 is in time; None where none was agreed, or a plan is not accepted."""
    accepted = accepted_on(found.contract.id, DeliverableKind.PLAN) if found.advance else None
    return due_by(found.contract, accepted) if accepted else None


@dataclass(frozen=True, slots=True)
class Askable:
    """What waits for the section while money may be asked for, in the shape the inbox reads of a row."""

    account: Account
    state: str = PaymentState.REQUESTED.value

    @property
    def id(self) -> UUID:
        """The contract: there is no payment before it is asked for."""
        return self.account.contract.id

    @property
    def tenant_id(self) -> UUID:
        """Whose contract it is."""
        return self.account.contract.tenant_id

    @property
    def title(self) -> str:
        """What the inbox calls it."""
        origin = self.account.contract
        return f"{origin.name}（{origin.firm_name}）{PAYMENT_LABELS[self.account.next_kind]}"

    def awaits(self) -> Sequence[str]:
        """The one verb, as long as the rules allow it."""
        return ("request",) if may_request(request_facts(self.account, self.account.owed())) else ()

    def inbox_party(self, _permission: Permission) -> UUID | None:
        """The section that runs the contract."""
        return self.account.contract.section_id

    def inbox_due(self, _verb: str) -> datetime | None:
        """The day by which it is to be paid."""
        stage = stage_of(self.account.next_kind)
        accepted = accepted_on(self.id, stage)
        return due_by(self.account.contract, accepted) if accepted else None


def stage_of(kind: PaymentKind) -> DeliverableKind:
    """Whose acceptance makes a payment due."""
    return DeliverableKind.PLAN if kind is PaymentKind.ADVANCE else DeliverableKind.REPORT
