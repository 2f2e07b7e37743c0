"""What the sheets of a round amount to, as plain data without names: the same for page, paper and script."""

import string
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from portal.kernel.exact import half_up, mean
from portal.kernel.score import Score
from portal.quality.rules.scores import Stage, SubjectScore, across, contract_quality, subject_score
from portal.scoresheet.rules import Filled, Line
from tenants.ruleset import QcRules


@dataclass(frozen=True, slots=True)
class Counted:
    """One sheet that counts; ``seat`` only keeps one expert's sheets together."""

    seat: UUID
    subject: UUID
    stage: Stage
    worth: Filled

    @property
    def total(self) -> Decimal:
        """The sum of the items; what a reported veto makes of it is decided apart."""
        return self.worth.points


@dataclass(frozen=True, slots=True)
class Figures:
    """质量得分 of the contract, and the means of both stages over its subjects."""

    score: Score | None
    plan: Score | None
    report: Score | None


@dataclass(frozen=True, slots=True)
class Tally:
    """A named deduction as the experts counted it: how often, and the points in all, by size; whose, unsaid.

    ``of``: how many experts scored the item.
    """

    text: str
    taken: Sequence[tuple[int, Decimal]]
    notes: Sequence[str]
    of: int

    @property
    def told(self) -> str:
        """In one line, as pages and papers print it."""
        counts = Counter(self.taken)
        told = "、".join(f"×{count} −{half_up(points)}（{n} 位）" for (count, points), n in counts.items())
        spared = self.of - len(self.taken)
        return f"{self.text} {told}" + (f"，{spared} 位没有扣" if spared else "")


def tallies(item: Mapping[str, Any]) -> list[Tally]:
    """The named deductions of an item as a result keeps it."""
    return [
        Tally(
            each["text"],
            [(one["count"], one["count"] * Decimal(one["points"])) for one in each["taken"]],
            each["notes"],
            each["of"],
        )
        for each in item["deductions"]
    ]


def masks(seats: Sequence[UUID]) -> dict[UUID, str]:
    """专家A, 专家B …: by the random ids of their seats, so that a letter tells nothing about the order."""
    letters = string.ascii_uppercase
    known = sorted(set(seats), key=str)
    return {seat: f"专家{letters[n] if n < len(letters) else n + 1}" for n, seat in enumerate(known)}


def added_up(
    subjects: Sequence[Mapping[str, Any]], sheets: Sequence[Counted], rules: QcRules
) -> tuple[dict[str, Any], Figures]:
    """The result of a round: by subject totals, means, score, items and reasons; and its figures."""
    names = masks([each.seat for each in sheets])
    scored: list[SubjectScore] = []
    shown = []
    for subject in subjects:
        own = {
            stage: [each for each in sheets if each.subject == UUID(subject["id"]) and each.stage is stage]
            for stage in Stage
        }
        worth = subject_score({stage: [each.total for each in of] for stage, of in own.items()}, rules)
        scored.append(worth)
        shown.append(
            {
                "id": subject["id"],
                "name": subject["name"],
                "unit_name": subject["unit_name"],
                **{
                    stage.value: {names[each.seat]: each.total for each in _by_mask(of, names)}
                    for stage, of in own.items()
                },
                "plan_mean": None if worth.plan is None else half_up(worth.plan),
                "report_mean": None if worth.report is None else half_up(worth.report),
                "quality": worth.quality,
                "items": {stage.value: _items(of) for stage, of in own.items()},
                "reasons": {stage.value: _reasons(of) for stage, of in own.items()},
            }
        )
    result = {
        "experts": sorted(names.values()),
        "subjects": shown,
        "vetoes": sorted(
            (
                {
                    "expert": names[each.seat],
                    "subject": next(one["name"] for one in subjects if one["id"] == str(each.subject)),
                    "stage": each.stage.value,
                    "place": place,
                    "evidence": evidence,
                }
                for each in sheets
                for place, evidence in each.worth.vetoes.items()
            ),
            key=lambda veto: (veto["subject"], veto["stage"], veto["expert"], veto["place"]),
        ),
    }
    figures = Figures(
        contract_quality([each.quality for each in scored]),
        across([each.plan for each in scored]),
        across([each.report for each in scored]),
    )
    return result, figures


def _by_mask(sheets: Sequence[Counted], names: Mapping[UUID, str]) -> list[Counted]:
    return sorted(sheets, key=lambda each: names[each.seat])


def _items(sheets: Sequence[Counted]) -> list[dict[str, Any]]:
    """Each item with its points and the mean of what it got; items are in the order of the form."""
    if not sheets:
        return []
    return [
        {
            "group": line.item.group,
            "name": line.item.name,
            "points": line.item.points,
            "mean": half_up(mean([each.worth.lines[place].points or Decimal(0) for each in sheets])),
            "deductions": _deductions([each.worth.lines[place] for each in sheets]),
        }
        for place, line in enumerate(sheets[0].worth.lines)
    ]


def _deductions(lines: Sequence[Line]) -> list[dict[str, Any]]:
    """Each named deduction that was counted: how often and at how many points, by figures: not by whom."""
    item = lines[0].item
    given = [
        (each.text, [one for line in lines for one in line.taken if one.deduction == place])
        for place, each in enumerate(item.deductions)
    ]
    return [
        {
            "text": text,
            "taken": [
                {"count": count, "points": points}
                for count, points in sorted(((one.count, one.points) for one in counted), reverse=True)
            ],
            "notes": sorted({one.note for one in counted if one.note}),
            "of": len(lines),
        }
        for text, counted in given
        if counted
    ]


def _reasons(sheets: Sequence[Counted]) -> list[dict[str, str]]:
    """Every reason given, in the order of the form; those of one item by their words: not whose they are."""
    given = sorted((line.place, line.reason) for each in sheets for line in each.worth.lines if line.reason)
    return [{"item": sheets[0].worth.lines[place].item.name, "reason": reason} for place, reason in given]
