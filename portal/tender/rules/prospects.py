"""可邀请机构: which firms may be invited, and why not. Grades steer invitations below the threshold alone.

政府采购法 §22 and 财库〔2019〕38号: in a statutory purchase ranks are information; only law excludes.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import reduce
from operator import and_
from typing import Final
from uuid import UUID

from portal.commission.rules import GUIDANCE, Regime
from portal.kernel.ruling import ALLOWED, Clause, Ruling, unless

GRADING: Final = Clause("本局评级结果运用办法")
SUPERVISION: Final = Clause("财监〔2021〕4号", sure=False)
REGULATION_18: Final = Clause("政府采购法实施条例", "第十八条")
REGULATION_49: Final = Clause("政府采购法实施条例", "第四十九条")
LOWEST_GRADE: Final = "D"
LOW_GRADE: Final = "C"


class Kin(StrEnum):
    """Of what body the namesake is: an evaluated unit's contact, or the head of another firm."""

    UNIT = "unit"
    FIRM = "firm"


class Verdict(StrEnum):
    """What a person found about two people of one name."""

    CONFIRMED = "confirmed"
    REJECTED = "rejected"


VERDICT_LABELS: Final[dict[Verdict, str]] = {
    Verdict.CONFIRMED: "是同一人",
    Verdict.REJECTED: "不是同一人",
}


@dataclass(frozen=True, slots=True)
class Namesake:
    """同名: somebody of ``other`` bears the name of a firm's head.

    A name alone proves nothing, so a person says whether it is one and the same; a telephone number in common
    as well leaves no doubt (``sure``), and nobody overrules it.
    """

    person: str
    kin: Kin
    other_id: UUID
    other: str
    sure: bool = False
    verdict: Verdict | None = None
    reason: str = ""
    found_by: str = ""
    found_at: datetime | None = None
    phones: tuple[str, str] = ("", "")

    @property
    def is_open(self) -> bool:
        """Nobody has looked at it yet."""
        return self.verdict is None and not self.sure

    @property
    def is_one(self) -> bool:
        """Beyond doubt, or found so by a person, the two are one."""
        return self.sure or self.verdict is Verdict.CONFIRMED


@dataclass(frozen=True, slots=True)
class Standing:
    """评级结果 of a firm in this bureau: the grade of ``year``, and ``earlier`` that of the year before.

    ``binds``: the grade was recorded less than a year ago, so that it steers invitations. ``vetoed``: how
    many engagements of that year were vetoed (一票否决); it is shown and excludes nobody.
    """

    year: int
    grade: str
    score: str = ""
    rank: int | None = None
    engagements: int = 0
    earlier: str = ""
    binds: bool = True
    vetoed: int = 0


def by_rank(year: int | None, rank: int | None) -> tuple[bool, int, int]:
    """Where a firm stands among others: the ranked first, by their last year and rank in it."""
    return (rank is None, -(year or 0), rank or 0)


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
    namesakes: Sequence[Namesake]
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
        & reduce(and_, (no_stake(each) for each in f.namesakes if each.kin is Kin.UNIT), ALLOWED)
        & unless(steers and grade == LOWEST_GRADE, "tender.graded_out", GRADING, grade=grade)
        & unless(steers and grade == LOW_GRADE and twice_low, "tender.graded_low_twice", GRADING)
        & unless(
            steers and grade == LOW_GRADE and not twice_low and f.load,
            "tender.graded_low_busy",
            GRADING,
            load=f.load,
        )
    )


def no_stake(of: Namesake) -> Ruling:
    """The firm's head is no contact of an evaluated unit; a like name waits for a person's word."""
    return (
        unless(of.sure, "tender.represents_evaluated", GUIDANCE, person=of.person, unit=of.other)
        & unless(
            not of.sure and of.verdict is Verdict.CONFIRMED,
            "tender.represents_confirmed",
            GUIDANCE,
            person=of.person,
            unit=of.other,
            by=of.found_by,
            reason=of.reason,
        )
        & unless(of.is_open, "tender.namesake_open", GUIDANCE, person=of.person, unit=of.other)
    )


def heads_differ(chosen: Sequence[tuple[UUID, str, Sequence[Namesake]]]) -> Ruling:
    """实施条例 §18: firms with the same head do not join the same purchase. ``chosen``: id, name, namesakes.

    Two heads of one name are taken for one until a person found that they are two.
    """
    ids = {firm_id for firm_id, _, _ in chosen}
    met = [
        (name, each)
        for _, name, namesakes in chosen
        for each in namesakes
        if each.kin is Kin.FIRM and each.other_id in ids
    ]
    one = [(name, each) for name, each in met if each.is_one]
    unknown = [(name, each) for name, each in met if each.is_open]
    return unless(one, "tender.same_head", REGULATION_18, firms=_firms(one), person=_people(one)) & unless(
        unknown, "tender.same_head_open", REGULATION_18, firms=_firms(unknown), person=_people(unknown)
    )


def _firms(met: Sequence[tuple[str, Namesake]]) -> list[str]:
    return sorted({name for name, _ in met})


def _people(met: Sequence[tuple[str, Namesake]]) -> str:
    return "、".join(sorted({each.person for _, each in met}))
