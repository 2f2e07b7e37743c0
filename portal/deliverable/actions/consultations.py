"""The unit is heard on the draft: opinions one by one, or none; each is answered by the firm."""

from collections.abc import Mapping
from datetime import datetime

from portal.access import Actor
from portal.audit import record, take
from portal.deliverable import queries
from portal.deliverable.actions.deliverables import make_ready
from portal.deliverable.lifecycle import CONSULTATION, ConsultationState
from portal.deliverable.models import Consultation, Opinion
from portal.kernel.errors import NotFound, Refused
from portal.kernel.ruling import unless
from tenants.db import db
from tenants.scope import elevated


def note(row: Consultation, place: str, text: str, *, by: Actor, now: datetime) -> None:
    """One more opinion, still the unit's own until it hands them in. Raises `Refused`."""
    _still_open(row)
    with elevated("consultation.note"):
        db.session.refresh(row, with_for_update=True)
        number = max((each.number for each in queries.opinions(row)), default=0) + 1
        db.session.add(
            Opinion(
                consultation_id=row.id,
                number=number,
                place=place,
                text=text,
                written_by=by.name,
                written_at=now,
                readers=[row.unit_id],
            )
        )
        db.session.flush()
    record("consultation.note", by=by, now=now, subject_id=row.id, number=number)


def strike(row: Consultation, number: int, *, by: Actor, now: datetime) -> None:
    """Drop one opinion before they are handed in; those after it move up. Raises `Refused`, `NotFound`."""
    _still_open(row)
    with elevated("consultation.strike"):
        db.session.refresh(row, with_for_update=True)
        written = {each.number: each for each in queries.opinions(row)}
        if number not in written:
            raise NotFound
        db.session.delete(written.pop(number))
        for place, each in enumerate(written.values(), start=1):
            db.session.flush()
            each.number = place
    record("consultation.strike", by=by, now=now, subject_id=row.id, number=number)


def _still_open(row: Consultation) -> None:
    ruling = unless(row.state != ConsultationState.OPEN.value, "consultation.closed")
    if not ruling:
        raise Refused(ruling)


def state(row: Consultation, *, by: Actor, now: datetime) -> None:
    """提交意见: the firm reads them from now on. Raises `Refused`."""
    take(
        CONSULTATION,
        row,
        "state",
        queries.consultation_facts(row, now=now),
        by=by,
        now=now,
        changes={"stated_by": by.name, "stated_at": now},
    )
    with elevated("consultation.state"):
        for each in queries.opinions(row):
            each.readers = [row.unit_id, row.firm_id]
        db.session.flush()


def agree(row: Consultation, *, by: Actor, now: datetime) -> None:
    """无意见. Raises `Refused` where opinions were written."""
    take(
        CONSULTATION,
        row,
        "agree",
        queries.consultation_facts(row, now=now),
        by=by,
        now=now,
        changes={"stated_by": by.name, "stated_at": now},
    )
    make_ready(row.contract_id, row.subject_id, now=now)


def overdue(row: Consultation, *, by: Actor | None, now: datetime) -> None:
    """逾期未反馈: the bureau is told; until it closes, the unit may still answer. Raises `Refused`."""
    facts = queries.consultation_facts(row, now=now)
    take(CONSULTATION, row, "overdue", facts, by=by, now=now, changes={"is_late": True})


def lapse(row: Consultation, *, by: Actor, now: datetime) -> None:
    """按未反馈处理: the bureau closes it once the unit's time is over. Raises `Refused`."""
    take(CONSULTATION, row, "lapse", queries.consultation_facts(row, now=now), by=by, now=now)
    make_ready(row.contract_id, row.subject_id, now=now)


def answer(
    row: Consultation, answers: Mapping[int, tuple[bool | None, str]], *, by: Actor, now: datetime
) -> None:
    """逐条答复: adopted, or not and why; ``answers`` by number of the opinion. Raises `Refused`."""
    take(
        CONSULTATION,
        row,
        "answer",
        queries.consultation_facts(row, now=now, answers=answers),
        by=by,
        now=now,
        changes={"answered_by": by.name, "answered_at": now},
    )
    with elevated("consultation.answer"):
        for each in queries.opinions(row):
            each.adopted, each.answer = answers[each.number]
        db.session.flush()
    make_ready(row.contract_id, row.subject_id, now=now)
