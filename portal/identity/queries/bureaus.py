"""The bureau's sections, and the bureaus below it."""

from uuid import UUID

from sqlalchemy import select

from portal.kernel.errors import NotFound
from tenants.db import db, tenant_of_session
from tenants.models import Section, Tenant


def sections() -> list[Section]:
    """The bureau's open sections."""
    return list(
        db.session.scalars(
            select(Section)
            .where(Section.tenant_id == tenant_of_session(), Section.closed_at.is_(None))
            .order_by(Section.name)
        )
    )


def section_names() -> dict[UUID, str]:
    """The names of all the bureau's sections, closed ones too."""
    rows = db.session.execute(
        select(Section.id, Section.name).where(Section.tenant_id == tenant_of_session())
    )
    return {row.id: row.name for row in rows}


def county(code: str) -> Tenant:
    """A bureau below this one, by its code. Raises `NotFound`."""
    found = next((each for each in counties(tenant_of_session()) if each.code == code), None)
    if found is None:
        raise NotFound
    return found


def counties(tenant_id: UUID) -> list[Tenant]:
    """The bureaus below a bureau, at any depth, by code."""
    below = select(Tenant.id).where(Tenant.parent_id == tenant_id).cte("below", recursive=True)
    below = below.union(select(Tenant.id).where(Tenant.parent_id == below.c.id))
    return list(db.session.scalars(select(Tenant).where(Tenant.id.in_(select(below))).order_by(Tenant.code)))
