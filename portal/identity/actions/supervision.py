"""A prefecture looks into one of its counties; both bureaus' chains say so."""

from datetime import datetime

from portal.access import Actor
from portal.audit import record
from tenants.models import Tenant


def enter(county: Tenant, *, by: Actor, now: datetime) -> None:
    """Begin to look, read only."""
    _both("supervision.enter", county, by, now)


def leave(county: Tenant, *, by: Actor, now: datetime) -> None:
    """Stop looking."""
    _both("supervision.leave", county, by, now)


def _both(verb: str, county: Tenant, by: Actor, now: datetime) -> None:
    for tenant_id in (by.tenant_id, county.id):
        record(verb, by=by, now=now, subject_id=county.id, tenant_id=tenant_id, county=county.name)
