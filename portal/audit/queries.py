"""Reading the traces: what waits for an actor, an aggregate's history, and the chains as written."""

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select, text
from sqlalchemy.dialects.postgresql import JSONB, distinct_on
from sqlalchemy.orm import aliased

from portal.access import ROLE_LABELS, Actor, Role
from portal.audit.models import AuditEvent, InboxRow
from portal.audit.rules import GENESIS, Link
from portal.kernel.clock import SHANGHAI
from portal.kernel.errors import NotFound
from portal.kernel.hashing import canonical
from portal.web.listing import Listing
from portal.wording import EVENT_WORDS, STATES, VERBS, sentence, task_label
from tenants.db import db, tenant_of_session

PAGE_SIZE: Final = 50
REFUSED: Final = ".refused"
OWN_COUNTS: Final = text("SELECT post_id, count(*) FROM portal_own_waits(:tenant) GROUP BY post_id")
OWN_WAITS: Final = text("SELECT * FROM portal_own_waits(:tenant) ORDER BY due_by ASC NULLS LAST, since")
INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)")
ORDER: Final = {"before": 0, "after": 1}  # what changed, as it is told: first what was


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of a timeline, in the words of the chain."""

    at: datetime
    verb: str
    who: str
    place: str
    body: Mapping[str, Any]
    seq: int

    @property
    def was_refused(self) -> bool:
        """Whether a rule said no."""
        return self.verb.endswith(REFUSED)

    @property
    def label(self) -> str:
        """What was done, in words; the verb itself where its name has gone since."""
        verb = self.verb.removesuffix(REFUSED)
        return VERBS.get(verb, verb)

    @property
    def moment(self) -> dict[str, Any]:
        """One line of the timeline on a page; who asked a question shows by pseudonym alone."""
        body = self.body
        by_clock = body.get("by", {}).get("system") == "clock"
        told = "：".join(
            each for each in (body.get("firm"), body.get("reason")) if isinstance(each, str) and each
        )
        return {
            "what": self.label,
            "at": self.at,
            "who": body.get("asker") or self.who,
            "kind": "refused" if self.was_refused else "clock" if by_clock else "done",
            "detail": told or "；".join(_refusal(each) for each in body.get("refusals", ())),
            "clause": body.get("clause"),
        }


def _mine(actor: Actor) -> ColumnElement[bool]:
    parties = [each for each in (actor.party_id, actor.section_id, actor.post_id) if each is not None]
    mine = InboxRow.role == actor.role.value
    return mine & or_(InboxRow.party_id.is_(None), InboxRow.party_id.in_(parties))


def waiting(actor: Actor) -> list[InboxRow]:
    """What waits for the actor's post in this tenant, the soonest due first."""
    return list(
        db.session.scalars(
            select(InboxRow).where(_mine(actor)).order_by(InboxRow.due_by.asc().nulls_last(), InboxRow.since)
        )
    )


def waiting_counts(actors: Sequence[Actor]) -> list[int]:
    """How much waits for each of one person's posts in this tenant, by one question."""
    found = db.session.execute(OWN_COUNTS, {"tenant": actors[0].tenant_id})
    counts: dict[UUID, int] = {each[0]: each[1] for each in found}
    return [counts.get(each.post_id, 0) for each in actors]


@dataclass(frozen=True, slots=True)
class OwnWait:
    """What waits for one of a person's posts, whichever of them they act in now."""

    post_id: UUID
    kind: str
    subject_id: UUID
    verb: str
    role: str
    title: str
    due_by: datetime | None
    since: datetime


def own_waits(actor: Actor) -> list[OwnWait]:
    """What waits for the actor in any of their posts in this tenant, the soonest due first."""
    found = db.session.execute(OWN_WAITS, {"tenant": actor.tenant_id})
    return [OwnWait(**row) for row in found.mappings()]


def moving_elsewhere(
    mine: Sequence[Actor], *, without: Collection[str] = (), limit: int = 20
) -> tuple[list[InboxRow], bool]:
    """What waits for others than the person in any of ``mine``, and whether there is more.

    The same task of the same thing stands once, for however many and whichever of their posts it waits;
    kinds told otherwise are left out, ``without`` them.
    """
    tasks = (InboxRow.kind, InboxRow.verb, InboxRow.title)
    first = (
        select(InboxRow)
        .where(~or_(*(_mine(each) for each in mine)), InboxRow.kind.not_in(without))
        .ext(distinct_on(*tasks))
        .order_by(*tasks, InboxRow.due_by.asc().nulls_last(), InboxRow.role, InboxRow.id)
    )
    row = aliased(InboxRow, first.subquery())
    ordered = select(row).order_by(row.due_by.asc().nulls_last(), row.title, row.verb, row.id)
    found = list(db.session.scalars(ordered.limit(limit + 1)))
    return found[:limit], len(found) > limit


