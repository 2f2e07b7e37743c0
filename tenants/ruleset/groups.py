"""The rules of one subject each, as the slices take them: frozen, typed, with the unit in the name.

A rule asks for its group only (`QcRules`), never for the whole `RuleSet`. A field that may be None has no
default anywhere: the tenant must type it, and `known` refuses by name where it is needed.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

from portal.kernel.errors import Misconfigured
from portal.kernel.money import Yuan

T = TypeVar("T")


def known(value: T | None, key: str) -> T:
    """The value of a key that has no default. Raises `Misconfigured` with the key when nobody typed it."""
    if value is None:
        raise Misconfigured(key)
    return value


class Scope(StrEnum):
    """扣费范围: what one quality score decides about: the whole fee, or each subject's share of it."""

    CONTRACT = "contract"
    SUBJECT = "subject"


class MeanKind(StrEnum):
    """年度得分的平均方法."""

    SIMPLE = "simple"
    FEE_WEIGHTED = "fee_weighted"


class YearBasis(StrEnum):
    """归入年度: which day of an engagement decides the year it is ranked in."""

    COMMISSION = "commission"
    ACCEPTANCE = "acceptance"


@dataclass(frozen=True, slots=True)
class Tier:
    """支付档次: from ``min`` points on (inclusive), ``pay_ratio`` (0–1) of the fee is paid."""

    min: Decimal
    pay_ratio: Decimal


@dataclass(frozen=True, slots=True)
class Band:
    """等级分档: ``grade`` from ``min`` points on, inclusive."""

    grade: str
    min: Decimal


@dataclass(frozen=True, slots=True)
class Reach:
    """A range of ratios, both ends inclusive."""

    low: Decimal
    high: Decimal


@dataclass(frozen=True, slots=True, order=True)
class MonthDay:
    """A day of every year."""

    month: int
    day: int

    def __str__(self) -> str:
        return f"{self.month:02}-{self.day:02}"


@dataclass(frozen=True, slots=True)
class Target:
    """进度要求: ``ratio`` (0–1) of the budget spent ``by`` that day."""

    by: MonthDay
    ratio: Decimal


@dataclass(frozen=True, slots=True)
class QcRules:
    """质量控制."""

    weight_plan: Decimal
    weight_report: Decimal
    cutoff: Decimal | None
    deduct_ratio: Decimal
    scope: Scope
    min_valid_sheets: int
    trim_extremes: bool
    scoring_workdays: int
    objection_workdays: int


@dataclass(frozen=True, slots=True)
class FeeRules:
    """质费挂钩; ``tiers`` run from low to high and replace the cutoff where the tenant set them."""

    tiers: tuple[Tier, ...] | None


@dataclass(frozen=True, slots=True)
class DrawRules:
    """专家抽取."""

    offer_minutes: int


@dataclass(frozen=True, slots=True)
class AppraisalRules:
    """双方考评; ``gap`` in points."""

    weight_unit: Decimal
    weight_finance: Decimal
    gap: Decimal
    fill_workdays: int


@dataclass(frozen=True, slots=True)
class GradeRules:
    """评价对象的等级（优良中差）."""

    bands: tuple[Band, ...]


@dataclass(frozen=True, slots=True)
class RankingRules:
    """第三方机构年度排名."""

    bands: tuple[Band, ...]
    weight_appraisal: Decimal
    weight_quality: Decimal
    mean: MeanKind
    min_engagements: int
    year_basis: YearBasis
    publicity_workdays: int
    answer_workdays: int


@dataclass(frozen=True, slots=True)
class PreevalRules:
    """事前绩效评估."""

    mandatory_amount: Yuan


@dataclass(frozen=True, slots=True)
class LibraryRules:
    """项目入库."""

    min_score: Decimal


@dataclass(frozen=True, slots=True)
class MonitorRules:
    """绩效运行监控."""

    progress: tuple[Target, ...]
    report_months: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ProcurementRules:
    """采购程序的期限、门槛与比例."""

    threshold_procure: Yuan | None
    threshold_open: Yuan | None
    inquiry_min_workdays: int
    notice_change_workdays: int
    consult_min_days: int
    change_days: int
    min_quotes: int
    report_workdays: int
    award_workdays: int
    announce_workdays: int
    contract_days: int
    publish_workdays: int
    file_workdays: int
    deposit_max_ratio: Decimal
    performance_max_ratio: Decimal
    supplement_max_ratio: Decimal
    price_weight_service: Reach


@dataclass(frozen=True, slots=True)
class LowPriceRules:
    """异常低价审查; all but the minutes are ratios (0–1)."""

    mean: Decimal
    second: Decimal
    ceiling: Decimal
    upper_limit: Decimal
    explain_minutes: int


@dataclass(frozen=True, slots=True)
class SmeRules:
    """小微企业价格扣除."""

    deduct_range: Reach
    consortium: Reach


@dataclass(frozen=True, slots=True)
class QueryRules:
    """询问与质疑."""

    file_workdays: int
    answer_workdays: int
    inquiry_answer_workdays: int


@dataclass(frozen=True, slots=True)
class ComplaintRules:
    """投诉."""

    file_workdays: int
    check_workdays: int
    notice_workdays: int
    decide_workdays: int


@dataclass(frozen=True, slots=True)
class PayRules:
    """付款期限."""

    days: int
    max_days: int


@dataclass(frozen=True, slots=True)
class ArchiveRules:
    """档案保管."""

    procurement_years: int
    evaluation_years: int


@dataclass(frozen=True, slots=True)
class ExpertRules:
    """专家库."""

    validity_years: int
    publicity_workdays: int
    max_age: int
    coi_years: int


@dataclass(frozen=True, slots=True)
class LeadRules:
    """主评人条件."""

    min_years: int
    min_eval_years: int


@dataclass(frozen=True, slots=True)
class LogRules:
    """日志留存."""

    retention_months: int


@dataclass(frozen=True, slots=True)
class RectifyRules:
    """整改; no fixed ``deadline`` means that each notice sets its own."""

    deadline: MonthDay | None


@dataclass(frozen=True, slots=True)
class RuleSet:
    """规则集: every group of a tenant's effective rules."""

    qc: QcRules
    fee: FeeRules
    appraisal: AppraisalRules
    ranking: RankingRules
    grade: GradeRules
    procurement: ProcurementRules
    lowprice: LowPriceRules
    sme: SmeRules
    query: QueryRules
    complaint: ComplaintRules
    pay: PayRules
    draw: DrawRules
    expert: ExpertRules
    lead: LeadRules
    preeval: PreevalRules
    library: LibraryRules
    monitor: MonitorRules
    rectify: RectifyRules
    archive: ArchiveRules
    log: LogRules
