"""Sealing, replacing and withdrawing a bid; freezing the list; the opening. None commits.

Until the opening the chain says a pseudonym, never who acted: these moves are the system's.
"""

import io
import json
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from dataclasses import replace as changed
from datetime import datetime
from decimal import Decimal
from hashlib import new as new_digest
from secrets import token_hex
from typing import Any, BinaryIO, cast
from uuid import UUID, uuid4

from sqlalchemy import text
from werkzeug.datastructures import FileStorage

from portal import file, tender
from portal.access import OUTSIDE, Actor
from portal.audit import record, take
from portal.bid import queries
from portal.bid.lifecycle import BID, BidState
from portal.bid.models import Bid, BidCommitment
from portal.bid.rules import (
    LARGEST_FILE,
    MOST_FILES,
    BidFacts,
    Fault,
    Part,
    broken_parts,
    commit,
    may_submit,
    padded,
    parts_of,
)
from portal.file.rules import DOCX, PDF, clean_name, kind_of, may_keep
from portal.kernel.envelope import FileKey, SealedReader, SealingStream, open_with, seal_to
from portal.kernel.errors import Invalid, Refused
from portal.kernel.hashing import digest, plain, sm3
from portal.kernel.money import Yuan
from portal.kernel.ruling import unless
from portal.kernel.seal import Broken
from portal.tender import Tender
from tenants.db import db
from tenants.scope import elevated

_CONFIRM = text("SELECT portal_confirm_opening(:tender)")
_CHUNK = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Member:
    """One person of the team."""

    name: str
    title: str
    days: int


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file as it arrived: sealed already."""

    name: str
    stream: SealingStream


@dataclass(frozen=True, slots=True)
class Offer:
    """What a firm offers, typed and of the right shape. ``price`` in 元; ``independent``: 独立性声明."""

    price: Yuan
    plan: str
    lead_id: UUID
    members: tuple[Member, ...]
    onsite_days: int
    independent: bool = True
    files: tuple[Attachment, ...] = ()


def submit(of: Tender, offer: Offer, *, by: Actor, now: datetime) -> dict[str, Any]:
    """提交响应文件: seal it, put it in the place of an earlier one, give the whole receipt back this once.

    The time that counts is read under the tender's lock. Raises `Refused`; `Invalid` for a field.
    """
    firm_id = _firm(by)
    lead = next((each for each in queries.lead_choices(firm_id) if each.id == offer.lead_id), None)
    if lead is None:
        raise Invalid("lead", "bid.lead_unknown")
    with ExitStack() as drafts:
        sealed = [_sealed(each, drafts) for each in _few(offer.files)]
        now, facts = _contested(of, firm_id)
        ruling = may_submit(facts)
        if not ruling:
            raise Refused(ruling)
        for each in sealed:
            queries.vault().settle(each.draft)
        content = {
            "price": offer.price,
            "plan": offer.plan,
            "lead": lead.name,
            "lead_told": lead.told,
            "members": [plain({"name": m.name, "title": m.title, "days": m.days}) for m in offer.members],
            "onsite_days": offer.onsite_days,
            "independent": offer.independent,
            "files": [each.told for each in sealed],
        }
        keys = [each.key for each in sealed]
        digests = [each.draft.digest for each in sealed]
    parts = parts_of(content)
    nonces, commitments = commit(parts)
    row = Bid(id=uuid4(), tender_id=of.id, firm_id=firm_id, state=BidState.SUBMITTED.value, touched_at=now)
    message = padded({"content": content, "nonces": nonces, "keys": keys})
    row.envelope = seal_to(of.public_key or b"", message, _context(row))
    row.envelope_digest = sm3(row.envelope).hex()
    row.commitments, row.sealed_files = commitments, digests
    row.number, row.submitted_at = token_hex(4).upper(), now
    row.submitter_id, row.submitter = by.account_id, by.name
    earlier = queries.own(of.id, firm_id)
    with elevated("bid.submit"):
        row.firm_name = next(each.name for each in tender.firms(of.id) if each.firm_id == firm_id)
        if earlier is not None:
            _end(earlier, "replace", facts, now=now)
        db.session.add(row)
        db.session.flush()
        record(
            "bid.submit",
            by=None,
            now=now,
            subject_id=row.id,
            tenant_id=row.tenant_id,
            pseudonym=row.number,
            tender=of.id,
            after={"state": row.state, "digest": digest(row.snapshot()).hex()},
        )
    return {
        **queries.receipt(row, of),
        "content": {part.value: each for part, each in parts.items()},
        "nonces": nonces,
    }


def replace_(of: Tender, offer: Offer, *, by: Actor, now: datetime) -> dict[str, Any]:
    """修改: to change a bid is to submit again. Raises as `submit` does; `Refused` where there is none."""
    _standing(of, by)
    return submit(of, offer, by=by, now=now)


def withdraw(of: Tender, *, by: Actor, now: datetime) -> None:
    """撤回: the firm's bid no longer counts; its sealed content stays unread for ever. Raises `Refused`."""
    firm_id = _firm(by)
    now, facts = _contested(of, firm_id)
    row = _standing(of, by)
    with elevated("bid.withdraw"):
        _end(row, "withdraw", facts, now=now)


