"""Both 考评表 and the result as papers, and how the score came about."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import select

from portal import document
from portal.appraisal.models import Appraisal, AppraisalContent, AppraisalSheet
from portal.appraisal.queries.rows import contents, form_of
from portal.appraisal.queries.worth import filled, totals
from portal.appraisal.rules import PARTY_LABELS, Party
from portal.kernel.derivation import Derivation
from portal.kernel.hashing import told_id
from portal.kernel.workdays import day_of
from portal.scoresheet import Row, laid_out
from tenants.db import db, tenant_of_session
from tenants.models import Tenant


def derivations(row: Appraisal, *, json_url: str, inside: bool) -> list[Derivation]:
    """How 考评得分 came about; nothing before it stands. Outside the bureau by the parties' means alone."""
    if row.score is None or row.ended_at is None:
        return []
    sums = totals(row.sheets, contents(row)) if inside else _means(row)
    inputs = (
        [
            (each.party_name, f"{points:.2f} 分", each.form_name)
            for party in Party
            for each, points in zip(
                (each for each in row.sheets if each.is_main and Party(each.party) is party),
                sums[party],
                strict=False,
            )
        ]
        if inside
        else [
            (f"{PARTY_LABELS[party]}考评（平均分）", f"{points:.2f} 分", "考评表")
            for party in Party
            for points in sums[party]
        ]
    )
    weighed = f"{row.weight_unit * 100:.2f}%", f"{row.weight_finance * 100:.2f}%"
    return [
        Derivation(
            name="考评得分",
            result=f"{row.score:.2f} 分",
            formula="经核实一票否决的，考评得分为 0"
            if row.vetoed
            else "考评得分 = 被评价单位考评表平均分 × 权重 + 财政部门考评表得分 × 权重，四舍五入保留两位小数",
            inputs=[
                *inputs,
                ("被评价单位权重", weighed[0], "质量约定"),
                ("财政部门权重", weighed[1], "质量约定"),
            ],
            values={
                "unit": sums[Party.UNIT],
                "finance": sums[Party.FINANCE],
                "weight_unit": row.weight_unit,
                "weight_finance": row.weight_finance,
                "vetoed": row.vetoed,
            },
            rule_set=f"质量约定 {told_id(row.terms_id)}",
            by=row.ended_by or "",
            at=row.ended_at,
            json_url=json_url,
        )
    ]


def _means(row: Appraisal) -> dict[Party, list[Decimal]]:
    """What a firm is told of both sides: their means, nothing of a sheet."""
    told = {Party.UNIT: row.unit_score, Party.FINANCE: row.finance_score}
    return {party: [] if points is None else [points] for party, points in told.items()}


def sheet_paper(row: AppraisalSheet, content: AppraisalContent) -> document.Paper:
    """A locked 考评表 as a paper: each item with what was taken from it and why."""
    form = form_of(row)
    laid = laid_out(form, content.entries, filled(row, content))
    case = row.appraisal
    return document.Paper(
        title=row.form_name,
        to="",
        blocks=(
            document.Pairs(
                (
                    ("评价项目", case.contract_name),
                    ("第三方机构", case.firm_name),
                    ("填表单位", row.party_name),
                    *((("口径", case.basis_label),) if row.form_code == "KP_FIN" else ()),
                )
            ),
            document.Table(
                ("一级", "指标", "分值", "扣分事项和理由", "得分"),
                tuple(
                    (
                        "" if place else f"{group}（{points} 分）",
                        each.line.item.name,
                        f"{each.line.item.points}",
                        _why(each),
                        _points(each.line.points),
                    )
                    for group, points, rows in laid.groups
                    for place, each in enumerate(rows)
                ),
            ),
            document.Pairs(
                (
                    ("合计", f"{content.points:.2f} 分"),
                    *(("一票否决", f"{each.text}（{each.evidence}）") for each in laid.vetoes if each.ticked),
                    *((("分差说明", content.gap_reason),) if content.gap_reason else ()),
                    ("经办", f"{row.signer}　{_day(row.signed_at)}"),
                    ("负责人", f"{row.head}　{_day(row.locked_at)}"),
                )
            ),
        ),
        signed_by=row.party_name if Party(row.party) is Party.UNIT else bureau_name(),
        dated=day_of(row.locked_at or row.touched_at),
    )


def _points(points: Decimal | None) -> str:
    """Points as the form prints them: 9.5, 10."""
    return "" if points is None else f"{points.normalize():f}"


def _why(row: Row) -> str:
    taken = [each.said for each in row.taken if each.count]
    said = "；".join((*taken, *([row.reason] if row.reason else [])))
    return said or ("未发现" if row.line.silent else "—")  # confirmed by whoever signed


def _day(at: datetime | None) -> str:
    return document.written_day(day_of(at)) if at else ""


def result_paper(row: Appraisal) -> document.Paper:
    """考评结果通知书 to the firm: totals only, nothing of a unit's sheet."""
    return document.Paper(
        title="第三方机构考评结果通知书",
        to=row.firm_name,
        blocks=(
            document.Text(
                f"你单位承担的“{row.contract_name}”已按合同约定完成考评，结果如下，作为以后选择第三方机构的参考依据。"
            ),
            document.Pairs(
                (
                    ("被评价单位考评（平均分）", f"{row.unit_score:.2f} 分"),
                    ("财政部门考评", f"{row.finance_score:.2f} 分"),
                    ("考评得分", f"{row.score:.2f} 分"),
                    *((("一票否决", row.last_reason or ""),) if row.vetoed else ()),
                )
            ),
        ),
        signed_by=bureau_name(),
        dated=day_of(row.ended_at or row.touched_at),
    )


def bureau_name() -> str:
    """The bureau that appraises."""
    return db.session.scalar(select(Tenant.name).where(Tenant.id == tenant_of_session())) or ""
