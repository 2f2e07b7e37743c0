"""What a contract says and when it may be offered, signed and extended. No state, no role, no clock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from typing import Final
from uuid import UUID

from portal.kernel.money import Yuan, yuan
from portal.kernel.ruling import Clause, Ruling, unless

QUALITY: Final = Clause("合同质量条款（质费挂钩）")
PAYMENT: Final = Clause("保障中小企业款项支付条例", "第九条")
SIGNING: Final = Clause("政府采购法", "第四十六条")
SIGNING_DAYS: Final = 30
LONGEST_PAYMENT_DAYS: Final = 60
SHORTEST_REASON: Final = 6
LONGEST_EXTENSION_DAYS: Final = 366


class DeliverableKind(StrEnum):
    """成果: what the firm hands in for each subject, in this order."""

    PLAN = "plan"
    DRAFT = "draft"
    REPORT = "report"


DELIVERABLES: Final[dict[DeliverableKind, str]] = {
    DeliverableKind.PLAN: "实施方案",
    DeliverableKind.DRAFT: "报告初稿",
    DeliverableKind.REPORT: "正式报告",
}
FORMS: Final[dict[str, str]] = {
    "QC_PLAN": "绩效评价实施方案评审表",
    "QC_REPORT": "绩效评价报告评审表",
    "KP_UNIT": "第三方中介机构参与预算绩效管理工作考评表（被评价单位用）",
    "KP_FIN": "第三方中介机构参与预算绩效管理工作考评表（财政部门用）",
}
SERVICE: Final = (
    "乙方按照本合同所列评价对象开展绩效评价，独立、客观、规范地收集证据、形成结论，"
    "对实施方案、报告和底稿的真实性负责。乙方每周向甲方通报一次进度；现场工作有记录，结论可以追溯到底稿。"
)
CLAUSES: Final[dict[str, tuple[str, str]]] = {
    "service": ("服务内容和质量要求", SERVICE),
    "archive": (
        "底稿和归档",
        "乙方对每一步工作留有底稿并经复核。正式报告提交后，评价资料自提交之日起保存不少于十年，甲方可以查阅。",
    ),
    "subcontract": (
        "变更和分包",
        "禁止转包；未经甲方书面同意不得分包。主评人和评价组成员与本合同一致，确需更换的，由双方签订补充协议。",
    ),
    "confidentiality": (
        "保密和资料返还",
        (
            "乙方及其人员对工作中知悉的国家秘密、商业秘密和个人隐私保密，所取得的资料只用于本合同；"
            "工作结束后按被评价单位要求返还原件，不留副本，归档所需的除外。"
        ),
    ),
    "independence": (
        "独立性声明",
        (
            "乙方声明与被评价单位没有利害关系，不向其收取任何费用；发现利害关系时立即告知甲方并回避。"
            "甲方可以提出意见，但不干预乙方独立形成的结论。"
        ),
    ),
    "ownership": ("成果归属", "实施方案、评价报告及附件归甲方所有，未经甲方同意，乙方不得公开或另作他用。"),
    "liability": (
        "违约责任",
        (
            "一方不履行合同义务或者履行不符合约定的，承担继续履行、采取补救措施或者赔偿损失等责任。"
            "甲方逾期支付的，按规定支付逾期利息。"
        ),
    ),
    "dispute": ("争议解决", "因本合同发生的争议，由双方协商解决；协商不成的，向甲方所在地人民法院起诉。"),
}


@dataclass(frozen=True, slots=True)
class QualityNumbers:
    """The quality terms as the commission froze them. Scores 0–100, ratios 0–1."""

    weight_plan: Decimal
    weight_report: Decimal
    cutoff: Decimal | None
    tiers: Sequence[Mapping[str, str]]
    deduct_ratio: Decimal
    scope: str
    sample_size: int | None
    experts: int
    min_valid_sheets: int
    trim_extremes: bool
    weight_unit: Decimal
    weight_finance: Decimal
    scoring_workdays: int
    objection_workdays: int
    forms: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class ContractFacts:
    """A contract at the moment somebody wants to move it. Days are in Shanghai, money in 元."""

    today: date
    fee: Yuan
    awarded: Yuan
    same_terms: bool
    quality: Sequence[str]
    due: Sequence[date]
    payment_days: int
    missing: Sequence[str]
    subjects: int
    lead_evaluator: str
    digest: str
    firm_digest: str | None
    offered_by: UUID | None
    actor_id: UUID | None
    settled: bool = False
    appraised: bool = False
    seen: str | None = None
    reason: str | None = None
    old_on: date | None = None
    new_on: date | None = None
    signed_on: date | None = None
    filed_on: date | None = None
    on: date | None = None


def quality_clause(terms: QualityNumbers) -> tuple[str, ...]:
    """质量条款, sentence by sentence, from the frozen numbers and from nothing else."""
    sampled = f"抽取 {terms.sample_size} 个评价对象" if terms.sample_size else "对全部评价对象"
    whole = (
        "各被评审对象得分的平均值为本合同的质量得分"
        if terms.scope == "contract"
        else "按评价对象分别计算质量得分"
    )
    spared = "没有抽到的不扣费。" if terms.sample_size else ""
    trimmed = "；专家五人以上的，去掉一个最高分和一个最低分" if terms.trim_extremes else ""
    return (
        (
            f"实施方案按{_form(terms, 'QC_PLAN')}评分，占质量得分的 {_percent(terms.weight_plan)}；"
            f"评价报告按{_form(terms, 'QC_REPORT')}评分，占 {_percent(terms.weight_report)}。"
        ),
        (
            f"甲方{sampled}组织评审，由 {terms.experts} 名评审专家逐人独立评分，有效评分表不少于"
            f" {terms.min_valid_sheets} 份，取平均值{trimmed}。"
        ),
        f"每名专家在本人接受评审后 {terms.scoring_workdays} 个工作日内完成评分。",
        f"{whole}，保留两位小数，四舍五入后再与分数线比较。{spared}",
        *_pay_lines(terms),
        "有转包或者未经同意分包、弄虚作假、泄露秘密、廉洁问题、隐瞒利害关系情形之一，经核实的，一票否决，不予支付。",
        (
            f"乙方对质量得分有异议的，可以在收到通知后 {terms.objection_workdays} 个工作日内书面提出一次，"
            "甲方组织复核并答复。"
        ),
        (
            f"工作结束后，被评价单位按{_form(terms, 'KP_UNIT')}、甲方按{_form(terms, 'KP_FIN')}分别考评，"
            f"各占 {_percent(terms.weight_unit)} 和 {_percent(terms.weight_finance)}，"
            "结果作为以后选择第三方机构的参考依据。"
        ),
    )


def _pay_lines(terms: QualityNumbers) -> tuple[str, ...]:
    if terms.tiers:
        steps = "；".join(
            f"{Decimal(tier['min']):.2f} 分以上的支付 {_percent(Decimal(tier['pay_ratio']))}"
            for tier in terms.tiers
        )
        return (f"按质量得分分档支付合同价款：{steps}。以上包括本数。",)
    if terms.cutoff is None:
        return ()
    return (
        (
            f"质量得分达到 {terms.cutoff:.2f} 分（含本数）的，全额支付合同价款；低于的，扣减合同价款的"
            f" {_percent(terms.deduct_ratio)}。"
        ),
    )


def _form(terms: QualityNumbers, code: str) -> str:
    return f"《{FORMS[code]}》第 {terms.forms[code]} 版"


def _percent(ratio: Decimal) -> str:
    shown = f"{ratio * 100:.2f}".rstrip("0").rstrip(".")
    return f"{shown}%"


def payment_clause(fee: Yuan, advance_ratio: Decimal, payment_days: int) -> tuple[str, ...]:
    """付款: the share paid after the plan, and the rest after acceptance; amounts in 元."""
    advance = yuan(fee * advance_ratio)
    return (
        (
            f"合同价款为人民币 {fee:,.2f} 元，含税，包括完成本合同的一切费用；"
            "不向被评价单位收取或者转嫁任何费用。"
        ),
        (
            f"实施方案经甲方认可后支付 {_percent(advance_ratio)}，即 {advance:,.2f} 元；"
            "全部正式报告验收并结算质量得分后，支付余款，扣除按本合同应当扣减的部分。"
        ),
        f"每一笔款项在付款条件成就、甲方收到乙方发票后 {payment_days} 日内支付。",
    )


def late_clause(late_ratio: Decimal, late_cap: Decimal) -> tuple[str, ...]:
    """逾期: what each working day of delay costs, as a share of the fee; nothing where none was agreed."""
    if not late_ratio:
        return (
            "乙方逾期提交成果的，如实记入履约记录，并在考评中体现；经甲方同意延期的，按延期后的日期计算。",
        )
    return (
        (
            f"乙方逾期提交成果的，每逾期一个工作日扣减合同价款的 {_percent(late_ratio)}，累计不超过"
            f" {_percent(late_cap)}；经甲方同意延期的，按延期后的日期计算。"
        ),
    )


def may_offer(f: ContractFacts) -> Ruling:
    """Whole, at the awarded price, on the terms that were tendered, with its quality clause."""
    return (
        unless(f.fee != f.awarded, "contract.fee_differs", fee=f.fee, awarded=f.awarded)
        & unless(not f.quality or not f.same_terms, "contract.no_quality", QUALITY)
        & unless(not f.subjects, "contract.no_subject")
        & unless(not f.lead_evaluator, "contract.no_lead")
        & unless(f.missing, "contract.clauses_missing", clauses=f.missing)
        & unless(any(later <= earlier for earlier, later in pairwise(f.due)), "contract.dates_order")
        & unless(any(day <= f.today for day in f.due), "contract.date_past", today=f.today)
        & unless(
            f.payment_days > LONGEST_PAYMENT_DAYS,
            "contract.payment_late",
            PAYMENT,
            days=f.payment_days,
            longest=LONGEST_PAYMENT_DAYS,
        )
    )


def may_confirm(f: ContractFacts) -> Ruling:
    """The firm signs what it has on the page, and nothing else."""
    return unless(f.seen is not None and f.seen != f.digest, "contract.changed")


def may_sign(f: ContractFacts) -> Ruling:
    """The bureau signs the very text that the firm signed; not by the hand that offered it."""
    return (
        unless(f.firm_digest != f.digest, "contract.other_text")
        & unless(not f.quality or not f.same_terms, "contract.no_quality", QUALITY)
        & unless(f.fee != f.awarded, "contract.fee_differs", fee=f.fee, awarded=f.awarded)
        & unless(f.offered_by is not None and f.offered_by == f.actor_id, "contract.own_offer")
    )


def may_extend(f: ContractFacts) -> Ruling:
    """A date moves later, in its order, and for a reason that stays on file."""
    return (
        unless(
            f.reason is None or len(f.reason.strip()) < SHORTEST_REASON,
            "contract.extension_reason",
            least=SHORTEST_REASON,
        )
        & unless(
            f.new_on is not None and f.old_on is not None and f.new_on <= f.old_on,
            "contract.not_later",
            old_on=f.old_on,
        )
        & unless(
            f.new_on is not None and (f.new_on - f.today).days > LONGEST_EXTENSION_DAYS,
            "contract.too_far",
        )
    )


def may_file(f: ContractFacts) -> Ruling:
    """Recorded once, for a day from the signing to today."""
    return unless(f.filed_on is not None, "contract.already_filed", filed_on=f.filed_on) & unless(
        f.on is not None and f.signed_on is not None and not f.signed_on <= f.on <= f.today,
        "contract.filing_day",
        signed_on=f.signed_on,
        today=f.today,
    )


def may_complete(f: ContractFacts) -> Ruling:
    """Paid for and appraised."""
    return unless(not f.settled, "contract.not_settled") & unless(not f.appraised, "contract.not_appraised")


def needs_reason(f: ContractFacts) -> Ruling:
    """Returning, revising and cancelling are explained to the other side."""
    return unless(f.reason is None or not f.reason.strip(), "contract.no_reason")
