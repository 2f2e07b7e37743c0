"""Formulas of the annual ranking (年度排名) and the grades of firms. Source: rule set ``ranking``."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from portal.kernel.exact import mean
from portal.kernel.money import Yuan
from portal.kernel.score import Score, score
from tenants.ruleset import Band, MeanKind, RankingRules

LOWEST_GRADE = "D"


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
