"""What must always hold of rounds, and SQL cannot say. Each check returns the broken rows in words."""

from collections import Counter
from collections.abc import Iterator

from sqlalchemy import func, select

from portal import expert
from portal.kernel.hashing import plain
from portal.kernel.score import ZERO
from portal.quality import queries
from portal.quality.lifecycle import SHOWN, RoundState, SeatState, SheetState
from portal.quality.models import Round, Seat, Sheet
from tenants.db import db


def invariants() -> Iterator[str]:
    """The broken rows of the tenant in scope; nothing where all is well."""
    yield from _totals_recompute()
    yield from _rounds_recompute()
    yield from _seats_obey_recusals()
    yield from _sheets_are_counted()
    yield from _loads_are_counted()


def _totals_recompute() -> Iterator[str]:
    for sheet in db.session.scalars(select(Sheet).where(Sheet.total.is_not(None))):
        worth = queries.filled(sheet)
        if not worth.complete or worth.points != sheet.total:
            yield f"评分表 {sheet.id}：按评分项重算为 {worth.points}，记录为 {sheet.total}"


def _rounds_recompute() -> Iterator[str]:
    for row in db.session.scalars(select(Round).where(Round.state.in_([state.value for state in SHOWN]))):
        result, figures = queries.reckoned(row, queries.valid_sheets(row))
        expected = ZERO if row.vetoed else figures.score
        if row.quality_score != expected:
            yield f"会审 {row.id}：质量得分重算为 {expected}，记录为 {row.quality_score}"
        elif plain(result) != row.result:
            yield f"会审 {row.id}：评分汇总与评分表不符"


def _seats_obey_recusals() -> Iterator[str]:
    found = db.session.execute(
        select(Sheet.id, Seat.state)
        .join(Seat, Seat.id == Sheet.seat_id)
        .where(Sheet.state != SheetState.VOID.value, Seat.state != SeatState.ACCEPTED.value)
    )
    for sheet_id, state in found:
        yield f"评分表 {sheet_id}：席位已是“{state}”，评分表却仍有效"
    crowded = db.session.execute(
        select(Round.id)
        .join(Seat, Seat.round_id == Round.id)
        .where(Seat.state.in_((SeatState.ACCEPTED.value, SeatState.OFFERED.value)))
        .group_by(Round.id, Round.places)
        .having(func.count() > Round.places)
    )
    for (round_id,) in crowded:
        yield f"会审 {round_id}：席位超过应有人数"


def _sheets_are_counted() -> Iterator[str]:
    there = Counter(
        db.session.scalars(select(Sheet.seat_id).where(Sheet.state == SheetState.HANDED_IN.value)).all()
    )
    for seat in db.session.scalars(select(Seat).where(Seat.state == SeatState.ACCEPTED.value)):
        if there[seat.id] != seat.handed_in:
            yield f"席位 {seat.id}：已交 {there[seat.id]} 张，记录为 {seat.handed_in} 张"


def _loads_are_counted() -> Iterator[str]:
    """A library's count is at least what this bureau's seats hold of it; others may hold more."""
    held = Counter(db.session.scalars(select(Seat.expert_id).where(Seat.loads)).all())
    for person in expert.experts():
        if held[person.id] > person.open_load:
            yield f"专家 {person.id}：在评席位 {held[person.id]} 个，登记为 {person.open_load} 个"
    done = select(Seat.id).join(Round, Round.id == Seat.round_id)
    for seat_id in db.session.scalars(done.where(Seat.loads, Round.state == RoundState.FINAL.value)):
        yield f"席位 {seat_id}：会审已确定，席位仍占用在评名额"