def _standing(of: Tender, by: Actor) -> Bid:
    row = queries.own(of.id, _firm(by))
    if row is None:
        raise Refused(unless(blocked=True, code="bid.none"))
    return row


def _end(row: Bid, verb: str, facts: BidFacts, *, now: datetime) -> None:
    take(BID, row, verb, facts, by=None, now=now, changes={"ended_at": now}, pseudonym=row.number)


def _firm(by: Actor) -> UUID:
    if by.party_id is None:
        raise Refused(unless(blocked=True, code="bid.not_invited"))
    return by.party_id


def _contested(of: Tender, firm_id: UUID) -> tuple[datetime, BidFacts]:
    """The instant that decides, and the facts as they are under the tender's lock."""
    queries.lock_firm(of.id, firm_id)
    now = tender.contest(of.id, exclusive=False)
    db.session.refresh(of)
    return now, queries.facts(of, now=now, firm_id=firm_id)


@dataclass(frozen=True, slots=True)
class _Sealed:
    """A sealed file: its draft in the vault, its key, and what is told of it inside the envelope."""

    draft: Any
    key: str
    told: Mapping[str, Any]


def _few(files: Sequence[Attachment]) -> Sequence[Attachment]:
    if len(files) > MOST_FILES:
        raise Invalid("files", "bid.too_many_files", most=MOST_FILES)
    return files


def _sealed(attachment: Attachment, drafts: ExitStack) -> _Sealed:
    """Look at a file in memory, and lay its ciphertext into the vault. Raises `Invalid`."""
    stream = attachment.stream
    kind, fault = kind_of(cast(BinaryIO, io.BufferedReader(_Shared(stream))))
    ruling = may_keep(size=stream.size, most=LARGEST_FILE, kind=kind, kinds=(PDF, DOCX), fault=fault)
    for refusal in ruling.refusals:
        raise Invalid("files", refusal.code, **refusal.facts)
    assert kind is not None  # noqa: S101 -- ruled out just above, for the type checker
    clear = new_digest("sm3")
    stream.seek(0)
    while chunk := stream.read(_CHUNK):
        clear.update(chunk)
    draft = drafts.enter_context(queries.vault().draft(stream.ciphertext(), most=2 * LARGEST_FILE))
    told = {"name": clean_name(attachment.name, kind), "size": stream.size, "sm3": clear.hexdigest()}
    return _Sealed(draft, stream.file_key.hex(), told)


class _Shared(io.RawIOBase):
    """A view of a stream that, when closed, leaves the stream open."""

    def __init__(self, stream: SealingStream) -> None:
        super().__init__()
        self._stream = stream
        stream.seek(0)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, into: Any, /) -> int:
        return self._stream.readinto(into)

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        return self._stream.tell()


def _context(row: Bid) -> bytes:
    return f"bid:{row.tender_id}:{row.firm_id}:{row.id}".encode()


def freeze(tender_id: UUID, *, by: Actor | None, now: datetime) -> None:
    """冻结承诺值清单: at the deadline, for every bidder to see; once."""
    with elevated("bid.freeze"):
        of = tender.tender(tender_id)
        lines = queries.standing(tender_id)
        if queries.is_frozen(tender_id):
            return
        db.session.add_all(
            BidCommitment(
                tender_id=tender_id,
                number=line.number,
                commitments=dict(line.commitments),
                envelope_digest=line.envelope_digest,
                frozen_at=now,
                readers=list(of.readers),
            )
            for line in lines
        )
        record(
            "bid.freeze",
            by=by,
            now=now,
            subject_id=tender_id,
            tenant_id=of.tenant_id,
            count=len(lines),
            digest=digest([[line.number, line.commitments, line.envelope_digest] for line in lines]).hex(),
        )


