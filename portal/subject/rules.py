"""评价对象: what a list of evaluation subjects must hold (kinds, budgets, money by source)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

from portal.kernel.money import NOTHING, Yuan
from portal.kernel.ruling import Refusal
from portal.spreadsheet.rules import Column, Finding, Line, Schema, cells


class SubjectKind(StrEnum):
    """评价对象类型; what users read is in `KIND_LABELS`."""

    DEPARTMENT = "department"
    PROJECT = "project"
    SPECIAL_FUND = "special_fund"
    POLICY = "policy"
    BOND = "bond"
    PPP = "ppp"
    PURCHASED_SERVICE = "purchased_service"
    SOCIAL_INSURANCE = "social_insurance"
    STATE_CAPITAL = "state_capital"
    TRANSFER = "transfer"


class Budget(StrEnum):
    """四本预算 (预算法 §5); what users read is in `BUDGET_LABELS`."""

    GENERAL = "general"
    GOVERNMENT_FUND = "government_fund"
    STATE_CAPITAL = "state_capital"
    SOCIAL_INSURANCE = "social_insurance"


KIND_LABELS: Final[dict[SubjectKind, str]] = {
    SubjectKind.DEPARTMENT: "部门整体支出",
    SubjectKind.PROJECT: "项目支出",
    SubjectKind.SPECIAL_FUND: "专项资金",
    SubjectKind.POLICY: "政策",
    SubjectKind.BOND: "地方政府专项债券",
    SubjectKind.PPP: "PPP",
    SubjectKind.PURCHASED_SERVICE: "政府购买服务",
    SubjectKind.SOCIAL_INSURANCE: "社会保险基金",
    SubjectKind.STATE_CAPITAL: "国有资本经营",
    SubjectKind.TRANSFER: "转移支付",
}
BUDGET_LABELS: Final[dict[Budget, str]] = {
    Budget.GENERAL: "一般公共预算",
    Budget.GOVERNMENT_FUND: "政府性基金预算",
    Budget.STATE_CAPITAL: "国有资本经营预算",
    Budget.SOCIAL_INSURANCE: "社会保险基金预算",
}
_KINDS: Final[Mapping[str, object]] = {label: kind for kind, label in KIND_LABELS.items()} | {
    "部门整体": SubjectKind.DEPARTMENT,
    "项目": SubjectKind.PROJECT,
    "一般公共预算项目": SubjectKind.PROJECT,
    "政策（中期）": SubjectKind.POLICY,
    "政策（到期）": SubjectKind.POLICY,
    "专项债券": SubjectKind.BOND,
    "专项债券项目": SubjectKind.BOND,
    "地方政府债务": SubjectKind.BOND,
    "地方政府债务/专项债券项目": SubjectKind.BOND,
    "政府和社会资本合作": SubjectKind.PPP,
    "PPP项目": SubjectKind.PPP,
}
_BUDGETS: Final[Mapping[str, object]] = {label: budget for budget, label in BUDGET_LABELS.items()} | {
    "政府性基金": Budget.GOVERNMENT_FUND,
    "国有资本经营": Budget.STATE_CAPITAL,
    "社会保险基金": Budget.SOCIAL_INSURANCE,
}
SOURCES: Final = ("central", "province", "city", "county", "other")


@dataclass(frozen=True, slots=True)
class SubjectRow:
    """评价对象 as a list gives it; ``unit`` is the name of its 预算单位, money is in 元."""

    name: str
    unit: str
    kind: SubjectKind
    budget: Budget
    year: int
    total: Yuan
    central: Yuan
    province: Yuan
    city: Yuan
    county: Yuan
    other: Yuan
    note: str


def schema(units: Iterable[str]) -> Schema[SubjectRow]:
    """The list of subjects, where ``units`` are the names of the units of the register."""
    return Schema(
        title="评价对象清单",
        columns=(
            Column(
                "项目名称",
                "name",
                cells.words(),
                required=True,
                synonyms=("评价对象", "对象名称", "评价项目"),
            ),
            Column(
                "预算单位",
                "unit",
                cells.known(units, "subject.unknown_unit"),
                required=True,
                synonyms=("单位名称", "被评价单位", "项目单位"),
            ),
            Column(
                "对象类型", "kind", cells.choice(_KINDS), required=True, synonyms=("评价对象类型", "类型")
            ),
            Column(
                "预算类型", "budget", cells.choice(_BUDGETS), required=True, synonyms=("预算种类", "资金性质")
            ),
            Column("年度", "year", cells.year, required=True, synonyms=("预算年度", "评价年度", "年份")),
            Column(
                "资金总额", "total", cells.amount, required=True, synonyms=("金额", "预算金额", "资金合计")
            ),
            Column("中央资金", "central", cells.amount, synonyms=("中央",), blank=NOTHING),
            Column("省级资金", "province", cells.amount, synonyms=("省级", "省资金"), blank=NOTHING),
            Column(
                "市级资金",
                "city",
                cells.amount,
                synonyms=("市级", "州级资金", "州级", "州市级资金", "州（市）级资金"),
                blank=NOTHING,
            ),
            Column("县级资金", "county", cells.amount, synonyms=("县级", "县资金"), blank=NOTHING),
            Column("其他资金", "other", cells.amount, synonyms=("其他", "自筹资金"), blank=NOTHING),
            Column("备注", "note", cells.words(500), synonyms=("说明",), blank=""),
        ),
        record=SubjectRow,
        keys=(("name", "year"),),
        checks=(_total_is_its_sources,),
    )


def _total_is_its_sources(lines: Sequence[Line]) -> Iterator[Finding]:
    """资金总额 is the sum of its sources, where the list gives any."""
    for line in lines:
        total = line.values.get("total")
        parts = [part for source in SOURCES if isinstance(part := line.values.get(source), Decimal)]
        if isinstance(total, Decimal) and len(parts) == len(SOURCES) and any(parts) and sum(parts) != total:
            facts = {"sum": sum(parts), "total": total}
            yield Finding(line.number, "total", Refusal("subject.total_differs", facts=facts))
