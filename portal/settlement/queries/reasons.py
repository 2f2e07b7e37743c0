"""Why a fee was cut, whole: the score against the cutoff, where its points were lost, what the firm said."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from portal import quality
from portal.quality.rules import STAGE_LABELS, Stage, Tally, tallies
from portal.settlement.models import Settlement
from portal.settlement.rules import tiers_of


@dataclass(frozen=True, slots=True)
class Lost:
    """An item of a score sheet that did not get all its points, in the experts' mean, and what they wrote."""

    name: str
    points: Decimal
    mean: Decimal
    reasons: Sequence[str]
    deductions: Sequence[Tally]

    @property
    def lost(self) -> Decimal:
        """失分."""
        return self.points - self.mean


@dataclass(frozen=True, slots=True)
class StageMarks:
    """One stage of one subject: its mean, its weight (0–1) and the items that lost points, most first."""

    label: str
    mean: Decimal | None
    weight: Decimal
    items: Sequence[Lost]


@dataclass(frozen=True, slots=True)
class SubjectMarks:
    """One scored subject."""

    name: str
    unit_name: str
    quality: Decimal | None
    stages: Sequence[StageMarks]


@dataclass(frozen=True, slots=True)
class Reasons:
    """Everything that stands behind a quality deduction.

    ``full_from`` is the score from which the whole fee is paid, None where no tier pays all.
    """

    round_id: UUID
    score: Decimal | None
    full_from: Decimal | None
    subjects: Sequence[SubjectMarks]
    veto: str | None
    told_at: datetime | None
    objection_by: datetime | None
    concurrer: str | None
    final_at: datetime
    objected_at: datetime | None
    objection: str | None
    answered_at: datetime | None
    answer: str | None
    answerer: str | None

    @property
    def short_by(self) -> Decimal | None:
        """How many points the score lies below full pay; None where it does not."""
        if self.score is None or self.full_from is None or self.score >= self.full_from:
            return None
        return self.full_from - self.score


def reasons(row: Settlement) -> Reasons | None:
    """What stands behind the deduction of a settlement; None where there was no round."""
    found = quality.of_contract(row.contract_id)
    if found is None or found.final_at is None:
        return None
    weights = {Stage.PLAN: found.weight_plan, Stage.REPORT: found.weight_report}
    full = [tier.min for tier in tiers_of(row.basis["tiers"]) or () if tier.pay_ratio == 1]
    return Reasons(
        round_id=found.id,
        score=row.quality,
        full_from=min(full, default=None),
        subjects=[_subject(each, weights) for each in (found.result or {}).get("subjects", ())],
        veto=found.veto_reason if row.vetoed else None,
        told_at=found.notified_at,
        objection_by=found.objection_by,
        concurrer=found.concurrer,
        final_at=found.final_at,
        objected_at=found.objected_at,
        objection=found.objection,
        answered_at=found.answered_at,
        answer=found.answer,
        answerer=found.answerer,
    )


def _subject(kept: Mapping[str, Any], weights: Mapping[Stage, Decimal]) -> SubjectMarks:
    return SubjectMarks(
        kept["name"],
        kept["unit_name"],
        _points(kept["quality"]),
        [
            StageMarks(STAGE_LABELS[stage], _points(kept[f"{stage.value}_mean"]), weight, _lost(kept, stage))
            for stage, weight in weights.items()
        ],
    )


def _lost(kept: Mapping[str, Any], stage: Stage) -> list[Lost]:
    said: defaultdict[str, list[str]] = defaultdict(list)
    for each in kept["reasons"][stage.value]:
        if each["reason"] not in said[each["item"]]:
            said[each["item"]].append(each["reason"])
    found = [
        Lost(
            each["name"],
            Decimal(each["points"]),
            Decimal(each["mean"]),
            said[each["name"]],
            tallies(each),
        )
        for each in kept["items"][stage.value]
    ]
    return sorted((each for each in found if each.lost > 0), key=lambda each: -each.lost)


def _points(kept: str | None) -> Decimal | None:
    return None if kept is None else Decimal(kept)
