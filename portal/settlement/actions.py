"""One function per verb of a settlement, of a payment and of a recovery. Each goes through the setter."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from werkzeug.datastructures import FileStorage

from portal import contract, document, file
from portal.access import Actor
from portal.audit import born, record, rewrite_inbox, take
from portal.contract.rules import DeliverableKind
from portal.kernel.errors import Invalid, Refused
from portal.kernel.money import NOTHING, Yuan
from portal.kernel.workdays import day_of
from portal.settlement import queries
from portal.settlement.lifecycle import (
    PAYMENT,
    RECOVERY,
    SETTLEMENT,
    PaymentState,
    RecoveryState,
    SettlementState,
)
from portal.settlement.models import Payment, Recovery, Settlement
from portal.settlement.rules import RecoveryFacts, may_request
from tenants.db import db
from tenants.scope import elevated


def compute(contract_id: UUID, *, now: datetime) -> None:
    """计算结算, once both the work is delivered and its quality final; the last of the two calls.

    Nobody computes it: whose act was the last does not stand beside the figure.
    """
    with elevated("settlement.compute"):
        if queries.of_contract(contract_id) is not None:
            return
        origin = contract.contract(contract_id)
        made = queries.compute(origin)
        accepted = queries.accepted_on(contract_id, DeliverableKind.REPORT)
        if made is None or accepted is None:
            return
        fee = Yuan(origin.fee)
        row = Settlement(
            state=SettlementState.COMPUTED.value,
            contract_id=origin.id,
            contract_name=origin.name,
            firm_id=origin.firm_id,
            firm_name=origin.firm_name,
            section_id=origin.section_id,
            year=origin.year,
            terms_id=origin.terms_id,
            fee=fee,
            quality=made.quality,
            vetoed=made.vetoed,
            deducted=made.deducted,
            penalties=made.penalties,
            other={"lines": made.penalty_lines},
            earned=Yuan(fee - made.deducted - made.penalties),
            basis=made.basis,
            accepted_on=accepted,
            due_by=queries.due_by(origin, accepted),
            computed_at=now,
            readers=[],
            touched_at=now,
        )
        born(SETTLEMENT, row, by=None, now=now)
        _ask(contract_id, now=now)


def ask(contract_id: UUID, *, now: datetime) -> None:
    """The section is told that a payment may be asked for now, or no more."""
    with elevated("payment.ask"):
        _ask(contract_id, now=now)


def _ask(contract_id: UUID, *, now: datetime) -> None:
    rewrite_inbox(PAYMENT, queries.Askable(queries.account(contract_id)), now=now)


@dataclass(frozen=True, slots=True)
class Penalty:
    """其他扣减: how much, by which clause of the contract, for which fact. ``amount`` in 元."""

    amount: Yuan
    clause: str
    reason: str


def adjust(row: Settlement, penalties: Sequence[Penalty], *, by: Actor, now: datetime) -> None:
    """登记扣减: what other clauses take from the fee, in place of what stood. Raises `Refused`."""
    total = Yuan(sum((each.amount for each in penalties), NOTHING))
    needs_clause = any(not each.clause.strip() or not each.reason.strip() for each in penalties)
    facts = queries.settlement_facts(row, by=by, penalties=total, needs_clause=needs_clause)
    take(
        SETTLEMENT,
        row,
        "adjust",
        facts,
        by=by,
        now=now,
        changes={
            "penalties": total,
            "other": {
                "lines": [
                    {"clause": each.clause.strip(), "reason": each.reason.strip(), "amount": f"{each.amount}"}
                    for each in penalties
                ]
            },
            "earned": facts.ledger.earned,
            "adjusted_by": by.account_id,
            "adjuster": by.name,
        },
        amount=total,
    )


def confirm(row: Settlement, *, by: Actor, now: datetime) -> None:
    """确认结算: the firm is told what was deducted, and what it has to give back. Raises `Refused`."""
    found = queries.lock_account(row.contract_id)
    take(
        SETTLEMENT,
        row,
        "confirm",
        queries.settlement_facts(row, by=by),
        by=by,
        now=now,
        changes={"confirmed_at": now, "confirmer": by.name, "readers": [row.firm_id]},
        terms=row.terms_id,
    )
    if row.deducted or row.penalties:
        document.issue(
            "settlement.deduction",
            queries.deduction_paper(row),
            subject_id=row.id,
            readers=row.readers,
            by=by,
            now=now,
        )
    if found.ledger.recoverable:
        _demand(row, found.ledger.recoverable, by=by, now=now)
    _ask(row.contract_id, now=now)
    _close(row.contract_id, by=by, now=now)


def _demand(row: Settlement, amount: Yuan, *, by: Actor, now: datetime) -> None:
    """通知退款: more was paid than was earned; it comes back, and no payment is ever negative."""
    owed = Recovery(
        state=RecoveryState.DEMANDED.value,
        settlement_id=row.id,
        contract_id=row.contract_id,
        contract_name=row.contract_name,
        firm_id=row.firm_id,
        firm_name=row.firm_name,
        section_id=row.section_id,
        amount=amount,
        demanded_at=now,
        readers=[row.firm_id],
        touched_at=now,
    )
    born(RECOVERY, owed, by=by, now=now, amount=amount)
    ledger = queries.account(row.contract_id).ledger
    document.issue(
        "settlement.recovery",
        queries.recovery_paper(owed, ledger),
        subject_id=row.id,
        readers=[row.firm_id],
        by=by,
        now=now,
    )


def request(contract_id: UUID, amount: Yuan, note: str, *, by: Actor, now: datetime) -> Payment:
    """申请付款: the advance before the settlement, the rest after it. Raises `Refused`."""
    found = queries.lock_account(contract_id)
    ruling = may_request(queries.request_facts(found, amount))
    kind = found.next_kind
    accepted = queries.accepted_on(contract_id, queries.stage_of(kind))
    if not ruling or accepted is None:
        raise Refused(ruling)
    origin = found.contract
    row = Payment(
        state=PaymentState.REQUESTED.value,
        contract_id=origin.id,
        contract_name=origin.name,
        firm_id=origin.firm_id,
        firm_name=origin.firm_name,
        section_id=origin.section_id,
        kind=kind.value,
        amount=amount,
        accepted_on=accepted,
        due_by=queries.due_by(origin, accepted),
        note=note,
        requester_id=by.account_id,
        requester=by.name,
        requester_section=by.section_id,
        requested_at=now,
        readers=[origin.firm_id],
        touched_at=now,
    )
    born(PAYMENT, row, by=by, now=now, amount=amount)
    _ask(contract_id, now=now)
    return row


def check(row: Payment, *, by: Actor, now: datetime) -> None:
    """复核通过, by another section than asked. Raises `Refused`."""
    take(
        PAYMENT,
        row,
        "check",
        queries.payment_facts(row, by=by),
        by=by,
        now=now,
        changes={"checker": by.name, "checked_at": now},
        amount=row.amount,
    )


def return_(row: Payment, reason: str, *, by: Actor, now: datetime) -> None:
    """退回申请, for a reason; who asked may ask anew. Raises `Refused`."""
    take(
        PAYMENT,
        row,
        "return",
        queries.payment_facts(row, by=by, reason=reason),
        by=by,
        now=now,
        changes={"last_reason": reason},
        reason=reason,
    )
    db.session.flush()
    _ask(row.contract_id, now=now)


@dataclass(frozen=True, slots=True)
class Invoice:
    """发票, and the day on which the money left."""

    number: str
    on: date
    paid_on: date


def pay(row: Payment, invoice: Invoice, upload: FileStorage | None, *, by: Actor, now: datetime) -> None:
    """登记支付: the money has left, against this invoice. Raises `Refused`, `Invalid`."""
    queries.lock_account(row.contract_id)
    if invoice.paid_on > day_of(now):
        raise Invalid("paid_on", "payment.paid_later", today=day_of(now))
    if invoice.on > invoice.paid_on:
        raise Invalid("invoice_on", "payment.invoice_later")
    if row.checked_at is not None and invoice.paid_on < day_of(row.checked_at):
        raise Invalid("paid_on", "payment.paid_before_check", checked=day_of(row.checked_at))
    kept = file.keep(upload, readers=row.readers, by=by, now=now).id if upload and upload.filename else None
    take(
        PAYMENT,
        row,
        "pay",
        queries.payment_facts(row, by=by),
        by=by,
        now=now,
        changes={
            "payer": by.name,
            "paid_on": invoice.paid_on,
            "invoice_number": invoice.number,
            "invoice_on": invoice.on,
            "invoice_file_id": kept,
        },
        amount=row.amount,
    )
    db.session.flush()
    _ask(row.contract_id, now=now)
    _close(row.contract_id, by=by, now=now)


def acknowledge(row: Recovery, *, by: Actor, now: datetime) -> None:
    """知悉退款通知: the firm has read what it has to give back. Raises `Refused`."""
    facts = RecoveryFacts(seen=row.seen_at is not None)
    take(RECOVERY, row, "acknowledge", facts, by=by, now=now, changes={"seen_at": now})


def receive(row: Recovery, on: date, voucher: str, *, by: Actor, now: datetime) -> None:
    """登记收回: what was paid too much is back. Raises `Refused`, `Invalid`."""
    queries.lock_account(row.contract_id)
    if on > day_of(now):
        raise Invalid("received_on", "payment.paid_later", today=day_of(now))
    if on < day_of(row.demanded_at):
        raise Invalid("received_on", "recovery.before_notice", demanded=day_of(row.demanded_at))
    take(
        RECOVERY,
        row,
        "receive",
        None,
        by=by,
        now=now,
        changes={"received_on": on, "voucher": voucher, "receiver": by.name},
        amount=row.amount,
    )
    db.session.flush()
    _close(row.contract_id, by=by, now=now)


def _close(contract_id: UUID, *, by: Actor, now: datetime) -> None:
    """结清: nothing is owed in either direction any more; the contract is told."""
    found = queries.account(contract_id)
    row = found.settlement
    if row is None or not found.confirmed or row.balanced_at or found.ledger.balance or found.underway:
        return
    row.balanced_at = now
    db.session.flush()
    record("settlement.balance", by=by, now=now, subject_id=row.id, amount=found.ledger.earned)
    contract.settled(contract_id, by=by, now=now)
