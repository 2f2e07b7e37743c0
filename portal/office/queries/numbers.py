"""Reading the register of document numbers."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, func, select

from portal.kernel.errors import NotFound
from portal.office.rules.numbers import gaps
from portal.web.listing import Listing, Sort, listing, read_instant, read_int, year_asked
from tenants.db import db
from tenants.models import DocumentCode, DocumentNumber, Section

SORTS: Final[Mapping[str, Sort]] = {
    "number": Sort(DocumentNumber.year * 1_000_000 + DocumentNumber.number, read_int),
    "taken": Sort(DocumentNumber.taken_at.expression, read_instant),
    "title": Sort(DocumentNumber.title.expression),
}


def codes(*, in_use: bool = False) -> Sequence[tuple[DocumentCode, str | None]]:
    """The document codes with the name of the section that uses each."""
    rows = select(DocumentCode, Section.name).outerjoin(Section, Section.id == DocumentCode.section_id)
    if in_use:
        rows = rows.where(DocumentCode.closed_at.is_(None))
    return [(row[0], row[1]) for row in db.session.execute(rows.order_by(DocumentCode.code))]


def code_of(row_id: UUID) -> DocumentCode:
    """One document code. Raises `NotFound`."""
    found = db.session.scalar(select(DocumentCode).where(DocumentCode.id == row_id))
    if found is None:
        raise NotFound
    return found


def code_named(code: str, *, lock: bool = False) -> DocumentCode | None:
    """The row of a 代字; locked, it serialises its counters."""
    rows = select(DocumentCode).where(DocumentCode.code == code)
    return db.session.scalar(rows.with_for_update() if lock else rows)


def highest(code_id: UUID, year: int) -> int:
    """The highest number of a code in a year; 0 where there is none."""
    counted = select(func.max(DocumentNumber.number)).where(
        DocumentNumber.code_id == code_id, DocumentNumber.year == year
    )
    return db.session.scalar(counted) or 0


def same(code_id: UUID, year: int, number: int) -> list[DocumentNumber]:
    """The entries that already carry a number."""
    return list(
        db.session.scalars(
            select(DocumentNumber).where(
                DocumentNumber.code_id == code_id,
                DocumentNumber.year == year,
                DocumentNumber.number == number,
            )
        )
    )


def _matching(arguments: Mapping[str, str]) -> Select[Any]:
    rows = select(DocumentNumber)
    if words := arguments.get("q", "").strip():
        rows = rows.where(DocumentNumber.title.icontains(words, autoescape=True))
    if code := arguments.get("code"):
        rows = rows.where(DocumentNumber.code == code)
    if year := year_asked(arguments):
        rows = rows.where(DocumentNumber.year == year)
    return rows


def everything(arguments: Mapping[str, str]) -> list[DocumentNumber]:
    """All entries a search asks for, for the workbook: by code and year, then in the order of the numbers."""
    order = (DocumentNumber.code, DocumentNumber.year, DocumentNumber.number)
    return list(db.session.scalars(_matching(arguments).order_by(*order)))


def page_of(arguments: Mapping[str, str], *, path: str, export_url: str) -> Listing:
    """One page of the register, the latest number first."""
    return listing(
        _matching(arguments),
        key=DocumentNumber.id.expression,
        sorts=SORTS,
        arguments=arguments,
        path=path,
        default="-number",
        kept=("q", "code", "year"),
        export_url=export_url,
    )


def years() -> list[int]:
    """The years that have entries, the latest first."""
    return list(
        db.session.scalars(select(DocumentNumber.year).distinct().order_by(DocumentNumber.year.desc()))
    )


def gaps_of(code: str, year: int) -> tuple[tuple[int, int], ...]:
    """The runs of numbers that one code lacks in one year."""
    return gaps(
        db.session.scalars(
            select(DocumentNumber.number).where(DocumentNumber.code == code, DocumentNumber.year == year)
        ).all()
    )
