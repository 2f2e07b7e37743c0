"""Reading draws: the staff's whole row, and what everybody may read."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from flask import current_app
from sqlalchemy import func, select, text

from portal.draw import rules
from portal.draw.models import Draw, PublicDraw
from portal.draw.rules import Excluded, Quota
from portal.kernel.errors import NotFound
from portal.kernel.seal import Sealer
from tenants.db import db, tenant_of_session
from tenants.models import Tenant

MOST_LISTED = 200
_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('draw.number:' || :tenant || ':' || :year, 0))")


def sealer() -> Sealer:
    """The seal under the installation's master key."""
    return Sealer(current_app.config["SETTINGS"].master_key)


def draw(row_id: UUID) -> Draw:
    """抽取. Raises `NotFound`."""
    found = db.session.scalar(select(Draw).where(Draw.id == row_id))
    if found is None:
        raise NotFound
    return found


def draws_of(subject_id: UUID) -> list[Draw]:
    """The draws of one round, opening or whatever asked for them, in the order of their numbers."""
    rows = select(Draw).where(Draw.subject_id == subject_id).order_by(Draw.year, Draw.sequence)
    return list(db.session.scalars(rows))


def listed() -> list[Draw]:
    """The bureau's draws, the newest first."""
    rows = select(Draw).order_by(Draw.year.desc(), Draw.sequence.desc()).limit(MOST_LISTED)
    return list(db.session.scalars(rows))


def order(row_id: UUID) -> list[UUID]:
    """The keys in the order drawn; empty while nobody typed the number. Raises `NotFound`."""
    row = draw(row_id)
    return [UUID(row.entries[place - 1]["key"]) for place in row.drawn or ()]


def taken(row_id: UUID) -> set[UUID]:
    """The keys that the quotas take in the order drawn; nobody while nothing is drawn. Raises `NotFound`."""
    row = draw(row_id)
    return {UUID(row.entries[place - 1]["key"]) for place in rules.taken(row.drawn or (), quotas_of(row))}


def quotas_of(row: Draw | PublicDraw) -> list[Quota]:
    """How many of each kind are taken; none where the order alone decides."""
    return [Quota(each["kind"], each["take"], tuple(each["numbers"])) for each in row.quotas]


def quotas_said(row: Draw | PublicDraw) -> str:
    """The quotas in words, as they were committed to."""
    return rules.quota_text(quotas_of(row))


def next_sequence(year: int) -> int:
    """The next number of the bureau's year, locked to the transaction's end: none is lost, none double."""
    db.session.execute(_LOCK, {"tenant": str(tenant_of_session()), "year": str(year)})
    return (db.session.scalar(select(func.max(Draw.sequence)).where(Draw.year == year)) or 0) + 1


def secret_of(row: Draw) -> str:
    """The secret behind the commitment, as hex; for the one who seeds and ends alone."""
    return sealer().open(row.sealed_secret, context=row.id.bytes).hex()


def excluded_of(row: Draw) -> list[Excluded]:
    """Who stayed out, and why."""
    return [Excluded(each["label"], tuple(each["reasons"])) for each in row.excluded]


def labels_of(row: Draw) -> list[str]:
    """The candidates' names in the order of the list."""
    return [each["label"] for each in row.entries]


def public_row(draw_id: UUID) -> PublicDraw:
    """The published part, to be written by the steps of the draw."""
    return db.session.scalars(select(PublicDraw).where(PublicDraw.draw_id == draw_id)).one()


def bureau() -> Tenant:
    """The bureau this transaction acts in."""
    return db.session.scalars(select(Tenant).where(Tenant.id == tenant_of_session())).one()


def publishers() -> dict[str, str]:
    """The bureaus that ever began a draw: code → name."""
    rows = select(PublicDraw.bureau_code, func.max(PublicDraw.bureau)).group_by(PublicDraw.bureau_code)
    return {row[0]: row[1] for row in db.session.execute(rows)}


def published(bureau_code: str) -> list[PublicDraw]:
    """Every draw a bureau ever started, the newest first; void ones too."""
    rows = (
        select(PublicDraw)
        .where(PublicDraw.bureau_code == bureau_code)
        .order_by(PublicDraw.year.desc(), PublicDraw.sequence.desc())
    )
    return list(db.session.scalars(rows))


