"""One way in for every register: read the workbook, plan what it would do, and do it whole or not at all."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, Generic, TypeVar
from uuid import UUID

from sqlalchemy import text

from portal.access import Actor, Permission
from portal.audit import record
from portal.identity import masked
from portal.kernel.hashing import digest, sm3
from portal.kernel.ruling import ALLOWED, Ruling
from portal.spreadsheet.reading import read
from portal.spreadsheet.rules import Fields, Plan, Reading, Schema
from tenants.db import db

T = TypeVar("T")
_LOCK: Final = text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))")


@dataclass(frozen=True, slots=True)
class Masked:
    """A personal value as a register shows it; two are equal where their blind indexes are."""

    index: bytes
    text: str = field(compare=False)


@dataclass(frozen=True, slots=True)
class Register(Generic[T]):
    """A register as an import sees it. Each callable runs inside the tenant's scope.

    ``schema`` asks the database what the rules need; ``plan`` sets records against the rows; ``keep`` writes
    a plan. ``key`` are the fields of code and name, ``labels`` the words of coded fields, ``private`` those
    shown masked; ``flags`` are what a record comes in with without being refused.
    """

    name: str
    title: str
    permission: Permission
    schema: Callable[[], Schema[T]]
    plan: Callable[[Sequence[T]], Plan[T]]
    keep: Callable[[Plan[T], datetime], None]
    key: tuple[str, str]
    labels: Mapping[str, Mapping[Any, str]] = field(default_factory=dict)
    private: frozenset[str] = frozenset()
    flags: Callable[[datetime], Callable[[T], Ruling]] = lambda _now: lambda _record: ALLOWED

    @property
    def verb(self) -> str:
        """What the audit chain calls an import into this register."""
        return self.permission.value.replace(":", ".")

    def shown(self, name: str, value: object) -> str:
        """A field's value as people read it."""
        if isinstance(value, frozenset):
            return "、".join(label for each, label in self.labels[name].items() if each in value)
        if name in self.labels and value is not None:
            return self.labels[name][value]
        if isinstance(value, Masked):
            return value.text
        if name in self.private and isinstance(value, str):
            return masked(value)
        return _plainly(value)


def _plainly(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, Decimal):
        return f"{value:,.2f}"
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


class MovedOn(Exception):
    """The register is not what it was when the plan was shown; carries the plan as it is now."""

    def __init__(self, prepared: "Prepared[Any]") -> None:
        super().__init__()
        self.prepared = prepared


@dataclass(frozen=True, slots=True)
class Prepared(Generic[T]):
    """A workbook against a register: what it says, what keeping it would do; no plan where it is faulty."""

    reading: Reading[T]
    plan: Plan[T] | None

    @property
    def seal(self) -> str:
        """A digest of what keeping it would do, to notice that the register has moved since it was shown."""
        plan = self.plan or Plan()
        changes = [
            [str(one.after), [(each.field, str(each.before), str(each.after)) for each in one.differences]]
            for one in plan.changed
        ]
        added = [str(each) for each in plan.added]
        return digest([added, changes, len(plan.unchanged), len(plan.left)]).hex()


def prepare(register: Register[T], content: bytes) -> Prepared[T]:
    """Read a workbook and plan its import; writes nothing."""
    reading = read(content, register.schema())
    return Prepared(reading, None if reading.faults else register.plan(reading.records))


def adopt(
    register: Register[T],
    content: bytes,
    *,
    filename: str,
    tenant_id: UUID,
    by: Actor | None,
    now: datetime,
    seal: str | None = None,
) -> Prepared[T]:
    """Import a workbook whole, or, where it is faulty or says nothing new, write nothing.

    Imports into one register of one tenant follow each other. With the ``seal`` of the plan that a person
    confirmed, raises `MovedOn` where the register has moved since.
    """
    db.session.execute(_LOCK, {"key": f"{register.name}:{tenant_id}"})
    prepared = prepare(register, content)
    plan = prepared.plan
    if seal is not None and (plan is None or seal != prepared.seal):
        raise MovedOn(prepared)
    if plan is not None and not plan.idle:
        register.keep(plan, now)
        record(
            register.verb,
            by=by,
            now=now,
            tenant_id=tenant_id,
            register=register.name,
            file=filename,
            digest=sm3(content).hex(),
            added=len(plan.added),
            changed=len(plan.changed),
            unchanged=len(plan.unchanged),
            left=len(plan.left),
        )
    return prepared


def as_seen(record_: Any, **instead: object) -> Fields:
    """A record's fields as the register compares them, some given ``instead``."""
    return {name: instead.get(name, getattr(record_, name)) for name in record_.__slots__}
