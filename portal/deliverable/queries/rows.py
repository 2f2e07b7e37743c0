"""The rows of the work under a contract, one by one and by contract, and the files that were accepted."""

from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from portal import file
from portal.contract.rules import DeliverableKind
from portal.deliverable.models import Consultation, Deliverable, Material, Opinion, Version, Visit
from portal.kernel.errors import NotFound, Stale
from tenants.db import db

ORDER = {kind: n for n, kind in enumerate(DeliverableKind)}


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


def consultation_of(row: Deliverable) -> Consultation | None:
    """The consultation on the accepted draft of the same subject."""
    return db.session.scalars(
        select(Consultation).where(
            Consultation.contract_id == row.contract_id, Consultation.subject_id == row.subject_id
        )
    ).first()


def consultations_of(contract_id: UUID) -> list[Consultation]:
    """The consultations of the units under a contract, by subject."""
    rows = select(Consultation).where(Consultation.contract_id == contract_id)
    return list(db.session.scalars(rows.order_by(Consultation.subject_name, Consultation.id)))


def way_of(row: Deliverable) -> list[Deliverable | Consultation]:
    """What is done on the same subject, in its order: plan, draft, the unit's consultation, report."""
    same = [each for each in of_contract(row.contract_id) if each.subject_id == row.subject_id]
    hearing = consultation_of(row)
    report = len(same) - 1
    return [*same[:report], *([hearing] if hearing else ()), *same[report:]]


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