def published_one(bureau_code: str, number: str) -> PublicDraw:
    """One published draw by its number. Raises `NotFound`."""
    year, _, sequence = number.partition("-")
    if not (year.isascii() and year.isdecimal() and sequence.isascii() and sequence.isdecimal()):
        raise NotFound
    if number != rules.number_of(int(year[:4]), int(sequence[:6])):
        raise NotFound
    row = db.session.scalar(
        select(PublicDraw).where(
            PublicDraw.bureau_code == bureau_code,
            PublicDraw.year == int(year),
            PublicDraw.sequence == int(sequence),
        )
    )
    if row is None:
        raise NotFound
    return row


def as_published(row: PublicDraw) -> dict[str, object]:
    """The JSON a stranger's script recomputes; what is not public yet is null."""
    return {
        "bureau": row.bureau,
        "number": row.number,
        "purpose": row.purpose,
        "title": row.title,
        "candidates": row.leaves,
        "excluded_counts": row.excluded_counts,
        "excluded_digest": row.excluded_digest,
        "quotas": row.quotas,
        "list_digest": row.list_digest,
        "commitment": row.commitment,
        "committed_at": row.committed_at.isoformat(),
        "typed": row.typed,
        "seeded_at": row.seeded_at.isoformat() if row.seeded_at else None,
        "outcome": row.outcome,
        "reason": row.reason,
        "ended_at": row.ended_at.isoformat() if row.ended_at else None,
        "secret": row.secret,
        "names": row.names,
        "order": list(order_of(row)) or None,
        "taken": list(rules.taken(order_of(row), quotas_of(row))) or None,
    }


def order_of(row: PublicDraw) -> Sequence[int]:
    """The order computed anew from what is published; empty before the secret is out."""
    if row.secret is None or row.typed is None:
        return ()
    return rules.order(rules.seed_of(row.secret, row.typed, row.list_digest), row.candidates)


@dataclass(frozen=True, slots=True)
class Ticket:
    """One candidate in the public recomputation; ``name`` is empty where it is not released."""

    place: int
    number: int
    name: str
    ticket: str
    is_taken: bool


@dataclass(frozen=True, slots=True)
class Steps:
    """The recomputation of an ended draw from what is published."""

    names_hold: bool
    commitment_holds: bool
    seed: str
    tickets: Sequence[Ticket]


def steps_of(row: PublicDraw) -> Steps | None:
    """Each step computed anew from what is published alone; None before the secret is out."""
    if row.secret is None:
        return None
    released = {each["number"]: each for each in row.names or ()}
    named = all(
        rules.leaf(each["salt"], number, each["name"]) == row.leaves[number - 1]
        for number, each in released.items()
    )
    holds = rules.commitment(row.secret, row.list_digest, row.number, quotas_said(row)) == row.commitment
    if row.typed is None:
        return Steps(named, holds, "", ())
    seed = rules.seed_of(row.secret, row.typed, row.list_digest)
    drawn = rules.order(seed, row.candidates)
    chosen = rules.taken(drawn, quotas_of(row))
    tickets = [
        Ticket(
            place,
            number,
            released.get(number, {}).get("name", ""),
            rules.ticket(seed, number),
            is_taken=number in chosen,
        )
        for place, number in enumerate(drawn, 1)
    ]
    return Steps(named, holds, seed, tickets)


@dataclass(frozen=True, slots=True)
class Drawn:
    """One candidate as the staff see it: place in the order drawn, number on the list, name."""

    place: int
    number: int
    label: str
    is_taken: bool


def drawn_labels(row: Draw) -> list[Drawn]:
    """The candidates in the order drawn; by number while nothing is drawn."""
    labels = labels_of(row)
    order = row.drawn or range(1, len(labels) + 1)
    chosen = rules.taken(row.drawn or (), quotas_of(row))
    return [
        Drawn(place, number, labels[number - 1], is_taken=number in chosen)
        for place, number in enumerate(order, 1)
    ]


def list_holds(row: PublicDraw) -> bool:
    """Whether the published digests of the names give the published digest of the list."""
    return rules.list_digest(row.leaves, row.excluded_digest) == row.list_digest
