"""Tenders themselves: one, its lock, lists of them, and how many bids it has."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Select, func, select, text

from portal.kernel.errors import NotFound, Stale
from portal.tender.lifecycle import TenderState
from portal.tender.models import Tender
from portal.web.listing import Listing, Sort, listing, read_decimal, read_instant, read_int, year_asked
from tenants import scope
from tenants.db import db

SORTS: Final[Mapping[str, Sort]] = {
    "name": Sort(Tender.name.expression),
    "year": Sort(Tender.year.expression, read_int),
    "ceiling": Sort(Tender.ceiling.expression, read_decimal),
    "deadline": Sort(Tender.response_by.expression, read_instant),
    "touched": Sort(Tender.touched_at.expression, read_instant),
}
_counters: list[Callable[[UUID], int]] = []
_answers: list[Callable[[UUID], Collection[UUID]]] = []
_SHARED = text("SELECT pg_advisory_xact_lock_shared(:key)")
_EXCLUSIVE = text("SELECT pg_advisory_xact_lock(:key)")
_RELEASE = text("SELECT portal_release_key(:tender)")


def count_bids_with(counter: Callable[[UUID], int]) -> None:
    """Let the slice of bids say how many there are; before the opening nothing else of them is known."""
    _counters[:] = [counter]


def answers_with(answered: Callable[[UUID], Collection[UUID]]) -> None:
    """Let the slice of bids tell a firm which tenders it has itself answered."""
    _answers[:] = [answered]


def answered(firm_id: UUID | None) -> Collection[UUID]:
    """The tenders a firm has a bid standing for; for its own eyes."""
    return _answers[0](firm_id) if _answers and firm_id else ()


def bids(tender_id: UUID) -> int | None:
    """How many bids stand; None where nobody counts them."""
    return _counters[0](tender_id) if _counters else None


def tender(row_id: UUID) -> Tender:
    """The tender, to be acted on. Raises `NotFound`."""
    found = db.session.scalar(select(Tender).where(Tender.id == row_id))
    if found is None:
        raise NotFound
    return found


def of_commission(commission_id: UUID) -> Tender | None:
    """The latest purchase of a commission."""
    rows = select(Tender).where(Tender.commission_id == commission_id).order_by(Tender.touched_at.desc())
    return db.session.scalars(rows.limit(1)).first()


def contest(tender_id: UUID, *, exclusive: bool) -> datetime:
    """Whatever its deadline decides waits here: the instant read under the tender's lock.

    Submitting and withdrawing share it; closing, moving the deadline and opening hold it alone. What was
    loaded of the tender before is to be refreshed after.
    """
    key = int.from_bytes(tender_id.bytes[:8], "big", signed=True)
    db.session.execute(_EXCLUSIVE if exclusive else _SHARED, {"key": key})
    return scope.instant()


def lock(row: Tender, *, version: int) -> None:
    """Lock the row. Raises `Stale` where its version is not the one that was shown."""
    db.session.refresh(row, with_for_update=True)
    if row.version != version:
        raise Stale


def matching(arguments: Mapping[str, str]) -> Select[Tender]:
    """The tenders a search asks for: words of name or number, a state, a year, a commission."""
    rows = select(Tender)
    if words := arguments.get("q", "").strip():
        rows = rows.where(
            Tender.name.icontains(words, autoescape=True) | Tender.number.icontains(words, autoescape=True)
        )
    if (state := arguments.get("state")) in {each.value for each in TenderState}:
        rows = rows.where(Tender.state == state)
    if year := year_asked(arguments):
        rows = rows.where(Tender.year == year)
    try:
        rows = rows.where(Tender.commission_id == UUID(arguments.get("commission", "")))
    except ValueError:
        return rows
    return rows


def page_of(arguments: Mapping[str, str], *, path: str, export_url: str | None = None) -> Listing:
    """One page of the list, the last touched first; firms see those they are invited to alone."""
    return listing(
        matching(arguments),
        key=Tender.id.expression,
        sorts=SORTS,
        arguments=arguments,
        path=path,
        default="-touched",
        kept=("q", "state", "year", "commission"),
        export_url=export_url,
    )


def everything(arguments: Mapping[str, str]) -> list[Tender]:
    """All tenders a search asks for, for the workbook."""
    return list(db.session.scalars(matching(arguments).order_by(Tender.touched_at.desc())))


def counts() -> dict[str, int]:
    """How many tenders stand where; one statement."""
    found = db.session.execute(select(Tender.state, func.count()).group_by(Tender.state))
    return {each[0]: each[1] for each in found}


def wrapped_key(tender_id: UUID) -> bytes:
    """The wrapped private key, for the system. The database refuses it before the deadline and the officers.

    Raises `NotFound`.
    """
    found = db.session.scalar(_RELEASE, {"tender": tender_id})
    if not isinstance(found, bytes):
        raise NotFound
    return found
