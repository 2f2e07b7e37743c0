"""When a round may be drawn, scored, told to the firm and made final; a seat taken; a sheet handed in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from portal.kernel.ruling import Clause, Ruling, unless

QUALITY: Final = Clause("合同质量条款（质费挂钩）")
SHORTEST_REASON: Final = 4


class Declining(StrEnum):
    """Why an expert declines, coded; what users read is in `DECLINING_LABELS`."""

    CONFLICT = "conflict"
    TIME = "time"
    FIELD = "field"
    HEALTH = "health"
    OTHER = "other"


DECLINING_LABELS: Final[dict[Declining, str]] = {
    Declining.CONFLICT: "应当回避",
    Declining.TIME: "时间冲突",
    Declining.FIELD: "专业不符",
    Declining.HEALTH: "身体原因",
    Declining.OTHER: "其他原因",
}


@dataclass(frozen=True, slots=True)
class RoundFacts:
    """The facts of a round at the moment of a move."""

    now: datetime
    to_sample: bool = False
    missing: Sequence[str] = ()
    eligible: int = 0
    wanted: int = 0
    places: int = 0
    offered: int = 0
    accepted: int = 0
    waiting: int = 0
    min_valid: int = 0
    open_sheets: int = 0
    veto_open: bool = False
    vetoes: int = 0
    objection_by: datetime | None = None
    objected: bool = False
    in_file: bool = True
    reason: str | None = None


def needs_reason(f: RoundFacts) -> Ruling:
    """It needs a reason that can be read by others."""
    return unless(len((f.reason or "").strip()) < SHORTEST_REASON, "quality.reason", least=SHORTEST_REASON)


def may_sample(f: RoundFacts) -> Ruling:
    """Only where the terms sample fewer subjects than the contract has."""
    return unless(not f.to_sample, "quality.nothing_to_sample")


def may_draw(f: RoundFacts) -> Ruling:
    """The sample stands, its plans and reports are accepted, and there are experts enough to draw from."""
    return (
        unless(f.to_sample, "quality.not_sampled")
        & unless(f.missing, "quality.deliverables_missing", missing=list(f.missing))
        & unless(f.eligible < f.wanted, "quality.too_few_experts", eligible=f.eligible, wanted=f.wanted)
    )


def may_supplement(f: RoundFacts) -> Ruling:
    """补抽: only where places stay empty, nobody is being asked and the order is used up."""
    if f.accepted + f.offered >= f.places:
        return unless(blocked=True, code="quality.places_taken")
    if f.waiting:
        return unless(blocked=True, code="quality.order_left", count=f.waiting)
    return unless(f.eligible < 1, "quality.nobody_left")


def may_score(f: RoundFacts) -> Ruling:
    """All sheets are in, enough of them to count, and every place that can be filled is filled."""
    pending = unless(f.open_sheets, "quality.sheets_open", QUALITY, count=f.open_sheets) & unless(
        f.offered, "quality.seats_offered", count=f.offered
    )
    if f.offered:
        return pending
    fillable = f.accepted < f.places and (f.waiting or f.eligible)
    return (
        pending
        & unless(f.accepted < f.min_valid, "quality.too_few_sheets", QUALITY, least=f.min_valid)
        & unless(fillable, "quality.places_empty")
    )


def may_rule_on_veto(f: RoundFacts) -> Ruling:
    """A veto is ruled on where an expert has reported one, once, with a reason."""
    return (
        unless(not f.vetoes, "quality.no_veto")
        & unless(f.vetoes and not f.veto_open, "quality.veto_ruled")
        & needs_reason(f)
    )


def may_notify(f: RoundFacts) -> Ruling:
    """The firm is told once every reported veto has been ruled on."""
    return unless(f.veto_open, "quality.veto_open", QUALITY, count=f.vetoes)


def may_object(f: RoundFacts) -> Ruling:
    """异议: once, with a reason, until the last day has ended (inclusive)."""
    return (
        unless(
            f.objection_by is not None and f.now > f.objection_by,
            "quality.objection_late",
            QUALITY,
            objection_by=f.objection_by,
        )
        & unless(f.objected, "quality.objected_before", QUALITY)
        & needs_reason(f)
    )


def may_finalise(f: RoundFacts) -> Ruling:
    """The days for an objection are over, or the one objection has been answered."""
    early = f.objection_by is None or f.now <= f.objection_by
    return unless(early and not f.objected, "quality.objection_open", QUALITY, objection_by=f.objection_by)


def may_reopen(f: RoundFacts) -> Ruling:
    """更正: the sheets named are valid ones of this round; the reason is kept with them."""
    return unless(not f.in_file, "quality.unknown_sheet") & needs_reason(f)


@dataclass(frozen=True, slots=True)
class SeatFacts:
    """The facts of a seat at the moment of a move; ``conflicts`` are the hard ones found now, in words."""

    now: datetime
    offer_until: datetime
    declared: bool = False
    conflicts: Sequence[str] = ()
    declining: str = ""
    reason: str | None = None
    scoring: bool = True
    score_by: datetime | None = None
    is_done: bool = False


def may_accept(f: SeatFacts) -> Ruling:
    """In time (inclusive), declared, and without a conflict that has come up since the draw."""
    return (
        unless(f.now > f.offer_until, "quality.offer_over", offer_until=f.offer_until)
        & unless(f.conflicts, "quality.conflict", conflicts=list(f.conflicts))
        & unless(not f.declared, "quality.not_declared")
    )


def may_decline(f: SeatFacts) -> Ruling:
    """In time, with one of the coded reasons; 其他原因 says which."""
    said = len((f.reason or "").strip()) >= SHORTEST_REASON
    return (
        unless(f.now > f.offer_until, "quality.offer_over", offer_until=f.offer_until)
        & unless(f.declining not in set(Declining), "quality.declining")
        & unless(f.declining == Declining.OTHER.value and not said, "quality.reason", least=SHORTEST_REASON)
    )


def has_lapsed(f: SeatFacts) -> Ruling:
    """The minutes of the offer are over."""
    return unless(f.now <= f.offer_until, "quality.offer_open", offer_until=f.offer_until)


def may_recuse(f: SeatFacts) -> Ruling:
    """Until the scores are added up, for a reason that stays on file."""
    said = len((f.reason or "").strip()) >= SHORTEST_REASON
    return unless(not f.scoring, "quality.already_scored") & unless(
        not said, "quality.reason", least=SHORTEST_REASON
    )


def may_extend(f: SeatFacts) -> Ruling:
    """More working days to score, from 1 to 20, for a reason."""
    said = len((f.reason or "").strip()) >= SHORTEST_REASON
    return unless(not f.scoring, "quality.already_scored") & unless(
        not said, "quality.reason", least=SHORTEST_REASON
    )


def is_overdue(f: SeatFacts) -> Ruling:
    """The last day to score has ended (it counts), and sheets are still open."""
    early = f.score_by is None or f.now <= f.score_by
    return unless(f.is_done, "quality.seat_done") & unless(early, "quality.scoring_open", score_by=f.score_by)


@dataclass(frozen=True, slots=True)
class SheetFacts:
    """The facts of a sheet at the moment of a move."""

    now: datetime
    score_by: datetime
    seated: bool = True
    missing: int = 0
    faults: int = 0
    silent: int = 0
    confirmed: bool = False


def may_write(f: SheetFacts) -> Ruling:
    """Only who holds the seat, until the last day has ended (inclusive)."""
    return unless(not f.seated, "quality.no_seat") & unless(
        f.now > f.score_by, "quality.too_late", QUALITY, score_by=f.score_by
    )


def may_hand_in(f: SheetFacts) -> Ruling:
    """In time, every item scored and every fault mended; it is locked then.

    Items at full points without a word are named once more; the expert confirms that nothing was found.
    """
    return (
        may_write(f)
        & unless(f.missing, "quality.items_missing", QUALITY, count=f.missing)
        & unless(f.faults, "quality.items_wrong", QUALITY, count=f.faults)
        & unless(f.silent and not f.confirmed, "quality.items_silent", QUALITY, count=f.silent)
    )
