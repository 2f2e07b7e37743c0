"""第三方机构 and 主评人: what their lists must hold, and which limits a lead evaluator falls below."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

from portal.kernel.ruling import Clause, Refusal, Ruling, unless
from portal.spreadsheet.rules import Check, Column, Finding, Line, Schema, cells, folded

FIRM_SUPERVISION: Final = Clause("财监〔2021〕4号", sure=False)


class FirmKind(StrEnum):
    """机构类型 (财预〔2021〕6号); what users read is in `FIRM_KIND_LABELS`."""

    ACCOUNTANTS = "accountants"
    CONSULTANTS = "consultants"
    APPRAISERS = "appraisers"
    LAWYERS = "lawyers"
    INSTITUTE = "institute"
    UNIVERSITY = "university"


class FirmSize(StrEnum):
    """企业规模; what users read is in `FIRM_SIZE_LABELS`."""

    LARGE = "large"
    MEDIUM = "medium"
    SMALL = "small"
    MICRO = "micro"


FIRM_KIND_LABELS: Final[dict[FirmKind, str]] = {
    FirmKind.ACCOUNTANTS: "会计师事务所",
    FirmKind.CONSULTANTS: "专业咨询机构",
    FirmKind.APPRAISERS: "资产评估机构",
    FirmKind.LAWYERS: "律师事务所",
    FirmKind.INSTITUTE: "科研院所",
    FirmKind.UNIVERSITY: "高等院校",
}
FIRM_SIZE_LABELS: Final[dict[FirmSize, str]] = {
    FirmSize.LARGE: "大型",
    FirmSize.MEDIUM: "中型",
    FirmSize.SMALL: "小型",
    FirmSize.MICRO: "微型",
}
_KINDS: Final[Mapping[str, object]] = {label: kind for kind, label in FIRM_KIND_LABELS.items()} | {
    "咨询公司": FirmKind.CONSULTANTS,
    "咨询机构": FirmKind.CONSULTANTS,
    "资产评估公司": FirmKind.APPRAISERS,
    "评估机构": FirmKind.APPRAISERS,
    "律所": FirmKind.LAWYERS,
    "科研机构": FirmKind.INSTITUTE,
    "高校": FirmKind.UNIVERSITY,
}
_SIZES: Final[Mapping[str, object]] = {label: size for size, label in FIRM_SIZE_LABELS.items()} | {
    f"{label}企业": size for size, label in FIRM_SIZE_LABELS.items()
}
_NAME: Final = ("机构全称", "第三方机构", "第三方机构名称", "单位名称")
_CREDIT_CODE: Final = ("信用代码", "社会信用代码", "统一信用代码")


@dataclass(frozen=True, slots=True)
class FirmRow:
    """第三方机构 as a list gives it; ``staff`` counts people."""

    credit_code: str
    name: str
    kind: FirmKind
    representative: str
    address: str
    staff: int | None
    size: FirmSize | None
    phone: str
    email: str


@dataclass(frozen=True, slots=True)
class LeadRow:
    """主评人 as a list gives it; years are whole years."""

    credit_code: str
    name: str
    firm: str
    qualification: str
    work_years: int
    evaluation_years: int
    education: str


class Lead(Protocol):
    """What the limits ask about: a row of a list, or of the register."""

    @property
    def qualification(self) -> str:
        """职称或执业资格."""

    @property
    def work_years(self) -> int:
        """从业年限."""

    @property
    def evaluation_years(self) -> int:
        """绩效评价年限."""


@dataclass(frozen=True, slots=True)
class LeadLimits:
    """What is asked of a lead evaluator, in whole years, by the bureau's rule set."""

    work_years: int
    evaluation_years: int


def firms(elsewhere: Mapping[str, str]) -> Schema[FirmRow]:
    """The list of firms; ``elsewhere`` holds credit code → name of those that other bureaus registered."""
    return Schema(
        title="第三方机构登记表",
        columns=(
            Column("机构名称", "name", cells.words(), required=True, unique=True, synonyms=_NAME),
            Column(
                "统一社会信用代码",
                "credit_code",
                cells.credit_code,
                required=True,
                unique=True,
                synonyms=_CREDIT_CODE,
            ),
            Column("机构类型", "kind", cells.choice(_KINDS), required=True, synonyms=("组织形式", "类型")),
            Column(
                "法定代表人", "representative", cells.words(50), synonyms=("负责人", "法人代表"), blank=""
            ),
            Column("注册地址", "address", cells.words(), synonyms=("地址", "办公地址"), blank=""),
            Column("从业人数", "staff", cells.whole(0, 1_000_000, "人"), synonyms=("人数", "从业人员数")),
            Column("企业规模", "size", cells.choice(_SIZES), synonyms=("规模",)),
            Column("联系电话", "phone", cells.phone, synonyms=("电话", "手机"), blank=""),
            Column("电子邮箱", "email", cells.email, synonyms=("邮箱", "电子邮件"), blank=""),
        ),
        record=FirmRow,
        checks=(_name_is_the_registered_one(elsewhere),),
    )


