"""How a settlement comes about: quality deduction and late penalty by the terms both sides signed."""

from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from portal import commission, contract, deliverable, quality
from portal.kernel.derivation import Derivation
from portal.kernel.money import Yuan
from portal.kernel.score import Score
from portal.settlement.queries.rows import Account
from portal.settlement.rules import (
    Part,
    PayTerms,
    deduction,
    equal_shares,
    late_penalty,
    pay_ratio,
    pay_terms,
    tiers_of,
)
from tenants.ruleset import FeeRules, QcRules, Scope


@dataclass(frozen=True, slots=True)
class Computed:
    """A settlement as the quality terms make it, with everything it was computed from."""

    quality: Score | None
    vetoed: bool
    deducted: Yuan
    penalties: Yuan
    penalty_lines: list[dict[str, str]]
    basis: dict[str, Any]


def compute(row: contract.Contract) -> Computed | None:
    """质量扣费 and 逾期违约金 of a contract; None while quality or the work itself is not final."""
    known = quality.quality_of(row.id)
    if known is None or not deliverable.is_delivered(row.id):
        return None
    fee = Yuan(row.fee)
    terms = terms_of(row.terms_id)
    shares = equal_shares(fee, len(known.subjects)) if known.subjects else ()
    parts = [
        Part(share, None if each.score is None else Score(each.score))
        for share, each in zip(shares, known.subjects, strict=True)
    ]
    deducted = deduction(fee, known.score, parts, terms, vetoed=known.vetoed)
    late = deliverable.late_workdays(row.id) if row.late_ratio else 0
    penalty = min(late_penalty(fee, late, row.late_ratio, row.late_cap), Yuan(fee - deducted))
    lines = [
        {
            "clause": "合同逾期条款",
            "reason": f"逾期 {late} 个工作日，每个工作日扣合同价款的 {row.late_ratio * 100:.2f}%",
            "amount": f"{penalty}",
        }
    ]
    return Computed(
        known.score,
        known.vetoed,
        deducted,
        penalty,
        lines if penalty else [],
        {
            "tiers": [{"min": f"{tier.min}", "pay_ratio": f"{tier.pay_ratio}"} for tier in terms.tiers],
            "scope": terms.scope.value,
            "parts": [
                {
                    "subject": str(each.subject_id),
                    "quality": None if each.score is None else f"{each.score}",
                }
                for each in known.subjects
            ],
            "late_workdays": late,
            "late_ratio": f"{row.late_ratio}",
            "late_cap": f"{row.late_cap}",
        },
    )


def terms_of(terms_id: UUID) -> PayTerms:
    """质费挂钩 as the contract's quality terms were frozen. Raises `Misconfigured` where they name none."""
    row = commission.terms(terms_id)
    qc = QcRules(
        weight_plan=row.weight_plan,
        weight_report=row.weight_report,
        cutoff=row.cutoff,
        deduct_ratio=row.deduct_ratio,
        scope=Scope(row.scope),
        min_valid_sheets=row.min_valid_sheets,
        trim_extremes=row.trim_extremes,
        scoring_workdays=row.scoring_workdays,
        objection_workdays=row.objection_workdays,
    )
    return pay_terms(qc, FeeRules(tiers_of(row.tiers)))


def derivations(found: Account, *, rule_set: str, json_url: str) -> list[Derivation]:
    """How deduction and payable came about; nothing before the settlement was computed."""
    row = found.settlement
    if row is None:
        return []
    ledger = found.ledger
    made = partial(
        Derivation,
        rule_set=rule_set,
        by=row.confirmer or row.adjuster or "系统计算",
        at=row.confirmed_at or row.computed_at,
        json_url=json_url,
    )
    scored = row.score
    tiers = tiers_of(row.basis["tiers"]) or ()
    whole = row.basis["scope"] == Scope.CONTRACT.value
    ratio = pay_ratio(scored, tiers) if scored is not None and whole else None
    return [
        made(
            name="质量扣费",
            result=f"{row.deducted:,.2f} 元",
            formula="一票否决的全额扣减"
            if row.vetoed
            else (
                "没有抽评的不扣费"
                if scored is None
                else "质量扣费 = 合同价款 × （1 − 支付比例），等于分数线的全额支付"
                if whole
                else "质量扣费 = 各评价对象价款份额 × （1 − 支付比例）之和"
            ),
            inputs=[
                ("合同价款", f"{row.fee:,.2f} 元", "合同"),
                ("质量得分", f"{scored:.2f} 分" if scored is not None else "未抽评", "会审"),
                *((f"{tier.min} 分以上支付", f"{tier.pay_ratio * 100:.2f}%", "质量约定") for tier in tiers),
                *(
                    (("支付比例", f"{ratio * 100:.2f}%", "按质量得分对应的档次"),)
                    if ratio is not None
                    else ()
                ),
            ],
            values={"fee": row.fee, "quality": row.quality, "vetoed": row.vetoed, **row.basis},
        ),
        made(
            name="应付",
            result=f"{ledger.payable:,.2f} 元",
            formula="应得 = 合同价款 − 质量扣费 − 其他扣减；应付 = 应得 − 已付 + 已退回",
            inputs=[
                ("合同价款", f"{ledger.fee:,.2f} 元", "合同"),
                ("质量扣费", f"{ledger.deducted:,.2f} 元", "质量约定"),
                ("其他扣减", f"{ledger.penalties:,.2f} 元", "合同条款"),
                ("应得", f"{ledger.earned:,.2f} 元", ""),
                ("已付", f"{ledger.paid:,.2f} 元", "付款记录"),
                ("已退回", f"{ledger.given_back:,.2f} 元", "退款记录"),
            ],
            steps=_carried(found),
            values={
                "fee": ledger.fee,
                "deducted": ledger.deducted,
                "penalties": ledger.penalties,
                "earned": ledger.earned,
                "paid": ledger.paid,
                "given_back": ledger.given_back,
                "recoverable": ledger.recoverable,
                "advance": found.advance,
                "advanced": found.advanced,
                "carried_over": found.carried_over,
            },
        ),
    ]


def _carried(found: Account) -> list[str]:
    """并入尾款: why the last payment is larger than the contract's remainder; nothing where it is not."""
    if not found.carried_over:
        return []
    rest = Yuan(found.ledger.earned - found.advanced - found.carried_over)
    asked = f"约定的首付款 {found.advance:,.2f} 元，结算之前申请 {found.advanced:,.2f} 元"
    left = f"没有单独支付的 {found.carried_over:,.2f} 元并入尾款"
    both = f"并入的首付款 {found.carried_over:,.2f} 元 + 其余应得 {rest:,.2f} 元"
    return [f"{asked}；{left}", f"尾款 {found.carried_over + rest:,.2f} 元 = {both}"]
