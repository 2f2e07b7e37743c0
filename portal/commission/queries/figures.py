"""What rules and purchases are told of a commission, and how its figures came about."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from uuid import UUID

from sqlalchemy import func, select

from portal.access import Actor
from portal.commission.lifecycle import CommissionState
from portal.commission.models import Commission
from portal.commission.queries.rows import commission
from portal.commission.queries.subjects import Choice, subjects_of, taken
from portal.commission.rules import (
    REGIME_LABELS,
    CommissionFacts,
    Regime,
    ServiceKind,
    SubjectFacts,
    methods_of,
    regime_of,
)
from portal.kernel.derivation import Derivation
from portal.kernel.exact import half_up
from portal.kernel.money import NOTHING, Yuan
from portal.kernel.workdays import day_of
from portal.office import RulesInForce, rules_on
from tenants.db import db


def same_item_total(row: Commission) -> Yuan:
    """What else is bought under the same budget item and kind in the same year, in 元 (实施条例 §28)."""
    if not row.budget_item:
        return NOTHING
    total = db.session.scalar(
        select(func.coalesce(func.sum(Commission.ceiling), 0)).where(
            Commission.budget_item == row.budget_item,
            Commission.service_kind == row.service_kind,
            Commission.year == row.year,
            Commission.id != row.id,
            Commission.state.in_((CommissionState.SUBMITTED.value, CommissionState.APPROVED.value)),
        )
    )
    return Yuan(Decimal(total or 0).quantize(NOTHING))


def facts(
    row: Commission,
    *,
    by: Actor,
    now: datetime,
    reason: str | None = None,
    subjects: Sequence[Choice] | None = None,
    force: RulesInForce | None = None,
) -> CommissionFacts:
    """Everything the rules ask about, at this moment; ``subjects``, rules in ``force``: if read before."""
    if subjects is None:
        subjects = subjects_of(row)
    others = taken(row)
    return CommissionFacts(
        today=day_of(now),
        kind=ServiceKind(row.service_kind),
        assist_only=row.assist_only,
        subjects=[
            SubjectFacts(
                name=each.name,
                unit_name=each.unit_name,
                department=each.department,
                total=each.total,
                taken_by=others.get(each.id, ""),
            )
            for each in subjects
        ],
        commissioner=row.commissioner_name,
        bureau=row.bureau.name,
        ceiling=Yuan(row.ceiling) if row.ceiling is not None else None,
        plan_due_on=row.plan_due_on,
        draft_due_on=row.draft_due_on,
        report_due_on=row.report_due_on,
        cutoff=row.terms.cutoff,
        tiered=bool(row.terms.tiers),
        same_item_total=same_item_total(row),
        threshold_open=(force or rules_on(day_of(now))).rules.procurement.threshold_open,
        drafter_id=row.drafted_by,
        actor_id=by.account_id,
        reason=reason,
        bought_as=row.bought_as or "",
    )


@dataclass(frozen=True, slots=True)
class Basis:
    """What a purchase stands on: an approved commission, its subjects, and the law that applies to it."""

    id: UUID
    name: str
    year: int
    commissioner: str
    kind_label: str
    approved: bool
    ceiling: Yuan
    same_item_total: Yuan
    threshold_procure: Yuan | None
    threshold_open: Yuan | None
    regime: Regime | None
    methods: tuple[str, ...]
    inquiry_workdays: int
    plan_due_on: date | None
    draft_due_on: date | None
    report_due_on: date | None
    requirements: str
    terms_id: UUID
    terms: Mapping[str, object]
    terms_whole: bool
    subjects: tuple[Choice, ...]


def basis(row_id: UUID, *, now: datetime) -> Basis:
    """The commission as a purchase sees it. Raises `NotFound`, `Misconfigured` without a rule set."""
    return basis_of(commission(row_id), now=now)


def basis_of(row: Commission, *, now: datetime) -> Basis:
    """As `basis`, of a commission that was read already. Raises `Misconfigured`."""
    terms = row.terms
    procurement = rules_on(day_of(now)).rules.procurement
    ceiling = Yuan(row.ceiling or NOTHING)
    regime = regime_of(ceiling, procurement.threshold_procure)
    told = row.snapshot()["terms"]
    return Basis(
        id=row.id,
        name=row.name,
        year=row.year,
        commissioner=row.commissioner_name,
        kind_label=row.kind_label,
        approved=row.state == CommissionState.APPROVED.value,
        ceiling=ceiling,
        same_item_total=same_item_total(row),
        threshold_procure=procurement.threshold_procure,
        threshold_open=procurement.threshold_open,
        regime=regime,
        methods=methods_of(regime, ceiling, procurement.threshold_open),
        inquiry_workdays=procurement.inquiry_min_workdays,
        plan_due_on=row.plan_due_on,
        draft_due_on=row.draft_due_on,
        report_due_on=row.report_due_on,
        requirements=row.requirements,
        terms_id=terms.id,
        terms=told if isinstance(told, Mapping) else {},
        terms_whole=terms.frozen_at is not None and (terms.cutoff is not None or bool(terms.tiers)),
        subjects=tuple(subjects_of(row)),
    )


def derivations(
    row: Commission, subjects: Sequence[Choice], *, now: datetime, json_url: str
) -> list[Derivation]:
    """How the commission's figures came about: the money judged, the law that applies, the money at stake."""
    day = day_of(row.approved_at or now)
    force = rules_on(day)
    total = sum((each.total for each in subjects), Decimal(0))
    ceiling = Yuan(row.ceiling or NOTHING)
    procure, opening = force.rules.procurement.threshold_procure, force.rules.procurement.threshold_open
    regime = regime_of(ceiling, procure)
    others = same_item_total(row)
    made = partial(
        Derivation,
        rule_set=force.label,
        by=row.approver or row.drafter,
        at=row.approved_at or row.touched_at,
        json_url=json_url,
    )
    return [
        made(
            name="评价对象资金总额",
            result=f"{total:,.2f} 元",
            formula="资金总额 = 各评价对象资金总额之和",
            inputs=[(each.name, f"{each.total:,.2f} 元", "评价对象登记") for each in subjects],
            values={each.name: each.total for each in subjects},
        ),
        made(
            name="法律适用",
            result=REGIME_LABELS[regime] if regime else "待定：规则集尚未填写分散采购限额标准",
            formula="最高限价达到分散采购限额标准的，适用政府采购法；未达到的，按内控制度自行采购",
            inputs=[
                ("最高限价", f"{ceiling:,.2f} 元", "本委托"),
                ("分散采购限额标准", f"{procure:,.2f} 元" if procure is not None else "未填写", "规则集"),
                ("公开招标数额标准", f"{opening:,.2f} 元" if opening is not None else "未填写", "规则集"),
                ("同一预算项目当年其他采购", f"{others:,.2f} 元", "本局已送审和已批准的委托"),
            ],
            values={
                "ceiling": ceiling,
                "threshold_procure": procure,
                "threshold_open": opening,
                "same_item": others,
            },
            steps=[f"可用采购方式：{'、'.join(methods_of(regime, ceiling, opening))}"] if regime else [],
        ),
        made(
            name="质量扣费上限",
            result=f"{half_up(ceiling * row.terms.deduct_ratio):,.2f} 元",
            formula="质量得分低于分数线时扣费 = 合同约定委托业务费 × 扣费比例（此处按最高限价估算）",
            inputs=[
                ("最高限价", f"{ceiling:,.2f} 元", "本委托"),
                ("扣费比例", f"{row.terms.deduct_ratio * 100:.2f}%", "质量约定"),
            ],
            values={"ceiling": ceiling, "deduct_ratio": row.terms.deduct_ratio},
        ),
    ]
