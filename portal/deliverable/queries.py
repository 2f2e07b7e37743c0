"""Reading the work under contracts, and the facts its rules are asked with."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, case, func, select

from portal import contract, file
from portal.contract.rules import DeliverableKind
from portal.deliverable.lifecycle import (
    HEARD,
    ConsultationState,
    DeliverableState,
    MaterialState,
)
from portal.deliverable.models import Consultation, Deliverable, Material, Opinion, Version, Visit
from portal.deliverable.rules import (
    ConsultationFacts,
    DeliverableFacts,
    Lateness,
    MaterialFacts,
    contract_lateness,
    days_on_site,
)
from portal.deliverable.rules import late_workdays as late_by
from portal.kernel.errors import NotFound, Stale
from portal.kernel.workdays import day_of
from portal.web.listing import Listing, Sort, listing, read_day, read_instant
from tenants import scope
from tenants.calendar import calendar
from tenants.db import db

ACCEPTED = DeliverableState.ACCEPTED.value
ORDER = {kind: n for n, kind in enumerate(DeliverableKind)}
OPEN_FIRST = case((Deliverable.state == ACCEPTED, "1"), else_="0") + func.to_char(
    Deliverable.due_on, "YYYY-MM-DD"
)
SORTS: Mapping[str, Sort] = {
    "open": Sort(OPEN_FIRST),
    "subject": Sort(Deliverable.subject_name.expression),
    "due": Sort(Deliverable.due_on.expression, read_day),
    "touched": Sort(Deliverable.touched_at.expression, read_instant),
}
CONSULTATION_SORTS: Mapping[str, Sort] = {
    "subject": Sort(Consultation.subject_name.expression),
    "due": Sort(Consultation.due_by.expression, read_instant),
    "touched": Sort(Consultation.touched_at.expression, read_instant),
}
MATERIAL_SORTS: Mapping[str, Sort] = {
    "item": Sort(Material.item.expression),
    "asked": Sort(Material.asked_on.expression, read_day),
    "touched": Sort(Material.touched_at.expression, read_instant),
}


def _one(rows: Select[Any]) -> Any:
    found = db.session.scalars(rows).first()
    if found is None:
        raise NotFound
    return found


def deliverable(row_id: UUID) -> Deliverable:
    """The deliverable. Raises `NotFound`."""
    found: Deliverable = _one(select(Deliverable).where(Deliverable.id == row_id))
    return found


def consultation(row_id: UUID) -> Consultation:
    """The consultation of a unit. Raises `NotFound`."""
    found: Consultation = _one(select(Consultation).where(Consultation.id == row_id))
    return found


def material(row_id: UUID) -> Material:
    """Material asked of a unit. Raises `NotFound`."""
    found: Material = _one(select(Material).where(Material.id == row_id))
    return found


def visit(row_id: UUID) -> Visit:
    """A visit on site. Raises `NotFound`."""
    found: Visit = _one(select(Visit).where(Visit.id == row_id))
    return found


def lock(row: Deliverable | Consultation, *, version: int) -> None:
    """Lock the row. Raises `Stale` where its version is not the one that was shown."""
    db.session.refresh(row, with_for_update=True)
    if row.version != version:
        raise Stale


def of_contract(contract_id: UUID) -> list[Deliverable]:
    """The deliverables of a contract, subject by subject, plan before draft before report."""
    rows = db.session.scalars(select(Deliverable).where(Deliverable.contract_id == contract_id))
    return sorted(rows, key=lambda row: (row.subject_name, str(row.subject_id), ORDER[row.which]))


def held(contract_id: UUID) -> list[Deliverable]:
    """The deliverables of a contract as they are now, locked until the transaction ends."""
    rows = select(Deliverable).where(Deliverable.contract_id == contract_id).order_by(Deliverable.id)
    locked = rows.with_for_update().execution_options(populate_existing=True)
    return list(db.session.scalars(locked))


def sibling(row: Deliverable, kind: DeliverableKind) -> Deliverable | None:
    """The deliverable of another kind on the same subject."""
    return db.session.scalars(
        select(Deliverable).where(
            Deliverable.contract_id == row.contract_id,
            Deliverable.subject_id == row.subject_id,
            Deliverable.kind == kind.value,
        )
    ).first()


def report_of(contract_id: UUID, subject_id: UUID) -> Deliverable:
    """The report on one subject of a contract. Raises `NotFound`."""
    found: Deliverable = _one(
        select(Deliverable).where(
            Deliverable.contract_id == contract_id,
            Deliverable.subject_id == subject_id,
            Deliverable.kind == DeliverableKind.REPORT.value,
        )
    )
    return found


def accepted_file(contract_id: UUID, subject_id: UUID, kind: DeliverableKind | str) -> file.StoredFile | None:
    """The file of an accepted deliverable, or None while there is none (or it is not open to the actor)."""
    found = accepted_files(contract_id)
    return found.get((subject_id, DeliverableKind(str(kind).lower())))


def accepted_files(contract_id: UUID) -> dict[tuple[UUID, DeliverableKind], file.StoredFile]:
    """The files of all accepted deliverables of a contract, by subject and kind; two statements."""
    rows = db.session.execute(
        select(Deliverable.subject_id, Deliverable.kind, Deliverable.accepted_file_id).where(
            Deliverable.contract_id == contract_id, Deliverable.accepted_file_id.is_not(None)
        )
    ).all()
    kept = file.files([row.accepted_file_id for row in rows])
    return {
        (row.subject_id, DeliverableKind(row.kind)): kept[row.accepted_file_id]
        for row in rows
        if row.accepted_file_id in kept
    }


def consultation_of(row: Deliverable) -> Consultation | None:
    """The consultation on the accepted draft of the same subject."""
    return db.session.scalars(
        select(Consultation).where(
            Consultation.contract_id == row.contract_id, Consultation.subject_id == row.subject_id
        )
    ).first()


def way_of(row: Deliverable) -> list[Deliverable | Consultation]:
    """What is done on the same subject, in its order: plan, draft, the unit's consultation, report."""
    same = [each for each in of_contract(row.contract_id) if each.subject_id == row.subject_id]
    hearing = consultation_of(row)
    report = len(same) - 1
    return [*same[:report], *([hearing] if hearing else ()), *same[report:]]


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
        plan_accepted=plan is not None and plan.state == ACCEPTED,
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
    return bool(states) and set(states) == {ACCEPTED}


