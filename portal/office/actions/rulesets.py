"""Drafting and publishing rule sets. A published version is stored whole; a trigger keeps it as it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from portal.access import Actor, Permission
from portal.audit import record, rewrite_inbox
from portal.kernel.errors import Stale
from portal.kernel.hashing import digest
from portal.kernel.workdays import day_of
from portal.office.lifecycle import RULESET, RuleSetState
from portal.office.queries import rulesets as queries
from portal.office.rules import rulesets as r
from tenants.db import db, tenant_of_session
from tenants.models import RuleSetVersion
from tenants.ruleset import BadRuleSet, Fault, Layer, Stated, from_form


@dataclass(frozen=True, slots=True)
class Typed:
    """What a person typed: values by key, the document of each, from which day on, and why."""

    values: Mapping[str, str]
    sources: Mapping[str, str]
    effective_on: date
    note: str = ""


class BadDraft(ValueError):
    """A draft that cannot be saved: every fault by key, and the keys typed without the document they need."""

    def __init__(self, faults: Sequence[Fault], unsourced: Sequence[str]) -> None:
        super().__init__(*map(str, faults), *unsourced)
        self.faults = tuple(faults)
        self.unsourced = tuple(unsourced)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A version as the inbox sees it."""

    id: UUID
    tenant_id: UUID
    title: str
    state: str
    verbs: tuple[str, ...] = field(default=())

    def awaits(self) -> tuple[str, ...]:
        """What somebody is now expected to do."""
        return self.verbs

    def inbox_party(self, _permission: Permission) -> UUID | None:
        """Every holder of the role may do it."""
        return None

    def inbox_due(self, _verb: str) -> datetime | None:
        """No clock runs."""
        return None


def seen(row: RuleSetVersion | None) -> str:
    """A mark of what a draft says, carried by its form to notice that somebody else saved first."""
    return digest({"own": row.own, "from": row.effective_on, "note": row.note}).hex() if row else ""


def first_draft(*, effective_on: date, now: datetime) -> RuleSetVersion:
    """The draft a new bureau begins with: nothing of its own yet, so that the national values hold."""
    row = RuleSetVersion(
        version=1, effective_on=effective_on, own={}, note="开设时按国家规定和本系统建议值生成"
    )
    db.session.add(row)
    db.session.flush()
    _ask(row, now=now)
    return row


def draft(typed: Typed, *, seen_as: str, by: Actor, now: datetime) -> RuleSetVersion:
    """起草: save the tenant's one draft, making it where there is none.

    Raises `BadDraft` by key, `Stale` where somebody else saved first.
    """
    row = queries.draft()
    if row is not None:
        db.session.refresh(row, with_for_update=True)
    if seen(row) != seen_as:
        raise Stale
    own = own_layer(typed)
    before = row.own if row else {}
    if row is None:
        latest = queries.latest_published()
        row = RuleSetVersion(version=latest.version + 1 if latest else 1)
        db.session.add(row)
    row.own = {name: r.stored(stated) for name, stated in own.values.items()}
    row.effective_on, row.note = typed.effective_on, typed.note
    row.drafted_by, row.drafter_id = by.name, by.account_id
    db.session.flush()
    record(
        "ruleset.draft",
        by=by,
        now=now,
        subject_id=row.id,
        number=row.version,
        effective_on=row.effective_on,
        before=digest(before).hex(),
        after=digest(row.own).hex(),
    )
    _ask(row, now=now)
    return row


def own_layer(typed: Typed) -> Layer:
    """The typed values as a layer, judged by itself and over what is inherited. Raises `BadDraft`."""
    faults: list[Fault] = []
    try:
        texts = from_form(typed.values)
    except BadRuleSet as bad:
        faults += bad.faults
        astray = {fault.key for fault in faults}
        texts = from_form({name: text for name, text in typed.values.items() if name not in astray})
    own = Layer(
        queries.tenant_code(),
        {name: Stated(text, typed.sources.get(name, "").strip()) for name, text in texts.items()},
    )
    faults += _faults(own, typed.effective_on)
    unsourced = r.unsourced(texts, typed.sources)
    if faults or unsourced:
        raise BadDraft(faults, unsourced)
    return own


def _faults(own: Layer, day: date) -> tuple[Fault, ...]:
    base = queries.inherited(day)
    return r.faults_of(r.laid(base.row.whole if base else None, own))


def publish_facts(row: RuleSetVersion, *, by: Actor, now: datetime) -> r.PublishFacts:
    """The draft as the table of moves asks; what it inherits may have changed since it was typed."""
    faults = (
        _faults(queries.own_layer(row.own, queries.tenant_code()), row.effective_on)
        if row.published_at is None
        else ()
    )
    return r.PublishFacts(
        today=day_of(now),
        effective_on=row.effective_on,
        drafter_id=row.drafter_id,
        actor_id=by.account_id,
        faulty=tuple(dict.fromkeys(fault.key for fault in faults)),
    )


def publish(row: RuleSetVersion, *, by: Actor, now: datetime) -> None:
    """发布: merge the draft with what it inherits and store it whole, for good. Raises `Refused`."""
    db.session.refresh(row, with_for_update=True)
    RULESET.step("publish", queries.state_of(row), publish_facts(row, by=by, now=now))
    base = queries.inherited(row.effective_on)
    own = queries.own_layer(row.own, queries.tenant_code())
    row.whole = r.whole_of(r.laid(base.row.whole if base else None, own))
    row.published_by, row.published_at = by.name, now
    db.session.flush()
    record(
        "ruleset.publish",
        by=by,
        now=now,
        subject_id=row.id,
        number=row.version,
        effective_on=row.effective_on,
        inherited_from=base.row.id if base else None,
        after={"state": "published", "digest": digest(row.whole).hex()},
    )
    _ask(row, now=now)


def _ask(row: RuleSetVersion, *, now: datetime) -> None:
    """A draft waits for its approver; a published version waits for nobody."""
    verbs = ("publish",) if row.published_at is None else ()
    title = f"规则集第{row.version}版（草案）"
    state = RuleSetState.DRAFT if verbs else RuleSetState.PUBLISHED
    rewrite_inbox(RULESET, Waiting(row.id, tenant_of_session(), title, state.value, verbs), now=now)
