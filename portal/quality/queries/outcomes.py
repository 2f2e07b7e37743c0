"""How far a round is and what came out, for an expert who has handed in and for the slices downstream."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import func, select

from portal.kernel.score import Score
from portal.quality.lifecycle import SeatState, SheetState
from portal.quality.models import Round, Seat, Sheet
from portal.quality.queries.rows import of_contract
from tenants.db import db
from tenants.scope import elevated


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the experts of a round are, for an expert whose own sheets are in; counts alone."""

    sheets: int
    handed_in: int


def progress(row: Seat) -> Progress | None:
    """How far all experts are; None until this one's own sheets are in."""
    if not (row.is_live and row.is_done):
        return None
    with elevated("quality.progress"):
        total, there = db.session.execute(
            select(func.coalesce(func.sum(Seat.sheets), 0), func.coalesce(func.sum(Seat.handed_in), 0)).where(
                Seat.round_id == row.round_id, Seat.state == SeatState.ACCEPTED.value
            )
        ).one()
    return Progress(total, there)


def handed_in_at(round_id: UUID) -> dict[UUID, datetime]:
    """When the last valid sheet of each seat came in; times alone, nothing of a sheet."""
    with elevated("quality.progress"):
        rows = db.session.execute(
            select(Sheet.seat_id, func.max(Sheet.handed_in_at))
            .where(Sheet.round_id == round_id, Sheet.state == SheetState.HANDED_IN.value)
            .group_by(Sheet.seat_id)
        )
        return {seat_id: at for seat_id, at in rows if at is not None}


def outcome(row: Seat) -> Round | None:
    """The round with its result, for an expert whose own sheets are in; None until it is added up."""
    found = db.session.scalars(select(Round).where(Round.id == row.round_id)).first()
    return found if found is not None and found.result is not None else None


@dataclass(frozen=True, slots=True)
class SubjectQuality:
    """What one subject got; None where it was not scored (未抽评)."""

    subject_id: UUID
    plan: Decimal | None
    report: Decimal | None
    score: Decimal | None


@dataclass(frozen=True, slots=True)
class Quality:
    """质量得分 of a contract as it stands finally; ``score`` is None where nothing was scored."""

    round_id: UUID
    score: Score | None
    plan: Score | None
    report: Score | None
    vetoed: bool
    subjects: tuple[SubjectQuality, ...]
    final_at: datetime


def quality_of(contract_id: UUID) -> Quality | None:
    """The final quality score of a contract; None until it stands."""
    row = of_contract(contract_id)
    if row is None or row.final_at is None:
        return None
    scored = {each["id"]: each for each in (row.result or {}).get("subjects", ())}
    return Quality(
        round_id=row.id,
        score=_score(row.quality_score),
        plan=_score(row.plan_mean),
        report=_score(row.report_mean),
        vetoed=bool(row.vetoed),
        subjects=tuple(
            SubjectQuality(
                UUID(each["id"]),
                *(
                    _read(scored.get(each["id"], {}).get(name))
                    for name in ("plan_mean", "report_mean", "quality")
                ),
            )
            for each in row.subjects
        ),
        final_at=row.final_at,
    )


means = quality_of


def _score(points: Decimal | None) -> Score | None:
    return None if points is None else Score(points)


def _read(kept: str | None) -> Decimal | None:
    return None if kept is None else Decimal(kept)
