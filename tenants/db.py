"""The door to rows: the one `db`, the base of all tables, and the mixins that carry the tenant's key."""

from contextvars import ContextVar
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID, uuid4

from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session as FlaskSession
from sqlalchemy import DateTime, ForeignKeyConstraint, MetaData, Numeric, UniqueConstraint, types
from sqlalchemy.engine import Connection, Dialect, Engine
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column

from tenants.rowsecurity import Protection

scope_token: ContextVar[object | None] = ContextVar("portal_scope_token", default=None)

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Instant(types.TypeDecorator[datetime]):
    """An aware instant, kept in UTC; a naive one is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is not None and value.tzinfo is None:
            msg = "a naive datetime is not an instant"
            raise ValueError(msg)
        return value.astimezone(UTC) if value is not None else None


MONEY = Numeric(16, 2, asdecimal=True)
SCORE = Numeric(5, 2, asdecimal=True)
RATIO = Numeric(5, 4, asdecimal=True)


class Base(DeclarativeBase):
    """The base of every table; each declares its class of row security."""

    metadata = MetaData(naming_convention=NAMES)
    __protection__: ClassVar[Protection]


Base.registry.update_type_annotation_map({datetime: Instant(), Decimal: MONEY})


class NoScope(RuntimeError):
    """Rows were asked for outside any scope: a programming error, never an empty page."""


class ScopedSession(FlaskSession):
    """The session of one scope; outside any it raises `NoScope` before a connection is taken."""

    def get_bind(self, *arguments: Any, **named: Any) -> Engine | Connection:
        """The database, for whom a scope says."""
        if scope_token.get() is None:
            raise NoScope("no scope is set: enter one before touching rows")
        return super().get_bind(*arguments, **named)


db = SQLAlchemy(
    model_class=Base,
    disable_autonaming=True,
    session_options={"class_": ScopedSession, "scopefunc": scope_token.get, "expire_on_commit": False},
)

if TYPE_CHECKING:
    Model = Base
else:
    Model = db.Model


class Identified:
    """A random key that says nothing about order or number."""

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)


def tenant_of_session() -> UUID:
    """The one tenant the running transaction acts in. Raises `LookupError` where the scope has none."""
    db.session.connection()
    tenant_id = db.session().info.get("tenant_id")
    if not isinstance(tenant_id, UUID):
        msg = "this scope acts in no tenant"
        raise LookupError(msg)  # noqa: TRY004 -- not a wrong type but no tenant
    return tenant_id


class TenantRow(Identified):
    """A row of one tenant. ``tenant_id`` is filled from the scope; (tenant_id, id) can be pointed at."""

    if TYPE_CHECKING:
        tenant_id: Mapped[UUID]
    else:

        @declared_attr.directive
        @classmethod
        def tenant_id(cls) -> Mapped[UUID]:
            return mapped_column(default=tenant_of_session)

    @declared_attr.directive
    @classmethod
    def __table_args__(cls) -> tuple[Any, ...]:
        return tenant_constraints()


def tenant_constraints(*more: Any) -> tuple[Any, ...]:
    """The constraints every tenant's table has, and its own ``more``."""
    return (
        UniqueConstraint("tenant_id", "id"),
        ForeignKeyConstraint(["tenant_id"], ["tenant.id"]),
        *more,
    )


def within_tenant(column: str, target: str) -> ForeignKeyConstraint:
    """A foreign key that cannot point into another tenant: (tenant_id, column) → target(tenant_id, id)."""
    return ForeignKeyConstraint(["tenant_id", column], [f"{target}.tenant_id", f"{target}.id"])
