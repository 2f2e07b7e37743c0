"""Reading bureaus and regions (as the operator sees them), sections, and grants of the expert library."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import aliased

from portal.access import ROLE_LABELS, Role
from portal.identity import open_posts
from portal.kernel.errors import NotFound
from tenants.db import db, tenant_of_session
from tenants.models import DocumentCode, LibraryGrant, Region, Section, Tenant
from tenants.regions import Listed, shipped
from tenants.scope import elevated

AHEAD = text("SELECT portal_clock() > clock_timestamp() + interval '1 minute'")
ADMINISTRATORS = (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN)


@dataclass(slots=True)
class Node:
    """One region of the tree: its bureau, if it is opened, and the regions below."""

    region: Listed
    tenant: Tenant | None = None
    below: list["Node"] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Administrator:
    """One of a bureau's three administrators, and whether they have come in yet."""

    account_id: UUID
    username: str
    name: str
    role: Role
    has_password: bool

    @property
    def role_label(self) -> str:
        """The post in words."""
        return ROLE_LABELS[self.role]


@dataclass(frozen=True, slots=True)
class Shared:
    """An opening of an expert library: the grant, and the bureau on its other side."""

    grant: LibraryGrant
    bureau: str


def regions() -> dict[str, Listed]:
    """Every region known: those the project ships and those the operator registered, by code."""
    held = db.session.scalars(select(Region).order_by(Region.code))
    known = {**shipped(), **{row.code: Listed(row.code, row.name, row.parent_code) for row in held}}
    return dict(sorted(known.items()))


def clock_is_ahead() -> bool:
    """Whether the demo's clock was let travel and has not come back."""
    return bool(db.session.scalar(AHEAD))


def tenants() -> list[Tenant]:
    """Every bureau, by code."""
    return list(db.session.scalars(select(Tenant).order_by(Tenant.code)))


def tree() -> list[Node]:
    """The regions as a tree, with their bureaus; two statements."""
    opened = {row.code: row for row in tenants()}
    nodes = {code: Node(region, opened.get(code)) for code, region in regions().items()}
    roots: list[Node] = []
    for node in nodes.values():
        above = nodes.get(node.region.parent_code or "")
        (above.below if above else roots).append(node)
    return roots


def tenant(row_id: UUID) -> Tenant:
    """One bureau. Raises `NotFound`."""
    found = db.session.get(Tenant, row_id)
    if found is None:
        raise NotFound
    return found


def tenant_coded(code: str) -> Tenant | None:
    """The bureau of a region's code, if it is opened."""
    return db.session.scalar(select(Tenant).where(Tenant.code == code))


def administrators(tenant_id: UUID) -> list[Administrator]:
    """A bureau's administrators in force, as the operator who prints their slips sees them."""
    with elevated("administrators", tenant_id):
        posts = [post for post in open_posts(tenant_id) if post.role in ADMINISTRATORS]
        held = {
            row.id: row
            for row in db.session.execute(
                text("SELECT id, username, name, has_password FROM portal_accounts_of(:accounts)"),
                {"accounts": [post.account_id for post in posts]},
            )
        }
        found = [
            Administrator(
                post.account_id,
                held[post.account_id].username,
                held[post.account_id].name,
                Role(post.role),
                held[post.account_id].has_password,
            )
            for post in posts
        ]
    return sorted(found, key=lambda each: ADMINISTRATORS.index(each.role))


def sections() -> list[Section]:
    """The tenant's sections, those in use first, then by name."""
    return list(
        db.session.scalars(
            select(Section).order_by(Section.closed_at.is_not(None), Section.name, Section.closed_at)
        )
    )


def section(row_id: UUID) -> Section:
    """One section. Raises `NotFound`."""
    found = db.session.scalar(select(Section).where(Section.id == row_id))
    if found is None:
        raise NotFound
    return found


def section_named(name: str) -> Section | None:
    """The section in use under a name."""
    return db.session.scalar(select(Section).where(Section.name == name, Section.closed_at.is_(None)))


def holders_in(section_id: UUID) -> list[str]:
    """Who holds a post in a section."""
    posts = open_posts(tenant_of_session())
    return sorted({post.holder for post in posts if post.section_id == section_id})


def codes_of(section_id: UUID) -> list[str]:
    """The document codes in use that are a section's own."""
    return list(
        db.session.scalars(
            select(DocumentCode.code).where(
                DocumentCode.section_id == section_id, DocumentCode.closed_at.is_(None)
            )
        )
    )


def people_by_section() -> Mapping[UUID, list[str]]:
    """Who holds a post in each section."""
    found: dict[UUID, list[str]] = {}
    for post in open_posts(tenant_of_session()):
        if post.section_id is not None and post.holder not in found.setdefault(post.section_id, []):
            found[post.section_id].append(post.holder)
    return found


def shared() -> list[Shared]:
    """To whom the tenant's own library is or was opened, the running grants first."""
    grantee = aliased(Tenant)
    rows = db.session.execute(
        select(LibraryGrant, grantee.name)
        .join(grantee, grantee.id == LibraryGrant.grantee_id)
        .where(LibraryGrant.tenant_id == tenant_of_session())
        .order_by(LibraryGrant.ended_at.is_not(None), LibraryGrant.opened_at.desc())
    )
    return [Shared(row[0], row[1]) for row in rows]


def opened_to_us() -> list[Shared]:
    """Whose libraries are opened to this tenant by grant."""
    owner = aliased(Tenant)
    rows = db.session.execute(
        select(LibraryGrant, owner.name)
        .join(owner, owner.id == LibraryGrant.tenant_id)
        .where(LibraryGrant.grantee_id == tenant_of_session(), LibraryGrant.ended_at.is_(None))
        .order_by(owner.code)
    )
    return [Shared(row[0], row[1]) for row in rows]


def library_grant(row_id: UUID) -> LibraryGrant:
    """A grant of the tenant's own library. Raises `NotFound`."""
    found = db.session.scalar(
        select(LibraryGrant).where(LibraryGrant.id == row_id, LibraryGrant.tenant_id == tenant_of_session())
    )
    if found is None:
        raise NotFound
    return found


def bureaus_below(all_bureaus: Sequence[Tenant]) -> list[Tenant]:
    """The bureaus under this tenant: its library is theirs without a grant."""
    here = tenant_of_session()
    parents = {each.id: each.parent_id for each in all_bureaus}

    def is_below(row_id: UUID) -> bool:
        above = parents.get(row_id)
        while above is not None and above != here:
            above = parents.get(above)
        return above == here

    return [each for each in all_bureaus if is_below(each.id)]
