"""Who may not score whose work: conflicts of interest of an expert (利害关系), found by name and by load.

An employer's name that matches counts as the same body until a person has confirmed or rejected it.
Relatives, shares and earlier employment are no data here: the expert declares them when accepting.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

MOST_OPEN: Final = 3
SHORTEST: Final = 5
_NOISE: Final = re.compile(r"[\W_]+")


class Body(StrEnum):
    """What the other body is to the round."""

    FIRM = "firm"
    UNIT = "unit"
    RIVAL = "rival"


class Verdict(StrEnum):
    """What a person found about an employer and a body whose names match."""

    CONFIRMED = "confirmed"
    REJECTED = "rejected"


class Conflict(StrEnum):
    """The cases of the rule set; C2, C3 and C5 to C8 are declared by the expert, not found."""

    EMPLOYED_BY_FIRM = "C1"
    EMPLOYED_BY_UNIT = "C4"
    EMPLOYED_BY_RIVAL = "C9"
    SAME_EMPLOYER = "C11"
    OVER_LOAD = "C13"


CONFLICT_LABELS: Final[dict[Conflict, str]] = {
    Conflict.EMPLOYED_BY_FIRM: "工作单位是被评机构",
    Conflict.EMPLOYED_BY_UNIT: "工作单位是被评价单位、其主管部门或下属单位",
    Conflict.EMPLOYED_BY_RIVAL: "工作单位是参加同一采购的其他机构",
    Conflict.SAME_EMPLOYER: "与已入席的专家同一工作单位",
    Conflict.OVER_LOAD: "在评任务已满",
}
BODY_LABELS: Final[dict[Body, str]] = {
    Body.FIRM: "被评机构",
    Body.UNIT: "被评价单位或其上下级",
    Body.RIVAL: "参加同一采购的其他机构",
}
_OF_BODY: Final[dict[Body, Conflict]] = {
    Body.FIRM: Conflict.EMPLOYED_BY_FIRM,
    Body.UNIT: Conflict.EMPLOYED_BY_UNIT,
    Body.RIVAL: Conflict.EMPLOYED_BY_RIVAL,
}
DECLARED: Final = (
    "我现在不是、近三年也不曾是被评机构的工作人员、董事、监事、控股股东或实际控制人；",
    "我所在的单位与被评机构没有控股、管理关系，法定代表人不是同一人；",
    "我现在不在、近三年也不曾在被评价单位及其主管部门、下属单位任职；",
    "我没有参与过被评价项目的编制、论证、设计、监理、自评和以往评价；",
    "我与被评机构、被评价单位的法定代表人、负责人、主评人没有夫妻、直系血亲、三代以内旁系血亲和近姻亲关系；",
    "我没有被评机构的股份，近三年没有从被评机构取得报酬；",
    "我将独立、客观评分，不向任何人透露评分情况；发现应当回避的情形，立即报告。",
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """An expert as the check sees them; ``load`` counts seats that are open anywhere."""

    id: UUID
    name: str
    employer: str
    load: int = 0
    person_id: UUID | None = None
    is_own: bool = True


@dataclass(frozen=True, slots=True)
class Other:
    """A body that has to do with the round."""

    id: UUID
    body: Body
    name: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One conflict of one expert. Only a ``hard`` one excludes; ``open`` while nobody looked at a match."""

    code: Conflict
    hard: bool
    other: Other | None = None
    open: bool = False

    @property
    def label(self) -> str:
        """The case in words, without a name."""
        return CONFLICT_LABELS[self.code]

    @property
    def said(self) -> str:
        """The finding in words."""
        return f"{self.label}（{self.other.name}）" if self.other else self.label


def bare(name: str) -> str:
    """A body's name without what differs from paper to paper: width, blanks, brackets and points."""
    return _NOISE.sub("", unicodedata.normalize("NFKC", name)).casefold()


def alike(employer: str, name: str) -> bool:
    """Whether two names may be one body's: the same, or one within the other (a branch, a section)."""
    one, other = sorted((bare(employer), bare(name)), key=len)
    return bool(one) and (one == other or (len(one) >= SHORTEST and one in other))


Verdicts = Mapping[tuple[UUID, str, UUID], Verdict]


def findings(
    candidate: Candidate, others: Sequence[Other], verdicts: Verdicts, *, most_open: int = MOST_OPEN
) -> list[Finding]:
    """Every conflict of a candidate; ``verdicts`` by (candidate, bare employer, other)."""
    found = []
    for other in others:
        verdict = verdicts.get((candidate.id, bare(candidate.employer), other.id))
        if verdict is Verdict.REJECTED or not alike(candidate.employer, other.name):
            continue
        hard = other.body is not Body.RIVAL
        found.append(Finding(_OF_BODY[other.body], hard, other, open=verdict is None))
    if candidate.load >= most_open:
        found.append(Finding(Conflict.OVER_LOAD, hard=True))
    return found


def excluded(found: Sequence[Finding]) -> bool:
    """Whether the findings keep an expert out of the draw."""
    return any(each.hard for each in found)


def persons(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Each person once, as a member of the bureau's own library rather than of one above."""
    known: dict[object, Candidate] = {}
    for each in sorted(candidates, key=lambda candidate: not candidate.is_own):
        known.setdefault(each.person_id or each.id, each)
    return list(known.values())


def next_of(order: Sequence[Candidate], seated: Sequence[Candidate]) -> Candidate | None:
    """Whom to offer the next seat: the first in ``order``, but after those whose colleague sits already.

    ``order``: those not reached yet, as drawn. A colleague (C11) is asked only where nobody else is left.
    """
    sitting = {bare(each.employer) for each in seated} - {""}
    fresh = [each for each in order if bare(each.employer) not in sitting]
    return next(iter(fresh or order), None)
