"""Reading bids: how many there are, a firm's own, the frozen list, and, once opened, all of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from flask import current_app
from sqlalchemy import func, select, text
from sqlalchemy.orm import undefer

from portal import firm, tender
from portal.bid.lifecycle import STANDING, BidState
from portal.bid.models import Bid, BidCommitment, TenderOpening
from portal.bid.rules import PART_LABELS, BidFacts, Part, parts_of
from portal.file import Storage, StoredFile, files
from portal.kernel.errors import NotFound
from portal.tender import Tender
from portal.tender.lifecycle import TenderState, state_at
from portal.web.search import by_sound
from tenants import scope
from tenants.db import db

_STANDING = [state.value for state in STANDING]
_FIRM_LOCK = text("SELECT pg_advisory_xact_lock(:key)")


def own(tender_id: UUID, firm_id: UUID) -> Bid | None:
    """The firm's bid that stands, or None."""
    return db.session.scalar(
        select(Bid).where(Bid.tender_id == tender_id, Bid.firm_id == firm_id, Bid.state.in_(_STANDING))
    )


def has_submitted(firm_id: UUID) -> set[UUID]:
    """The tenders a firm has a standing bid for, as it sees them itself."""
    return set(
        db.session.scalars(select(Bid.tender_id).where(Bid.firm_id == firm_id, Bid.state.in_(_STANDING)))
    )


def lock_firm(tender_id: UUID, firm_id: UUID) -> None:
    """Two people of one firm submit one after the other."""
    mixed = bytes(one ^ other for one, other in zip(tender_id.bytes, firm_id.bytes, strict=True))
    db.session.execute(_FIRM_LOCK, {"key": int.from_bytes(mixed[8:], "big", signed=True)})


def count(tender_id: UUID) -> int:
    """How many bids stand: all anybody may know before the opening."""
    with scope.elevated("bid.count"):
        found = db.session.scalar(
            select(func.count()).where(Bid.tender_id == tender_id, Bid.state.in_(_STANDING))
        )
    return found or 0


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the list of commitments."""

    number: str
    commitments: Mapping[str, str]
    envelope_digest: str

    @property
    def shown(self) -> list[tuple[str, str]]:
        """The commitments by the names of their parts."""
        return [(PART_LABELS[part], self.commitments[part.value]) for part in Part]


def standing(tender_id: UUID) -> list[Line]:
    """The lines of the bids that stand, in the order of their pseudonyms. For the system."""
    rows = db.session.scalars(
        select(Bid).where(Bid.tender_id == tender_id, Bid.state.in_(_STANDING)).order_by(Bid.number)
    )
    return [Line(each.number, dict(each.commitments), each.envelope_digest) for each in rows]


def commitments(row: Tender, *, now: datetime) -> list[Line] | None:
    """承诺值清单: frozen at the deadline; None before it. The same whether the clock's job has run or not."""
    if row.closed_at is not None:
        frozen = db.session.scalars(
            select(BidCommitment).where(BidCommitment.tender_id == row.id).order_by(BidCommitment.number)
        )
        return [Line(each.number, each.commitments, each.envelope_digest) for each in frozen]
    if state_at(row, now) is not TenderState.CLOSED:
        return None
    with scope.elevated("bid.commitments"):
        tender.contest(row.id, exclusive=True)
        return standing(row.id)


def is_frozen(tender_id: UUID) -> bool:
    """Whether the list of a tender exists already."""
    return db.session.scalar(select(BidCommitment.id).where(BidCommitment.tender_id == tender_id)) is not None


def bids_of(tender_id: UUID) -> list[Bid]:
    """Every opened bid, in the order of the pseudonyms; empty before the opening."""
    return list(
        db.session.scalars(
            select(Bid)
            .where(Bid.tender_id == tender_id, Bid.state == BidState.OPENED.value)
            .order_by(Bid.number)
        )
    )


def sealed(tender_id: UUID) -> list[Bid]:
    """Every bid that stands sealed, with its envelope. For the opening."""
    return list(
        db.session.scalars(
            select(Bid)
            .where(Bid.tender_id == tender_id, Bid.state == BidState.SUBMITTED.value)
            .options(undefer(Bid.envelope))
            .order_by(Bid.number)
        )
    )


def officers(tender_id: UUID) -> list[UUID]:
    """The accounts that confirmed the opening."""
    return list(
        db.session.scalars(select(TenderOpening.account_id).where(TenderOpening.tender_id == tender_id))
    )


def facts(row: Tender, *, now: datetime, firm_id: UUID | None = None, confirmed: int = 0) -> BidFacts:
    """What decides about a bid of this tender at ``now``."""
    return BidFacts(
        now=now,
        response_by=row.response_by,
        running=row.state == TenderState.ISSUED.value,
        suspended=row.suspended_at is not None,
        invited=firm_id is None or firm_id in row.readers,
        officers=confirmed,
    )


def lead_choices(firm_id: UUID) -> Sequence[firm.Lead]:
    """The lead evaluators this bureau has on file for a firm, by name; shown to the firm itself."""
    with scope.elevated("bid.lead_evaluators"):
        return sorted(firm.leads(firm_id), key=lambda each: by_sound(each.name))


def vault() -> Storage:
    """Where sealed files lie, by the digest of their ciphertext."""
    var = current_app.config["SETTINGS"].var
    assert isinstance(var, Path)  # noqa: S101 -- for the type checker
    return Storage(var / "sealed")


def sealed_digests() -> set[str]:
    """The digests of all sealed files a bid of this tenant refers to, withdrawn ones too; as the system."""
    return {digest for kept in db.session.scalars(select(Bid.sealed_files)) for digest in kept}


def tender_of(row_id: UUID) -> Tender:
    """The tender a bid answers. Raises `NotFound`, also before its issue."""
    row = tender.tender(row_id)
    if row.issued_at is None:
        raise NotFound
    return row


def everything() -> list[Bid]:
    """Every bid of the tenant, with its envelope. For the checks of the system."""
    return list(db.session.scalars(select(Bid).options(undefer(Bid.envelope)).order_by(Bid.submitted_at)))


def lists() -> dict[UUID, list[BidCommitment]]:
    """Every frozen list of the tenant, by tender."""
    found: dict[UUID, list[BidCommitment]] = {}
    for each in db.session.scalars(select(BidCommitment)):
        found.setdefault(each.tender_id, []).append(each)
    return found


def parts_as_json(content: Mapping[str, Any]) -> dict[str, Any]:
    """The parts of a content by the names they have on the receipt."""
    return {part.value: each for part, each in parts_of(content).items()}


def files_of(rows: Sequence[Bid]) -> dict[UUID, StoredFile]:
    """The attachments of opened bids, by id; one statement."""
    return files([UUID(each) for row in rows for each in row.file_ids if each])


def receipt(row: Bid, of: Tender) -> dict[str, Any]:
    """What the firm keeps; before the opening without content and nonces, which its own copy alone has."""
    opened = {"content": parts_as_json(row.content), "nonces": row.nonces} if row.content else {}
    return {
        **opened,
        "kind": "portal-bid-receipt",
        "version": 1,
        "tender": of.number,
        "tender_name": of.name,
        "firm": row.firm_name,
        "number": row.number,
        "submitted_at": row.submitted_at.isoformat(),
        "response_by": of.response_by.isoformat(),
        "envelope_sm3": row.envelope_digest,
        "commitments": row.commitments,
    }
