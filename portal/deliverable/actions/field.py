"""Field work: visits the firm records, and material that goes from the unit to the firm and back."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from portal import contract
from portal.access import Actor
from portal.audit import born, record, take
from portal.deliverable import queries
from portal.deliverable.actions.deliverables import about
from portal.deliverable.lifecycle import MATERIAL, MaterialState
from portal.deliverable.models import Material, Visit
from portal.deliverable.rules import LONGEST_VISIT_DAYS
from portal.kernel.errors import Invalid, Refused
from portal.kernel.ruling import unless
from portal.kernel.workdays import day_of
from tenants.db import db
from tenants.scope import elevated


@dataclass(frozen=True, slots=True)
class Visited:
    """A visit as typed; both days belong to it."""

    subject_id: UUID
    from_on: date
    to_on: date
    place: str
    attended: str
    lead_attended: bool
    notes: str


def record_visit(origin: contract.Contract, data: Visited, *, by: Actor, now: datetime) -> None:
    """记录现场工作. Raises `Invalid` for days that cannot be, `Refused` without a contract."""
    _in_force(origin)
    if data.to_on < data.from_on:
        raise Invalid("to_on", "visit.days_order")
    if (data.to_on - data.from_on).days >= LONGEST_VISIT_DAYS:
        raise Invalid("from_on", "visit.too_long", longest=LONGEST_VISIT_DAYS)
    if data.to_on > day_of(now):
        raise Invalid("to_on", "visit.ahead", today=day_of(now))
    row = Visit(
        **about(origin, _subject(origin, data.subject_id)),
        **{name: getattr(data, name) for name in Visited.__slots__ if name != "subject_id"},
        recorded_by=by.name,
        recorded_at=now,
        readers=[origin.firm_id],
    )
    with elevated("visit.record"):
        db.session.add(row)
        db.session.flush()
    record(
        "visit.record",
        by=by,
        now=now,
        subject_id=origin.id,
        from_on=data.from_on,
        to_on=data.to_on,
        place=data.place,
    )


def strike_visit(row: Visit, reason: str, *, by: Actor, now: datetime) -> None:
    """作废一次现场记录: it stays readable and counts no more. Raises `Refused`."""
    ruling = unless(row.struck_at is not None, "visit.struck")
    if not ruling:
        raise Refused(ruling)
    with elevated("visit.strike"):
        row.struck_at, row.struck_reason = now, reason
        db.session.flush()
    record("visit.strike", by=by, now=now, subject_id=row.contract_id, reason=reason)


def ask(
    origin: contract.Contract,
    subject_id: UUID,
    items: tuple[str, ...],
    *,
    is_original: bool,
    by: Actor,
    now: datetime,
) -> None:
    """索取资料: each item waits for the unit. Raises `Refused` without a contract in force."""
    _in_force(origin)
    subject = _subject(origin, subject_id)
    for item in items:
        row = Material(
            **about(origin, subject),
            state=MaterialState.ASKED.value,
            item=item,
            is_original=is_original,
            asked_on=day_of(now),
            asked_by=by.name,
            readers=[origin.firm_id, UUID(subject["unit_id"])],
            touched_at=now,
        )
        born(MATERIAL, row, by=by, now=now)


def hand_over(row: Material, on: date, *, by: Actor, now: datetime) -> None:
    """已提供: the unit says on which day. Raises `Refused`."""
    facts = queries.material_facts(row, now=now, on=on)
    take(MATERIAL, row, "hand_over", facts, by=by, now=now, changes={"handed_on": on, "handed_by": by.name})


def give_back(row: Material, on: date, *, by: Actor, now: datetime) -> None:
    """已返还: the firm says on which day. Raises `Refused`."""
    facts = queries.material_facts(row, now=now, on=on)
    take(
        MATERIAL,
        row,
        "give_back",
        facts,
        by=by,
        now=now,
        changes={"returned_on": on, "returned_by": by.name},
    )


def receive(row: Material, *, by: Actor, now: datetime) -> None:
    """确认收回: the unit has it again. Raises `Refused`."""
    facts = queries.material_facts(row, now=now)
    take(MATERIAL, row, "receive", facts, by=by, now=now, changes={"received_at": now, "receiver": by.name})


def withdraw(row: Material, *, by: Actor, now: datetime) -> None:
    """不再需要: before it was handed over. Raises `Refused`."""
    take(MATERIAL, row, "withdraw", queries.material_facts(row, now=now), by=by, now=now)


def _in_force(origin: contract.Contract) -> None:
    ruling = unless(not contract.is_in_force(origin.id), "deliverable.no_contract")
    if not ruling:
        raise Refused(ruling)


def _subject(origin: contract.Contract, subject_id: UUID) -> dict[str, str]:
    found = next((each for each in origin.objects if each["id"] == str(subject_id)), None)
    if found is None:
        raise Invalid("subject_id", "visit.unknown_subject")
    return found