def confirm_opening(tender_id: UUID, *, by: Actor, now: datetime) -> int:
    """开启确认 by one officer; how many different ones have confirmed. Raises `Refused` when too early."""
    facts = queries.facts(tender.tender(tender_id), now=now)
    ruling = unless(
        facts.running or now <= facts.response_by, "bid.still_sealed", response_by=facts.response_by
    )
    if not ruling:
        raise Refused(ruling)
    confirmed = db.session.scalar(_CONFIRM, {"tender": tender_id})
    record("bid.confirm_opening", by=by, now=now, subject_id=tender_id, count=confirmed)
    return int(confirmed or 0)


def unseal(tender_id: UUID, *, by: Actor, now: datetime) -> list[Bid]:
    """开启: every standing bid decrypted and checked against its commitments; what cannot be read is named.

    Only after the deadline and the confirmation of two officers, which the database asks for as well before
    it gives the key. Raises `Refused`.
    """
    tender.contest(tender_id, exclusive=True)
    of = tender.tender(tender_id)
    db.session.refresh(of)
    facts = queries.facts(of, now=now, confirmed=len(queries.officers(tender_id)))
    ruling = BID.judge("open", BidState.SUBMITTED, facts)
    if not ruling:
        raise Refused(ruling)
    private = tender.private_key(tender_id)
    with elevated("bid.open"):
        for row in queries.sealed(tender_id):
            found = _opened(row, private, by=by, now=now)
            take(
                BID,
                row,
                "open",
                facts,
                by=by,
                now=now,
                changes={"released_at": now, **found},
                pseudonym=row.number,
                firm=row.firm_name,
                submitted_by=row.submitter,
                submitted_at=row.submitted_at,
                fault=row.fault_label or None,
            )
    return queries.bids_of(tender_id)


open_ = unseal


def _opened(row: Bid, private: bytes, *, by: Actor, now: datetime) -> dict[str, Any]:
    """What a sealed bid holds, as columns; or only why it cannot be read."""
    try:
        message = json.loads(open_with(private, row.envelope, _context(row)))
    except (Broken, ValueError):
        return {"fault": Fault.BROKEN.value}
    content, nonces = message["content"], message["nonces"]
    if broken_parts(parts_of(content), nonces, row.commitments):
        return {"fault": Fault.COMMITMENT.value}
    kept = [
        _kept(row, told, key, sealed, by=by, now=now)
        for told, key, sealed in zip(content["files"], message["keys"], row.sealed_files, strict=True)
    ]
    return {
        "price": Decimal(content["price"]),
        "content": content,
        "nonces": nonces,
        "file_ids": kept,
        "fault": Fault.FILE.value if None in kept else None,
    }


def _kept(
    row: Bid, told: Mapping[str, Any], key: str, sealed: str, *, by: Actor, now: datetime
) -> str | None:
    """A sealed attachment among the files its firm and the staff may read; None where it cannot be read."""
    try:
        with queries.vault().open(sealed) as ciphertext:
            clear = io.BufferedReader(SealedReader(ciphertext, FileKey.from_hex(key), size=int(told["size"])))
            upload = FileStorage(cast(BinaryIO, clear), filename=told["name"])
            stored = file.keep(upload, readers=[row.firm_id], most=LARGEST_FILE, by=by, now=now, as_is=True)
    except (Broken, OSError, Invalid):
        return None
    return str(stored.id) if stored.digest == told["sm3"] else None


def unnamed(actor: Actor) -> Actor:
    """Whoever is refused about a bid, as the chain may know them before the opening: by role alone."""
    if actor.role not in OUTSIDE:
        return actor
    nobody = UUID(int=0)
    return changed(actor, account_id=nobody, post_id=nobody, name="被邀请机构", party_id=None, place="")


__all__ = [
    "Attachment",
    "Member",
    "Offer",
    "Part",
    "confirm_opening",
    "freeze",
    "open_",
    "replace_",
    "submit",
    "unnamed",
    "unseal",
    "withdraw",
]
