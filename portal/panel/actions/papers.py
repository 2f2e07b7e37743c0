"""What opening and review put on paper: 开启记录 and 小组评审报告."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from portal.document import Heading, Pairs, Paper, Table, Text
from portal.kernel.clock import SHANGHAI
from portal.kernel.workdays import day_of
from portal.office import RulesInForce
from portal.panel.models import Panel, PanelFinding
from portal.tender import Tender


def _at(instant: datetime | None) -> str:
    return instant.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S") if instant else "—"


def _yuan(amount: Decimal | None) -> str:
    return f"{amount:,.2f}" if amount is not None else "—"


def _about(of: Tender) -> Pairs:
    return Pairs(
        (
            ("采购项目", of.name),
            ("采购编号", of.number or ""),
            ("采购人", of.commissioner_name),
            ("最高限价（元）", _yuan(of.ceiling)),
            ("响应截止时间", _at(of.response_by)),
        )
    )


def opening(row: Panel, of: Tender, *, now: datetime) -> Paper:
    """开启记录: who opened, when, which bids, at which prices, and whether each matches its commitment."""
    return Paper(
        title=f"{of.name}响应文件开启记录",
        to="",
        blocks=(
            _about(of),
            Pairs(
                (
                    ("开启人", f"{row.first_officer}、{row.second_officer}"),
                    ("先到确认时间", _at(row.first_at)),
                    ("开启时间", _at(row.opened_at)),
                    ("承诺值清单摘要（SM3）", row.commitments or ""),
                )
            ),
            Table(
                columns=("序号", "响应编号", "机构", "提交时间", "报价（元）", "承诺值核对"),
                rows=[
                    (
                        str(place),
                        each.number,
                        each.firm_name,
                        _at(each.submitted_at),
                        _yuan(each.price),
                        "一致" if each.intact else each.reason or "不一致",
                    )
                    for place, each in enumerate(row.findings, 1)
                ],
                caption="响应文件",
            ),
            Text("以上内容由系统在两名开启人确认后生成，开启之前任何人不能查看报价和响应内容。"),
        ),
        signed_by=of.commissioner_name,
        dated=day_of(now),
    )


def report(
    row: Panel, of: Tender, force: RulesInForce, content: Mapping[str, Any], *, now: datetime
) -> Paper:
    """小组评审报告: how each bid was found, which prices were asked about, and the candidates in order."""
    found = {str(each.firm_id): each for each in row.findings}
    ranked = [found[firm] for firm in content["ranking"]]
    return Paper(
        title=f"{of.name}评审报告",
        to=of.commissioner_name,
        blocks=(
            _about(of),
            Heading("一、评审小组"),
            Text(
                "、".join(
                    f"{each.name}{'（组长）' if each.is_chair else ''}" for each in row.members if each.sits
                )
            ),
            *_recusals(row),
            Heading("二、符合性认定"),
            Table(
                columns=("机构", "报价（元）", "认定", "理由"),
                rows=[
                    (
                        each.firm_name,
                        _yuan(each.price),
                        "符合" if each.conforming else "不符合",
                        each.reason or "—",
                    )
                    for each in row.findings
                ],
            ),
            Heading("三、异常低价审查"),
            *_low_prices(row),
            Heading("四、成交候选人"),
            Text("按符合全部实质性要求的响应报价由低到高排列；报价相同的，按抽签确定的顺序排列。"),
            Table(
                columns=("名次", "机构", "报价（元）"),
                rows=[
                    (str(place), each.firm_name, _yuan(each.price)) for place, each in enumerate(ranked, 1)
                ],
            ),
            Text(
                f"适用规则：{force.label}。评审小组成员对报告有异议的，书面签署不同意见；"
                "拒绝签署又不说明理由的，视为同意评审结果。"
            ),
        ),
        signed_by="评审小组",
        dated=day_of(now),
    )


def _recusals(row: Panel) -> tuple[Text, ...]:
    away = [f"{each.name}（{each.recused_reason}）" for each in row.members if not each.sits]
    return (Text(f"回避：{'、'.join(away)}"),) if away else ()


def _low_prices(row: Panel) -> tuple[Table | Text, ...]:
    asked = {each.finding_id: each for each in row.explanations}
    if not asked:
        return (Text("没有低于审查线的报价。"),)

    def line(each: PanelFinding) -> tuple[str, ...]:
        verdict = "合理" if each.justified else "不合理，响应无效"
        return (
            each.firm_name,
            _yuan(each.price),
            asked[each.id].text or "未在规定时间内说明",
            verdict,
            each.justified_reason or "",
        )

    return (
        Table(
            columns=("机构", "报价（元）", "机构的说明", "小组认定", "理由"),
            rows=[line(each) for each in row.findings if each.id in asked],
        ),
    )
