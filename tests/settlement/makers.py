"""A contract's money, brought to each state by the section, another section, the approver and the payer."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from portal import quality, settlement
from portal.access import Role
from portal.appraisal import actions as appraisal_actions
from portal.audit import born
from portal.contract.queries import everything
from portal.kernel.money import NOTHING, Yuan, yuan
from portal.kernel.workdays import day_of
from portal.settlement import Payment, Recovery, Settlement
from portal.settlement.lifecycle import PAYMENT, RECOVERY, SETTLEMENT
from tenants import scope
from tenants.db import db
from tenants.models import Section
from tests.contract.makers import Deal, an_effective_contract
from tests.deliverable.makers import accepted
from tests.quality.makers import a_final_quality, a_seated_round, notify, score_all
from tests.support.world import Bureau, a_person


def with_treasury(deal: Deal) -> Deal:
    """A second section whose people check and pay, once."""
    if deal.person(Role.CHECKER).section_id != deal.bureau.section_id:
        return deal
    with scope.unit_of_work(deal.bureau.system):
        section = Section(name=f"{deal.bureau.marker}国库股")
        db.session.add(section)
        db.session.flush()
        section_id = section.id
    treasury = replace(deal.bureau, section_id=section_id)
    for role in (Role.CHECKER, Role.PAYER):
        deal.bureau.people[role] = a_person(treasury, role)
    return deal


def a_planned_contract(**changed: Any) -> Deal:
    """Every plan is accepted, nothing else is."""
    deal = with_treasury(an_effective_contract(**changed))
    for subject in range(len(deal.subjects)):
        accepted(deal, "plan", subject)
    return deal


def a_computed_settlement(**changed: Any) -> Deal:
    """Work delivered and quality final: plan 82, report 78, hence 79.60 below the cutoff of 80."""
    return with_treasury(a_final_quality(**changed).deal)


def a_vetoed_settlement() -> Deal:
    """Work delivered, and the approver has found a reported veto to be true: nothing is earned."""
    case = a_seated_round()
    for each in case.seats("accepted"):
        score_all(case, each, vetoes={"1": "底稿系伪造"})
    with case.acting(Role.APPROVER) as (by, now):
        quality.veto(quality.round_(case.round_id), "经核查底稿系伪造", by=by, now=now)
    notify(case)
    with case.acting(Role.FIRM_SIGNATORY) as (by, now):
        quality.concur(quality.round_(case.round_id), by=by, now=now)
    return with_treasury(case.deal)


def owed(deal: Deal) -> Yuan:
    """How much may be paid in all now."""
    with deal.acting(Role.HANDLER):
        return settlement.account(deal.contract_id).owed()


def settlement_id(deal: Deal) -> UUID:
    """The settlement of the contract."""
    with scope.entered(deal.bureau.system):
        found = settlement.of_contract(deal.contract_id)
        assert found is not None
        return found.id


def confirm(deal: Deal) -> Deal:
    """The approver confirms."""
    found = settlement_id(deal)
    with deal.acting(Role.APPROVER) as (by, now):
        settlement.confirm(settlement.settlement(found), by=by, now=now)
    return deal


def a_settled_contract(**changed: Any) -> Deal:
    """The settlement is confirmed, nothing paid yet."""
    return confirm(a_computed_settlement(**changed))


def request(deal: Deal, amount: str | None = None) -> UUID:
    """The section asks for what is owed, or for ``amount``."""
    wanted = yuan(amount) if amount else owed(deal)
    with deal.acting(Role.HANDLER) as (by, now):
        return settlement.request(deal.contract_id, wanted, "", by=by, now=now).id


def check(deal: Deal, payment_id: UUID) -> UUID:
    """Another section agrees."""
    with deal.acting(Role.CHECKER) as (by, now):
        settlement.check(settlement.payment(payment_id), by=by, now=now)
    return payment_id


def pay(deal: Deal, payment_id: UUID) -> UUID:
    """The payer records it."""
    with deal.acting(Role.PAYER) as (by, now):
        invoice = settlement.Invoice("25532000000012345678", day_of(now), day_of(now))
        settlement.pay(settlement.payment(payment_id), invoice, None, by=by, now=now)
    return payment_id


def settle_everything(bureau: Bureau) -> None:
    """For each contract of a bureau an appraisal, a settlement, a payment on its way, money to come back."""
    handler = bureau.people[Role.HANDLER]
    with scope.unit_of_work(bureau.system):
        now = scope.now()
        today = day_of(now)
        for origin in everything({}):
            appraisal_actions.open_for(origin.id, by=None, now=now)
            about: dict[str, Any] = {
                "contract_id": origin.id,
                "contract_name": origin.name,
                "firm_id": origin.firm_id,
                "firm_name": origin.firm_name,
                "section_id": origin.section_id,
                "readers": [origin.firm_id],
                "touched_at": now,
            }
            row = Settlement(
                state="computed",
                year=origin.year,
                terms_id=origin.terms_id,
                fee=origin.fee,
                deducted=NOTHING,
                penalties=NOTHING,
                other={"lines": []},
                earned=origin.fee,
                basis={"tiers": [], "scope": "contract", "parts": []},
                accepted_on=today,
                due_by=now,
                computed_at=now,
                **about,
            )
            born(SETTLEMENT, row, by=None, now=now)
            asked = Payment(
                state="requested",
                kind="advance",
                amount=yuan("1000"),
                accepted_on=today,
                due_by=now,
                requester_id=handler.account_id,
                requester=handler.name,
                requester_section=handler.section_id,
                requested_at=now,
                **about,
            )
            born(PAYMENT, asked, by=None, now=now)
            back = Recovery(
                state="demanded", settlement_id=row.id, amount=yuan("1"), demanded_at=now, **about
            )
            born(RECOVERY, back, by=None, now=now)


def paid(deal: Deal, amount: str | None = None) -> UUID:
    """Asked for, checked and paid."""
    return pay(deal, check(deal, request(deal, amount)))
