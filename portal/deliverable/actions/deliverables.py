"""Deliverables: opened by the contract, handed in by the firm, returned or accepted by the bureau."""

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

from werkzeug.datastructures import FileStorage

from portal import contract, file
from portal.access import Actor
from portal.audit import announce, born, rewrite_inbox, take
from portal.contract.rules import DeliverableKind
from portal.deliverable import queries
from portal.deliverable.lifecycle import (
    CONSULTATION,
    DELIVERABLE,
    ConsultationState,
    DeliverableAccepted,
    DeliverableState,
    WorkDelivered,
)
from portal.deliverable.models import Consultation, Deliverable, Version
from portal.deliverable.rules import OPINION_WORKDAYS
from portal.kernel.errors import Invalid, Refused
from portal.kernel.workdays import add_workdays, day_of, end_of
from tenants.calendar import calendar
from tenants.db import db
from tenants.scope import elevated


def about(origin: contract.Contract, subject: dict[str, str]) -> dict[str, object]:
    """What every row of the work says of its contract and its subject."""
    return {
        "contract_id": origin.id,
        "contract_name": origin.name,
        "section_id": origin.section_id,
        "firm_id": origin.firm_id,
        "firm_name": origin.firm_name,
        "subject_id": UUID(subject["id"]),
        "subject_name": subject["name"],
        "unit_id": UUID(subject["unit_id"]),
        "unit_name": subject["unit_name"],
    }


def open_for(contract_id: UUID, *, by: Actor | None, now: datetime) -> None:
    """A contract took effect: a plan, a draft and a report are awaited for each subject."""
    origin = contract.contract(contract_id)
    for subject in origin.objects:
        for kind, due_on in origin.due_signed.items():
            row = Deliverable(
                **about(origin, subject),
                state=DeliverableState.AWAITED.value,
                kind=kind.value,
                lead_evaluator=origin.lead_evaluator,
                signed_due_on=due_on,
                due_on=due_on,
                ready=kind is not DeliverableKind.REPORT,
                readers=[origin.firm_id],
                audience=[],
                touched_at=now,
            )
            born(DELIVERABLE, row, by=by, now=now)


def put_off(contract_id: UUID, kind: DeliverableKind, due_on: date, *, now: datetime) -> None:
    """The contract was extended: what is not accepted yet is due later, in the inbox too."""
    for row in queries.of_contract(contract_id):
        if row.which is kind and row.state != DeliverableState.ACCEPTED.value:
            row.due_on = due_on
            row.version += 1
            db.session.flush()
            rewrite_inbox(DELIVERABLE, row, now=now)


def submit(
    row: Deliverable,
    upload: FileStorage | None,
    note: str,
    *,
    unclassified: bool,
    lead_confirmed: bool,
    by: Actor,
    now: datetime,
) -> int:
    """提交: a new version beside the earlier ones; its number.

    Raises `Refused`; `Invalid` for the file, also for the very one that was handed in last.
    """
    facts = queries.facts(row, unclassified=unclassified, lead_confirmed=lead_confirmed)
    ruling = DELIVERABLE.judge("submit", DeliverableState(row.state), facts)
    if not ruling:
        raise Refused(ruling)
    kept = file.keep(upload, readers=[row.firm_id], by=by, now=now)
    if row.versions_count and queries.latest_version(row).digest == kept.digest:
        raise Invalid("file", "deliverable.same_file", number=row.versions_count)
    file_id, name, size, mark = kept.id, kept.name, kept.size, kept.digest
    is_report = row.which is DeliverableKind.REPORT
    with elevated("deliverable.submit"):
        db.session.refresh(row, with_for_update=True)
        number = row.versions_count + 1
        take(
            DELIVERABLE,
            row,
            "submit",
            facts,
            by=by,
            now=now,
            changes={
                "versions_count": number,
                "first_submitted_at": row.first_submitted_at or now,
                "submitted_at": now,
                "last_reason": None,
            },
            number=number,
            file=name,
            digest=mark,
        )
        made = Version(
            deliverable_id=row.id,
            number=number,
            file_id=file_id,
            file_name=name,
            size=size,
            digest=mark,
            note=note,
            lead_confirmed=row.lead_evaluator if is_report else None,
            submitted_by=by.name,
            submitted_at=now,
            readers=[row.firm_id],
        )
        db.session.add(made)
        db.session.flush()
    return number


