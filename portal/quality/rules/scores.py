"""Formulas of the quality score (质量得分). Source: the contract's quality clause; rule set ``qc``."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Final

from portal.kernel.exact import mean
from portal.kernel.score import ZERO, Score, score
from tenants.ruleset import QcRules

ENOUGH_TO_TRIM = 5


class Stage(StrEnum):
    """环节: which deliverable the experts scored, 实施方案 or 评价报告."""

    PLAN = "plan"
    REPORT = "report"


STAGE_LABELS: Final[dict[Stage, str]] = {Stage.PLAN: "实施方案", Stage.REPORT: "评价报告"}
SHEETS_PER_SUBJECT: Final = len(Stage)
FORMS: Final[dict[Stage, str]] = {Stage.PLAN: "QC_PLAN", Stage.REPORT: "QC_REPORT"}


def stage_mean(totals: Sequence[Decimal], rules: QcRules) -> Fraction | None:
    """The exact mean of the valid sheets of one subject and stage, in points (0–100).

    None below ``min_valid_sheets``, which is counted before trimming; where the rules trim, one highest and
    one lowest are dropped from five or more.
    """
    if len(totals) < rules.min_valid_sheets:
        return None
    kept = sorted(totals)[1:-1] if rules.trim_extremes and len(totals) >= ENOUGH_TO_TRIM else totals
    return mean(kept)


def quality_score(plan: Fraction | None, report: Fraction | None, rules: QcRules) -> Score | None:
    """质量得分 of a subject: 0–100, two places, half up, from the exact means of both stages.

    None unless both stages were scored.
    """
    if plan is None or report is None:
        return None
    return score(plan * Fraction(rules.weight_plan) + report * Fraction(rules.weight_report))


def contract_quality(qualities: Sequence[Score | None], *, vetoed: bool = False) -> Score | None:
    """质量得分 of a contract: the mean of its subjects' rounded scores, rounded again.

    None when no subject was scored (未抽评); 0 after a veto (一票否决).
    """
    if vetoed:
        return ZERO
    known = [quality for quality in qualities if quality is not None]
    return score(mean(known)) if known else None


@dataclass(frozen=True, slots=True)
class SubjectScore:
    """What one subject got: the totals of its valid sheets by stage, their means, and 质量得分."""

    plan: Fraction | None
    report: Fraction | None
    quality: Score | None


def subject_score(totals: Mapping[Stage, Sequence[Decimal]], rules: QcRules) -> SubjectScore:
    """One subject's means and score from the totals of its valid sheets."""
    plan = stage_mean(totals.get(Stage.PLAN, ()), rules)
    report = stage_mean(totals.get(Stage.REPORT, ()), rules)
    return SubjectScore(plan, report, quality_score(plan, report, rules))


def across(means: Sequence[Fraction | None]) -> Score | None:
    """The mean of a stage over the subjects that have one, rounded: what other forms fold in (折算)."""
    known = [each for each in means if each is not None]
    return score(mean(known)) if known else None
