"""A bureau, a firm and a unit with a contract between them, brought to each state by its own people."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from portal import commission, contract, tender
from portal.access import Actor, Role
from portal.award import Award
from portal.bid import Bid
from portal.contract.rules import CLAUSES
from portal.kernel.money import yuan
from portal.kernel.workdays import day_of
from portal.panel import Panel
from portal.tender import actions as tender_actions
from tenants import scope
from tenants.db import db
from tests.support.world import PASSWORD, Bureau, Person, a_bureau, a_person, a_subject, a_unit, publish_rules
from tests.tender.makers import a_firm, days_known

STAFF = (Role.HANDLER, Role.BUYER, Role.APPROVER, Role.CHECKER, Role.PAYER, Role.ORGANISER, Role.AUDIT_ADMIN)


@dataclass
class Deal:
    """A bureau, the firm and the unit, and the contract between them."""

    bureau: Bureau
    unit_id: UUID
    subjects: tuple[UUID, ...]
    firm_id: UUID
    firm_name: str
    contract_id: UUID

    def person(self, role: Role) -> Person:
        """Who holds the role."""
        return self.bureau.people[role]

    @contextmanager
    def acting(self, role: Role) -> Iterator[tuple[Actor, datetime]]:
        """One deed of one person, in a transaction of its own."""
        person = self.person(role)
        with scope.unit_of_work(person.scope):
            yield person.actor, scope.now()


def a_place(subjects: int = 2) -> tuple[Bureau, UUID, tuple[UUID, ...], UUID, str]:
    """A bureau with its people, a unit with subjects, a firm, and the people of both."""
    days_known()
    bureau = a_bureau(roles=STAFF)
    publish_rules(bureau)
    unit_id = a_unit(bureau)
    chosen = tuple(a_subject(bureau, unit_id) for _ in range(subjects))
    firm = a_firm(bureau)
    bureau.people[Role.FIRM_HANDLER], bureau.people[Role.FIRM_SIGNATORY] = firm.handler, firm.signatory
    for role in (Role.UNIT_HANDLER, Role.UNIT_HEAD):
        bureau.people[role] = a_person(bureau, role, party_id=unit_id)
    return bureau, unit_id, chosen, firm.id, firm.name


def an_approved_commission(bureau: Bureau, subjects: tuple[UUID, ...], **changed: Any) -> UUID:
    """A commission due in 20, 40 and 60 days, approved."""
    handler, approver = bureau.people[Role.HANDLER], bureau.people[Role.APPROVER]
    with scope.unit_of_work(handler.scope):
        now = scope.now()
        today = day_of(now)
        whole: dict[str, Any] = {
            "name": f"{bureau.marker}重点绩效评价",
            "year": today.year,
            "service_kind": "evaluation",
            "assist_only": False,
            "commissioner_id": None,
            "budget_item": "",
            "ceiling": yuan("180000"),
            "plan_due_on": today + timedelta(days=20),
            "draft_due_on": today + timedelta(days=40),
            "report_due_on": today + timedelta(days=60),
            "requirements": "",
            "subjects": subjects,
            "cutoff": Decimal(80),
            "sample_size": None,
            "experts": 3,
        }
        row = commission.draft(commission.Draft(**{**whole, **changed}), by=handler.actor, now=now)
        commission.submit(row, by=handler.actor, now=now)
        row_id = row.id
    with scope.unit_of_work(approver.scope):
        commission.approve(commission.commission(row_id), by=approver.actor, now=scope.now())
    return row_id


def _bought(bureau: Bureau, commission_id: UUID, firm_id: UUID, firm_name: str) -> tuple[UUID, UUID, UUID]:
    """Tender, bid and award to point at, without walking through the purchase."""
    buyer = bureau.people[Role.BUYER]
    with scope.unit_of_work(buyer.scope):
        now = scope.now()
        data = tender.Draft(
            name=f"{bureau.marker}采购",
            ceiling=yuan("180000"),
            response_by=now + timedelta(days=7),
            requirements=("主评人符合条件",),
            needs="",
        )
        tender_id = tender_actions.draft(commission_id, data, by=buyer.actor, now=now).id
    with scope.unit_of_work(bureau.system):
        now = scope.now()
        reviewed = Panel(
            state="awaiting", tender_id=tender_id, tender_name="", min_quotes=3, touched_at=now, id=uuid4()
        )
        sealed = Bid(
            id=uuid4(),
            state="submitted",
            tender_id=tender_id,
            firm_id=firm_id,
            firm_name=firm_name,
            number="TEST0001",
            submitted_at=now,
            submitter_id=buyer.account_id,
            submitter=firm_name,
            envelope=b"sealed",
            envelope_digest="0" * 64,
            commitments={},
            sealed_files=[],
            file_ids=[],
            touched_at=now,
        )
        db.session.add_all((reviewed, sealed))
        db.session.flush()
        decided = Award(
            id=uuid4(),
            state="awarded",
            bid_id=sealed.id,
            firm_id=firm_id,
            firm_name=firm_name,
            price=Decimal(168000),
            place=1,
            awarded_at=now,
            tender_id=tender_id,
            panel_id=reviewed.id,
            tender_name="",
            report_digest="0" * 64,
            ranked_at=now,
            award_by=now + timedelta(days=7),
            touched_at=now,
        )
        db.session.add(decided)
        db.session.flush()
        return tender_id, sealed.id, decided.id


def a_draft_contract(
    *, subjects: int = 2, price: str = "168000", terms: dict[str, Any] | None = None, **changed: Any
) -> Deal:
    """A contract as an award leaves it; ``terms`` is what the commission says otherwise than usual."""
    bureau, unit_id, chosen, firm_id, firm_name = a_place(subjects)
    commission_id = an_approved_commission(bureau, chosen, **(terms or {}))
    buyer = bureau.people[Role.BUYER]
    tender_id, bid_id, award_id = _bought(bureau, commission_id, firm_id, firm_name)
    with scope.unit_of_work(buyer.scope):
        whole: dict[str, Any] = {
            "commission_id": commission_id,
            "tender_id": tender_id,
            "tender_number": "测询〔2026〕1号",
            "tendered_terms_id": commission.commission(commission_id).terms_id,
            "award_id": award_id,
            "bid_id": bid_id,
            "firm_id": firm_id,
            "firm_name": firm_name,
            "price": yuan(price),
            "lead_evaluator": f"{bureau.marker}主评人",
            "team": ({"name": f"{bureau.marker}组员", "part": "现场核查"},),
            "onsite_days": 12,
        }
        awarding = contract.Awarding(**{**whole, **changed})
        row_id = contract.draft_from(awarding, by=buyer.actor, now=scope.now()).id
    return Deal(bureau, unit_id, chosen, firm_id, firm_name, row_id)


def filled(deal: Deal, **changed: Any) -> contract.Draft:
    """The draft with what an officer fills in."""
    with deal.acting(Role.HANDLER):
        row = contract.contract(deal.contract_id)
        whole: dict[str, Any] = {
            "plan_due_on": row.plan_due_on,
            "draft_due_on": row.draft_due_on,
            "report_due_on": row.report_due_on,
            "advance_ratio": Decimal("0.30"),
            "payment_days": 30,
            "late_ratio": Decimal("0.005"),
            "late_cap": Decimal("0.10"),
            "clauses": {key: text for key, (_, text) in CLAUSES.items()},
            "special": "",
        }
    return contract.Draft(**{**whole, **changed})


def an_offered_contract(**changed: Any) -> Deal:
    """A contract that waits for its firm."""
    deal = a_draft_contract(**changed)
    with deal.acting(Role.HANDLER) as (by, now):
        contract.offer(contract.contract(deal.contract_id), by=by, now=now)
    return deal


def a_confirmed_contract(**changed: Any) -> Deal:
    """A contract the firm has signed."""
    deal = an_offered_contract(**changed)
    confirm(deal)
    return deal


def confirm(deal: Deal) -> None:
    """The firm signs."""
    with deal.acting(Role.FIRM_SIGNATORY) as (by, now):
        row = contract.contract(deal.contract_id)
        contract.confirm(row, PASSWORD, seen=row.content_digest, by=by, now=now)


def sign(deal: Deal) -> None:
    """The bureau signs."""
    with deal.acting(Role.APPROVER) as (by, now):
        contract.sign(contract.contract(deal.contract_id), PASSWORD, by=by, now=now)


def an_effective_contract(**changed: Any) -> Deal:
    """A contract both sides have signed; what hears of it has heard."""
    deal = a_confirmed_contract(**changed)
    sign(deal)
    return deal
