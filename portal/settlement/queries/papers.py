"""What a firm is told on paper: what was deducted, and what it has to give back."""

from decimal import Decimal

from sqlalchemy import select

from portal import document
from portal.kernel.hashing import told_id
from portal.kernel.workdays import day_of
from portal.settlement.models import Recovery, Settlement
from portal.settlement.rules import Ledger
from tenants.db import db, tenant_of_session
from tenants.models import Tenant


def bureau_name() -> str:
    """The bureau that settles."""
    return db.session.scalar(select(Tenant.name).where(Tenant.id == tenant_of_session())) or ""


def deduction_paper(row: Settlement) -> document.Paper:
    """质量扣费通知书: by which score and clause how much is taken from the fee."""
    scored = f"{row.quality:.2f} 分" if row.quality is not None else "未抽评"
    return document.Paper(
        title="质量扣费通知书",
        to=row.firm_name,
        blocks=(
            document.Text(f"根据“{row.contract_name}”合同的质量条款，现将结算结果通知如下。"),
            document.Pairs(
                (
                    ("合同价款", f"{row.fee:,.2f} 元"),
                    ("质量得分", "经核实一票否决" if row.vetoed else scored),
                    ("质量扣费", f"{row.deducted:,.2f} 元"),
                    ("其他扣减", f"{row.penalties:,.2f} 元"),
                    ("应得价款", f"{row.earned:,.2f} 元"),
                    ("质量约定编号", told_id(row.terms_id)),
                )
            ),
            *(
                (
                    document.Table(
                        ("扣减依据的条款", "事实", "金额（元）"),
                        tuple(
                            (each["clause"], each["reason"], f"{Decimal(each['amount']):,.2f}")
                            for each in row.penalty_lines
                        ),
                    ),
                )
                if row.penalty_lines
                else ()
            ),
        ),
        signed_by=bureau_name(),
        dated=day_of(row.confirmed_at or row.computed_at),
    )


def recovery_paper(row: Recovery, ledger: Ledger) -> document.Paper:
    """退款通知书: what was paid above what was earned."""
    return document.Paper(
        title="退款通知书",
        to=row.firm_name,
        blocks=(
            document.Text(
                f"“{row.contract_name}”合同已经结算。已付价款超过应得价款，请将下列应退款退回本局，并注明合同名称。"
            ),
            document.Pairs(
                (
                    ("应得价款", f"{ledger.earned:,.2f} 元"),
                    ("已付价款", f"{ledger.paid:,.2f} 元"),
                    ("应退款", f"{row.amount:,.2f} 元"),
                )
            ),
        ),
        signed_by=bureau_name(),
        dated=day_of(row.demanded_at),
    )
