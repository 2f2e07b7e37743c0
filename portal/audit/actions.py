"""The one setter of moves, and the one writer of audit events.

Events are collected while a transaction runs and chained last, just before its commit, so that the head of
the tenant's chain is locked as briefly as possible.
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from flask import current_app
from sqlalchemy import delete, event, text
from sqlalchemy.orm import Session

from portal.access import GRANTS, OUTSIDE, Actor, Permission
from portal.audit.models import Alarm, InboxRow
from portal.audit.rules import link_digest
from portal.kernel.hashing import canonical, digest
from portal.kernel.machine import Machine
from portal.kernel.ruling import Clause, Ruling
from tenants.db import db
from tenants.scope import current, elevated

_HEAD = text("SELECT seq, digest FROM portal_audit_head(:chain)")
_APPEND = text(
    "SELECT portal_audit_append(:chain, :seq, :tenant, :at, :verb, :subject, :body, :previous, :digest)"
)
PENDING = "audit_pending"


@dataclass(frozen=True, slots=True)
class Pending:
    """An event that waits for the commit."""

    chain: str
    tenant_id: UUID | None
    at: datetime
    verb: str
    subject_id: UUID | None
    body: str


def record(
    verb: str,
    *,
    by: Actor | None,
    now: datetime,
    subject_id: UUID | None = None,
    tenant_id: UUID | None = None,
    **body: object,
) -> None:
    """Leave an audit event in the running transaction. ``body`` holds what happened, as plain values."""
    tenant_id = tenant_id or (by.tenant_id if by else None)
    if tenant_id is None and by is None:
        msg = "an event belongs to a tenant or to an account"
        raise ValueError(msg)
    who: Mapping[str, object] = (
        {"account": by.account_id, "name": by.name, "post": by.post_id, "role": by.role, "place": by.place}
        if by
        else {"system": current().reason}
    )
    chain = str(tenant_id) if tenant_id else str(by.account_id if by else "")
    db.session().info.setdefault(PENDING, []).append(
        Pending(chain, tenant_id, now, verb, subject_id, canonical({"by": who, **body}))
    )


def record_own(verb: str, account_id: UUID, name: str, *, now: datetime, **body: object) -> None:
    """Leave an event in a person's own chain: what they do to their account belongs to no tenant."""
    made = canonical({"by": {"account": account_id, "name": name}, **body})
    db.session().info.setdefault(PENDING, []).append(Pending(str(account_id), None, now, verb, None, made))


@event.listens_for(Session, "before_commit")
def _chain(session: Session) -> None:
    """Chain what is pending, tenant by tenant, each head locked once and last."""
    if session.get_nested_transaction() is not None:
        return
    pending: list[Pending] = session.info.pop(PENDING, [])
    session.flush()
    for chain in sorted({each.chain for each in pending}):
        seq, previous = session.execute(_HEAD, {"chain": chain}).one()
        for each in (each for each in pending if each.chain == chain):
            seq += 1
            made = link_digest(
                bytes(previous),
                chain=chain,
                seq=seq,
                at=each.at,
                verb=each.verb,
                subject_id=each.subject_id,
                body=each.body,
            )
            session.execute(
                _APPEND,
                {
                    "chain": chain,
                    "seq": seq,
                    "tenant": each.tenant_id,
                    "at": each.at,
                    "verb": each.verb,
                    "subject": each.subject_id,
                    "body": each.body,
                    "previous": previous,
                    "digest": made,
                },
            )
            previous = made


def take(
    machine: Machine,
    row: Any,
    verb: str,
    facts: object,
    *,
    by: Actor | None,
    now: datetime,
    changes: Mapping[str, object] | None = None,
    **body: object,
) -> StrEnum:
    """Do a move: lock the row, ask the table, set state and ``changes``, rewrite the inbox, leave an event.

    ``by`` is None where the clock moves. ``body`` is kept in the event beside states, digests and clause.
    Raises `Refused` with every reason; nothing has changed then.
    """
    with _reach(by):
        return _take(machine, row, verb, facts, by=by, now=now, changes=changes or {}, body=body)


