"""Reading commissions, their terms and editions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import joinedload, raiseload

from portal.commission.lifecycle import CommissionState
from portal.commission.models import Commission, Edition, QualityTerms
from portal.kernel.errors import NotFound, Stale
from portal.scoresheet import versions_in_force
from portal.unit import Unit, units
from portal.web.listing import Listing, Sort, listing, read_decimal, read_instant, read_int, year_asked
from tenants.db import db, tenant_of_session
from tenants.models import Tenant

LIVE = (CommissionState.DRAFT.value, CommissionState.SUBMITTED.value, CommissionState.APPROVED.value)
SORTS: Mapping[str, Sort] = {
    "name": Sort(Commission.name.expression),
    "year": Sort(Commission.year.expression, read_int),
    "ceiling": Sort(func.coalesce(Commission.ceiling, 0), read_decimal),
    "touched": Sort(Commission.touched_at.expression, read_instant),
}


def commission(row_id: UUID) -> Commission:
    """The commission, to be acted on. Raises `NotFound`."""
    return _one(select(Commission).where(Commission.id == row_id))


def shown(row_id: UUID) -> Commission:
    """The commission to be read, with its subjects and its bureau in one statement. Raises `NotFound`."""
    whole = joinedload(Commission.lines), joinedload(Commission.bureau)
    return _one(select(Commission).where(Commission.id == row_id).options(*whole))


def terms(row_id: UUID) -> QualityTerms:
    """质量约定 under the id by which contract, round and settlement refer to it. Raises `NotFound`."""
    found = db.session.scalars(select(QualityTerms).where(QualityTerms.id == row_id)).first()
    if found is None:
        raise NotFound
    return found


def _one(rows: Select[Commission]) -> Commission:
    found = db.session.scalars(rows).unique().first()
    if found is None:
        raise NotFound
    return found


def matching(arguments: Mapping[str, str]) -> Select[Commission]:
    """The commissions a search asks for: words of the name, a state, a year."""
    rows = select(Commission)
    if words := arguments.get("q", "").strip():
        rows = rows.where(Commission.name.icontains(words, autoescape=True))
    if (state := arguments.get("state")) in {each.value for each in CommissionState}:
        rows = rows.where(Commission.state == state)
    if year := year_asked(arguments):
        rows = rows.where(Commission.year == year)
    return rows


def page_of(arguments: Mapping[str, str], *, path: str, export_url: str) -> Listing:
    """One page of the list, the last touched first."""
    return listing(
        matching(arguments).options(raiseload(Commission.terms), raiseload(Commission.lines)),
        key=Commission.id.expression,
        sorts=SORTS,
        arguments=arguments,
        path=path,
        default="-touched",
        kept=("q", "state", "year"),
        export_url=export_url,
    )


def everything(arguments: Mapping[str, str]) -> list[Commission]:
    """All commissions a search asks for, for the workbook."""
    return list(db.session.scalars(matching(arguments).order_by(Commission.touched_at.desc())))


def lock(row: Commission, *, version: int) -> None:
    """Lock the row. Raises `Stale` where its version is not the one that was shown."""
    db.session.refresh(row, with_for_update=True)
    if row.version != version:
        raise Stale


def bureau_name() -> str:
    """The name of the bureau this transaction acts in."""
    return db.session.scalar(select(Tenant.name).where(Tenant.id == tenant_of_session())) or ""


def commissioner_name(unit_id: UUID | None) -> str:
    """The name of the department that commissions, or of the bureau itself."""
    if unit_id is None:
        return bureau_name()
    return next((each.name for each in units() if each.id == unit_id), bureau_name())


def all_units() -> list[Unit]:
    """The bureau's units, by name."""
    return units()


def form_versions(codes: Sequence[str]) -> dict[str, int]:
    """The versions of the form templates in force, to be pinned."""
    return versions_in_force(codes)


def bind(row_id: UUID, name: str | None) -> None:
    """Note under which name a commission is out with the firms; None when that ended without an award."""
    db.session.execute(update(Commission).where(Commission.id == row_id).values(bought_as=name))


def end_edition(row: Commission, reason: str, *, now: datetime) -> None:
    """End the edition in force of a commission."""
    db.session.execute(
        update(Edition)
        .where(Edition.commission_id == row.id, Edition.ended_at.is_(None))
        .values(ended_at=now, ended_reason=reason)
    )


@dataclass(frozen=True, slots=True)
class Counts:
    """How many commissions stand where, for the home."""

    draft: int = 0
    submitted: int = 0
    approved: int = 0


def counts() -> Counts:
    """How many commissions stand where; one statement."""
    found = db.session.execute(select(Commission.state, func.count()).group_by(Commission.state))
    by_state: dict[str, int] = {each[0]: each[1] for each in found}
    return Counts(*(by_state.get(each, 0) for each in LIVE))


def editions(row: Commission) -> list[Edition]:
    """The approved editions, the newest first."""
    return list(
        db.session.scalars(
            select(Edition).where(Edition.commission_id == row.id).order_by(Edition.number.desc())
        )
    )
