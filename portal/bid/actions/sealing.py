"""Sealing, replacing and withdrawing a bid, by its firm. Until the opening the chain says a pseudonym."""

from contextlib import ExitStack
from dataclasses import dataclass, field
from dataclasses import replace as changed
from datetime import datetime
from secrets import token_hex
from typing import Any
from uuid import UUID, uuid4

from portal import tender
from portal.access import OUTSIDE, Actor
from portal.audit import record, take
from portal.bid import queries
from portal.bid.actions.attachments import Attachment, lay
from portal.bid.lifecycle import BID, BidState
from portal.bid.models import Bid
from portal.bid.rules import BidFacts, commit, context, may_submit, new_seed, padded, parts_of
from portal.kernel.envelope import seal_to
from portal.kernel.errors import Invalid, Refused
from portal.kernel.hashing import digest, plain, sm3
from portal.kernel.money import Yuan
from portal.kernel.ruling import unless
from portal.tender import Tender
from tenants.db import db
from tenants.scope import elevated


@dataclass(frozen=True, slots=True)
class Member:
    """One person of the team."""

    name: str
    title: str
    days: int


@dataclass(frozen=True, slots=True)
class Offer:
    """What a firm offers, typed and of the right shape. ``price`` in 元; ``independent``: 独立性声明.

    ``seed``: random, and the same when the same form comes twice; known to nobody but the firm's browser.
    """

    price: Yuan
    plan: str
    lead_id: UUID
    members: tuple[Member, ...]
    onsite_days: int
    independent: bool = True
    files: tuple[Attachment, ...] = ()
    seed: bytes = field(default_factory=new_seed)


def submit(of: Tender, offer: Offer, *, by: Actor, now: datetime) -> dict[str, Any]:
    """提交响应文件: seal it, put it in the place of an earlier one, give the whole receipt back.

    The time that counts is read under the tender's lock. The very same sending is one bid: a double click, or
    a form sent again because its answer was lost, gets the receipt of the first. Raises `Refused`; `Invalid`
    for a field.
    """
    firm_id = _firm(by)
    lead = next((each for each in queries.lead_choices(firm_id) if each.id == offer.lead_id), None)
    if lead is None:
        raise Invalid("lead", "bid.lead_unknown")
    with ExitStack() as drafts:
        files = lay(offer.files, drafts)
        content = {
            "price": offer.price,
            "plan": offer.plan,
            "lead": lead.name,
            "lead_told": lead.told,
            "members": [plain({"name": m.name, "title": m.title, "days": m.days}) for m in offer.members],
            "onsite_days": offer.onsite_days,
            "independent": offer.independent,
            "files": [each.told for each in files],
        }
        parts = parts_of(content)
        nonces, commitments = commit(parts, offer.seed)
        told = {"content": {part.value: each for part, each in parts.items()}, "nonces": nonces}
        now, facts = _contested(of, firm_id)
        earlier = queries.own(of.id, firm_id)
        if earlier is not None and earlier.commitments == commitments:
            return {**queries.receipt(earlier, of), **told}
        ruling = may_submit(facts)
        if not ruling:
            raise Refused(ruling)
        for each in files:
            queries.vault().settle(each.draft)
    message = {"content": content, "nonces": nonces, "keys": [each.key for each in files]}
    row = Bid(id=uuid4(), tender_id=of.id, firm_id=firm_id, state=BidState.SUBMITTED.value, touched_at=now)
    row.envelope = seal_to(of.public_key or b"", padded(message), context(of.id, firm_id, row.id))
    row.envelope_digest = sm3(row.envelope).hex()
    row.commitments, row.sealed_files = commitments, [each.draft.digest for each in files]
    row.number, row.submitted_at = token_hex(4).upper(), now
    row.submitter_id, row.submitter = by.account_id, by.name
    _stand(row, earlier, facts, now=now)
    return {**queries.receipt(row, of), **told}


def _stand(row: Bid, earlier: Bid | None, facts: BidFacts, *, now: datetime) -> None:
    """The bid stands from now on, in the place of an earlier one; by the system, for its firm."""
    with elevated("bid.submit"):
        row.firm_name = next(each.name for each in tender.firms(row.tender_id) if each.firm_id == row.firm_id)
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
            tender=row.tender_id,
            after={"state": row.state, "digest": digest(row.snapshot()).hex()},
        )


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


def unnamed(actor: Actor) -> Actor:
    """Whoever is refused about a bid, as the chain may know them before the opening: by role alone."""
    if actor.role not in OUTSIDE:
        return actor
    nobody = UUID(int=0)
    return changed(actor, account_id=nobody, post_id=nobody, name="被邀请机构", party_id=None, place="")
