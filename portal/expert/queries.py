"""Reading the expert libraries a bureau may use: its own, those above it, and those granted."""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from portal.expert.models import Membership
from portal.expert.rules import Domain, ExpertClass
from portal.kernel.errors import NotFound
from portal.spreadsheet import Masked
from portal.spreadsheet.rules import Fields
from portal.web.listing import Listing, Sort, listing, read_int
from portal.web.search import found
from tenants.db import db, tenant_of_session
from tenants.models import Tenant

SORTS: Final[Mapping[str, Sort]] = {
    "name": Sort(Membership.name.expression),
    "employer": Sort(Membership.employer.expression),
    "years": Sort(Membership.work_years.expression, read_int),
}
PLAIN: Final = ("name", "sex", "employer", "title", "work_years", "is_civil_servant", "email")


def expert(row_id: UUID) -> Membership:
    """A member of a library open to this bureau. Raises `NotFound`."""
    row = db.session.scalar(_members().where(Membership.id == row_id))
    if row is None:
        raise NotFound
    return row


def _members() -> Select[Membership]:
    return select(Membership).options(joinedload(Membership.library))


def matching(arguments: Mapping[str, str]) -> Select[Membership]:
    """The experts a search asks for: part of name, initials or employer; class, domain, office, library."""
    rows = _members()
    if words := arguments.get("q", "").strip():
        texts = (Membership.name.expression, Membership.employer.expression)
        rows = rows.where(found(words, *texts, sounds=Membership.initials.expression))
    if (kind := arguments.get("class")) in {each.value for each in ExpertClass}:
        rows = rows.where(Membership.classes.contains([kind]))
    if (domain := arguments.get("domain")) in {each.value for each in Domain}:
        rows = rows.where(Membership.domains.contains([domain]))
    if (civil := arguments.get("civil")) in {"yes", "no"}:
        rows = rows.where(Membership.is_civil_servant.is_(civil == "yes"))
    if arguments.get("library") == "own":
        rows = rows.where(Membership.tenant_id == tenant_of_session())
    return rows


def page_of(arguments: Mapping[str, str], *, path: str, export_url: str) -> Listing:
    """One page of the libraries open to this bureau, by name."""
    return listing(
        matching(arguments),
        key=Membership.id.expression,
        sorts=SORTS,
        arguments=arguments,
        path=path,
        default="name",
        kept=("q", "class", "domain", "civil", "library"),
        export_url=export_url,
    )


def everything(arguments: Mapping[str, str]) -> list[Membership]:
    """All experts a search asks for, by name, for the workbook."""
    return list(db.session.scalars(matching(arguments).order_by(Membership.name, Membership.id)))


def experts() -> list[Membership]:
    """Every member of the bureau's own library, by name."""
    return everything({})


def libraries() -> list[tuple[str, int]]:
    """The libraries open to this bureau, by their owners' names, and how many members each has."""
    counted = (
        select(Tenant.name, func.count())
        .join(Membership, Membership.tenant_id == Tenant.id)
        .group_by(Tenant.name)
        .order_by(Tenant.name)
    )
    return [(row[0], row[1]) for row in db.session.execute(counted)]


def own_members() -> dict[bytes, Membership]:
    """The members of the bureau's own library, by the blind index of the identity number."""
    rows = db.session.scalars(select(Membership).where(Membership.tenant_id == tenant_of_session()))
    return {bytes(row.identity_index): row for row in rows}


def present() -> dict[bytes, Fields]:
    """Every member of the bureau's own library, as an import compares them."""
    return {
        index: {
            **{field: getattr(row, field) for field in PLAIN},
            "identity_number": Masked(index, row.identity_masked),
            "mobile": Masked(bytes(row.mobile_index), row.mobile_masked),
            "bank_account": Masked(bytes(row.bank_index), row.bank_masked) if row.bank_index else "",
            "classes": frozenset(row.classes),
            "domains": frozenset(row.domains),
        }
        for index, row in own_members().items()
    }
