"""Formulas of the quality score (质量得分). Source: the contract's quality clause; rule set ``qc``."""

from collections.abc import Sequence
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from portal.kernel.exact import mean
from portal.kernel.score import ZERO, Score, score
from tenants.ruleset import QcRules

ENOUGH_TO_TRIM = 5


class Stage(StrEnum):
    """环节: which deliverable the experts scored, 实施方案 or 评价报告."""

    PLAN = "plan"
    REPORT = "report"


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
