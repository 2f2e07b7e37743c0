"""Opening bureaus: the region, the bureau, its place in the tree, its first rooms and its administrators.

What other slices give a new bureau they hang on with `when_opened`; it runs in the same transaction.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import update

from portal.access import Actor, Role
from portal.audit import record
from portal.identity import Place, Slip, accounts_named, grant_post, issue_code, new_account
from portal.kernel.errors import Invalid
from portal.kernel.workdays import day_of
from portal.office.actions import calendars, rulesets
from portal.office.queries import house
from portal.office.rules.house import first_sections, is_username, nearest_above
from tenants.db import db
from tenants.models import Region, Section, Tenant
from tenants.regions import Listed, code_above, is_code
from tenants.scope import elevated

Provision = Callable[[datetime], None]
_provisions: Final[list[Provision]] = []


@dataclass(frozen=True, slots=True)
class NewAdministrator:
    """Somebody who will hold one of the three administrators' posts; ``field`` names the form's field."""

    role: Role
    username: str
    name: str
    field: str = "username"


@dataclass(frozen=True, slots=True)
class Opened:
    """A bureau just opened, and the slips for its administrators, shown this once."""

    tenant: Tenant
    slips: tuple[Slip, ...]


def when_opened(provision: Provision) -> None:
    """Let a slice give every new bureau its own beginnings, as the system of that bureau."""
    if provision not in _provisions:
        _provisions.append(provision)


def register_region(code: str, name: str, *, by: Actor | None, now: datetime) -> Region:
    """登记行政区划: a region that the project's file lacks. Raises `Invalid`."""
    known = house.regions()
    if not is_code(code):
        raise Invalid("code", "office.region_code")
    if code in known:
        raise Invalid("code", "office.region_known", name=known[code].name)
    above = code_above(code)
    if above is not None and above not in known:
        raise Invalid("code", "office.region_above", region=above)
    _keep_regions(known)
    region = Region(code=code, name=name, parent_code=above)
    db.session.add(region)
    db.session.flush()
    if by is not None:
        record("tenant.register_region", by=by, now=now, code=code, name=name)
    return region


def open_tenant(
    code: str,
    name: str,
    administrators: Sequence[NewAdministrator],
    *,
    by: Actor | None,
    now: datetime,
    is_demo: bool = False,
) -> Opened:
    """开设财政局: usable at once, with sections, forms, a draft rule set and a calendar.

    Runs in the operator's scope. Raises `Invalid` on the field that is wrong; nothing has changed then.
    """
    known = house.regions()
    if not is_demo and house.clock_is_ahead():
        raise Invalid("code", "office.clock_ahead")
    if code not in known:
        raise Invalid("code", "office.region_unknown", region=code)
    opened = {each.code: each for each in house.tenants()}
    if code in opened:
        raise Invalid("code", "office.tenant_open", name=opened[code].name)
    _check_people(administrators)
    _keep_regions(known)
    parents = {each.code: each.parent_code for each in known.values()}
    parent = nearest_above(code, parents, opened)
    tenant = Tenant(
        code=code, name=name, parent_id=opened[parent].id if parent else None, is_demo=is_demo, opened_at=now
    )
    db.session.add(tenant)
    db.session.flush()
    moved = _take_in(tenant, parents, opened)
    calendars.fill_known(by=by, now=now, only_if_empty=True)
    record(
        "tenant.open", by=by, now=now, tenant_id=tenant.id, code=code, name=name, under=parent, took_in=moved
    )
    with elevated("opening a bureau", tenant.id):
        for title, duties in first_sections(code):
            db.session.add(Section(name=title, duties=duties))
        rulesets.first_draft(effective_on=day_of(now), now=now)
        for provision in _provisions:
            provision(now)
        slips = tuple(_seat(each, tenant.id, by=by, now=now) for each in administrators)
    return Opened(tenant, slips)


def reissue_codes(tenant: Tenant, accounts: Sequence[UUID], *, by: Actor, now: datetime) -> tuple[Slip, ...]:
    """补发口令: new slips for administrators of a bureau; their earlier unused codes stop working."""
    chosen = [each for each in house.administrators(tenant.id) if each.account_id in accounts]
    return tuple(issue_code(each.account_id, each.username, each.name, by=by, now=now) for each in chosen)


def _check_people(administrators: Sequence[NewAdministrator]) -> None:
    seen: set[str] = set()
    for each in administrators:
        if not is_username(each.username):
            raise Invalid(each.field, "office.username")
        if each.username in seen:
            raise Invalid(each.field, "office.one_person_one_post")
        seen.add(each.username)
    taken = accounts_named(sorted(seen))
    for each in administrators:
        if each.username in taken:
            raise Invalid(each.field, "identity.username_taken", username=each.username)


def _keep_regions(known: dict[str, Listed]) -> None:
    """Put into the table what the project's file knows and the table lacks, each after the one above."""
    held = set(db.session.scalars(db.select(Region.code)))
    for each in sorted(known.values(), key=lambda region: (not region.code.endswith("0000"), region.code)):
        if each.code not in held:
            db.session.add(Region(code=each.code, name=each.name, parent_code=each.parent_code))
            db.session.flush()


def _take_in(tenant: Tenant, parents: dict[str, str | None], opened: dict[str, Tenant]) -> list[str]:
    """Put under the new bureau those below it that had a bureau farther above, or none."""
    with_new = {*opened, tenant.code}
    moved = [each for each in opened.values() if nearest_above(each.code, parents, with_new) == tenant.code]
    db.session.execute(
        update(Tenant).where(Tenant.id.in_([each.id for each in moved])).values(parent_id=tenant.id)
    )
    return [each.code for each in moved]


def _seat(person: NewAdministrator, tenant_id: UUID, *, by: Actor | None, now: datetime) -> Slip:
    account_id = new_account(person.username, person.name)
    grant_post(account_id, person.name, person.role, Place(), tenant_id=tenant_id, by=by, now=now)
    return issue_code(account_id, person.username, person.name, by=by, now=now)
