"""Opening the tenant's expert library to another bureau, and ending it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from portal.access import Actor
from portal.audit import record
from portal.kernel.errors import Invalid, Refused
from portal.kernel.ruling import unless
from portal.office.queries import house
from tenants.db import db, tenant_of_session
from tenants.models import LibraryGrant, Tenant


def share_library(grantee_id: UUID, *, by: Actor, now: datetime) -> Tenant:
    """授权使用专家库: another bureau, which is returned, reads and draws from it. Raises `Invalid`."""
    bureaus = house.tenants()
    known = {each.id: each for each in bureaus}
    if grantee_id not in known or grantee_id == tenant_of_session():
        raise Invalid("grantee", "office.grantee_unknown")
    grantee = known[grantee_id]
    if grantee in house.bureaus_below(bureaus):
        raise Invalid("grantee", "office.grantee_below", name=grantee.name)
    running = db.session.scalar(
        select(LibraryGrant).where(
            LibraryGrant.tenant_id == tenant_of_session(),
            LibraryGrant.grantee_id == grantee_id,
            LibraryGrant.ended_at.is_(None),
        )
    )
    if running is not None:
        raise Invalid("grantee", "office.grantee_has_it", name=grantee.name)
    grant = LibraryGrant(grantee_id=grantee_id, opened_by=by.name, opened_at=now)
    db.session.add(grant)
    db.session.flush()
    record("expert.share", by=by, now=now, subject_id=grant.id, grantee=grantee.code, name=grantee.name)
    return grantee


def end_share(grant: LibraryGrant, *, by: Actor, now: datetime) -> None:
    """终止授权: what was drawn under it stays; nothing new is read. Raises `Refused` when it has ended."""
    db.session.refresh(grant, with_for_update=True)
    ruling = unless(grant.ended_at is not None, "office.share_ended", ended_at=grant.ended_at)
    if not ruling:
        raise Refused(ruling)
    grant.ended_at = now
    record("expert.end_share", by=by, now=now, subject_id=grant.id)
