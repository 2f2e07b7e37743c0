"""年度汇总: everything a year came to in one workbook, by the contracts its ranking was made from.

pandas joins and adds up; it is imported when somebody asks for the workbook, not when the portal starts.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from flask import Blueprint, g
from werkzeug.wrappers import Response

from portal import appraisal, contract, quality, ranking, settlement
from portal.access import Permission as P
from portal.audit import record
from portal.kernel.hashing import sm3
from portal.ranking import Ranking
from portal.spreadsheet import Table, Value, write_book
from portal.web.guard import allow, current_actor
from portal.web.pages import attachment

bp = Blueprint("annual", __name__)
AMOUNTS: Final = ("合同价款", "质量扣费", "其他扣减", "应得", "已付", "已退回", "应付", "应退")
UNIT: Final = "单位：元"


@bp.post("/t/<tenant>/rankings/<uuid:row_id>/workbook")
@allow(P.RANKING_SUMMARISE, ranking.ranking)
def workbook(row: Ranking) -> Response:
    """The year as a workbook; who took it stays in the audit chain, with its digest."""
    made = write_book(sheets_of(row))
    record("ranking.summarise", by=current_actor(), now=g.now, subject_id=row.id, digest=sm3(made).hex())
    return attachment(made, f"{row.year}年度汇总.xlsx")


def sheets_of(row: Ranking) -> list[Table]:
    """The five sheets of a year, for the contracts its ranking counts or still waits for."""
    contracts = [contract.contract(each) for each in ranking.contracts_of(row)]
    accounts = settlement.accounts_of(contracts)
    title = f"{row.year} 年度"
    return [
        _table(f"{title}排名", _places(row)),
        _table(f"{title}质量得分", _scores(contracts)),
        _table(f"{title}扣费与应付", _money(accounts), UNIT),
        _table(f"{title}支付", _payments(accounts), UNIT),
        _table(f"{title}考评", _appraisals(contracts)),
    ]


def _table(title: str, found: Any, unit: str = "") -> Table:
    """A frame as a sheet; what is not known stays empty."""
    rows = found.astype(object).where(found.notna(), None).itertuples(index=False, name=None)
    return Table(title, list(found.columns), list(rows), unit)


def _frame(columns: Sequence[str], rows: Sequence[Sequence[Value]]) -> Any:
    """Exact values, as they are: no column is turned into floats."""
    import pandas as pd  # noqa: PLC0415 -- slow import

    return pd.DataFrame(rows, columns=list(columns), dtype=object)


def _places(row: Ranking) -> Any:
    columns = ("名次", "机构", "年度得分", "等级", "合作次数", "平均质量得分", "按时交付次数", "说明")
    placed: list[Sequence[Value]] = [
        (
            each.rank,
            each.firm_name,
            each.score,
            each.grade or "未评级",
            each.engagements,
            each.quality,
            each.on_time,
            "" if each.rank is not None else "数据不足",
        )
        for each in ranking.rows_of(row)
    ]
    left = [
        (
            None,
            each["firm"],
            None,
            "",
            None,
            None,
            None,
            f"{each['name']}未计入：{'；'.join(each['missing'])}",
        )
        for each in row.missing
    ]
    return _frame(columns, [*placed, *left])


def _left_out(kept: Mapping[str, Any]) -> str:
    return f"{kept['name']}未计入：{'；'.join(kept['missing'])}"


def _scores(contracts: Sequence[contract.Contract]) -> Any:
    columns = (
        "合同",
        "机构",
        "评价对象",
        "被评价单位",
        "实施方案平均分",
        "评价报告平均分",
        "质量得分",
        "合同质量得分",
        "说明",
    )
    rows: list[Sequence[Value]] = []
    for row in contracts:
        found = quality.quality_of(row.id)
        known = {each.subject_id: each for each in found.subjects} if found else {}
        for subject in row.objects:
            each = known.get(UUID(subject["id"]))
            rows.append(
                (
                    row.name,
                    row.firm_name,
                    subject["name"],
                    subject["unit_name"],
                    each.plan if each else None,
                    each.report if each else None,
                    each.score if each else None,
                    found.score if found else None,
                    _said(found, scored=each is not None and each.score is not None),
                )
            )
    return _frame(columns, rows)


def _said(found: quality.Quality | None, *, scored: bool) -> str:
    if found is None:
        return "会审结果尚未确定"
    if found.vetoed:
        return "一票否决"
    return "" if scored else "未抽评"


def _money(accounts: Sequence[settlement.Account]) -> Any:
    """Each contract's ledger, then what each firm and the year come to."""
    import pandas as pd  # noqa: PLC0415 -- slow import

    columns = ("机构", "合同", "质量得分（分）", *AMOUNTS, "结算")
    rows: list[Sequence[Value]] = []
    for each in accounts:
        row, ledger = each.settlement, each.ledger
        amounts = (
            (ledger.deducted, ledger.penalties, ledger.earned)
            if row is not None
            else (None, None, None)  # nothing is deducted or earned before the settlement
        )
        rows.append(
            (
                each.contract.firm_name,
                each.contract.name,
                row.quality if row is not None else None,
                ledger.fee,
                *amounts,
                ledger.paid,
                ledger.given_back,
                ledger.payable if row is not None else None,
                ledger.recoverable if row is not None else None,
                row.state_label[0] if row is not None else "未结算",
            )
        )
    found = _frame(columns, rows).sort_values(["机构", "合同"], kind="stable", ignore_index=True)
    if found.empty:
        return found
    known = found[list(AMOUNTS)].where(found[list(AMOUNTS)].notna(), Decimal(0))
    by_firm = known.groupby(found["机构"], sort=True).sum()
    several = found["机构"].value_counts() > 1
    totals = by_firm[several.reindex(by_firm.index)].reset_index().assign(合同="小计")
    whole = pd.DataFrame([known.sum()]).assign(机构="合计", 合同="")
    return pd.concat([found, totals, whole], ignore_index=True)[list(columns)]


def _payments(accounts: Sequence[settlement.Account]) -> Any:
    columns = (
        "合同",
        "机构",
        "款项",
        "金额",
        "状态",
        "申请人",
        "复核人",
        "付款期限",
        "支付日期",
        "发票号码",
        "开票日期",
    )
    return _frame(
        columns,
        [
            (
                row.contract_name,
                row.firm_name,
                row.kind_label,
                row.amount,
                row.state_label[0],
                row.requester,
                row.checker,
                row.due_on,
                row.paid_on,
                row.invoice_number,
                row.invoice_on,
            )
            for each in accounts
            for row in each.payments
        ],
    )


def _appraisals(contracts: Sequence[contract.Contract]) -> Any:
    columns = ("合同", "机构", "被评价单位评分", "财政部门评分", "分差", "考评得分", "状态", "说明")
    rows: list[Sequence[Value]] = []
    for origin in contracts:
        row = appraisal.of_contract(origin.id)
        rows.append(
            (origin.name, origin.firm_name, None, None, None, None, "尚未开始", "")
            if row is None
            else (
                origin.name,
                origin.firm_name,
                row.unit_score,
                row.finance_score,
                row.gap,
                row.score,
                row.state_label[0],
                row.last_reason,
            )
        )
    return _frame(columns, rows)
