"""年度汇总: the workbook says what the pages say, to the fen, and computes nothing that somebody typed."""

import subprocess
import sys
from decimal import Decimal
from io import BytesIO
from typing import Any
from uuid import UUID

from flask import Flask
from openpyxl import load_workbook

from portal import appraisal, quality, ranking, settlement
from portal.access import Role
from portal.audit import timeline
from tenants import scope
from tests.ranking.makers import Year, a_draft_ranking, a_public_ranking
from tests.settlement.makers import confirm, paid, with_treasury
from tests.support.world import Browser


def fetched(app: Flask, year: Year, row_id: UUID, role: Role = Role.HANDLER) -> Any:
    """The workbook as an officer gets it."""
    page = f"/t/{year.one.bureau.code}/rankings/{row_id}"
    answer = Browser(app, year.one.person(role)).post(f"{page}/workbook", {}, page=page, status=200)
    return load_workbook(BytesIO(answer.data))


def read(sheet: Any) -> list[dict[str, Any]]:
    """The rows of a sheet below its header, by the header's words; numbers as they are shown."""
    header = int(sheet.freeze_panes[1:]) - 1
    names = [cell.value for cell in sheet[header]]
    return [
        {
            name: Decimal(str(cell.value)) if cell.number_format == "#,##0.00" else cell.value
            for name, cell in zip(names, row, strict=True)
        }
        for row in sheet.iter_rows(min_row=header + 1)
    ]


def test_the_workbook_says_what_the_pages_say(app: Flask, year: Year) -> None:
    row_id = a_draft_ranking(year)
    with_treasury(year.two)
    paid(confirm(year.two))
    book = fetched(app, year, row_id)
    assert [each.title for each in book] == [
        f"{year.year} 年度{name}" for name in ("排名", "质量得分", "扣费与应付", "支付", "考评")
    ]
    places, scores, money, payments, appraisals = map(read, book)

    with scope.entered(year.one.bureau.system):
        row = ranking.ranking(row_id)
        assert [(each["名次"], each["机构"], each["年度得分"], each["等级"]) for each in places] == [
            (each.rank, each.firm_name, each.score, each.grade) for each in ranking.rows_of(row)
        ]
        deals = {year.one.contract_id: year.one, year.two.contract_id: year.two}
        for contract_id, deal in deals.items():
            account = settlement.account(contract_id)
            own = next(each for each in money if each["合同"] == account.contract.name)
            ledger = account.ledger
            assert (own["合同价款"], own["质量扣费"], own["已付"]) == (
                ledger.fee,
                ledger.deducted,
                ledger.paid,
            )
            assert (own["应得"], own["应付"], own["应退"]) == (
                ledger.earned,
                ledger.payable,
                ledger.recoverable,
            )
            known, judged = quality.quality_of(contract_id), appraisal.of_contract(contract_id)
            assert known is not None
            assert judged is not None
            own = next(each for each in scores if each["合同"] == account.contract.name)
            assert (own["实施方案平均分"], own["合同质量得分"]) == (known.plan, known.score)
            own = next(each for each in appraisals if each["机构"] == deal.firm_name)
            assert (own["考评得分"], own["分差"]) == (judged.score, judged.gap)
        total = money[-1]
        assert (total["机构"], total["应得"]) == ("合计", sum(each["应得"] for each in money[:-1]))
        assert [(each["机构"], each["金额"], each["状态"]) for each in payments] == [
            (year.two.firm_name, settlement.account(year.two.contract_id).ledger.paid, "已支付")
        ]
        assert "ranking.summarise" in [each.verb for each in timeline(row_id)], "who took it is on file"


def test_what_begins_like_a_formula_stays_text_and_firms_get_none(app: Flask, year: Year) -> None:
    row_id = a_public_ranking(year)
    evil = '=HYPERLINK("http://example.invalid","点我")'
    with scope.unit_of_work(year.one.bureau.system):
        ranking.rows_of(ranking.ranking(row_id))[0].firm_name = evil

    sheet = fetched(app, year, row_id, Role.APPROVER).worksheets[0]
    found = next(cell for row in sheet.iter_rows() for cell in row if cell.value == evil)
    assert (found.data_type, found.quotePrefix) == ("s", True)
    firm = Browser(app, year.one.person(Role.FIRM_HANDLER))
    page = f"/t/{year.one.bureau.code}/rankings/{row_id}"
    firm.post(f"{page}/workbook", {}, page=page, status=404)


def test_the_portal_starts_without_pandas() -> None:
    asked = "import sys, portal.app; sys.exit('pandas' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", asked], check=False).returncode == 0  # noqa: S603 -- our own
