"""What is earned and paid: the settlement, and a payment asked for, checked and made."""

from uuid import UUID

from portal import settlement
from portal.demo.settling import World
from portal.demo.walk.desks import APPROVER, CHECKER, HANDLER, PAYER
from portal.kernel.workdays import day_of
from portal.settlement import Invoice


def settled(world: World, contract_id: UUID) -> None:
    """The settlement is confirmed: the firm is told what was deducted."""
    with world.acting(*APPROVER) as (actor, now):
        found = settlement.of_contract(contract_id)
        if found is None:
            raise LookupError
        settlement.confirm(found, by=actor, now=now)


def asked_for(world: World, contract_id: UUID) -> UUID:
    """The section asks for what may be paid now."""
    with world.acting(*HANDLER) as (actor, now):
        amount = settlement.account(contract_id).owed()
        return settlement.request(contract_id, amount, "", by=actor, now=now).id


def checked(world: World, payment_id: UUID) -> None:
    """Another section agrees."""
    with world.acting(*CHECKER) as (actor, now):
        settlement.check(settlement.payment(payment_id), by=actor, now=now)


def paid(world: World, contract_id: UUID, invoice: str) -> None:
    """Asked for, agreed to, paid against an invoice."""
    payment_id = asked_for(world, contract_id)
    checked(world, payment_id)
    with world.acting(*PAYER) as (actor, now):
        today = day_of(now)
        settlement.pay(
            settlement.payment(payment_id), Invoice(invoice, today, today), None, by=actor, now=now
        )