@dataclass(frozen=True, slots=True)
class Awaited:
    """Whose turn it is, what they are to do, by when at the latest, and my own post where I am they too."""

    holders: tuple[str, ...]
    task: str
    due_by: datetime | None
    post_id: UUID | None = None


def awaited(subject_ids: Collection[UUID], actor: Actor, also: Sequence[Actor] = ()) -> list[Awaited]:
    """What others are to do at some aggregates, each task once; how many are still to do it stays unsaid.

    ``also`` are the same person's other posts: where one of them is meant, its id stands beside the task.
    What any one of several posts does is nobody else's turn while it is the actor's own.
    """
    rows = db.session.execute(
        select(InboxRow.role, InboxRow.kind, InboxRow.verb, InboxRow.party_id, InboxRow.due_by, _mine(actor))
        .where(InboxRow.subject_id.in_(subject_ids))
        .order_by(InboxRow.due_by.asc().nulls_last(), InboxRow.role, InboxRow.verb)
    ).all()
    own = {(kind, verb): party_id for _, kind, verb, party_id, _, mine in rows if mine}
    found: dict[str, Awaited] = {}
    for role, kind, verb, party_id, due_by, is_own in rows:
        if is_own or ((kind, verb) in own and own[kind, verb] is None):
            continue
        task, holder = task_label(f"{kind}.{verb}"), ROLE_LABELS[Role(role)].partition("（")[0]
        mine = next((each.post_id for each in also if _is_meant(each, role, party_id)), None)
        known = found.setdefault(task, Awaited((), task, due_by))
        holders = dict.fromkeys((*known.holders, holder))
        found[task] = replace(known, holders=tuple(holders), post_id=known.post_id or mine)
    return list(found.values())


def _is_meant(actor: Actor, role: str, party_id: UUID | None) -> bool:
    return role == actor.role and party_id in {None, actor.party_id, actor.section_id, actor.post_id}


def happening(event: AuditEvent) -> Happening:
    """An event as a person reads it."""
    body = json.loads(event.body)
    by = body.get("by", {})
    name, role = by.get("name", "系统"), by.get("role")
    who = f"{name}（{ROLE_LABELS[Role(role)].partition('（')[0]}）" if role else name
    return Happening(event.at, event.verb, who, by.get("place", ""), body, event.seq)


def facts_of(body: Mapping[str, Any], kind: str = "") -> list[tuple[str, list[str]]]:
    """What an event's body says, in words: each fact's label and its lines. Who did it is not repeated.

    ``kind`` is what was acted on; its states have words of their own.
    """
    told = sorted(body.items(), key=lambda item: ORDER.get(item[0], len(ORDER)))
    return [
        (EVENT_WORDS.get(key, key), _lines(key, value, kind))
        for key, value in told
        if key != "by" and value not in (None, "", [], {})
    ]


def _lines(key: str, value: Any, kind: str) -> list[str]:
    if key == "refusals":
        return [_refusal(each) for each in value]
    if key == "role":
        return [ROLE_LABELS[Role(value)] if value in set(Role) else value]
    if key == "state":
        return [STATES.get(f"{kind}.{value}", value)]
    if isinstance(value, Mapping):
        return [
            f"{EVENT_WORDS.get(name, name)}：{'；'.join(_lines(name, each, kind))}"
            for name, each in value.items()
        ]
    if isinstance(value, list):
        return [_line(each) for each in value]
    return [_line(value)]


