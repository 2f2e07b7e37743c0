"""The facts that the rules of a round, a seat and a sheet are asked with."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from portal import deliverable, draw
from portal.contract.rules import DELIVERABLES, DeliverableKind
from portal.draw import Draw, Outcome
from portal.quality.lifecycle import RoundState
from portal.quality.models import Round, Seat, Sheet
from portal.quality.queries.conflicts import Checked, checked
from portal.quality.queries.rows import seats_of
from portal.quality.rules import RoundFacts, SeatFacts, SheetFacts
from portal.scoresheet import Filled

NEEDED = (DeliverableKind.PLAN, DeliverableKind.REPORT)


def missing(row: Round) -> list[str]:
    """The plans and reports of the sampled subjects that nobody has accepted yet, in words."""
    work = deliverable.of_contract(row.contract_id)
    there = {(each.subject_id, each.which) for each in work if each.accepted_file_id is not None}
    return [
        f"{each['name']}{DELIVERABLES[kind]}"
        for each in row.sampled
        for kind in NEEDED
        if (UUID(each["id"]), kind) not in there
    ]


def waiting(
    row: Round, seats: Sequence[Seat] | None = None, *, draws: Sequence[Draw] | None = None
) -> list[UUID]:
    """Whom the draw in force has not reached yet, in its order; nobody after it was voided."""
    if row.draw_id is None or RoundState(row.state) is not RoundState.SCORING:
        return []
    current = next(
        each for each in (draw.draws_of(row.id) if draws is None else draws) if each.id == row.draw_id
    )
    if current.outcome == Outcome.VOID.value:
        return []
    reached = {each.expert_id for each in (seats_of(row.id) if seats is None else seats)}
    return [each for each in draw.order(row.draw_id) if each not in reached]


def facts(
    row: Round,
    *,
    now: datetime,
    reason: str | None = None,
    in_file: bool = True,
    seats: Sequence[Seat] | None = None,
    people: Sequence[Checked] | None = None,
    draws: Sequence[Draw] | None = None,
) -> RoundFacts:
    """Everything the rules of a round ask about; only what its state makes them ask for is read."""
    state = RoundState(row.state)
    shown = RoundFacts(
        now=now,
        to_sample=row.to_sample,
        places=row.places,
        min_valid=row.min_valid_sheets,
        veto_open=row.veto_open,
        vetoes=len(row.reports_of_veto),
        objection_by=row.objection_by,
        objected=row.objected_at is not None,
        in_file=in_file,
        reason=reason,
    )
    if state not in {RoundState.PLANNED, RoundState.SCORING}:
        return shown
    if state is RoundState.PLANNED:
        if row.to_sample:
            return shown
        people = checked(row, seats=()) if people is None else people
        eligible = sum(not each.is_excluded for each in people)
        return _with(shown, missing=missing(row), eligible=eligible, wanted=row.places)
    seats = seats_of(row.id) if seats is None else seats
    left = waiting(row, seats, draws=draws)
    offered, accepted = sum(each.is_offered for each in seats), sum(each.is_live for each in seats)
    fresh: set[UUID] = set()
    if offered + accepted < row.places and not left:
        people = checked(row, seats=seats) if people is None else people
        fresh = {each.candidate.id for each in people if not each.is_excluded}
    return _with(
        shown,
        eligible=len(fresh),
        offered=offered,
        accepted=accepted,
        waiting=len(left),
        open_sheets=sum(each.sheets - each.handed_in for each in seats if each.is_live),
    )


def _with(known: RoundFacts, **more: Any) -> RoundFacts:
    return RoundFacts(**{**{name: getattr(known, name) for name in RoundFacts.__slots__}, **more})


def seat_facts(
    row: Seat,
    *,
    now: datetime,
    declared: bool = False,
    declining: str = "",
    reason: str | None = None,
    conflicts: Sequence[str] = (),
    scoring: bool = True,
) -> SeatFacts:
    """Everything the rules of a seat ask about."""
    return SeatFacts(
        now=now,
        offer_until=row.offer_until,
        declared=declared,
        conflicts=conflicts,
        declining=declining,
        reason=reason,
        scoring=scoring,
        score_by=row.score_by,
        is_done=row.is_done,
    )


def sheet_facts(
    row: Sheet, worth: Filled, *, seated: bool, now: datetime, confirmed: bool = False
) -> SheetFacts:
    """Everything the rules of a sheet ask about."""
    return SheetFacts(
        now=now,
        score_by=row.score_by,
        seated=seated,
        missing=len(worth.missing),
        faults=len(worth.faults),
        silent=len(worth.silent),
        confirmed=confirmed,
    )
