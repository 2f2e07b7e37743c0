"""可邀请机构: which firms may be invited, and why not. Grades steer invitations below the threshold alone.

政府采购法 §22 and 财库〔2019〕38号: in a statutory purchase ranks are information; only law excludes.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from portal.commission.rules import GUIDANCE, Regime
from portal.kernel.ruling import Clause, Ruling, unless

GRADING: Final = Clause("本局评级结果运用办法")
SUPERVISION: Final = Clause("财监〔2021〕4号", sure=False)
REGULATION_18: Final = Clause("政府采购法实施条例", "第十八条")
REGULATION_49: Final = Clause("政府采购法实施条例", "第四十九条")
LOWEST_GRADE: Final = "D"
LOW_GRADE: Final = "C"


@dataclass(frozen=True, slots=True)
class Standing:
    """评级结果 of a firm in this bureau: the grade of ``year``, and ``earlier`` that of the year before.

    ``binds``: the grade was recorded less than a year ago, so that it steers invitations.
    """

    year: int
    grade: str
    score: str = ""
    rank: int | None = None
    engagements: int = 0
    earlier: str = ""
    binds: bool = True


@dataclass(frozen=True, slots=True)
class ProspectFacts:
    """What decides whether a firm may be invited. ``load`` counts running contracts.

    ``refused``: it won the same commission in an earlier purchase and would not sign.
    """

    firm_id: UUID
    name: str
    representative: str
    lead_evaluators: int
    qualified: int
    evaluated: Collection[str]
    contacts: Collection[str]
    standing: Standing | None
    load: int
    regime: Regime | None
    refused: bool = False


def may_invite(f: ProspectFacts) -> Ruling:
    """Qualified, without a stake in what is evaluated, and, below the threshold, not graded out."""
    steers = f.regime is not Regime.STATUTORY and f.standing is not None and f.standing.binds
    grade, earlier = (f.standing.grade, f.standing.earlier) if f.standing else ("", "")
    twice_low = {grade, earlier} <= {LOW_GRADE, LOWEST_GRADE} and bool(earlier)
    return (
        unless(not f.lead_evaluators, "tender.no_lead_evaluator", SUPERVISION)
        & unless(
            f.lead_evaluators and not f.qualified,
            "tender.no_qualified_lead",
            SUPERVISION,
            count=f.lead_evaluators,
        )
        & unless(f.refused, "tender.refused_before", REGULATION_49)
        & unless(f.name in f.evaluated, "tender.is_evaluated", GUIDANCE)
        & unless(
            f.representative and f.representative in f.contacts,
            "tender.represents_evaluated",
            GUIDANCE,
            person=f.representative,
        )
        & unless(steers and grade == LOWEST_GRADE, "tender.graded_out", GRADING, grade=grade)
        & unless(steers and grade == LOW_GRADE and twice_low, "tender.graded_low_twice", GRADING)
        & unless(
            steers and grade == LOW_GRADE and not twice_low and f.load,
            "tender.graded_low_busy",
            GRADING,
            load=f.load,
        )
    )


def heads_differ(heads: Sequence[tuple[str, str]]) -> Ruling:
    """实施条例 §18: firms with the same head do not join the same purchase. ``heads``: (firm, its head)."""
    counted = Counter(head for _, head in heads if head)
    shared = [name for name, head in heads if counted[head] > 1]
    return unless(shared, "tender.same_head", REGULATION_18, firms=shared)
