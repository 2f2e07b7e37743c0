"""Reading papers, signatures and announcements."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, Text, cast, func, select

from portal.document.models import Announcement, Issued, Signature
from portal.document.rules import Notice
from portal.kernel.clock import SHANGHAI
from portal.kernel.errors import NotFound
from portal.web.listing import Listing, Sort, listing, read_instant, year_asked
from tenants.db import db, tenant_of_session
from tenants.models import Tenant


def bureau() -> Tenant:
    """The bureau that issues here."""
    found = db.session.get(Tenant, tenant_of_session())
    if found is None:
        raise NotFound
    return found


def issued(row_id: UUID) -> Issued:
    """One paper that this scope may read. Raises `NotFound`."""
    found = db.session.scalar(select(Issued).where(Issued.id == row_id))
    if found is None:
        raise NotFound
    return found


def documents_of(subject_id: UUID) -> list[Issued]:
    """The papers about one thing, in the order of their issue."""
    return documents_of_all([subject_id])


def documents_of_all(subject_ids: Collection[UUID]) -> list[Issued]:
    """The papers about several things; one statement."""
    return list(
        db.session.scalars(
            select(Issued)
            .where(Issued.subject_id.in_(subject_ids))
            .order_by(Issued.issued_at, func.length(Issued.number), Issued.number)
        )
    )


def signatures_of(subject_id: UUID) -> list[Signature]:
    """Who signed one thing, in order."""
    return list(
        db.session.scalars(
            select(Signature).where(Signature.subject_id == subject_id).order_by(Signature.signed_at)
        )
    )


def signatures_on(row: Issued) -> list[Signature]:
    """Who signed this very paper: the digest says so, whatever it was signed as."""
    return list(
        db.session.scalars(
            select(Signature).where(Signature.digest == row.digest).order_by(Signature.signed_at)
        )
    )


def notices_of(subject_id: UUID) -> list[Announcement]:
    """What the public was told about one thing."""
    return list(
        db.session.scalars(
            select(Announcement)
            .where(Announcement.subject_id == subject_id)
            .order_by(Announcement.published_at)
        )
    )


@dataclass(frozen=True, slots=True)
class Publisher:
    """A bureau on the public pages, and how many announcements it has made."""

    code: str
    name: str
    count: int
    is_demo: bool = False


def publishers() -> list[Publisher]:
    """The bureaus that have told the public something, by code."""
    rows = db.session.execute(
        select(
            Announcement.bureau_code,
            func.max(Announcement.bureau_name),
            func.count(),
            func.bool_or(Announcement.is_demo),
        )
        .group_by(Announcement.bureau_code)
        .order_by(Announcement.bureau_code)
    )
    return [Publisher(*row) for row in rows]


def announcement(code: str, row_id: UUID) -> Announcement:
    """One announcement of a bureau. Raises `NotFound`."""
    found = db.session.scalar(
        select(Announcement).where(Announcement.id == row_id, Announcement.bureau_code == code)
    )
    if found is None:
        raise NotFound
    return found


def _announced(code: str, arguments: Mapping[str, str]) -> Select[Announcement]:
    rows = select(Announcement).where(Announcement.bureau_code == code)
    if (kind := arguments.get("kind")) in {each.value for each in Notice}:
        rows = rows.where(Announcement.kind == kind)
    if year := year_asked(arguments):
        first, last = (datetime(year + more, 1, 1, tzinfo=SHANGHAI) for more in (0, 1))
        rows = rows.where(Announcement.published_at >= first, Announcement.published_at < last)
    if words := arguments.get("q", "").strip():
        said = Announcement.title.icontains(words, autoescape=True)
        rows = rows.where(said | cast(Announcement.content, Text).icontains(words, autoescape=True))
    return rows


def years_of_announcements(code: str) -> list[str]:
    """The years in which a bureau told the public something, the latest first."""
    year = func.date_part("year", func.timezone(SHANGHAI.key, Announcement.published_at))
    rows = select(year).where(Announcement.bureau_code == code).distinct().order_by(year.desc())
    return [f"{each:.0f}" for each in db.session.scalars(rows)]


def page_of_announcements(code: str, arguments: Mapping[str, str], *, path: str) -> Listing:
    """One page of a bureau's announcements, the newest first."""
    return listing(
        _announced(code, arguments),
        key=Announcement.id.expression,
        sorts={"published": Sort(Announcement.published_at.expression, read_instant)},
        arguments=arguments,
        path=path,
        default="-published",
        kept=("q", "kind", "year"),
    )
