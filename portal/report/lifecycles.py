"""``docs/lifecycles.md``: every table of moves as a diagram and as a table, so that they cannot disagree."""

from collections.abc import Mapping
from typing import Any, Final

from portal.appraisal.lifecycle import APPRAISAL, SHEET_LABELS
from portal.appraisal.lifecycle import SHEET as APPRAISAL_SHEET
from portal.appraisal.lifecycle import STATE_LABELS as APPRAISAL_STATES
from portal.award.lifecycle import AWARD, AWARD_LABELS, AWARD_LETTER, LETTER_LABELS
from portal.bid.lifecycle import BID
from portal.bid.lifecycle import STATE_LABELS as BID_STATES
from portal.commission.lifecycle import COMMISSION
from portal.commission.lifecycle import STATE_LABELS as COMMISSION_STATES
from portal.contract.lifecycle import CONTRACT
from portal.contract.lifecycle import STATE_LABELS as CONTRACT_STATES
from portal.deliverable.lifecycle import (
    CONSULTATION,
    CONSULTATION_LABELS,
    DELIVERABLE,
    MATERIAL,
    MATERIAL_LABELS,
)
from portal.deliverable.lifecycle import STATE_LABELS as DELIVERABLE_STATES
from portal.draw.lifecycle import DRAW
from portal.draw.lifecycle import STATE_LABELS as DRAW_STATES
from portal.kernel.machine import Guard, Machine, Move
from portal.office.lifecycle import RULESET
from portal.office.lifecycle import STATE_LABELS as RULESET_STATES
from portal.panel.lifecycle import EXPLANATION, EXPLANATION_LABELS, PANEL, PANEL_LABELS
from portal.quality.lifecycle import ROUND, ROUND_LABELS, SEAT, SEAT_LABELS
from portal.quality.lifecycle import SHEET as QUALITY_SHEET
from portal.quality.lifecycle import SHEET_LABELS as QUALITY_SHEET_LABELS
from portal.ranking.lifecycle import OBJECTION, OBJECTION_LABELS, RANKING
from portal.ranking.lifecycle import STATE_LABELS as RANKING_STATES
from portal.settlement.lifecycle import PAYMENT, PAYMENT_STATES, RECOVERY, RECOVERY_STATES, SETTLEMENT
from portal.settlement.lifecycle import STATE_LABELS as SETTLEMENT_STATES
from portal.tender.lifecycle import STATE_LABELS as TENDER_STATES
from portal.tender.lifecycle import TENDER
from portal.wording import SLICES, verb_label

MACHINES: Final[tuple[tuple[Machine, Mapping[Any, tuple[str, str]]], ...]] = (
    (RULESET, RULESET_STATES),
    (DRAW, DRAW_STATES),
    (COMMISSION, COMMISSION_STATES),
    (TENDER, TENDER_STATES),
    (BID, BID_STATES),
    (PANEL, PANEL_LABELS),
    (EXPLANATION, EXPLANATION_LABELS),
    (AWARD, AWARD_LABELS),
    (AWARD_LETTER, LETTER_LABELS),
    (CONTRACT, CONTRACT_STATES),
    (DELIVERABLE, DELIVERABLE_STATES),
    (CONSULTATION, CONSULTATION_LABELS),
    (MATERIAL, MATERIAL_LABELS),
    (ROUND, ROUND_LABELS),
    (SEAT, SEAT_LABELS),
    (QUALITY_SHEET, QUALITY_SHEET_LABELS),
    (APPRAISAL, APPRAISAL_STATES),
    (APPRAISAL_SHEET, SHEET_LABELS),
    (SETTLEMENT, SETTLEMENT_STATES),
    (PAYMENT, PAYMENT_STATES),
    (RECOVERY, RECOVERY_STATES),
    (RANKING, RANKING_STATES),
    (OBJECTION, OBJECTION_LABELS),
)


def lifecycles_document() -> str:
    """The document, generated from the tables of moves."""
    lines = [
        "# 生命周期",
        "",
        "本页由 `flask --app wsgi docs` 根据各环节的 `lifecycle.py` 生成，请勿手工修改。",
        "表中没有的，一律不予办理；谁可以办理，见 [岗位与权限](permissions.md)。",
        "",
    ]
    for machine, labels in MACHINES:
        lines += _chapter(machine, {state: label for state, (label, _) in labels.items()})
    return "\n".join(lines)


def _chapter(machine: Machine, labels: Mapping[Any, str]) -> list[str]:
    return [
        f"## {SLICES[machine.name]} `{machine.name}`",
        "",
        "```mermaid",
        machine.mermaid(),
        *(f"    {state.value}: {label}" for state, label in labels.items()),
        "```",
        "",
        "| 办理 | 动词 | 从 | 到 | 条件 | 依据 |",
        "|---|---|---|---|---|---|",
        *(_line(machine, move, labels) for move in machine.moves),
        "",
    ]


def _line(machine: Machine, move: Move, labels: Mapping[Any, str]) -> str:
    sources = "、".join(labels[source] for source in move.sources)
    cells = (
        verb_label(f"{machine.name}.{move.name}"),
        f"`{move.name}`",
        sources,
        labels[move.target],
        _condition(move.guard),
        str(move.clause) if move.clause and move.clause.sure else "",
    )
    return f"| {' | '.join(cells)} |"


def _condition(guard: Guard | None) -> str:
    """A guard by its name and its promise."""
    if guard is None:
        return ""
    return f"`{guard.__name__}`: {(guard.__doc__ or '').strip().splitlines()[0]}"
