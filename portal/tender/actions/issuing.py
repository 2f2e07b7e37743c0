"""The issue, and what may still change until the deadline: terms, suspension, resumption."""

from datetime import datetime

from portal import commission
from portal.access import Actor
from portal.audit import announce, take
from portal.kernel.errors import Invalid, Refused
from portal.kernel.workdays import day_of
from portal.tender import queries
from portal.tender.actions import papers
from portal.tender.actions.drafting import note_prospects
from portal.tender.actions.keys import new_keys
from portal.tender.actions.telling import hand_out, tell
from portal.tender.lifecycle import TENDER, T, TenderIssued, TenderResumed, TenderState
from portal.tender.models import Tender, TenderKey
from portal.tender.rules.deadlines import after_change, after_suspension
from tenants import scope
from tenants.calendar import calendar
from tenants.db import db


def issue(row: Tender, response_by: datetime, *, by: Actor, now: datetime) -> None:
    """发出: key pair, numbered 询价通知书, one receipt for each firm, an announcement. Raises `Refused`."""
    seen = queries.whole(row, now=now)
    facts = queries.facts(row, by=by.account_id, now=now, seen=seen, response_by=response_by)
    ruling = TENDER.judge("issue", TenderState(row.state), facts)
    if not ruling:
        raise Refused(ruling)
    firms = queries.firms(row.id)
    readers = [each.firm_id for each in firms]
    public, wrapped = new_keys(row.id)
    number = papers.inquiry(row, response_by, readers, by=by, now=now)
    take(
        TENDER,
        row,
        "issue",
        facts,
        by=by,
        now=now,
        changes={
            "number": number,
            "response_by": response_by,
            "public_key": public,
            "readers": readers,
            "issued_at": now,
        },
        rule_set=row.rule_set_id,
        number=number,
        response_by=response_by,
        firms=len(firms),
    )
    note_prospects(row, seen.prospects, now=now)
    with scope.elevated("tender.issue"):
        db.session.add(TenderKey(tender_id=row.id, wrapped=wrapped))
    hand_out(row, firms, None, now=now)
    commission.bind(row.commission_id, row.name)
    announce(TenderIssued(row.id), by=by, now=now)


def amend(
    row: Tender,
    words: str,
    *,
    response_by: datetime | None = None,
    affects: bool = True,
    by: Actor,
    now: datetime,
) -> datetime:
    """变更, told to all; the deadline as it is then. What may affect responses leaves N working days.

    Raises `Refused`; `Invalid` for a deadline earlier than before.
    """
    now = held(row, now)
    old = row.response_by
    if response_by is not None and response_by < old:
        raise Invalid("response_by", "tender.deadline_past", response_by=old)
    days = calendar(day_of(now))
    later = response_by or old
    new = after_change(later, now, row.change_workdays, days) if affects else later
    move_deadline(row, words, new, by=by, now=now)
    papers.change(row, words, new, by=by, now=now)
    tell(row, "amendment", words, by_name=by.name, now=now, moved=(old, new) if new != old else None)
    return new


def move_deadline(row: Tender, words: str, new: datetime, *, by: Actor, now: datetime) -> None:
    """The move of a change, by which the deadline becomes ``new``. Raises `Refused`."""
    old = row.response_by
    facts = queries.plain_facts(row, by=by.account_id, now=now, days=calendar(day_of(now)), reason=words)
    moved = {"moved_from": old, "moved_to": new} if new != old else {}
    take(TENDER, row, "amend", facts, by=by, now=now, changes={"response_by": new}, reason=words, **moved)


def held(row: Tender, now: datetime) -> datetime:
    """Take the tender's lock alone, read the row anew; the instant that decides."""
    instant = queries.contest(row.id, exclusive=True)
    db.session.refresh(row)
    return max(instant, now)


def suspend(row: Tender, reason: str, *, by: Actor, now: datetime) -> None:
    """暂停: the clock stands still until it is resumed. Raises `Refused`."""
    now = held(row, now)
    facts = queries.plain_facts(row, by=by.account_id, now=now, days=calendar(day_of(now)), reason=reason)
    take(
        TENDER,
        row,
        "suspend",
        facts,
        by=by,
        now=now,
        changes={"suspended_at": now, "suspended_reason": reason},
        reason=reason,
    )
    tell(row, "suspension", reason, by_name=by.name, now=now)


def resume(row: Tender, reason: str, *, by: Actor, now: datetime) -> None:
    """恢复: the deadline moves by the time the tender stood still, N working days at the least."""
    now = held(row, now)
    days = calendar(day_of(now))
    old, new, since = row.response_by, row.response_by, row.suspended_at
    if row.state == T.ISSUED.value and row.suspended_at is not None:
        new = after_suspension(old, row.suspended_at, now, row.change_workdays, days)
    moved = {"moved_from": old, "moved_to": new} if new != old else {}
    take(
        TENDER,
        row,
        "resume",
        queries.plain_facts(row, by=by.account_id, now=now, days=days, reason=reason),
        by=by,
        now=now,
        changes={"suspended_at": None, "suspended_reason": None, "response_by": new},
        reason=reason,
        **moved,
    )
    tell(row, "resumption", reason, by_name=by.name, now=now, moved=(old, new) if moved else None)
    if since is not None:
        announce(TenderResumed(row.id, since), by=by, now=now)