def visits_of(contract_id: UUID) -> list[Visit]:
    """The visits under a contract, the latest first; struck ones too."""
    rows = select(Visit).where(Visit.contract_id == contract_id)
    return list(db.session.scalars(rows.order_by(Visit.from_on.desc(), Visit.recorded_at.desc())))


def materials_of(contract_id: UUID) -> list[Material]:
    """The material asked for under a contract, by day."""
    rows = select(Material).where(Material.contract_id == contract_id)
    return list(db.session.scalars(rows.order_by(Material.asked_on, Material.item, Material.id)))


def latest_version(row: Deliverable) -> Version:
    """What was handed in last. Raises `NotFound` before anything was."""
    found: Version = _one(
        select(Version).where(Version.deliverable_id == row.id, Version.number == row.versions_count)
    )
    return found


def opinions(row: Consultation) -> list[Opinion]:
    """The opinions as they stand now, by number."""
    return list(
        db.session.scalars(select(Opinion).where(Opinion.consultation_id == row.id).order_by(Opinion.number))
    )


def _about(rows: Select[Any], model: Any, arguments: Mapping[str, str]) -> Select[Any]:
    if words := arguments.get("q", "").strip():
        rows = rows.where(
            model.subject_name.icontains(words, autoescape=True)
            | model.contract_name.icontains(words, autoescape=True)
        )
    if contract_id := id_typed(arguments.get("contract", "")):
        rows = rows.where(model.contract_id == contract_id)
    return rows


def id_typed(typed: str) -> UUID | None:
    """An id as an address brings it; None where it is none."""
    try:
        return UUID(typed)
    except ValueError:
        return None


def matching(arguments: Mapping[str, str]) -> Select[Deliverable]:
    """The deliverables a search asks for: words of subject or contract, a kind, a state, one contract."""
    rows = _about(select(Deliverable), Deliverable, arguments)
    if (state := arguments.get("state")) in {each.value for each in DeliverableState}:
        rows = rows.where(Deliverable.state == state)
    if (kind := arguments.get("kind")) in {each.value for each in DeliverableKind}:
        rows = rows.where(Deliverable.kind == kind)
    return rows


def page_of(arguments: Mapping[str, str], *, path: str, export_url: str) -> Listing:
    """One page of the deliverables: what is not accepted yet first, the next due at the top."""
    return listing(
        matching(arguments),
        key=Deliverable.id.expression,
        sorts=SORTS,
        arguments=arguments,
        path=path,
        default="open",
        kept=("q", "state", "kind", "contract"),
        export_url=export_url,
    )


def everything(arguments: Mapping[str, str]) -> Sequence[Deliverable]:
    """All deliverables a search asks for, for the workbook."""
    return list(db.session.scalars(matching(arguments).order_by(Deliverable.due_on, Deliverable.id)))


def consultations(arguments: Mapping[str, str], *, path: str) -> Listing:
    """One page of the consultations the actor may read, the last touched first."""
    rows = _about(select(Consultation), Consultation, arguments)
    if (state := arguments.get("state")) in {each.value for each in ConsultationState}:
        rows = rows.where(Consultation.state == state)
    return listing(
        rows,
        key=Consultation.id.expression,
        sorts=CONSULTATION_SORTS,
        arguments=arguments,
        path=path,
        default="-touched",
        kept=("q", "state", "contract"),
    )


def matching_materials(arguments: Mapping[str, str]) -> Select[Material]:
    """The material a search asks for: words of item, subject or contract, a state, one contract."""
    rows = select(Material)
    if words := arguments.get("q", "").strip():
        rows = rows.where(
            Material.item.icontains(words, autoescape=True)
            | Material.subject_name.icontains(words, autoescape=True)
        )
    if contract_id := id_typed(arguments.get("contract", "")):
        rows = rows.where(Material.contract_id == contract_id)
    if (state := arguments.get("state")) in {each.value for each in MaterialState}:
        rows = rows.where(Material.state == state)
    return rows


def materials(arguments: Mapping[str, str], *, path: str, export_url: str) -> Listing:
    """One page of the material the actor may read, the last touched first."""
    return listing(
        matching_materials(arguments),
        key=Material.id.expression,
        sorts=MATERIAL_SORTS,
        arguments=arguments,
        path=path,
        default="-touched",
        kept=("q", "state", "contract"),
        export_url=export_url,
    )


def all_materials(arguments: Mapping[str, str]) -> Sequence[Material]:
    """All material a search asks for, for the workbook."""
    return list(db.session.scalars(matching_materials(arguments).order_by(Material.asked_on, Material.id)))
