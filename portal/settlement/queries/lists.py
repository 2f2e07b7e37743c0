"""The lists: every contract under which money moves, and every payment."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Select, select

from portal import contract
from portal.settlement.models import Money, Payment, Settlement
from portal.settlement.queries.rows import Account, accounts_of
from portal.web.listing import Listing, Sort, listing, read_decimal, read_instant
from tenants.db import db

SORTS: Mapping[str, Sort] = {
    "name": Sort(Payment.contract_name.expression),
    "amount": Sort(Payment.amount.expression, read_decimal),
    "due": Sort(Payment.due_by.expression, read_instant),
    "touched": Sort(Payment.touched_at.expression, read_instant),
}


def named(rows: Select[Any], of: type[Money], arguments: Mapping[str, str]) -> Select[Any]:
    """Those whose contract or firm is called by the words of a search."""
    words = arguments.get("q", "").strip()
    if not words:
        return rows
    return rows.where(
        of.contract_name.icontains(words, autoescape=True) | of.firm_name.icontains(words, autoescape=True)
    )


def matching(arguments: Mapping[str, str]) -> Select[Payment]:
    """The payments a search asks for: words of contract or firm, a state."""
    rows = named(select(Payment), Payment, arguments)
    if state := arguments.get("state"):
        rows = rows.where(Payment.state == state)
    return rows


def page_of(arguments: Mapping[str, str], *, path: str, export_url: str = "") -> Listing:
    """One page of the payments, the last touched first."""
    return listing(
        matching(arguments),
        key=Payment.id.expression,
        sorts=SORTS,
        arguments=arguments,
        path=path,
        default="-touched",
        kept=("q", "state"),
        export_url=export_url,
    )


def everything(arguments: Mapping[str, str]) -> list[Payment]:
    """All payments a search asks for, for the workbook."""
    return list(db.session.scalars(matching(arguments).order_by(Payment.touched_at.desc())))


def unsettled() -> list[Account]:
    """Every contract in force that is not settled to the end, with its money; four statements."""
    return [
        each
        for each in accounts_of(contract.signed())
        if each.settlement is None or each.settlement.balanced_at is None
    ]


def balanced(arguments: Mapping[str, str], *, path: str) -> Listing:
    """One page of the settlements under which nothing is owed any more, the last one first."""
    return listing(
        named(select(Settlement).where(Settlement.balanced_at.is_not(None)), Settlement, arguments),
        key=Settlement.id.expression,
        sorts={
            "name": Sort(Settlement.contract_name.expression),
            "deducted": Sort(Settlement.deducted.expression, read_decimal),
            "earned": Sort(Settlement.earned.expression, read_decimal),
            "balanced": Sort(Settlement.balanced_at.expression, read_instant),
        },
        arguments=arguments,
        path=path,
        default="-balanced",
        kept=("q",),
    )
