"""Keeping the register of units: one import, whole."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import uuid4

from sqlalchemy import select

from portal.access import Permission
from portal.identity import blind_index, keep_personal, masked
from portal.spreadsheet import Masked, Register, as_seen
from portal.spreadsheet.rules import Fields, Plan, Schema, compare, folded
from portal.unit import queries, rules
from portal.unit.models import Unit
from portal.unit.rules import UnitRow
from portal.web.search import initials
from tenants.db import db

PHONE: Final = "phone"


def _schema() -> Schema[UnitRow]:
    return rules.schema(queries.names())


def _seen(row: UnitRow) -> Fields:
    phone = Masked(blind_index(PHONE, row.phone), masked(row.phone)) if row.phone else ""
    return as_seen(row, phone=phone)


def _plan(rows: Sequence[UnitRow]) -> Plan[UnitRow]:
    return compare(rows, queries.present(), lambda row: row.code, _seen)


def _keep(plan: Plan[UnitRow], _now: datetime) -> None:
    """Write units first and their departments after, which may come later in the same list."""
    rows = {change.after.code: change.after for change in plan.changed} | {
        row.code: row for row in plan.added
    }
    kept = {each.code: each for each in db.session.scalars(select(Unit).where(Unit.code.in_(rows)))}
    for row in plan.added:
        new_id = uuid4()
        kept[row.code] = Unit(id=new_id, department_id=new_id, code=row.code, name=row.name)
    for code, row in rows.items():
        each = kept[code]
        each.name, each.initials, each.contact = row.name, initials(row.name), row.contact
        each.phone_masked = masked(row.phone)
        each.phone_index = blind_index(PHONE, row.phone) if row.phone else None
    db.session.add_all(kept.values())
    db.session.flush()
    ids = {folded(name): row_id for name, row_id in queries.by_name().items()}
    for code, row in rows.items():
        kept[code].department_id = ids[folded(row.department)]
        keep_personal(kept[code].id, PHONE, row.phone)
    db.session.flush()


UNITS: Final[Register[UnitRow]] = Register(
    name="units",
    title="预算单位",
    permission=Permission.UNIT_IMPORT,
    schema=_schema,
    plan=_plan,
    keep=_keep,
    key=("code", "name"),
    private=frozenset({PHONE}),
)
