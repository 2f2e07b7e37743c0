"""From the issue of a tender to its opening by two officers, and the end where there are too few bids."""

from datetime import datetime

from portal import bid, document, tender
from portal.access import Actor
from portal.audit import born, rewrite_inbox, take
from portal.bid import Bid
from portal.commission.rules import Regime
from portal.kernel.hashing import digest
from portal.kernel.ruling import Ruling
from portal.panel import queries, rules
from portal.panel.actions import papers
from portal.panel.actions.keeping import Held, hold, keep, require
from portal.panel.lifecycle import PANEL, PanelState
from portal.panel.models import Panel, PanelFinding, PanelMember
from portal.tender import Tender
from portal.tender.rules.moves import Ground
from tenants.db import db


def draft(of: Tender, *, by: Actor | None, now: datetime) -> Panel:
    """Begin with the tender's issue; until its deadline there is nothing to do."""
    row = Panel(
        state=PanelState.AWAITING.value,
        tender_id=of.id,
        tender_name=of.name,
        statutory=of.regime == Regime.STATUTORY.value,
        min_quotes=of.min_quotes,
        too_few=False,
        touched_at=now,
    )
    born(PANEL, row, by=by, now=now)
    return row


def close(row: Panel, received: int, *, now: datetime) -> None:
    """The deadline passed: the number of bids is frozen, and the officers are called."""
    queries.lock(row)
    row.closed_at, row.received = now, received
    row.too_few = received < row.min_quotes
    db.session.flush()
    rewrite_inbox(PANEL, row, now=now)


def open_(row: Panel, password: str, *, by: Actor, now: datetime) -> int | None:
    """开启: one officer confirms, a second and different one opens; how many bids, None after the first.

    Two clicks at once are one confirmation and one opening. Raises `Refused`, `Invalid` for ``password``.
    """
    now = max(tender.contest(row.tender_id, exclusive=True), now)
    of = tender.tender(row.tender_id)
    db.session.refresh(of)
    tender.catch_up(of, now)
    held = hold(row)
    alone = row.first_officer_id is None
    facts = held.facts(by=by, now=now)
    require(_in_turn(row, facts) & (rules.may_attend(facts) if alone else rules.may_open(facts)))
    lines = bid.commitments(held.of, now=now) or []
    sealed = digest(
        {"tender": held.of.id, "commitments": [[each.number, each.commitments] for each in lines]}
    ).hex()
    document.sign("panel", row.id, sealed, password=password, by=by, now=now)
    bid.confirm_opening(of.id, by=by, now=now)
    if alone:
        row.first_officer_id, row.first_officer, row.first_at = by.account_id, by.name, now
        keep(held, "panel.attend", by=by, now=now, digest=sealed)
        return None
    opened = bid.unseal(held.of.id, by=by, now=now)
    tender.opened(held.of, by=by, now=now)
    _lay_out(row, opened)
    take(
        PANEL,
        row,
        "open",
        facts,
        by=by,
        now=now,
        changes={
            "second_officer_id": by.account_id,
            "second_officer": by.name,
            "opened_at": now,
            "commitments": sealed,
            "seats": len(row.members),
            "too_few": False,
        },
        digest=sealed,
        bids=len(opened),
    )
    document.issue(
        "panel.opening",
        papers.opening(row, held.of, now=now),
        subject_id=row.id,
        by=by,
        now=now,
        numbered=False,
    )
    return len(opened)


def _in_turn(row: Panel, facts: rules.PanelFacts) -> Ruling:
    """What the table says of opening from this state, without its guard."""
    if PANEL.move("open", PanelState(row.state)) is None:
        return PANEL.judge("open", PanelState(row.state), facts)
    return Ruling()


def _lay_out(row: Panel, opened: list[Bid]) -> None:
    """Seat the members the tender named, and lay out the bids for their findings."""
    roles = queries.roles_of_posts()
    for place, each in enumerate(tender.members(row.tender_id), 1):
        role = roles.get(each.post_id, "panel_chair" if each.is_chair else "panel_member")
        row.members.append(
            PanelMember(
                account_id=each.account_id,
                post_id=each.post_id,
                role=role,
                name=each.name,
                is_chair=each.is_chair,
                place=place,
            )
        )
    row.findings.extend(_laid_out(each) for each in opened)
    db.session.flush()


def _laid_out(each: Bid) -> PanelFinding:
    intact = each.fault is None
    return PanelFinding(
        bid_id=each.id,
        firm_id=each.firm_id,
        firm_name=each.firm_name,
        number=each.number,
        submitted_at=each.submitted_at,
        price=each.price if intact else None,
        intact=intact,
        results=[],
        conforming=None if intact else False,
        reason=None if intact else each.fault_label,
    )


def terminate(row: Panel, reason: str, *, by: Actor, now: datetime) -> None:
    """终止: fewer bids than the rules ask for, received or valid; told to all. Raises `Refused`."""
    held = hold(row)
    facts = held.facts(by=by, now=now, reason=reason)
    require(rules.may_terminate(facts))
    tender.terminated(held.of, Ground.TOO_FEW, reason, by=by, now=now, valid=_valid(held))


def _valid(held: Held) -> int:
    row = held.row
    if row.opened_at is None:
        return queries.received(row)
    return sum(bool(each.conforming) and each.justified is not False for each in row.findings)


def end(row: Panel, *, by: Actor | None, now: datetime) -> None:
    """The purchase ended early, by whatever reason the tender keeps. Raises `Refused`."""
    take(PANEL, row, "end", None, by=by, now=now)
