"""The list frozen at the deadline, the two officers' word, and the opening."""

import json
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import text

from portal import tender
from portal.access import Actor
from portal.audit import record, take
from portal.bid import queries
from portal.bid.actions.attachments import kept
from portal.bid.lifecycle import BID, BidState
from portal.bid.models import Bid, BidCommitment
from portal.bid.rules import Fault, broken_parts, context, parts_of
from portal.kernel.envelope import open_with
from portal.kernel.errors import Refused
from portal.kernel.hashing import digest
from portal.kernel.ruling import unless
from portal.kernel.seal import Broken
from tenants.db import db
from tenants.scope import elevated

_CONFIRM = text("SELECT portal_confirm_opening(:tender)")


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
        message = json.loads(open_with(private, row.envelope, context(row.tender_id, row.firm_id, row.id)))
    except (Broken, ValueError):
        return {"fault": Fault.BROKEN.value}
    content, nonces = message["content"], message["nonces"]
    if broken_parts(parts_of(content), nonces, row.commitments):
        return {"fault": Fault.COMMITMENT.value}
    files = [
        kept(row, told, key, sealed, by=by, now=now)
        for told, key, sealed in zip(content["files"], message["keys"], row.sealed_files, strict=True)
    ]
    return {
        "price": Decimal(content["price"]),
        "content": content,
        "nonces": nonces,
        "file_ids": files,
        "fault": Fault.FILE.value if None in files else None,
    }