def _reach(by: Actor | None) -> AbstractContextManager[None]:
    """An outside party reads what is shown to it and writes nothing itself: its moves are the system's."""
    return elevated("move") if by is not None and by.role in OUTSIDE else nullcontext()


def _take(
    machine: Machine,
    row: Any,
    verb: str,
    facts: object,
    *,
    by: Actor | None,
    now: datetime,
    changes: Mapping[str, object],
    body: Mapping[str, object],
) -> StrEnum:
    db.session.refresh(row, with_for_update=True)
    before = digest(row.snapshot())
    source = machine.states(row.state)
    target = machine.step(verb, source, facts)
    move = machine.move(verb, source)
    row.set_state(target.value)
    for name, value in changes.items():
        setattr(row, name, value)
    row.version += 1
    row.touched_at = now
    record(
        f"{machine.name}.{verb}",
        by=by,
        now=now,
        subject_id=row.id,
        tenant_id=row.tenant_id,
        before={"state": source, "digest": before.hex()},
        after={"state": target, "digest": digest(row.snapshot()).hex()},
        clause=row.cites(move.clause) if move else None,
        **body,
    )
    rewrite_inbox(machine, row, now=now)
    return target


def born(machine: Machine, row: Any, *, by: Actor | None, now: datetime, **body: object) -> None:
    """Record a new row's birth and fill inbox and alarms from what its first state offers."""
    with _reach(by):
        db.session.add(row)
        db.session.flush()
        record(
            f"{machine.name}.draft",
            by=by,
            now=now,
            subject_id=row.id,
            tenant_id=row.tenant_id,
            after={"state": row.state, "digest": digest(row.snapshot()).hex()},
            **body,
        )
        rewrite_inbox(machine, row, now=now)


def announce(event: object, *, by: Actor | None, now: datetime) -> None:
    """Tell the slices downstream, in their order and in the same transaction (`create_app` lists them)."""
    for hear in current_app.extensions["portal_hearers"].get(type(event), ()):
        hear(event, by=by, now=now)


def rewrite_inbox(machine: Machine, row: Any, *, now: datetime) -> None:
    """Delete and insert anew what waits for whom and what the clock will do, as the row's state offers it.

    ``row.inbox_party`` names the party a verb waits for (a section, a firm, somebody's post), several,
    those of each role, or None for every holder of the role.
    """
    waiting: Sequence[str] = row.awaits()
    alarms = machine.alarms(machine.states(row.state), row)
    with elevated("inbox"):
        own = (InboxRow.kind == machine.name, InboxRow.subject_id == row.id)
        db.session.execute(delete(InboxRow).where(*own))
        db.session.execute(delete(Alarm).where(Alarm.subject_id == row.id))
        db.session.add_all(
            Alarm(
                tenant_id=row.tenant_id,
                kind=machine.name,
                subject_id=row.id,
                verb=each.name,
                due_at=each.due_at,
            )
            for each in alarms
        )
        for verb in waiting:
            permission = Permission(f"{machine.name}:{verb}")
            asked = row.inbox_party(permission)
            for role in dict.fromkeys(grant.role for grant in GRANTS[permission]):
                parties = asked.get(role, ()) if isinstance(asked, Mapping) else asked
                db.session.add_all(
                    InboxRow(
                        tenant_id=row.tenant_id,
                        kind=machine.name,
                        subject_id=row.id,
                        verb=verb,
                        role=role.value,
                        party_id=party_id,
                        title=row.title,
                        due_by=row.inbox_due(verb),
                        since=now,
                    )
                    for party_id in (parties if isinstance(parties, list | tuple) else (parties,))
                )


def refused(verb: str, ruling: Ruling, *, by: Actor, now: datetime, subject_id: UUID | None) -> None:
    """Keep a refusal in the chain, in a transaction of its own after the rollback."""
    record(
        f"{verb}.refused",
        by=by,
        now=now,
        subject_id=subject_id,
        refusals=[
            {
                "code": refusal.code,
                "clause": str(refusal.clause) if isinstance(refusal.clause, Clause) else None,
                "facts": {key: str(value) for key, value in refusal.facts.items()},
            }
            for refusal in ruling.refusals
        ],
    )
