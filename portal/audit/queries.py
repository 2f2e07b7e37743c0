"""Reading the traces: what waits for an actor, an aggregate's history, and the chains as they were written."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select, text

from portal.access import ROLE_LABELS, Actor, Role
from portal.audit.models import AuditEvent, InboxRow
from portal.audit.rules import Link
from tenants.db import db


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of a timeline, in the words of the chain."""

    at: datetime
    verb: str
    who: str
    place: str
    body: Mapping[str, Any]
    seq: int


def _mine(actor: Actor) -> ColumnElement[bool]:
    parties = [each for each in (actor.party_id, actor.section_id) if each is not None]
    mine = InboxRow.role == actor.role.value
    return mine & or_(InboxRow.party_id.is_(None), InboxRow.party_id.in_(parties))


def waiting(actor: Actor) -> list[InboxRow]:
    """What waits for the actor's post in this tenant, the soonest due first."""
    return list(
        db.session.scalars(
            select(InboxRow).where(_mine(actor)).order_by(InboxRow.due_by.asc().nulls_last(), InboxRow.since)
        )
    )


def waiting_count(actor: Actor) -> int:
    """How much waits for the actor's post."""
    return db.session.scalar(select(func.count()).select_from(InboxRow).where(_mine(actor))) or 0


def moving_elsewhere(actor: Actor, limit: int = 20) -> list[InboxRow]:
    """What waits for others in this tenant: it moves without the actor."""
    return list(
        db.session.scalars(
            select(InboxRow).where(~_mine(actor)).order_by(InboxRow.due_by.asc().nulls_last()).limit(limit)
        )
    )


def happening(event: AuditEvent) -> Happening:
    """An event as a person reads it."""
    body = json.loads(event.body)
    by = body.get("by", {})
    role = by.get("role")
    who = f"{by['name']}（{ROLE_LABELS[Role(role)]}）" if role else "系统"
    return Happening(event.at, event.verb, who, by.get("place", ""), body, event.seq)


def timeline(subject_id: UUID) -> list[Happening]:
    """Everything that happened to one aggregate, in order."""
    events = db.session.scalars(
        select(AuditEvent).where(AuditEvent.subject_id == subject_id).order_by(AuditEvent.seq)
    )
    return [happening(event) for event in events]


def links(chain: str) -> Iterator[Link]:
    """The links of one chain in their order."""
    events = db.session.scalars(
        select(AuditEvent)
        .where(AuditEvent.chain == chain)
        .order_by(AuditEvent.seq)
        .execution_options(yield_per=500)
    )
    for each in events:
        yield Link(
            each.chain, each.seq, each.at, each.verb, each.subject_id, each.body, each.previous, each.digest
        )


def head(chain: str) -> tuple[int, bytes]:
    """The recorded end of one chain."""
    row = db.session.execute(
        text("SELECT seq, digest FROM portal_audit_head(:chain)"), {"chain": chain}
    ).one()
    return row.seq, bytes(row.digest)
