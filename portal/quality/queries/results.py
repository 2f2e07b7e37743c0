"""What a round amounts to: reckoned from its sheets, told to the firm on paper, and how it came about."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

from portal import contract, document
from portal.kernel.derivation import Derivation
from portal.office import rules_kept
from portal.quality.models import Round, Sheet
from portal.quality.queries.rows import filled, qc_rules
from portal.quality.rules import STAGE_LABELS, Counted, Figures, Spread, Stage, added_up, spreads, tallies
from portal.scoresheet import Form, template
from portal.web.filters import percent

NOT_SCORED: Final = "未抽评"


def _forms(sheets: Sequence[Sheet]) -> dict[tuple[str, int], Form]:
    return {key: template(*key).form for key in {(each.form_code, each.form_version) for each in sheets}}


def _counted(sheets: Sequence[Sheet], forms: Mapping[tuple[str, int], Form]) -> list[Counted]:
    return [
        Counted(
            each.seat_id,
            each.subject_id,
            Stage(each.stage),
            filled(each, forms[each.form_code, each.form_version]),
        )
        for each in sheets
    ]


def reckoned(row: Round, sheets: Sequence[Sheet]) -> tuple[dict[str, Any], Figures]:
    """The result of the sheets that count; for the system."""
    forms = _forms(sheets)
    result, figures = added_up(row.sampled, _counted(sheets, forms), qc_rules(row))
    for veto in result["vetoes"]:
        form = next(form for (code, _), form in forms.items() if code == f"QC_{veto['stage'].upper()}")
        veto["text"] = form.vetoes[veto.pop("place")]
    return result, figures


def apart(row: Round, sheets: Sequence[Sheet]) -> list[Spread]:
    """How far apart the experts lie, deliverable by deliverable; for the bureau, after the adding up."""
    counting = [each for each in sheets if each.counts]
    return spreads(row.sampled, _counted(counting, _forms(counting)))


def said(points: Decimal | str | None) -> str:
    """Points as people read them."""
    return NOT_SCORED if points is None else f"{Decimal(points):.2f}"


def _shares(row: Round) -> tuple[str, str]:
    return percent(row.weight_plan), percent(row.weight_report)


def derivations(row: Round, *, json_url: str) -> list[Derivation]:
    """How each subject's score and the contract's came about; nothing before the round is added up."""
    if row.result is None or row.scored_at is None:
        return []
    rule_set = rules_kept(row.rule_set_id).label
    plan, report = _shares(row)
    trimmed = "去掉一个最高分和一个最低分后" if row.trim_extremes else ""
    made = []
    for each in row.result["subjects"]:
        inputs = [
            (f"{name}·{STAGE_LABELS[stage]}", said(total), "评分表")
            for stage in Stage
            for name, total in each[stage.value].items()
        ]
        made.append(
            Derivation(
                name=f"质量得分：{each['name']}",
                result=said(each["quality"]),
                formula=f"质量得分 = 实施方案平均分 × {plan} + 评价报告平均分 × {report}，四舍五入保留两位"
                f"（平均分为{trimmed}全部有效评分表的算术平均，不足 {row.min_valid_sheets} 张的不计算）",
                inputs=inputs,
                values={
                    "plan": dict(each["plan"]),
                    "report": dict(each["report"]),
                    "weight_plan": row.weight_plan,
                    "weight_report": row.weight_report,
                    "trim_extremes": row.trim_extremes,
                    "min_valid_sheets": row.min_valid_sheets,
                },
                rule_set=rule_set,
                by="系统汇总",
                at=row.scored_at,
                steps=[
                    f"实施方案平均分 {said(each['plan_mean'])}，评价报告平均分 {said(each['report_mean'])}"
                ],
                json_url=json_url,
            )
        )
    made.append(
        Derivation(
            name="质量得分：本合同",
            result=said(row.quality_score),
            formula="本合同质量得分 = 各评审对象质量得分的算术平均，四舍五入保留两位；确认一票否决的为零",
            inputs=[(each["name"], said(each["quality"]), "上列各项") for each in row.result["subjects"]],
            values={
                "subjects": {each["id"]: each["quality"] for each in row.result["subjects"]},
                "vetoed": bool(row.vetoed),
            },
            rule_set=rule_set,
            by=row.veto_ruler or "系统汇总",
            at=row.scored_at,
            steps=[row.fewer_experts] * bool(row.fewer_experts)
            + [f"一票否决：{row.veto_reason}"] * bool(row.vetoed),
            json_url=json_url,
        )
    )
    return made


def _reasons(subject: Mapping[str, Any], stage: Stage, item: str) -> str:
    return "；".join(each["reason"] for each in subject["reasons"][stage.value] if each["item"] == item)


def summary(row: Round, *, day: date) -> document.Paper:
    """质量评分汇总表: totals and item means without a name, as the firm is told."""
    result = row.result or {"subjects": [], "experts": []}
    again = row.objected_at is not None
    plan, report = _shares(row)
    blocks: list[document.Block] = [
        document.Text(
            f"{row.firm_name}承担的“{row.name}”，由专家 {len(result['experts'])} 人独立评审，"
            f"质量得分 {said(row.quality_score)}{'（' + row.why_zero + '）' if row.why_zero else ''}。"
            f"质量得分 = 实施方案平均分 × {plan} + 评价报告平均分 × {report}，四舍五入保留两位。"
            + (f"{row.fewer_experts}。" if row.fewer_experts else "")
            + (
                "对异议已经答复，有关评分表已经重评，本得分为最终得分。"
                if again
                else f"对结果有异议的，请在告知之日起 {row.objection_workdays} 个工作日内书面提出，"
                "只能提出一次。"
            )
        ),
        document.Table(
            ("评审对象", "被评价单位", "实施方案", "评价报告", "质量得分"),
            [
                (
                    each["name"],
                    each["unit_name"],
                    *(said(each[name]) for name in ("plan_mean", "report_mean", "quality")),
                )
                for each in result["subjects"]
            ],
        ),
    ]
    for each in result["subjects"]:
        for stage in Stage:
            blocks += [
                document.Heading(f"{each['name']}　{STAGE_LABELS[stage]}"),
                document.Table(
                    ("评分项", "分值", "平均得分", "扣分事项和次数", "专家写的理由"),
                    [
                        (
                            one["name"],
                            str(one["points"]),
                            said(one["mean"]),
                            "；".join(each.told for each in tallies(one)),
                            _reasons(each, stage, one["name"]),
                        )
                        for one in each["items"][stage.value]
                    ],
                ),
            ]
    if row.vetoed is not None:
        blocks.append(document.Text(f"一票否决：{'已确认' if row.vetoed else '不予否决'}。{row.veto_reason}"))
    return document.Paper(
        title=f"{row.name}质量评分汇总表{'（重评后）' if again else ''}",
        to=row.firm_name,
        blocks=blocks,
        signed_by=contract.contract(row.contract_id).bureau_name,
        dated=day,
    )
