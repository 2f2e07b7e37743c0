"""The subjects a commission has, may have, or may not have because another has them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from portal.commission.lifecycle import CommissionState
from portal.commission.models import Commission, CommissionSubject
from portal.kernel.money import Yuan
from portal.subject import Subject, subjects_for_choice
from portal.unit import Unit
from tenants.db import db


@dataclass(frozen=True, slots=True)
class Choice:
    """A subject as a commission sees it: with the names of its unit and of that unit's department."""

    id: UUID
    name: str
    year: int
    total: Yuan
    unit_name: str
    department: str


def choices(kept: Sequence[UUID], *, words: str, last: Collection[UUID]) -> list[Choice]:
    """The subjects ``kept`` already, and those that ``words`` find; of these, ``last`` behind the others."""
    return chosen([each.id for each in subjects_for_choice(kept, words=words, last=last)])


def chosen(ids: Sequence[UUID]) -> list[Choice]:
    """The subjects behind ids, in the order of the ids; unknown ones are left out. One statement."""
    department = aliased(Unit)
    found = db.session.execute(
        select(
            Subject.id,
            Subject.name,
            Subject.year,
            Subject.total,
            Unit.name.label("unit_name"),
            department.name.label("department"),
        )
        .join(Unit, Unit.id == Subject.unit_id)
        .join(department, department.id == Unit.department_id)
        .where(Subject.id.in_(ids))
    )
    known = {
        each.id: Choice(each.id, each.name, each.year, Yuan(each.total), each.unit_name, each.department)
        for each in found
    }
    return [known[each] for each in ids if each in known]


def subjects_of(row: Commission) -> list[Choice]:
    """The subjects of a commission, in its order."""
    return chosen([line.subject_id for line in row.lines])


def taken(row: Commission) -> dict[UUID, str]:
    """Subjects of ``row`` that another live commission of the same year has, and its name."""
    ids = [line.subject_id for line in row.lines]
    found = db.session.execute(
        select(CommissionSubject.subject_id, Commission.name)
        .join(Commission, Commission.id == CommissionSubject.commission_id)
        .where(
            CommissionSubject.subject_id.in_(ids),
            Commission.id != row.id,
            Commission.year == row.year,
            Commission.service_kind == row.service_kind,
            Commission.state.in_((CommissionState.SUBMITTED.value, CommissionState.APPROVED.value)),
        )
    )
    return {each.subject_id: each.name for each in found}


@dataclass(frozen=True, slots=True)
class Taken:
    """Where a subject is commissioned already: one commission's name, and how many there are."""

    name: str
    count: int


def taken_in(year: int, *, but: UUID | None = None) -> dict[UUID, Taken]:
    """The subjects that are under other live commissions of a year already."""
    found = db.session.execute(
        select(CommissionSubject.subject_id, func.min(Commission.name), func.count())
        .join(Commission, Commission.id == CommissionSubject.commission_id)
        .where(
            Commission.year == year,
            Commission.id != but,
            Commission.state.in_((CommissionState.SUBMITTED.value, CommissionState.APPROVED.value)),
        )
        .group_by(CommissionSubject.subject_id)
    )
    return {subject_id: Taken(name, count) for subject_id, name, count in found}
