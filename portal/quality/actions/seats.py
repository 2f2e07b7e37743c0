"""Asking experts in the order drawn, what they answer, and what becomes of a seat. None commits."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from portal import deliverable, document, draw, expert, identity
from portal.access import Actor
from portal.audit import born, rewrite_inbox, take
from portal.draw import Outcome
from portal.kernel.errors import Refused
from portal.kernel.hashing import digest
from portal.kernel.workdays import add_workdays, day_of, end_of
from portal.quality import queries
from portal.quality import rules as r
from portal.quality.actions import sheets, totals
from portal.quality.lifecycle import ROUND, SEAT, SHEET, RoundState, SeatState
from portal.quality.models import Round, Seat
from tenants.calendar import calendar
from tenants.db import db
from tenants.scope import elevated

USED_UP: Final = "名单已全部问到，席位没有坐满"
FULL_LOAD: Final = "C13 在评任务已满"


def fill(round_id: UUID, *, now: datetime) -> None:
    """Offer every empty place to the next of the order, and end the draw that is filled or used up.

    Runs as the system; the round's lock keeps two answers at once from asking the same expert twice.
    """
    row = queries.round_(round_id)
    queries.lock(row)
    if RoundState(row.state) is not RoundState.SCORING or row.draw_id is None:
        return
    people = {each.id: each for each in queries.candidates()}
    while True:
        seats = queries.seats_of(round_id)
        busy = [each for each in seats if each.is_live or each.is_offered]
        left = [people[each] for each in queries.waiting(row, seats) if each in people]
        if len(busy) >= row.places:
            break
        chosen = r.next_of(left, [r.Candidate(each.expert_id, "", each.employer) for each in busy])
        if chosen is None:
            break
        _offer(row, chosen, now=now)
    _end_draw(row, now=now)
    _note_empty(row, row.places - len(busy), seats, now=now)


def _note_empty(row: Round, empty: int, seats: list[Seat], *, now: datetime) -> None:
    """Empty places wait for the organiser, unless nobody is left to come and enough experts sit already."""
    facts = queries.facts(row, now=now, seats=seats)
    enough = facts.accepted + facts.offered >= facts.min_valid
    empty = 0 if enough and not facts.eligible else empty
    if row.unfilled != empty:
        row.unfilled = empty
        db.session.flush()
        rewrite_inbox(ROUND, row, now=now)


def _offer(row: Round, chosen: r.Candidate, *, now: datetime) -> None:
    """One offer; an expert whose load is full meanwhile, or came into conflict, is passed over on record."""
    assert row.draw_id is not None  # noqa: S101 -- asked by `fill`, for the type checker
    made = Seat(
        state=SeatState.OFFERED.value,
        round_id=row.id,
        draw_id=row.draw_id,
        place=draw.order(row.draw_id).index(chosen.id) + 1,
        expert_id=chosen.id,
        expert_name=chosen.name,
        employer=chosen.employer,
        has_account=identity.seat_expert(chosen.id, now=now),
        round_name=row.name,
        firm_name=row.firm_name,
        work=[{key: each[key] for key in ("id", "name", "unit_name")} for each in row.sampled],
        weight_plan=row.weight_plan,
        weight_report=row.weight_report,
        scoring_workdays=row.scoring_workdays,
        offered_at=now,
        offer_until=now + timedelta(minutes=queries.offer_minutes(row)),
        readers=[chosen.id],
        touched_at=now,
    )
    conflicts = queries.conflicts_of(row, chosen.id)
    made.loads = not conflicts and expert.take_load(chosen.id, most=r.MOST_OPEN)
    born(SEAT, made, by=None, now=now)
    if not made.loads:
        reason = "；".join(conflicts) or FULL_LOAD
        facts = queries.seat_facts(made, now=now, reason=reason)
        take(SEAT, made, "pass", facts, by=None, now=now, changes={"reason": reason}, reason=reason)


def _end_draw(row: Round, *, now: datetime) -> None:
    assert row.draw_id is not None  # noqa: S101 -- asked by `fill`, for the type checker
    if draw.draw(row.draw_id).ended_at is not None:
        return
    seats = queries.seats_of(row.id)
    if sum(each.is_live for each in seats) >= row.places:
        draw.end(row.draw_id, Outcome.FILLED, by=None, now=now)
    elif not any(each.is_offered for each in seats) and not queries.waiting(row, seats):
        draw.end(row.draw_id, Outcome.SHORT, by=None, now=now, reason=USED_UP)


def accept(row: Seat, *, declared: bool, password: str, by: Actor, now: datetime) -> None:
    """接受: the declaration is signed, sheets handed out, the work opened. Raises `Refused`, `Invalid`."""
    with elevated("quality.conflicts"):
        whole = _held(row)
        conflicts = queries.conflicts_of(whole, row.expert_id)
        contract_id, days = whole.contract_id, whole.scoring_workdays
    facts = queries.seat_facts(row, now=now, declared=declared, conflicts=conflicts)
    ruling = SEAT.judge("accept", SeatState(row.state), facts)
    if not ruling:
        raise Refused(ruling)
    text = "\n".join(r.DECLARED)
    signed = digest({"seat": row.id, "expert": row.expert_id, "declaration": text}).hex()
    document.sign("seat", row.id, signed, password=password, by=by, now=now)
    today = day_of(now)
    until = end_of(add_workdays(today, days, calendar(today)))
    changes = {"declaration": text, "replied_at": now, "score_by": until}
    take(SEAT, row, "accept", facts, by=by, now=now, changes=changes, score_by=until)
    with elevated("quality.accept"):
        deliverable.open_to(contract_id, [row.expert_id])
        sheets.hand_out(queries.seat(row.id), by=by, now=now)
        fill(row.round_id, now=now)


def decline(row: Seat, declining: str, reason: str, *, by: Actor, now: datetime) -> None:
    """谢绝: for a coded reason; the next of the order is asked at once. Raises `Refused`."""
    facts = queries.seat_facts(row, now=now, declining=declining, reason=reason)
    _end(row, "decline", facts, by=by, now=now, declining=declining, reason=reason or None)


def lapse(row: Seat, *, by: Actor | None, now: datetime) -> None:
    """逾时: the minutes of the offer are over; the next of the order is asked. Raises `Refused`."""
    _end(row, "lapse", queries.seat_facts(row, now=now), by=by, now=now)


def recuse(row: Seat, reason: str, *, by: Actor, now: datetime) -> None:
    """回避: the seat ends, its sheets stay as void, the next of the order is asked. Raises `Refused`."""
    whole = queries.round_(row.round_id)
    scoring = RoundState(whole.state) in {RoundState.SCORING, RoundState.SUPPLEMENTING}
    facts = queries.seat_facts(row, now=now, reason=reason, scoring=scoring)
    _end(row, "recuse", facts, by=by, now=now, reason=reason)


def _end(
    row: Seat,
    verb: str,
    facts: r.SeatFacts,
    *,
    by: Actor | None,
    now: datetime,
    declining: str | None = None,
    reason: str | None = None,
) -> None:
    with elevated("quality.hold"):
        _held(row)
    changes = {"declining": declining, "reason": reason, "replied_at": now}
    told = {key: value for key, value in (("declining", declining), ("reason", reason)) if value}
    take(SEAT, row, verb, facts, by=by, now=now, changes=changes, **told)
    round_id, seat_id = row.round_id, row.id
    with elevated("quality.seat"):
        gone = queries.seat(seat_id)
        release(gone)
        if gone.sheets:
            deliverable.close_to(queries.round_(round_id).contract_id, [gone.expert_id])
        sheets.void_all(gone, reason or "", by=by, now=now)
        fill(round_id, now=now)
        totals.settle(round_id, now=now)


def _held(row: Seat) -> Round:
    """The round of a seat, locked: always before seats, sheets and memberships; for the system."""
    whole = queries.round_(row.round_id)
    queries.lock(whole)
    return whole


def release(row: Seat) -> None:
    """The expert is free for other rounds again; for the system."""
    if row.loads:
        expert.give_back(row.expert_id)
        row.loads = False
        db.session.flush()


def overdue(row: Seat, *, by: Actor | None, now: datetime) -> None:
    """逾期: the last day to score is over; the organiser sees to it. Raises `Refused`."""
    take(SEAT, row, "overdue", queries.seat_facts(row, now=now), by=by, now=now, changes={"is_late": True})


def extend(row: Seat, days: int, reason: str, *, by: Actor, now: datetime) -> None:
    """延长: more working days for one expert, for a reason. Raises `Refused`."""
    whole = queries.round_(row.round_id)
    scoring = RoundState(whole.state) in {RoundState.SCORING, RoundState.SUPPLEMENTING}
    start = day_of(max(now, row.score_by or now))
    until = end_of(add_workdays(start, days, calendar(start)))
    facts = queries.seat_facts(row, now=now, reason=reason, scoring=scoring)
    changes = {"score_by": until, "is_late": False}
    take(SEAT, row, "extend", facts, by=by, now=now, changes=changes, reason=reason, score_by=until)
    with elevated("quality.extend"):
        for each in queries.sheets_of_seat(row.id):
            if each.is_open:
                each.score_by = until
                rewrite_inbox(SHEET, each, now=now)
