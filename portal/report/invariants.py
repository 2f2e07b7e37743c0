"""The database checks itself: what must always hold, tenant by tenant, and SQL cannot say."""

from collections.abc import Callable, Iterator
from typing import Final
from uuid import UUID

import click
from flask.cli import with_appcontext
from sqlalchemy import select

from portal import (
    appraisal,
    audit,
    award,
    bid,
    commission,
    contract,
    deliverable,
    draw,
    file,
    panel,
    quality,
    ranking,
    settlement,
    tender,
)
from portal.audit.rules import first_break
from tenants import scope
from tenants.db import db
from tenants.models import Tenant

CHECKS: Final[tuple[Callable[[], Iterator[str]], ...]] = (
    file.invariants,
    draw.invariants,
    commission.invariants,
    tender.invariants,
    bid.invariants,
    panel.invariants,
    award.invariants,
    contract.invariants,
    deliverable.invariants,
    quality.invariants,
    appraisal.invariants,
    settlement.invariants,
    ranking.invariants,
)


def every_tenant() -> list[tuple[UUID, str]]:
    """Id and name of each bureau, in the order of their codes."""
    with scope.entered(scope.operator_system("list of bureaus")):
        return [(row.id, row.name) for row in db.session.scalars(select(Tenant).order_by(Tenant.code))]


def broken() -> Iterator[str]:
    """Every broken invariant of every tenant, in words."""
    for tenant_id, name in every_tenant():
        yield from (f"{name}：{each}" for each in broken_in(tenant_id))


def broken_in(tenant_id: UUID) -> Iterator[str]:
    """Every broken invariant of one tenant, in words."""
    with scope.entered(scope.system(tenant_id, "check invariants")):
        for check in CHECKS:
            yield from check()
        chain = str(tenant_id)
        found = first_break(chain, audit.links(chain), audit.head(chain), {})
        if found is not None:
            yield f"审计记录第 {found.seq} 条：{found.cause}"


@click.command("check-invariants")
@with_appcontext
def check_invariants() -> None:
    """Say every broken invariant; exit 1 where there is one."""
    found = list(broken())
    for each in found:
        click.echo(each, err=True)
    if found:
        raise SystemExit(1)
    click.echo("数据自检通过")
