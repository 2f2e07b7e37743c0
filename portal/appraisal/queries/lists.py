"""The list of appraisals."""

from collections.abc import Mapping

from sqlalchemy import Select, func, select

from portal.appraisal.lifecycle import AppraisalState
from portal.appraisal.models import Appraisal
from portal.web.listing import Listing, Sort, listing, read_decimal, read_instant, read_int, year_asked
from tenants.db import db

SORTS: Mapping[str, Sort] = {
    "name": Sort(Appraisal.contract_name.expression),
    "firm": Sort(Appraisal.firm_name.expression),
    "year": Sort(Appraisal.year.expression, read_int),
    "score": Sort(func.coalesce(Appraisal.score, -1), read_decimal),
    "touched": Sort(Appraisal.touched_at.expression, read_instant),
}


def matching(arguments: Mapping[str, str]) -> Select[Appraisal]:
    """The appraisals a search asks for: words of contract or firm, a state, a year."""
    rows = select(Appraisal)
    if words := arguments.get("q", "").strip():
        rows = rows.where(
            Appraisal.contract_name.icontains(words, autoescape=True)
            | Appraisal.firm_name.icontains(words, autoescape=True)
        )
    if (state := arguments.get("state")) in {each.value for each in AppraisalState}:
        rows = rows.where(Appraisal.state == state)
    if year := year_asked(arguments):
        rows = rows.where(Appraisal.year == year)
    return rows


def page_of(arguments: Mapping[str, str], *, path: str, export_url: str = "") -> Listing:
    """One page of the list, the last touched first."""
    return listing(
        matching(arguments),
        key=Appraisal.id.expression,
        sorts=SORTS,
        arguments=arguments,
        path=path,
        default="-touched",
        kept=("q", "state", "year"),
        export_url=export_url,
    )


def everything(arguments: Mapping[str, str]) -> list[Appraisal]:
    """All appraisals a search asks for, for the workbook."""
    return list(db.session.scalars(matching(arguments).order_by(Appraisal.touched_at.desc())))
