"""What the rules of a deliverable, a consultation and material are asked with, at this moment."""

from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy import select

from portal import contract
from portal.contract.rules import DeliverableKind
from portal.deliverable.lifecycle import HEARD, ConsultationState, DeliverableState
from portal.deliverable.models import Consultation, Deliverable, Material
from portal.deliverable.queries.rows import sibling
from portal.deliverable.rules import ConsultationFacts, DeliverableFacts, MaterialFacts
from portal.kernel.workdays import day_of
from tenants.db import db


def heard(row: Deliverable) -> bool:
    """Whether the unit of the same subject was heard on the draft, to the end."""
    found = select(Consultation.state).where(
        Consultation.contract_id == row.contract_id, Consultation.subject_id == row.subject_id
    )
    return db.session.scalar(found) in {state.value for state in HEARD}


def facts(
    row: Deliverable,
    *,
    unclassified: bool = True,
    lead_confirmed: bool = True,
    reason: str | None = None,
) -> DeliverableFacts:
    """Everything the rules ask about, at this moment."""
    is_report = row.which is DeliverableKind.REPORT
    plan = sibling(row, DeliverableKind.PLAN) if is_report else None
    return DeliverableFacts(
        kind=row.which,
        plan_accepted=plan is not None and plan.state == DeliverableState.ACCEPTED.value,
        consulted=heard(row) if is_report else False,
        under_contract=contract.is_in_force(row.contract_id),
        unclassified=unclassified,
        lead_confirmed=lead_confirmed,
        reason=reason,
    )


def consultation_facts(
    row: Consultation, *, now: datetime, answers: Mapping[int, tuple[bool | None, str]] | None = None
) -> ConsultationFacts:
    """Everything the rules of a consultation ask about; ``answers`` by number of the opinion."""
    given = (
        answers
        if answers is not None
        else {each.number: (each.adopted, each.answer) for each in row.opinions}
    )
    numbers = [each.number for each in row.opinions]
    return ConsultationFacts(
        now=now,
        due_by=row.due_by,
        opinions=len(numbers),
        unanswered=[n for n in numbers if given.get(n, (None, ""))[0] is None],
        unreasoned=[n for n in numbers if given.get(n, (None, ""))[0] is False and not given[n][1].strip()],
    )


def material_facts(row: Material, *, now: datetime, on: date | None = None) -> MaterialFacts:
    """Everything the rules of material ask about."""
    return MaterialFacts(today=day_of(now), since=row.handed_on or row.asked_on, on=on)


def is_past(row: Deliverable, now: datetime) -> bool:
    """Whether it was due before today and nothing was handed in yet."""
    return row.first_submitted_at is None and day_of(now) > row.due_on


def has_lapsed(row: Consultation, now: datetime) -> bool:
    """Whether the unit's time is over and it has not answered; the same answer as the guard's."""
    return row.state == ConsultationState.OPEN.value and now > row.due_by