def return_(row: Deliverable, reason: str, *, by: Actor, now: datetime) -> None:
    """退回: with what is missing; the version and its comment are kept. Raises `Refused`."""
    take(
        DELIVERABLE,
        row,
        "return",
        queries.facts(row, reason=reason),
        by=by,
        now=now,
        changes={"last_reason": reason, "returns": row.returns + 1},
        reason=reason,
        number=row.versions_count,
    )
    _decide(row, "returned", reason, by=by, now=now)


def accept(row: Deliverable, *, by: Actor, now: datetime) -> None:
    """认可: the last version stands; a draft goes to its unit, the last report ends the work."""
    latest = queries.latest_version(row) if row.versions_count else None
    take(
        DELIVERABLE,
        row,
        "accept",
        queries.facts(row),
        by=by,
        now=now,
        changes={
            "accepted_at": now,
            "accepter": by.name,
            "accepted_file_id": latest.file_id if latest else None,
            "readers": list(dict.fromkeys((*row.readers, *row.audience))),
        },
        number=row.versions_count,
    )
    kept = _decide(row, "accepted", "", by=by, now=now)
    if row.audience:
        file.add_readers(kept.file_id, row.audience)
    if row.which is DeliverableKind.DRAFT:
        _consult(row, kept.file_id, by=by, now=now)
    if row.which is DeliverableKind.PLAN:
        make_ready(row.contract_id, row.subject_id, now=now)
    announce(DeliverableAccepted(row.contract_id, row.subject_id, row.which), by=by, now=now)
    if row.which is DeliverableKind.REPORT and queries.is_delivered(row.contract_id):
        announce(WorkDelivered(row.contract_id), by=by, now=now)


def make_ready(contract_id: UUID, subject_id: UUID, *, now: datetime) -> None:
    """Plan accepted and unit heard: from now on the report waits for the firm."""
    with elevated("deliverable.ready"):
        report = queries.report_of(contract_id, subject_id)
        facts = queries.facts(report)
        if not report.ready and facts.plan_accepted and facts.consulted:
            report.ready = True
            db.session.flush()
            rewrite_inbox(DELIVERABLE, report, now=now)


def _decide(row: Deliverable, decision: str, comment: str, *, by: Actor, now: datetime) -> Version:
    latest = queries.latest_version(row)
    latest.decision, latest.comment = decision, comment
    latest.decided_by, latest.decided_at = by.name, now
    db.session.flush()
    return latest


def _consult(row: Deliverable, file_id: UUID, *, by: Actor, now: datetime) -> None:
    """The unit gets the accepted draft, and its working days begin."""
    today = day_of(now)
    file.add_readers(file_id, [row.unit_id])
    made = Consultation(
        **{
            name: getattr(row, name)
            for name in (
                "contract_id",
                "contract_name",
                "section_id",
                "firm_id",
                "firm_name",
                "subject_id",
                "subject_name",
                "unit_id",
                "unit_name",
            )
        },
        state=ConsultationState.OPEN.value,
        deliverable_id=row.id,
        file_id=file_id,
        due_by=end_of(add_workdays(today, OPINION_WORKDAYS, calendar(today))),
        readers=[row.firm_id, row.unit_id],
        touched_at=now,
    )
    born(CONSULTATION, made, by=by, now=now)


def open_to(contract_id: UUID, parties: Collection[UUID]) -> None:
    """More outside parties (experts with a seat) read what is and will be accepted under a contract."""
    with elevated("deliverable.open"):
        for row in queries.held(contract_id):
            row.audience = list(dict.fromkeys((*row.audience, *parties)))
            if row.accepted_file_id:
                row.readers = list(dict.fromkeys((*row.readers, *parties)))
                file.add_readers(row.accepted_file_id, parties)
        db.session.flush()


def close_to(contract_id: UUID, parties: Collection[UUID]) -> None:
    """What `open_to` opened is closed to these parties again (a seat that ended early); others read on."""
    with elevated("deliverable.close"):
        for row in queries.held(contract_id):
            gone = [each for each in parties if each in row.audience]
            row.audience = [each for each in row.audience if each not in gone]
            row.readers = [each for each in row.readers if each not in gone]
            if gone and row.accepted_file_id:
                file.remove_readers(row.accepted_file_id, gone)
        db.session.flush()
