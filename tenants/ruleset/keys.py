"""The register of keys: what each value is called, what it decides, how it is written, what it rests on.

Shape and words stand here; numbers, documents and national limits stand in ``national.toml``.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any

from portal.kernel.ruling import Clause
from tenants.ruleset.groups import MeanKind, Reach, Scope, YearBasis
from tenants.ruleset.kinds import Choice, Flag, Kind, Money, Points, Ratio, Whole
from tenants.ruleset.structures import (
    GRADES_OF_FIRMS,
    GRADES_OF_SUBJECTS,
    Bands,
    Days,
    Months,
    Reaches,
    Targets,
    Tiers,
)


class Mark(StrEnum):
    """依据的可靠程度: how well a value's source is known."""

    READ = "read"
    KNOWN = "known"
    VERIFY = "verify"
    SEED = "seed"
    DESIGN = "design"


@dataclass(frozen=True, slots=True)
class Basis:
    """依据: the document behind a national value, and its limits; no ``value`` where nobody can know it."""

    mark: Mark
    value: Any = None
    source: str = ""
    article: str = ""
    effective_on: date | None = None
    floor: Any = None
    ceiling: Any = None

    @property
    def clause(self) -> Clause | None:
        """The clause to show beside a rule; None for everything that is not known to be law."""
        return Clause(self.source, self.article) if self.mark in {Mark.READ, Mark.KNOWN} else None

    def __str__(self) -> str:
        if self.clause:
            return str(self.clause)
        if self.mark is Mark.SEED:
            return f"地方做法：{self.source}"
        return "本系统建议值（依据待核对）" if self.mark is Mark.VERIFY else "本系统建议值"


@dataclass(frozen=True, slots=True)
class Key:
    """One value of a rule set; ``name`` is ``group.key``, ``field`` its name in the group's dataclass."""

    name: str
    label: str
    note: str
    kind: Kind
    unit: str = ""
    field: str = ""
    needed: bool = False
    basis: Basis = Basis(Mark.DESIGN)

    @property
    def group(self) -> str:
        """The group, as named in `RuleSet`."""
        return self.name.partition(".")[0]

    @property
    def attribute(self) -> str:
        """The field of the group's dataclass."""
        return self.field or self.name.partition(".")[2]

    @property
    def optional(self) -> bool:
        """Whether the value may stay unset: it has no national default."""
        return self.basis.value is None

    def shown(self, value: object) -> str:
        """A value as people read it, with its unit; 不设 for None."""
        if value is None:
            return "不设"
        return f"{self.kind.to_form(value)} {self.unit}".strip()

    def beyond(self, value: Any) -> str:
        """The sentence for a value outside the national limits, or nothing."""
        low, high = (value.low, value.high) if isinstance(value, Reach) else (value, value)
        floor, ceiling = self.basis.floor, self.basis.ceiling
        limit = Ratio() if isinstance(value, Reach) else self.kind
        if floor is not None and low < floor:
            return f"不得低于 {limit.to_form(floor)} {self.unit}".rstrip() + f"（{self.basis}）。"
        if ceiling is not None and high > ceiling:
            return f"不得高于 {limit.to_form(ceiling)} {self.unit}".rstrip() + f"（{self.basis}）。"
        return ""


GROUP_LABELS = {
    "qc": "质量控制",
    "fee": "质费挂钩",
    "appraisal": "双方考评",
    "ranking": "年度排名",
    "grade": "评价等级",
    "procurement": "采购程序",
    "lowprice": "异常低价审查",
    "sme": "小微企业扶持",
    "query": "询问与质疑",
    "complaint": "投诉处理",
    "pay": "款项支付",
    "draw": "专家抽取",
    "expert": "专家库",
    "lead": "主评人",
    "preeval": "事前绩效评估",
    "library": "项目入库",
    "monitor": "运行监控",
    "rectify": "整改",
    "archive": "档案保管",
    "log": "日志",
}

_WORKDAYS = Whole(1, 250)
_DAYS = Whole(1, 365)
_YEARS = Whole(1, 100)
_MINUTES = Whole(1, 10080)
_COUNT = Whole(1, 99)

