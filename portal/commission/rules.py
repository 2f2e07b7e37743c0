"""What may be commissioned (财预〔2021〕6号), under which law it is bought, how it may be dated."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from typing import Final
from uuid import UUID

from portal.kernel.money import Yuan
from portal.kernel.ruling import Clause, Ruling, unless

GUIDANCE: Final = Clause("财预〔2021〕6号《关于委托第三方机构参与预算绩效管理的指导意见》")
ORDER_28: Final = Clause("政府采购法实施条例", "第二十八条")
LAW_2: Final = Clause("政府采购法", "第二条")
LAW_32: Final = Clause("政府采购法", "第三十二条")
HONGHE_QC: Final = Clause("合同质量条款（质费挂钩）")
INQUIRY: Final = "询价（内控）"


class ServiceKind(StrEnum):
    """委托事项; the first five may be commissioned, the last three are the unit's own management."""

    EX_ANTE = "ex_ante"
    EVALUATION = "evaluation"
    REVIEW = "review"
    INDICATORS = "indicators"
    RESEARCH = "research"
    TARGETS = "targets"
    MONITORING = "monitoring"
    SELF_EVALUATION = "self_evaluation"


KIND_LABELS: Final[dict[ServiceKind, str]] = {
    ServiceKind.EX_ANTE: "事前绩效评估和绩效目标审核",
    ServiceKind.EVALUATION: "绩效评价",
    ServiceKind.REVIEW: "评价结果复核",
    ServiceKind.INDICATORS: "绩效指标和标准体系制定",
    ServiceKind.RESEARCH: "预算绩效管理课题研究",
    ServiceKind.TARGETS: "绩效目标设定",
    ServiceKind.MONITORING: "绩效运行监控",
    ServiceKind.SELF_EVALUATION: "单位自评",
}
OWN_MANAGEMENT: Final = frozenset({ServiceKind.TARGETS, ServiceKind.MONITORING, ServiceKind.SELF_EVALUATION})


class Regime(StrEnum):
    """法律适用: 限额以下由本单位按内控制度自行采购, 达到限额适用政府采购法."""

    INTERNAL = "internal"
    STATUTORY = "statutory"


REGIME_LABELS: Final[dict[Regime, str]] = {
    Regime.INTERNAL: "限额以下自行采购（不属于政府采购）",
    Regime.STATUTORY: "政府采购",
}


@dataclass(frozen=True, slots=True)
class SubjectFacts:
    """What the rules need of one subject: whose it is, and which earlier commission has it this year."""

    name: str
    unit_name: str
    department: str
    total: Yuan
    taken_by: str = ""


@dataclass(frozen=True, slots=True)
class CommissionFacts:
    """A commission at the moment somebody wants to move it. Days are in Shanghai, money in 元."""

    today: date
    kind: ServiceKind
    assist_only: bool
    subjects: Sequence[SubjectFacts]
    commissioner: str
    bureau: str
    ceiling: Yuan | None
    plan_due_on: date | None
    draft_due_on: date | None
    report_due_on: date | None
    cutoff: Decimal | None
    tiered: bool
    same_item_total: Yuan
    threshold_open: Yuan | None
    drafter_id: UUID
    actor_id: UUID
    reason: str | None = None
    bought_as: str = ""


def kind_is_open(f: CommissionFacts) -> Ruling:
    """目标设定、运行监控、自评 are the unit's own; a firm may help with routine work, and never reports."""
    return unless(
        f.kind in OWN_MANAGEMENT and not f.assist_only,
        "commission.own_management",
        GUIDANCE,
        kind=KIND_LABELS[f.kind],
    ) & unless(
        f.assist_only and f.kind not in OWN_MANAGEMENT,
        "commission.assist_needs_own_management",
        kind=KIND_LABELS[f.kind],
    )


def nobody_evaluates_oneself(f: CommissionFacts) -> Ruling:
    """委托主体与预算绩效管理对象相分离: not one's own performance, nor that of a unit under oneself."""
    own = [
        each.name
        for each in f.subjects
        if f.commissioner in {each.unit_name, each.department} or each.unit_name == f.bureau
    ]
    return unless(own, "commission.self_evaluation", GUIDANCE, commissioner=f.commissioner, subjects=own)


