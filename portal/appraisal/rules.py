"""The formula of the appraisal score (考评得分). Source: the bureau's 考评表; rule set ``appraisal``."""

from collections.abc import Sequence
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from portal.kernel.exact import mean
from portal.kernel.score import ZERO, Score, score
from tenants.ruleset import AppraisalRules


class Party(StrEnum):
    """Who filled the sheet: 被评价单位 or 财政部门."""

    UNIT = "unit"
    FINANCE = "finance"


def appraisal_score(
    units: Sequence[Decimal], finance: Sequence[Decimal], rules: AppraisalRules, *, vetoed: bool = False
) -> Score | None:
    """考评得分: each party's mean by its weight, 0–100, rounded half up once.

    None unless both parties filed: nobody's sheet is invented. 0 after a veto (一票否决).
    """
    if vetoed:
        return ZERO
    if not units or not finance:
        return None
    return score(mean(units) * Fraction(rules.weight_unit) + mean(finance) * Fraction(rules.weight_finance))
