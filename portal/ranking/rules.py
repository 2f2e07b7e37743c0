"""Formulas of the annual ranking (年度排名), the grades of firms, and what each step asks.

Source: rule set ``ranking``. A ranking is for reference when firms are chosen, never a ban.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import Final
from uuid import UUID

from portal.kernel.exact import mean
from portal.kernel.money import Yuan
from portal.kernel.ruling import Ruling, unless
from portal.kernel.score import Score, score
from tenants.ruleset import Band, MeanKind, RankingRules

LOWEST_GRADE = "D"
REFERENCE_ONLY: Final = "本排名仅供选用参考依据，不作为政府采购活动中限制或者排斥供应商的条件。"


@dataclass(frozen=True, slots=True)
class Engagement:
    """一次合作: one contract of a firm that both parties have appraised. ``fee`` in 元."""

    firm: str
    fee: Yuan
    appraisal: Score
    quality: Score | None
    on_time: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """A firm's place of the year: dense ``rank`` from 1, ``quality`` None when no engagement was scored."""

    rank: int
    firm: str
    score: Score
    grade: str
    engagements: int
    quality: Score | None
    on_time_share: Fraction


@dataclass(frozen=True, slots=True)
class _Year:
    firm: str
    score: Score
    quality: Score | None
    on_time_share: Fraction
    engagements: int

    @property
    def merit(self) -> tuple[Fraction, bool, Fraction, Fraction]:
        """Sorts best first: score, quality with unknown last, share on time."""
        unknown = self.quality is None
        return (-Fraction(self.score), unknown, -Fraction(self.quality or 0), -self.on_time_share)


def engagement_score(engagement: Engagement, rules: RankingRules) -> Fraction:
    """合作得分, exact points (0–100): appraisal and quality by weight, the appraisal alone if unscored."""
    if engagement.quality is None:
        return Fraction(engagement.appraisal)
    by_appraisal = Fraction(engagement.appraisal) * Fraction(rules.weight_appraisal)
    return by_appraisal + Fraction(engagement.quality) * Fraction(rules.weight_quality)


def annual_score(engagements: Sequence[Engagement], rules: RankingRules) -> Score:
    """年度得分: the mean of the engagements' scores, simple or weighted by fee, rounded half up once."""
    scores = [engagement_score(engagement, rules) for engagement in engagements]
    if rules.mean is MeanKind.SIMPLE:
        return score(mean(scores))
    fees = [Fraction(engagement.fee) for engagement in engagements]
    weighted = sum((fee * points for fee, points in zip(fees, scores, strict=True)), Fraction())
    return score(weighted / sum(fees, Fraction()))


def grade(points: Score, bands: Sequence[Band]) -> str:
    """等级 of rounded points: the best band reached (at its limit is reached), else the lowest grade."""
    return next((band.grade for band in bands if points >= band.min), LOWEST_GRADE)


def _year(firm: str, engagements: Sequence[Engagement], rules: RankingRules) -> _Year:
    qualities = [item.quality for item in engagements if item.quality is not None]
    return _Year(
        firm,
        annual_score(engagements, rules),
        score(mean(qualities)) if qualities else None,
        mean([int(item.on_time) for item in engagements]),
        len(engagements),
    )


def standings(engagements: Sequence[Engagement], rules: RankingRules) -> tuple[Standing, ...]:
    """The firms of a year, best first: score, mean quality (unknown last), share on time; then equal.

    Equal firms share a dense rank and stand by id. Firms below ``min_engagements`` are not ranked.
    """
    by_firm: defaultdict[str, list[Engagement]] = defaultdict(list)
    for engagement in engagements:
        by_firm[engagement.firm].append(engagement)
    years = [
        _year(firm, items, rules) for firm, items in by_firm.items() if len(items) >= rules.min_engagements
    ]
    ranks = {merit: place for place, merit in enumerate(sorted({year.merit for year in years}), start=1)}
    return tuple(
        Standing(
            ranks[year.merit],
            year.firm,
            year.score,
            grade(year.score, rules.bands),
            year.engagements,
            year.quality,
            year.on_time_share,
        )
        for year in sorted(years, key=lambda year: (year.merit, year.firm))
    )


class Missing(StrEnum):
    """What a contract of the year still lacks to count."""

    APPRAISAL = "appraisal"
    QUALITY = "quality"
    DELIVERY = "delivery"
    UNAPPRAISED = "unappraised"


MISSING_LABELS: Final[dict[Missing, str]] = {
    Missing.APPRAISAL: "双方考评尚未定分",
    Missing.QUALITY: "会审结果尚未确定",
    Missing.DELIVERY: "成果尚未全部验收",
    Missing.UNAPPRAISED: "考评已终结但没有得分，不计入排名",
}


@dataclass(frozen=True, slots=True)
class RankingFacts:
    """What decides whether a ranking may go on. ``upheld``: objections found right and not corrected yet.

    ``workdays``: how long it is to be public, at least ``least_workdays`` by the rules it was made by.
    """

    today: date
    actor_id: UUID | None = None
    drafter_id: UUID | None = None
    ranked: int = 0
    same_figures: bool = True
    workdays: int = 0
    least_workdays: int = 0
    until: date | None = None
    open_objections: int = 0
    upheld: int = 0
    unread: bool = False
    reason: str = ""


def may_publish(f: RankingFacts) -> Ruling:
    """Somebody else than the drafter, with firms to rank, figures as they are now and days enough."""
    return (
        unless(f.actor_id is not None and f.actor_id == f.drafter_id, "ranking.own_draft")
        & unless(not f.ranked, "ranking.nobody_ranked")
        & unless(not f.same_figures, "ranking.figures_changed")
        & unless(f.workdays < f.least_workdays, "ranking.too_few_days", least=f.least_workdays)
    )


def may_acknowledge(f: RankingFacts) -> Ruling:
    """A firm in the ranking says once that it has seen its place."""
    return unless(not f.unread, "ranking.already_acknowledged")


def may_conclude(f: RankingFacts) -> Ruling:
    """The clock ends the publicity after its last day."""
    return unless(f.until is None or f.today <= f.until, "ranking.publicity_runs", until=f.until)


def may_finalise(f: RankingFacts) -> Ruling:
    """The last day of publicity is over, and every objection is answered and followed."""
    return (
        may_conclude(f)
        & unless(f.open_objections, "ranking.objection_open", count=f.open_objections)
        & unless(f.upheld, "ranking.objection_upheld", count=f.upheld)
    )


def needs_reason(f: RankingFacts) -> Ruling:
    """Who takes a published ranking back says why."""
    return unless(not f.reason.strip(), "ranking.needs_reason")


class Finding(StrEnum):
    """What came of an objection."""

    UPHELD = "upheld"
    REJECTED = "rejected"


FINDING_LABELS: Final[dict[Finding, str]] = {
    Finding.UPHELD: "异议成立，更正排名",
    Finding.REJECTED: "异议不成立，维持排名",
}


@dataclass(frozen=True, slots=True)
class ObjectionFacts:
    """What decides about an objection."""

    today: date
    until: date | None = None
    published: bool = False
    already_open: bool = False
    reason: str = ""


def may_object(f: ObjectionFacts) -> Ruling:
    """While the ranking is public for objections, its last day included; one at a time."""
    ended = not f.published or f.until is None or f.today > f.until
    return unless(ended, "ranking.objection_too_late", until=f.until) & unless(
        f.already_open, "ranking.objection_waits"
    )


def may_answer(f: ObjectionFacts) -> Ruling:
    """An answer has its reasons."""
    return unless(not f.reason.strip(), "ranking.needs_reason")