def dates_follow(f: CommissionFacts) -> Ruling:
    """实施方案 before 初稿 before 终稿, all after today."""
    days = (f.plan_due_on, f.draft_due_on, f.report_due_on)
    given = [day for day in days if day is not None]
    return unless(len(given) < len(days), "commission.dates_missing") & (
        unless(any(day <= f.today for day in given), "commission.date_past", today=f.today)
        & unless(
            any(later <= earlier for earlier, later in pairwise(given)),
            "commission.dates_order",
        )
    )


def item_is_whole(f: CommissionFacts) -> Ruling:
    """One budget item is not split below the open-tender threshold (实施条例 §28)."""
    whole = f.same_item_total + (f.ceiling or Decimal(0))
    over = f.threshold_open is not None and f.same_item_total > 0 and whole > f.threshold_open
    return unless(over, "commission.splitting", ORDER_28, total=whole, threshold=f.threshold_open)


def may_submit(f: CommissionFacts) -> Ruling:
    """Complete, lawful, and with quality terms that were typed, not assumed."""
    return (
        unless(not f.subjects, "commission.no_subject")
        & unless(f.ceiling is None or f.ceiling <= 0, "commission.no_ceiling")
        & unless(f.cutoff is None and not f.tiered, "commission.no_cutoff", HONGHE_QC)
        & kind_is_open(f)
        & nobody_evaluates_oneself(f)
        & dates_follow(f)
        & item_is_whole(f)
        & _free_subjects(f)
    )


def _free_subjects(f: CommissionFacts) -> Ruling:
    taken = [f"{each.name}（{each.taken_by}）" for each in f.subjects if each.taken_by]
    return unless(taken, "commission.subject_taken", subjects=taken)


def may_approve(f: CommissionFacts) -> Ruling:
    """Asked again at approval, by somebody who did not draft it."""
    return may_submit(f) & unless(f.drafter_id == f.actor_id, "commission.own_draft")


def needs_reason(f: CommissionFacts) -> Ruling:
    """Returning, correcting and withdrawing are explained to those who read the file later."""
    return unless(f.reason is None or not f.reason.strip(), "commission.no_reason")


def may_take_back(f: CommissionFacts) -> Ruling:
    """Corrected or withdrawn for a reason, and not while firms are answering to its terms."""
    return needs_reason(f) & unless(f.bought_as, "commission.in_purchase", name=f.bought_as)


def regime_of(amount: Yuan, threshold_procure: Yuan | None, *, in_catalogue: bool = False) -> Regime | None:
    """The law a purchase of ``amount`` falls under; None while the threshold is not set.

    政府采购法 §2: in the catalogue, or at or above the threshold. ``amount`` and threshold in 元.
    """
    if in_catalogue:
        return Regime.STATUTORY
    if threshold_procure is None:
        return None
    return Regime.STATUTORY if amount >= threshold_procure else Regime.INTERNAL


def methods_of(regime: Regime | None, amount: Yuan, threshold_open: Yuan | None) -> tuple[str, ...]:
    """The purchase methods open to a service of ``amount`` (`docs/architecture.md`, procurement table)."""
    if regime is None:
        return ()
    if regime is Regime.INTERNAL:
        return (INQUIRY, "竞争性评审/比选", "直接委托（按内控制度）")
    if threshold_open is not None and amount >= threshold_open:
        return ("公开招标", "经设区的市、自治州以上财政部门批准的其他方式")
    return ("竞争性磋商", "竞争性谈判", "框架协议", "单一来源", "公开招标")


def inquiry_is_open(regime: Regime | None, methods: Collection[str]) -> Ruling:
    """询价 is for goods (政府采购法 §32); a service is bought so only below the threshold (§2)."""
    return unless(regime is None, "commission.no_threshold", LAW_2) & unless(
        regime is not None and INQUIRY not in methods,
        "commission.not_by_inquiry",
        LAW_32,
        methods=list(methods),
    )