def lead_evaluators(registered: Mapping[str, str]) -> Schema[LeadRow]:
    """The list of lead evaluators; ``registered`` holds credit code → name of the known firms."""
    return Schema(
        title="主评人登记表",
        columns=(
            Column("机构名称", "firm", cells.words(), required=True, synonyms=_NAME),
            Column(
                "统一社会信用代码", "credit_code", cells.credit_code, required=True, synonyms=_CREDIT_CODE
            ),
            Column("姓名", "name", cells.words(50), required=True, synonyms=("主评人", "主评人姓名")),
            Column(
                "职称或执业资格",
                "qualification",
                cells.words(100),
                required=True,
                synonyms=("职称", "执业资格", "职称/执业资格"),
            ),
            Column("从业年限", "work_years", cells.whole(0, 70, "年"), required=True, synonyms=("工作年限",)),
            Column(
                "绩效评价年限",
                "evaluation_years",
                cells.whole(0, 70, "年"),
                required=True,
                synonyms=("绩效评价从业年限", "评价年限"),
            ),
            Column("学历", "education", cells.words(50), synonyms=("最高学历",), blank=""),
        ),
        record=LeadRow,
        keys=(("name", "credit_code"),),
        checks=(_one_name_for_one_code, _firm_is_registered(registered)),
    )


def _name_is_the_registered_one(elsewhere: Mapping[str, str]) -> Check:
    """A firm that is registered already keeps the name under which it is."""

    def check(lines: Sequence[Line]) -> Iterator[Finding]:
        for line in lines:
            known, name = elsewhere.get(str(line.values.get("credit_code"))), line.values.get("name")
            if known is not None and isinstance(name, str) and folded(known) != folded(name):
                yield Finding(line.number, "name", Refusal("firm.name_differs", facts={"name": known}))

    return check


def _one_name_for_one_code(lines: Sequence[Line]) -> Iterator[Finding]:
    """One credit code belongs to one firm in the whole list."""
    first: dict[object, Line] = {}
    for line in lines:
        code, name = line.values.get("credit_code"), line.values.get("firm")
        if not isinstance(code, str) or not isinstance(name, str):
            continue
        named = first.setdefault(code, line)
        if folded(str(named.values["firm"])) != folded(name):
            facts = {"row": named.number, "name": named.values["firm"]}
            yield Finding(line.number, "firm", Refusal("firm.code_of_another_row", facts=facts))


def _firm_is_registered(firms: Mapping[str, str]) -> Check:
    """The firm is known by its credit code, and its name is the registered one."""

    def check(lines: Sequence[Line]) -> Iterator[Finding]:
        for line in lines:
            code, name = line.values.get("credit_code"), line.values.get("firm")
            if not isinstance(code, str):
                continue
            if code not in firms:
                yield Finding(line.number, "credit_code", Refusal("firm.not_registered"))
            elif isinstance(name, str) and folded(firms[code]) != folded(name):
                yield Finding(line.number, "firm", Refusal("firm.name_differs", facts={"name": firms[code]}))

    return check


_QUALIFIED = re.compile(
    "高级|中级|正高|副高|教授|研究员|讲师|注册|会计师|经济师|工程师|审计师|统计师|评估师|律师|内审|造价|咨询"
)
_JUNIOR = re.compile("助理|初级|见习|实习|员级")


def shortfalls(lead: Lead, limits: LeadLimits) -> Ruling:
    """Below which limits a lead evaluator is: a flag to show wherever one is chosen, never a bar."""
    qualified = any(
        _QUALIFIED.search(part) and not _JUNIOR.search(part)
        for part in re.split("[、,，;；/]", lead.qualification)
    )
    return (
        unless(not qualified, "firm.lead_not_qualified", FIRM_SUPERVISION)
        & unless(
            lead.work_years < limits.work_years,
            "firm.lead_work_years",
            FIRM_SUPERVISION,
            years=lead.work_years,
            limit=limits.work_years,
        )
        & unless(
            lead.evaluation_years < limits.evaluation_years,
            "firm.lead_evaluation_years",
            FIRM_SUPERVISION,
            years=lead.evaluation_years,
            limit=limits.evaluation_years,
        )
    )
