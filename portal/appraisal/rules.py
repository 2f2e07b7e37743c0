"""The appraisal score (考评得分), and when a sheet may be signed, locked, explained, and an appraisal ended.

Source: the bureau's 考评表; rule set ``appraisal``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Final
from uuid import UUID

from portal.kernel.exact import half_up, mean
from portal.kernel.ruling import Clause, Ruling, unless
from portal.kernel.score import ZERO, Score, score

HOUSE: Final = Clause("本局考评办法（考评表）")
SHORTEST_REASON: Final = 4


class Party(StrEnum):
    """Who filled the sheet: 被评价单位 or 财政部门."""

    UNIT = "unit"
    FINANCE = "finance"


PARTY_LABELS: Final[dict[Party, str]] = {Party.UNIT: "被评价单位", Party.FINANCE: "财政部门"}
MAIN: Final[dict[str, Party]] = {"KP_UNIT": Party.UNIT, "KP_FIN": Party.FINANCE}
FOLDED: Final = ("QC_LEADER", "QC_PLAN", "QC_REPORT")


class Basis(StrEnum):
    """口径 of the folded items 方案质量 and 报告质量: by experts, by the section itself, or not known yet.

    ``SAMPLED`` means that experts scored; only terms that sample make it 抽评.
    """

    PENDING = "pending"
    SAMPLED = "sampled"
    UNSAMPLED = "unsampled"


BASIS_LABELS: Final[dict[Basis, str]] = {
    Basis.PENDING: "待定：会审尚未完成",
    Basis.SAMPLED: "专家评审：方案质量、报告质量取专家评审得分折算",
    Basis.UNSAMPLED: "未抽评：方案质量、报告质量由财政部门按同表评分后折算",
}
SAMPLED_LABEL: Final = "抽评：方案质量、报告质量取专家评审得分折算"


@dataclass(frozen=True, slots=True)
class Weights:
    """What each party's mean weighs in the score; fractions that make 1."""

    unit: Decimal
    finance: Decimal


def appraisal_score(
    units: Sequence[Decimal], finance: Sequence[Decimal], weights: Weights, *, vetoed: bool = False
) -> Score | None:
    """考评得分: each party's mean by its weight, 0–100, rounded half up once.

    None unless both parties filed: nobody's sheet is invented. 0 after a veto (一票否决).
    """
    if vetoed:
        return ZERO
    if not units or not finance:
        return None
    return score(mean(units) * Fraction(weights.unit) + mean(finance) * Fraction(weights.finance))


def gap(units: Sequence[Decimal], finance: Sequence[Decimal]) -> Decimal | None:
    """分差 of the two parties' means, in points, half up to two places; None unless both filed."""
    if not units or not finance:
        return None
    return half_up(abs(mean(units) - mean(finance)))


@dataclass(frozen=True, slots=True)
class SheetFacts:
    """A 考评表 at the moment somebody wants to move it. ``silent``: items in full without a word."""

    over: bool
    basis: Basis
    party: Party
    missing: int
    signer_id: UUID | None
    actor_id: UUID
    returned: bool
    released: bool = False
    gap: Decimal | None = None
    most: Decimal = Decimal(0)
    reason: str | None = None
    silent: int = 0
    confirmed: bool = False


def still_open(f: SheetFacts) -> Ruling:
    """Nothing is filled in after the appraisal has ended."""
    return unless(f.over, "appraisal.over")


def may_sign(f: SheetFacts) -> Ruling:
    """Complete; the bureau's own only once it is known by which 口径 its folded items are.

    Items nobody touched are at full points: who signs confirms once that nothing was found there.
    """
    return (
        still_open(f)
        & unless(f.party is Party.FINANCE and f.basis is Basis.PENDING, "appraisal.quality_pending", HOUSE)
        & unless(f.missing, "appraisal.incomplete", HOUSE, count=f.missing)
        & unless(f.silent and not f.confirmed, "appraisal.items_silent", HOUSE, count=f.silent)
    )


def may_lock(f: SheetFacts) -> Ruling:
    """The head confirms what somebody else signed."""
    return still_open(f) & unless(f.signer_id == f.actor_id, "appraisal.own_sheet", HOUSE)


def may_return(f: SheetFacts) -> Ruling:
    """Back to whoever signed it, once, for a reason."""
    return still_open(f) & unless(f.returned, "appraisal.returned_once", HOUSE) & needs_reason(f.reason)


def may_explain(f: SheetFacts) -> Ruling:
    """Where the two parties differ by more than the rules allow, each says why."""
    within = f.gap is None or f.gap <= f.most
    return (
        still_open(f)
        & unless(not f.released, "appraisal.not_released")
        & unless(f.released and within, "appraisal.gap_within", most=f.most)
        & needs_reason(f.reason)
    )


def needs_reason(reason: str | None) -> Ruling:
    """Asked in full only where a reason was given; the button alone shows whether it may be given."""
    return unless(reason is not None and len(reason.strip()) < SHORTEST_REASON, "appraisal.no_reason")


@dataclass(frozen=True, slots=True)
class AppraisalFacts:
    """An appraisal at the moment somebody wants to end or extend it. ``waiting``: parties not locked yet."""

    now: datetime
    due_by: datetime
    waiting: Sequence[str]
    unexplained: Sequence[str] = ()
    vetoes: Mapping[str, str] = field(default_factory=dict)
    upheld: bool | None = None
    asked: bool = False
    reason: str | None = None
    new_on: date | None = None
    today: date | None = None


def may_expire(f: AppraisalFacts) -> Ruling:
    """The clock tells the approver that a party is late."""
    return unless(f.now <= f.due_by, "appraisal.not_late", due_by=f.due_by)


def is_late(f: AppraisalFacts) -> Ruling:
    """The date is over and a party has not handed in: the approver decides, nobody invents a score."""
    if not f.waiting:
        return unless(blocked=True, code="appraisal.both_filed")
    return unless(f.now <= f.due_by, "appraisal.not_late", due_by=f.due_by)


def may_extend(f: AppraisalFacts) -> Ruling:
    """延期: a later day, for a reason."""
    past = f.new_on is not None and f.today is not None and f.new_on <= f.today
    return (
        unless(not f.waiting, "appraisal.both_filed")
        & unless(past, "appraisal.date_past", today=f.today)
        & needs_reason(f.reason)
    )


def may_close(f: AppraisalFacts) -> Ruling:
    """不计考评得分: only when a party is late, and for a reason."""
    return is_late(f) & needs_reason(f.reason)


def may_finish(f: AppraisalFacts) -> Ruling:
    """Both parties have locked, explained a wide gap, and every 一票否决 ticked was decided about."""
    undecided = bool(f.vetoes) and f.asked and f.upheld is None
    return (
        unless(f.waiting, "appraisal.waiting", HOUSE, parties=f.waiting)
        & unless(f.unexplained, "appraisal.unexplained", HOUSE, parties=f.unexplained)
        & unless(undecided, "appraisal.veto_undecided", HOUSE)
        & (needs_reason(f.reason or "") if f.vetoes and f.asked else needs_reason(None))
    )
