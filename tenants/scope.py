"""For whom a transaction acts. A scope is set by the first statement of each transaction; no scope, no rows.

Each entered scope has a session of its own, so nothing loaded under one scope is ever seen under another.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.pq import TransactionStatus
from sqlalchemy import event, text
from sqlalchemy.orm import Session

from tenants.db import NoScope, db, scope_token, tenant_of_session


@dataclass(frozen=True, slots=True)
class Scope:
    """Whom the database is told about. The database itself resolves what this scope may read and write."""

    kind: str
    account_id: UUID | None = None
    post_id: UUID | None = None
    tenants: tuple[UUID, ...] = ()
    reason: str = ""

    @property
    def read_only(self) -> bool:
        """A county entered by its prefecture, and sums over tenants, are read only."""
        return self.kind in {"supervisor", "across"}


def anonymous() -> Scope:
    """Nobody signed in: public rows only."""
    return Scope("anonymous")


def account(account_id: UUID) -> Scope:
    """A person without a post: registers and their own things."""
    return Scope("account", account_id)


def post(account_id: UUID, post_id: UUID) -> Scope:
    """A person acting in a post of one tenant (or of the platform)."""
    return Scope("post", account_id, post_id)


def supervisor(account_id: UUID, post_id: UUID, tenant_id: UUID) -> Scope:
    """A prefecture's post that entered one of its counties, to read."""
    return Scope("supervisor", account_id, post_id, (tenant_id,))


def system(tenant_id: UUID, reason: str) -> Scope:
    """The system within one tenant, for the closed list of verbs that must see more than their actor."""
    return Scope("system", tenants=(tenant_id,), reason=reason)


def operator_system(reason: str) -> Scope:
    """The platform's command line: opens tenants and fills registers; sees no tenant's rows."""
    return Scope("operator", reason=reason)


def across_tenants(reason: str, tenants: tuple[UUID, ...]) -> Scope:
    """Sums over several tenants, read only; legal in ``portal.report``, the scheduler and identity alone."""
    return Scope("across", tenants=tenants, reason=reason)


GIVEN_UP = "given_up"
_scope: ContextVar[Scope | None] = ContextVar("portal_scope", default=None)


def current() -> Scope:
    """The scope in force. Raises `NoScope`."""
    scope = _scope.get()
    if scope is None:
        msg = "no scope is set: enter one before touching rows"
        raise NoScope(msg)
    return scope


ENTER = text(
    "SELECT portal_clock() AS entered_at, tenant"
    " FROM portal_enter(:kind, :account, :post, CAST(:tenants AS uuid[]))"
)
CLOCK = text("SELECT portal_clock()")


@event.listens_for(Session, "after_begin")
def _set_scope(session: Session, _transaction: object, connection: Any) -> None:
    """Tell the database for whom this transaction acts, before anything else is asked."""
    scope = current()
    row = connection.execute(
        ENTER,
        {
            "kind": scope.kind,
            "account": scope.account_id,
            "post": scope.post_id,
            "tenants": list(scope.tenants),
        },
    ).one()
    session.info.setdefault("now", row.entered_at)
    session.info["tenant_id"] = row.tenant
    if scope.read_only:
        connection.execute(text("SET TRANSACTION READ ONLY"))


@contextmanager
def entered(scope: Scope) -> Iterator[None]:
    """Enter a scope with a session of its own; whatever is not committed inside is rolled back on leaving."""
    scope_mark = _scope.set(scope)
    token_mark = scope_token.set(object())
    try:
        yield
    finally:
        db.session.remove()
        scope_token.reset(token_mark)
        _scope.reset(scope_mark)


@contextmanager
def unit_of_work(scope: Scope) -> Iterator[None]:
    """One scope, one transaction: commits when the block ends well, rolls back when it raises or gives up."""
    with entered(scope):
        yield
        if not db.session().info.get(GIVEN_UP):
            db.session.commit()


@contextmanager
def rested() -> Iterator[None]:
    """Hold no connection while something slow is done that asks the database nothing.

    Only where nothing has been written yet: the transaction ends, and the next statement begins another.
    Raises `RuntimeError` where something waits to be written.
    """
    session = db.session()
    if session.new or session.dirty or session.deleted:
        msg = "what was written would be lost"
        raise RuntimeError(msg)
    session.rollback()
    yield


def give_up() -> None:
    """Keep nothing of the running unit of work, though it ends without raising."""
    db.session().info[GIVEN_UP] = True


@contextmanager
def elevated(reason: str, tenant_id: UUID | None = None) -> Iterator[None]:
    """Within the running transaction, act as the system of the same tenant, then step back.

    Only the setter of moves, the audit chain and the opening of a tenant use it; what it loads must not leave
    the block. ``tenant_id`` is for a scope that acts in no tenant, the operator's; others raise `NoScope`.
    """
    outer, session = current(), db.session()
    if tenant_id is None:
        tenant_id = tenant_of_session()
    else:
        session.connection()
        if session.info.get("tenant_id") is not None:
            msg = "a scope that acts in one tenant does not step into another"
            raise NoScope(msg)
    session.flush()
    mark = _scope.set(system(tenant_id, reason))
    connection = session.connection()
    try:
        _set_scope(session, None, connection)
        yield
        session.flush()
    finally:
        _scope.reset(mark)
        if session.is_active and _listens(connection):
            _set_scope(session, None, session.connection())
    assert current() == outer  # noqa: S101 -- a scope left half-way would be a leak


def _listens(connection: Any) -> bool:
    """Whether the transaction goes on. One that failed is told nothing more: its rollback steps back too,
    and what made it fail is what is raised.
    """
    if connection.closed or connection.invalidated:
        return False
    told = connection.connection.dbapi_connection.info.transaction_status
    return bool(told == TransactionStatus.INTRANS)


def now() -> datetime:
    """The database's instant at which this transaction began."""
    db.session.connection()
    instant = db.session().info["now"]
    assert isinstance(instant, datetime)  # noqa: S101 -- the driver's type, for the type checker
    return instant


def instant() -> datetime:
    """The database's clock at this moment, for what a deadline decides: read it after taking the lock."""
    read = db.session.execute(CLOCK).scalar_one()
    assert isinstance(read, datetime)  # noqa: S101 -- the driver's type, for the type checker
    return read
