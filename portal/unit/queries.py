"""Reading the register of units."""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import aliased

from portal.kernel.errors import NotFound
from portal.spreadsheet import Masked
from portal.spreadsheet.rules import Fields
from portal.unit.models import Unit
from portal.web.listing import Listing, Sort, listing
from portal.web.search import found
from tenants.db import db

SORTS: Final[Mapping[str, Sort]] = {"code": Sort(Unit.code.expression), "name": Sort(Unit.name.expression)}


def unit(row_id: UUID) -> Unit:
    """The unit. Raises `NotFound`."""
    row = db.session.scalar(select(Unit).where(Unit.id == row_id))
    if row is None:
        raise NotFound
    return row


def units() -> list[Unit]:
    """Every unit of the bureau, by name."""
    return list(db.session.scalars(select(Unit).order_by(Unit.name)))


def matching(arguments: Mapping[str, str]) -> Select[Unit]:
    """The units a search asks for: part of name, initials or code, and whether they are departments."""
    rows = select(Unit)
    if words := arguments.get("q", "").strip():
        rows = rows.where(
            found(words, Unit.name.expression, Unit.code.expression, sounds=Unit.initials.expression)
        )
    if arguments.get("level") == "department":
        rows = rows.where(Unit.department_id == Unit.id)
    if arguments.get("level") == "below":
        rows = rows.where(Unit.department_id != Unit.id)
    return rows


def page_of(arguments: Mapping[str, str], *, path: str, export_url: str) -> Listing:
    """One page of the register, by code."""
    return listing(
        matching(arguments),
        key=Unit.id.expression,
        sorts=SORTS,
        arguments=arguments,
        path=path,
        default="code",
        kept=("q", "level"),
        export_url=export_url,
    )


def everything(arguments: Mapping[str, str]) -> list[Unit]:
    """All units a search asks for, by code, for the workbook."""
    return list(db.session.scalars(matching(arguments).order_by(Unit.code)))


def below(row: Unit) -> list[Unit]:
    """The units whose 主管部门 this one is, itself left out."""
    rows = select(Unit).where(Unit.department_id == row.id, Unit.id != row.id)
    return list(db.session.scalars(rows.order_by(Unit.code)))


def names() -> dict[str, str]:
    """Code → name of every unit."""
    return {row.code: row.name for row in db.session.execute(select(Unit.code, Unit.name))}


def by_name() -> dict[str, UUID]:
    """Name → id of every unit."""
    return {row.name: row.id for row in db.session.execute(select(Unit.name, Unit.id))}


def present() -> dict[str, Fields]:
    """Every unit by code, as an import compares it."""
    department = aliased(Unit)
    rows = db.session.execute(
        select(
            Unit.code,
            Unit.name,
            Unit.contact,
            Unit.phone_index,
            Unit.phone_masked,
            department.name.label("department"),
        ).join(department, department.id == Unit.department_id)
    )
    return {
        row.code: {
            "code": row.code,
            "name": row.name,
            "department": row.department,
            "contact": row.contact,
            "phone": Masked(row.phone_index, row.phone_masked) if row.phone_index else "",
        }
        for row in rows
    }
