"""What the clock does at the deadline, what panel and award report back, and the two early ends."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from portal import commission
from portal.access import Actor
from portal.audit import announce, take
from portal.kernel.workdays import day_of
from portal.tender import queries
from portal.tender.actions import papers
from portal.tender.actions.issuing import held
from portal.tender.actions.telling import tell
from portal.tender.lifecycle import TENDER, T, TenderClosed, TenderEnded, TenderState, state_at
from portal.tender.models import Tender
from portal.tender.rules.moves import GROUND_LABELS, Ground, TenderFacts
from tenants import scope
from tenants.calendar import calendar


def close(row: Tender, *, by: Actor | None, now: datetime) -> None:
    """截止: the clock's move; nothing is taken, changed or withdrawn any more. Raises `Refused`."""
    now = held(row, now)
    take(
        TENDER,
        row,
        "close",
        _plain(row, by, now),
        by=by,
        now=now,
        changes={"closed_at": now, "answer_by": None},
        response_by=row.response_by,
        bids=queries.bids(row.id),
    )
    announce(TenderClosed(row.id), by=by, now=now)


def catch_up(row: Tender, now: datetime) -> None:
    """Make durable what the deadline already did, where the job has not come by."""
    if row.state == T.ISSUED.value and state_at(row, now) is T.CLOSED:
        with scope.elevated("clock"):
            close(row, by=None, now=now)


def _plain(row: Tender, by: Actor | None, now: datetime, reason: str | None = None) -> TenderFacts:
    account = by.account_id if by else None
    return queries.plain_facts(row, by=account, now=now, days=calendar(day_of(now)), reason=reason)


def open_(row: Tender, *, by: Actor, now: datetime) -> None:
    """开启, as the panel reports it after the bids were unsealed. Raises `Refused`."""
    now = held(row, now)
    catch_up(row, now)
    take(TENDER, row, "open", _plain(row, by, now), by=by, now=now, changes={"opened_at": now})


def award(row: Tender, *, by: Actor | None, now: datetime) -> None:
    """成交, as the award reports it. Raises `Refused`."""
    take(TENDER, row, "award", _plain(row, by, now), by=by, now=now, changes={"awarded_at": now})


def terminate(
    row: Tender,
    ground: Ground | None,
    reason: str,
    *,
    by: Actor,
    now: datetime,
    valid: int | None = None,
) -> None:
    """终止 on a ground of the law, told to all. ``valid`` is the panel's count of conforming bids.

    Raises `Refused` where there is no ground: too few is counted, not claimed.
    """
    now = held(row, now)
    catch_up(row, now)
    facts = queries.facts(row, by=by.account_id, now=now, reason=reason, ground=ground, valid=valid)
    take(
        TENDER,
        row,
        "terminate",
        facts,
        by=by,
        now=now,
        changes={
            "ended_at": now,
            "ended_ground": ground.value if ground else None,
            "last_reason": reason,
            "answer_by": None,
            "suspended_at": None,
            "suspended_reason": None,
        },
        reason=reason,
        ground=GROUND_LABELS[ground] if ground else None,
    )
    _ended(row, "termination", reason, by=by, now=now)


def fail(row: Tender, reason: str, *, refused: Sequence[UUID], by: Actor, now: datetime) -> None:
    """拒绝签约而终止, as the award reports it: ``refused`` are the firms that would not sign.

    They are not asked when the commission is bought anew (实施条例 §49). Raises `Refused` where
    there is none, or without a reason.
    """
    now = held(row, now)
    facts = replace(_plain(row, by, now, reason), refusals=len(refused))
    take(
        TENDER,
        row,
        "fail",
        facts,
        by=by,
        now=now,
        changes={
            "ended_at": now,
            "ended_ground": Ground.NOBODY_SIGNS.value,
            "last_reason": reason,
            "refused": list(refused),
        },
        reason=reason,
        ground=GROUND_LABELS[Ground.NOBODY_SIGNS],
    )
    _ended(row, "termination", reason, by=by, now=now)


def cancel(row: Tender, reason: str, *, by: Actor, now: datetime) -> None:
    """取消: the task itself fell away; all who were invited are told. Raises `Refused`."""
    now = held(row, now)
    catch_up(row, now)
    take(
        TENDER,
        row,
        "cancel",
        _plain(row, by, now, reason),
        by=by,
        now=now,
        changes={
            "ended_at": now,
            "last_reason": reason,
            "answer_by": None,
            "suspended_at": None,
            "suspended_reason": None,
        },
        reason=reason,
    )
    _ended(row, "cancellation", reason, by=by, now=now)


def _ended(row: Tender, kind: str, reason: str, *, by: Actor, now: datetime) -> None:
    commission.note_purchase(row.commission_id, begun=False, now=now)
    if row.issued_at is None:
        return
    tell(row, kind, reason, by_name=by.name, now=now)
    papers.ending(row, reason, by=by, now=now)
    commission.bind(row.commission_id, None)
    announce(TenderEnded(row.id, TenderState(row.state)), by=by, now=now)