_SHAPES = (
    Key(
        "qc.weight_plan",
        "实施方案权重",
        "实施方案得分在质量得分中所占的比例，与评价报告权重合计为 100%。",
        Ratio(),
    ),
    Key(
        "qc.weight_report",
        "评价报告权重",
        "评价报告得分在质量得分中所占的比例，与实施方案权重合计为 100%。",
        Ratio(),
    ),
    Key(
        "qc.cutoff",
        "分数线",
        "质量得分低于此线即扣减费用，等于此线全额支付；没有默认值，必须由本单位填写。",
        Points(),
        "分",
        needed=True,
    ),
    Key("qc.deduct_ratio", "扣减比例", "质量得分低于分数线时，从委托业务费中扣减的比例。", Ratio()),
    Key(
        "qc.scope",
        "扣费范围",
        "按合同：以全部被抽评对象的平均分决定整份合同；按评价对象：每个对象的份额各自决定。",
        Choice({Scope.CONTRACT: "按合同", Scope.SUBJECT: "按评价对象"}),
    ),
    Key(
        "qc.min_valid_sheets",
        "最少有效评分表",
        "一个对象一个环节的有效评分表少于此数时不计算得分。",
        _COUNT,
        "份",
    ),
    Key(
        "qc.trim_extremes",
        "去掉最高最低分",
        "有效评分表达到 5 份时，去掉一个最高分和一个最低分再平均。",
        Flag(),
    ),
    Key(
        "qc.scoring_workdays",
        "评分期限",
        "专家自收到材料起完成评分的期限，须在合同约定的验收期内。",
        _WORKDAYS,
        "个工作日",
    ),
    Key(
        "qc.objection_workdays",
        "质量得分异议期",
        "机构收到质量得分后提出异议的期限。",
        _WORKDAYS,
        "个工作日",
    ),
    Key("fee.tiers", "分档支付", "按质量得分分档确定支付比例；设置后代替分数线和扣减比例。", Tiers()),
    Key("appraisal.weight_unit", "被评价单位权重", "被评价单位考评表在考评得分中所占的比例。", Ratio()),
    Key("appraisal.weight_finance", "财政部门权重", "财政部门考评表在考评得分中所占的比例。", Ratio()),
    Key("appraisal.gap", "双方分差提示", "双方考评得分相差超过此数时，双方均须说明理由。", Points(), "分"),
    Key(
        "appraisal.fill_workdays",
        "考评表填报期限",
        "成果全部交付以后，被评价单位和财政部门填写并锁定考评表的期限；过期没有锁定的，由审批人决定。",
        _WORKDAYS,
        "个工作日",
    ),
    Key(
        "ranking.bands",
        "机构等级分档",
        "年度得分达到各档最低分的，评为相应等级；以下为 D。",
        Bands(GRADES_OF_FIRMS, "D"),
        "分",
    ),
    Key("ranking.weight_appraisal", "考评得分权重", "考评得分在一次合作得分中所占的比例。", Ratio()),
    Key(
        "ranking.weight_quality",
        "质量得分权重",
        "质量得分在一次合作得分中所占的比例；大于 0 时质量会被重复计入。",
        Ratio(),
    ),
    Key(
        "ranking.mean",
        "年度得分平均方法",
        "各次合作得分简单平均，或者按合同金额加权平均。",
        Choice({MeanKind.SIMPLE: "简单平均", MeanKind.FEE_WEIGHTED: "按合同金额加权"}),
    ),
    Key(
        "ranking.min_engagements",
        "参加排名的最少合作次数",
        "一年内合作次数少于此数的机构不参加排名。",
        _COUNT,
        "次",
    ),
    Key(
        "ranking.year_basis",
        "归入年度",
        "一次合作归入哪一年的排名。",
        Choice({YearBasis.COMMISSION: "委托年度", YearBasis.ACCEPTANCE: "验收年度"}),
    ),
    Key(
        "ranking.publicity_wd",
        "排名公示期",
        "年度排名公示的最短期限，从公示次日起算；公示期内列入排名的机构可以提出异议。",
        _WORKDAYS,
        "个工作日",
        "publicity_workdays",
    ),
    Key(
        "ranking.answer_wd",
        "排名异议答复期",
        "收到机构对排名的异议后答复的期限。",
        _WORKDAYS,
        "个工作日",
        "answer_workdays",
    ),
    Key(
        "grade.bands",
        "评价对象等级分档",
        "评价得分达到各档最低分的，评为相应等级；以下为差。",
        Bands(GRADES_OF_SUBJECTS, "差"),
        "分",
    ),
    Key(
        "procurement.threshold_procure",
        "采购限额标准",
        "达到此数的服务适用政府采购程序；按本省公布的标准填写，并写明文件。",
        Money(),
        "元",
        needed=True,
    ),
    Key(
        "procurement.threshold_open",
        "公开招标数额标准",
        "达到此数的服务应当公开招标；按本省公布的标准填写，并写明文件。",
        Money(),
        "元",
        needed=True,
    ),
    Key(
        "procurement.inquiry_min_wd",
        "询价响应期",
        "自询价通知书发出至提交响应文件截止的最短期限。",
        _WORKDAYS,
        "个工作日",
        "inquiry_min_workdays",
    ),
    Key(
        "procurement.notice_change_wd",
        "询价澄清提前期",
        "可能影响响应的澄清或者修改，至截止时间不足此期限的，应当顺延。",
        _WORKDAYS,
        "个工作日",
        "notice_change_workdays",
    ),
    Key(
        "procurement.consult_min_days",
        "磋商响应期",
        "自磋商文件发出至提交首次响应文件截止的最短期限。",
        _DAYS,
        "日",
    ),
    Key(
        "procurement.change_days",
        "磋商澄清提前期",
        "可能影响响应的澄清或者修改，至首次响应截止不足此期限的，应当顺延。",
        _DAYS,
        "日",
    ),
    Key(
        "procurement.min_quotes",
        "最少有效报价",
        "有效报价少于此数时终止采购，法定例外按采购方式处理。",
        _COUNT,
        "家",
    ),
    Key(
        "procurement.report_wd",
        "评审报告送交期限",
        "评审结束后将评审报告送交采购人的期限。",
        _WORKDAYS,
        "个工作日",
        "report_workdays",
    ),
    Key(
        "procurement.award_wd",
        "确定成交期限",
        "采购人收到评审报告后确定成交供应商的期限。",
        _WORKDAYS,
        "个工作日",
        "award_workdays",
    ),
    Key(
        "procurement.announce_wd",
        "成交公告期限",
        "成交供应商确定后发布公告、发出成交通知书的期限。",
        _WORKDAYS,
        "个工作日",
        "announce_workdays",
    ),
    Key("procurement.contract_days", "签订合同期限", "成交通知书发出后签订合同的期限。", _DAYS, "日"),
    Key(
        "procurement.publish_wd",
        "合同公告期限",
        "合同签订后公告合同的期限。",
        _WORKDAYS,
        "个工作日",
        "publish_workdays",
    ),
    Key(
        "procurement.file_wd",
        "合同备案期限",
        "合同签订后将副本备案的期限。",
        _WORKDAYS,
        "个工作日",
        "file_workdays",
    ),
    Key(
        "procurement.deposit_max",
        "保证金上限",
        "保证金占采购预算的最高比例。",
        Ratio(),
        field="deposit_max_ratio",
    ),
    Key(
        "procurement.performance_max",
        "履约保证金上限",
        "履约保证金占合同金额的最高比例。",
        Ratio(),
        field="performance_max_ratio",
    ),
    Key(
        "procurement.supplement_max",
        "追加采购上限",
        "补充合同金额合计占原合同金额的最高比例。",
        Ratio(),
        field="supplement_max_ratio",
    ),
    Key(
        "procurement.price_weight_service",
        "服务类价格分权重",
        "服务采购综合评分时价格分所占的比例范围。",
        Reaches(),
    ),
    Key("lowprice.mean", "低于平均报价", "报价低于全部有效报价平均值的此比例时，启动异常低价审查。", Ratio()),
    Key("lowprice.second", "低于次低报价", "最低报价低于次低报价的此比例时，启动异常低价审查。", Ratio()),
    Key("lowprice.ceiling", "低于最高限价", "报价低于最高限价的此比例时，启动异常低价审查。", Ratio()),
    Key("lowprice.upper_limit", "审查比例上限", "上述三项比例在采购文件中可以提高到的最高值。", Ratio()),
    Key(
        "lowprice.explain_minutes",
        "说明时限",
        "供应商现场提交书面说明和成本证据的最短时间。",
        _MINUTES,
        "分钟",
    ),
    Key("sme.deduct_range", "价格扣除比例", "未预留份额的项目，对小微企业报价给予的扣除范围。", Reaches()),
    Key("sme.consortium", "联合体扣除比例", "联合体或者分包给小微企业达到规定份额时的扣除范围。", Reaches()),
    Key(
        "query.file_wd",
        "质疑提出期限",
        "知道权益受到损害后提出质疑的期限。",
        _WORKDAYS,
        "个工作日",
        "file_workdays",
    ),
    Key(
        "query.answer_wd",
        "质疑答复期限",
        "收到质疑后作出答复的期限。",
        _WORKDAYS,
        "个工作日",
        "answer_workdays",
    ),
    Key(
        "query.inquiry_answer_wd",
        "询问答复期限",
        "收到询问后作出答复的期限。",
        _WORKDAYS,
        "个工作日",
        "inquiry_answer_workdays",
    ),
    Key(
        "complaint.file_wd",
        "投诉提起期限",
        "质疑答复期满后提起投诉的期限。",
        _WORKDAYS,
        "个工作日",
        "file_workdays",
    ),
    Key(
        "complaint.check",
        "投诉审查期限",
        "收到投诉后完成审查的期限。",
        _WORKDAYS,
        "个工作日",
        "check_workdays",
    ),
    Key(
        "complaint.notice",
        "投诉送达期限",
        "收到投诉后向被投诉人送达副本的期限。",
        _WORKDAYS,
        "个工作日",
        "notice_workdays",
    ),
    Key(
        "complaint.decide",
        "投诉处理期限",
        "收到投诉后作出处理决定的期限，检验、补正等时间不计入。",
        _WORKDAYS,
        "个工作日",
        "decide_workdays",
    ),
    Key("pay.days", "付款期限", "自交付（约定验收的，自验收合格）起付款的期限。", _DAYS, "日"),
    Key("pay.max_days", "约定付款期限上限", "合同另行约定付款期限时的上限。", _DAYS, "日"),
    Key(
        "draw.offer_minutes",
        "专家应答时限",
        "通知专家后等待应答的时间，超时依次通知下一位。",
        _MINUTES,
        "分钟",
    ),
    Key("expert.validity_years", "专家聘期", "专家入库后的有效期。", _YEARS, "年"),
    Key(
        "expert.publicity_wd",
        "入库公示期",
        "专家入库前公示的期限。",
        _WORKDAYS,
        "个工作日",
        "publicity_workdays",
    ),
    Key("expert.max_age", "评审专家年龄上限", "只适用于政府采购评审专家，含本数。", _YEARS, "周岁"),
    Key("expert.coi_years", "回避追溯年限", "与机构存在利害关系的追溯期。", _YEARS, "年"),
    Key("lead.min_years", "主评人工作年限", "主评人的最少工作年限，不足的入库时作出标记。", _YEARS, "年"),
    Key(
        "lead.min_eval_years",
        "主评人评价年限",
        "主评人从事预算绩效评价的最少年限，不足的入库时作出标记。",
        _YEARS,
        "年",
    ),
    Key(
        "preeval.mandatory_amount", "事前评估金额", "超过此数的新增项目必须开展事前绩效评估。", Money(), "元"
    ),
    Key("library.min_score", "入库最低分", "事前评估得分低于此数的项目不得进入项目库。", Points(), "分"),
    Key("monitor.progress", "执行进度要求", "到各日期应当达到的预算执行进度。", Targets()),
    Key("monitor.reports", "监控报告月份", "每年报送运行监控报告的月份。", Months(), "月", "report_months"),
    Key("rectify.deadline", "整改统一期限", "每年完成整改的统一日期；不设时以整改通知为准。", Days()),
    Key(
        "archive.procurement",
        "采购档案保管期限",
        "自采购结束之日起的保管年限。",
        _YEARS,
        "年",
        "procurement_years",
    ),
    Key(
        "archive.evaluation",
        "评价档案保管期限",
        "自提交正式报告起的保管年限。",
        _YEARS,
        "年",
        "evaluation_years",
    ),
    Key("log.retention", "日志留存期限", "操作日志的留存期限。", Whole(1, 1200), "个月", "retention_months"),
)


def _limit(kind: Kind, raw: object) -> Any:
    if raw is None:
        return None
    return Ratio().from_plain(raw) if isinstance(kind, Reaches) else kind.from_plain(raw)


def _basis(kind: Kind, row: Mapping[str, Any]) -> Basis:
    return Basis(
        mark=Mark(row["mark"]),
        value=kind.from_plain(row["value"]) if "value" in row else None,
        source=row.get("source", ""),
        article=row.get("article", ""),
        effective_on=row.get("effective_on"),
        floor=_limit(kind, row.get("floor")),
        ceiling=_limit(kind, row.get("ceiling")),
    )


def _register() -> dict[str, Key]:
    """Each shape with its national row."""
    national = tomllib.loads(Path(__file__).with_name("national.toml").read_text(encoding="utf-8"))
    rows = {f"{group}.{key}": row for group, keys in national.items() for key, row in keys.items()}
    return {shape.name: replace(shape, basis=_basis(shape.kind, rows[shape.name])) for shape in _SHAPES}


KEYS: Mapping[str, Key] = _register()
