"""Keeping the register of subjects: one import, whole."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import select, tuple_

from portal.access import Permission
from portal.spreadsheet import Register, as_seen
from portal.spreadsheet.rules import Plan, Schema, compare
from portal.subject import queries, rules
from portal.subject.models import Subject
from portal.subject.rules import BUDGET_LABELS, KIND_LABELS, SubjectRow
from portal.unit import by_name
from portal.web.search import initials
from tenants.db import db


def _schema() -> Schema[SubjectRow]:
    return rules.schema(by_name())


def _plan(rows: Sequence[SubjectRow]) -> Plan[SubjectRow]:
    return compare(rows, queries.present(), lambda row: (row.year, row.name), as_seen)


def _keep(plan: Plan[SubjectRow], _now: datetime) -> None:
    """Write what is new and what changed; the unit of each is known, for the rules asked for it."""
    rows = (*plan.added, *(change.after for change in plan.changed))
    keys = [(row.year, row.name) for row in rows]
    asked = select(Subject).where(tuple_(Subject.year, Subject.name).in_(keys))
    kept = {(each.year, each.name): each for each in db.session.scalars(asked)}
    units = by_name()
    for row in rows:
        each = kept.get((row.year, row.name)) or Subject()
        for name, value in as_seen(row).items():
            if name != "unit":
                setattr(each, name, value)
        each.initials, each.unit_id = initials(row.name), units[row.unit]
        db.session.add(each)
    db.session.flush()


SUBJECTS: Final[Register[SubjectRow]] = Register(
    name="subjects",
    title="评价对象",
    permission=Permission.SUBJECT_IMPORT,
    schema=_schema,
    plan=_plan,
    keep=_keep,
    key=("year", "name"),
    labels={"kind": KIND_LABELS, "budget": BUDGET_LABELS},
)
