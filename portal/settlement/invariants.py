"""What must always hold of a contract's money, and SQL cannot say; the broken rows in words."""

from collections.abc import Iterator
from decimal import Decimal

from sqlalchemy import select

from portal.kernel.money import NOTHING, Yuan
from portal.kernel.score import Score
from portal.settlement import queries
from portal.settlement.models import Settlement
from portal.settlement.rules import Part, deduction, equal_shares
from tenants.db import db


def invariants() -> Iterator[str]:
    """The broken rows of the tenant in scope; nothing where all is well."""
    for row in db.session.scalars(select(Settlement)):
        yield from _deduction_recomputes(row)
        yield from _ledger_balances(row)


def _deduction_recomputes(row: Settlement) -> Iterator[str]:
    parts = row.basis["parts"]
    shares = equal_shares(Yuan(row.fee), len(parts)) if parts else ()
    made = deduction(
        Yuan(row.fee),
        row.score,
        [
            Part(share, None if each["quality"] is None else Score(Decimal(each["quality"])))
            for share, each in zip(shares, parts, strict=True)
        ],
        queries.terms_of(row.terms_id),
        vetoed=row.vetoed,
    )
    if made != row.deducted:
        yield f"结算 {row.id}：质量扣费 {row.deducted} 与按质量约定重新计算的 {made} 不符"
    if sum((Decimal(each["amount"]) for each in row.penalty_lines), NOTHING) != row.penalties:
        yield f"结算 {row.id}：其他扣减与明细之和不符"


def _ledger_balances(row: Settlement) -> Iterator[str]:
    found = queries.account(row.contract_id)
    ledger = found.ledger
    if ledger.earned != row.earned:
        yield f"结算 {row.id}：合同价款、扣减与应得不平"
    owed = sum((each.amount for each in found.recoveries if not each.is_received), NOTHING)
    if found.confirmed and ledger.recoverable != owed:
        yield f"结算 {row.id}：应退 {ledger.recoverable} 元，退款通知为 {owed} 元"
    if row.balanced_at is not None and ledger.balance:
        yield f"结算 {row.id}：已结清，余额却为 {ledger.balance} 元"
    if ledger.paid > ledger.fee:
        yield f"结算 {row.id}：已付 {ledger.paid} 元，超过合同价款"