def _line(value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    return value if isinstance(value, str) else canonical(value)


def _read(value: Any) -> Any:
    """A fact as it was before the chain wrote it down: an instant is one again, and is shown as one."""
    if isinstance(value, str) and INSTANT.fullmatch(value):
        return datetime.fromisoformat(value)
    return value


def _refusal(kept: Mapping[str, Any]) -> str:
    """The sentence as it was said; its code where the sentence has gone since."""
    try:
        said = sentence(kept["code"], {key: _read(each) for key, each in kept.get("facts", {}).items()})
    except KeyError:
        return str(kept["code"])
    return f"{said}（依据：{kept['clause']}）" if kept.get("clause") else said


def timeline(subject_id: UUID) -> list[Happening]:
    """Everything that happened to one aggregate, in order."""
    events = db.session.scalars(
        select(AuditEvent).where(AuditEvent.subject_id == subject_id).order_by(AuditEvent.seq)
    )
    return [happening(event) for event in events]


def moments(subject_id: UUID, *, without: Collection[str] = ()) -> list[dict[str, Any]]:
    """What happened to one aggregate as a page tells it, the latest first; ``without`` some verbs."""
    return [each.moment for each in reversed(timeline(subject_id)) if each.verb not in without]


def links(chain: str) -> Iterator[Link]:
    """The links of one chain in their order."""
    written = select(AuditEvent).where(AuditEvent.chain == chain).order_by(AuditEvent.seq)
    with closing(db.session.scalars(written.execution_options(yield_per=500))) as events:
        for each in events:
            yield Link(
                each.chain,
                each.seq,
                each.at,
                each.verb,
                each.subject_id,
                each.body,
                each.previous,
                each.digest,
            )


def head(chain: str) -> tuple[int, bytes]:
    """The recorded end of a chain this scope may see; the beginning where nothing happened yet."""
    row = db.session.execute(
        text("SELECT seq, digest FROM portal_audit_end(:chain)"), {"chain": chain}
    ).one_or_none()
    return (row.seq, bytes(row.digest)) if row else (0, GENESIS)


def own_events(account_id: UUID, *, limit: int) -> list[Happening]:
    """The latest events in a person's own chain, newest first."""
    events = db.session.scalars(
        select(AuditEvent)
        .where(AuditEvent.chain == str(account_id))
        .order_by(AuditEvent.seq.desc())
        .limit(limit)
    )
    return [happening(event) for event in events]


def event_of(seq: int) -> AuditEvent:
    """One event of this tenant's chain. Raises `NotFound`."""
    found = db.session.get(AuditEvent, (str(tenant_of_session()), seq))
    if found is None:
        raise NotFound
    return found


def page_of_events(arguments: Mapping[str, str], *, path: str, size: int = PAGE_SIZE) -> Listing:
    """One page of this tenant's events, newest first; found by person, verb and day. Nonsense is ignored."""
    rows = select(AuditEvent).where(AuditEvent.chain == str(tenant_of_session()))
    query = {each: arguments[each] for each in ("q", "verb", "day") if arguments.get(each)}
    if "q" in query:
        who = AuditEvent.body.cast(JSONB)[("by", "name")].astext
        rows = rows.where(who.icontains(query["q"].strip(), autoescape=True))
    if "verb" in query:
        rows = rows.where(AuditEvent.verb.in_((query["verb"], query["verb"] + REFUSED)))
    day = _day(query.get("day"))
    if day is not None:
        rows = rows.where(AuditEvent.at >= day, AuditEvent.at < day + timedelta(days=1))
    total = db.session.scalar(select(func.count()).select_from(rows.subquery())) or 0
    before, after = _seq(arguments.get("before")), _seq(arguments.get("after"))
    if before is not None:
        newer = rows.where(AuditEvent.seq > before).order_by(AuditEvent.seq.asc())
        found = list(db.session.scalars(newer.limit(size + 1)))
        more_newer, more_older = len(found) > size, True
        found = found[:size][::-1]
    else:
        older = rows.where(AuditEvent.seq < after) if after is not None else rows
        found = list(db.session.scalars(older.order_by(AuditEvent.seq.desc()).limit(size + 1)))
        more_newer, more_older = after is not None, len(found) > size
        found = found[:size]
    return Listing(
        rows=[happening(event) for event in found],
        total=total,
        sort="seq",
        descending=True,
        path=path,
        query=query,
        filtered=bool(query),
        previous=str(found[0].seq) if found and more_newer else None,
        next=str(found[-1].seq) if found and more_older else None,
    )


def _day(typed: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(typed or "").replace(hour=0, minute=0, second=0, tzinfo=SHANGHAI)
    except ValueError:
        return None


def _seq(typed: str | None) -> int | None:
    return int(typed) if typed and typed.isascii() and typed.isdigit() and len(typed) < 10 else None  # noqa: PLR2004
