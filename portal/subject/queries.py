"""Reading the register of subjects."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import Select, or_, select

from portal.kernel.errors import NotFound
from portal.spreadsheet.rules import Fields
from portal.subject.models import Subject
from portal.subject.rules import Budget, SubjectKind
from portal.unit import Unit
from portal.web.listing import Listing, Sort, listing, read_decimal, read_int, year_asked
from portal.web.search import found
from tenants.db import db

SORTS: Final[Mapping[str, Sort]] = {
    "name": Sort(Subject.name.expression),
    "year": Sort(Subject.year.expression, read_int),
    "total": Sort(Subject.total.expression, read_decimal),
}
CHOICE: Final = 60


def subject(row_id: UUID) -> Subject:
    """The subject. Raises `NotFound`."""
    row = db.session.scalar(select(Subject).where(Subject.id == row_id))
    if row is None:
        raise NotFound
    return row


def subjects_for_choice(
    kept: Sequence[UUID] = (), *, words: str = "", last: Collection[UUID] = ()
) -> list[Subject]:
    """Those ``kept`` already, then `CHOICE` at the most that ``words`` find, the latest year first.

    Among the found, those of ``last`` stand behind the others.
    """
    kept_first, last_behind = Subject.id.in_(kept).desc(), Subject.id.in_(last)
    order = (last_behind, Subject.year.desc(), Subject.name, Subject.id)
    offered = matching({"q": words}).where(Subject.id.not_in(kept)).order_by(*order).limit(CHOICE)
    ids = offered.with_only_columns(Subject.id)
    rows = select(Subject).where(or_(Subject.id.in_(ids), Subject.id.in_(kept)))
    return list(db.session.scalars(rows.order_by(kept_first, *order)))


def matching(arguments: Mapping[str, str]) -> Select[Subject]:
    """The subjects a search asks for: part of the name, of the unit's name, initials; year, kind, budget."""
    rows = select(Subject).join(Unit, Unit.id == Subject.unit_id)
    if words := arguments.get("q", "").strip():
        rows = rows.where(
            found(words, Subject.name.expression, Unit.name.expression, sounds=Subject.initials.expression)
        )
    if year := year_asked(arguments):
        rows = rows.where(Subject.year == year)
    if (kind := arguments.get("kind")) in {each.value for each in SubjectKind}:
        rows = rows.where(Subject.kind == kind)
    if (budget := arguments.get("budget")) in {each.value for each in Budget}:
        rows = rows.where(Subject.budget == budget)
    return rows


def page_of(arguments: Mapping[str, str], *, path: str, export_url: str) -> Listing:
    """One page of the register, the latest year first."""
    return listing(
        matching(arguments),
        key=Subject.id.expression,
        sorts=SORTS,
        arguments=arguments,
        path=path,
        default="-year",
        kept=("q", "year", "kind", "budget"),
        export_url=export_url,
    )


def everything(arguments: Mapping[str, str]) -> list[Subject]:
    """All subjects a search asks for, the latest year first, for the workbook."""
    return list(db.session.scalars(matching(arguments).order_by(Subject.year.desc(), Subject.name)))


def of_unit(unit_id: UUID) -> list[Subject]:
    """The subjects of one unit, the latest year first."""
    rows = select(Subject).where(Subject.unit_id == unit_id)
    return list(db.session.scalars(rows.order_by(Subject.year.desc(), Subject.name)))


def present() -> dict[tuple[int, str], Fields]:
    """Every subject by year and name, as an import compares it."""
    plain = (
        "name",
        "kind",
        "budget",
        "year",
        "total",
        "central",
        "province",
        "city",
        "county",
        "other",
        "note",
    )
    return {
        (row.year, row.name): {**{field: getattr(row, field) for field in plain}, "unit": row.unit_name}
        for row in db.session.scalars(select(Subject))
    }
