"""The owner's functions, called by a bug of ours: they ask the scope before they answer or write."""

from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from portal.access import Role
from tenants import scope
from tenants.db import db
from tests.support.world import a_bureau, a_person

pytestmark = pytest.mark.usefixtures("app")
APPEND = text(
    "SELECT portal_audit_append(:chain, 1, :tenant, clock_timestamp(), 'x', NULL, '{}',"
    " decode(repeat('00', 32), 'hex'), decode(repeat('11', 32), 'hex'))"
)


def test_no_scope_writes_in_the_chain_of_another_bureau() -> None:
    ours, theirs = a_bureau(roles=[Role.HANDLER]), a_bureau()
    handler = ours.people[Role.HANDLER]
    supervisor = a_person(ours, Role.SUPERVISOR)
    bounds = (
        supervisor.scope,
        handler.scope,
        scope.account(handler.account_id),
        scope.anonymous(),
        ours.system,
    )
    for bound in bounds:
        for chain, tenant in ((theirs.id, theirs.id), (theirs.id, None), (theirs.id, ours.id)):
            _refused(bound, str(chain), tenant)


def _refused(bound: scope.Scope, chain: str, tenant: UUID | None) -> None:
    with scope.entered(bound), pytest.raises(ProgrammingError, match="not this scope's"):
        db.session.execute(APPEND, {"chain": chain, "tenant": tenant})


def test_only_a_bureau_or_the_operator_opens_and_finds_accounts() -> None:
    bureau = a_bureau(roles=[Role.HANDLER])
    handler = bureau.people[Role.HANDLER]
    firm = a_person(bureau, Role.FIRM_HANDLER, party_id=uuid4())
    named = text("SELECT count(*) FROM portal_accounts_named(ARRAY[:name])")
    opened = text("SELECT portal_new_account(:name, 'x', NULL)")
    for bound in (scope.anonymous(), scope.account(handler.account_id), firm.scope):
        with scope.entered(bound):
            assert db.session.scalar(named, {"name": handler.username}) == 0
        with scope.entered(bound), pytest.raises(ProgrammingError, match="opens accounts"):
            db.session.execute(opened, {"name": f"u{uuid4().hex[:8]}"})
    with scope.entered(handler.scope):
        assert db.session.scalar(named, {"name": handler.username}) == 1


def test_roles_elsewhere_are_told_to_the_bureau_that_asks_for_itself() -> None:
    ours, theirs = a_bureau(roles=[Role.HANDLER]), a_bureau(roles=[Role.APPROVER])
    approver = theirs.people[Role.APPROVER]
    asked = text("SELECT count(*) FROM portal_roles_elsewhere(:account, :tenant)")
    for bound, tenant, known in (
        (ours.people[Role.HANDLER].scope, ours.id, 1),
        (ours.people[Role.HANDLER].scope, uuid4(), 0),
        (scope.account(approver.account_id), ours.id, 0),
        (scope.anonymous(), ours.id, 0),
    ):
        with scope.entered(bound):
            assert db.session.scalar(asked, {"account": approver.account_id, "tenant": tenant}) == known
