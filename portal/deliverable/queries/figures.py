"""What a contract amounts to so far: lateness, returns, days on site, whether all is delivered."""

from uuid import UUID

from sqlalchemy import func, select

from portal.contract.rules import DeliverableKind
from portal.deliverable.lifecycle import DeliverableState
from portal.deliverable.models import Deliverable, Visit
from portal.deliverable.queries.rows import of_contract
from portal.deliverable.rules import Lateness, contract_lateness, days_on_site
from portal.deliverable.rules import late_workdays as late_by
from portal.kernel.workdays import day_of
from tenants import scope
from tenants.calendar import calendar
from tenants.db import db


def lateness(contract_id: UUID) -> list[Lateness]:
    """Each deliverable with its working days of delay, by first hand-in; what is missing counts to today."""
    today = day_of(scope.now())
    rows = of_contract(contract_id)
    handed = {row.id: day_of(row.first_submitted_at) if row.first_submitted_at else None for row in rows}
    until = {row.id: handed[row.id] or today for row in rows}
    late = [row for row in rows if until[row.id] > row.due_on]
    first = min((row.due_on for row in late), default=today)
    days = calendar(first, years_ahead=today.year - first.year + 1) if late else None
    return [
        Lateness(
            row.subject_name,
            row.which,
            row.due_on,
            handed[row.id],
            late_by(row.due_on, until[row.id], days) if days and row in late else 0,
        )
        for row in rows
    ]


def late_workdays(contract_id: UUID) -> int:
    """逾期工作日 of a contract: per kind the latest subject, summed; extensions are respected."""
    return contract_lateness(lateness(contract_id))


def on_time(contract_id: UUID) -> bool:
    """Whether nothing was, or is by now, late."""
    return not any(
        (day_of(row.first_submitted_at) if row.first_submitted_at else day_of(scope.now())) > row.due_on
        for row in of_contract(contract_id)
    )


def reports_returned(contract_id: UUID) -> int:
    """How often drafts and reports of a contract were returned."""
    kinds = (DeliverableKind.DRAFT.value, DeliverableKind.REPORT.value)
    return (
        db.session.scalar(
            select(func.coalesce(func.sum(Deliverable.returns), 0)).where(
                Deliverable.contract_id == contract_id, Deliverable.kind.in_(kinds)
            )
        )
        or 0
    )


def lead_days(contract_id: UUID) -> int:
    """Days the lead evaluator was on site, each day once, as the firm recorded them."""
    rows = db.session.execute(
        select(Visit.from_on, Visit.to_on).where(
            Visit.contract_id == contract_id, Visit.lead_attended, Visit.struck_at.is_(None)
        )
    )
    return days_on_site((row.from_on, row.to_on) for row in rows)


def is_delivered(contract_id: UUID) -> bool:
    """Whether every report of a contract is accepted."""
    states = db.session.scalars(
        select(Deliverable.state).where(
            Deliverable.contract_id == contract_id, Deliverable.kind == DeliverableKind.REPORT.value
        )
    ).all()
    return bool(states) and set(states) == {DeliverableState.ACCEPTED.value}
