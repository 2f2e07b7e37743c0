"""结算: what of the fee is earned, deducted and paid, by the quality terms of the contract.

保障中小企业款项支付条例 §9: within 30 days of acceptance, or as agreed up to 60.
"""

from portal.settlement.actions import (
    Invoice,
    Penalty,
    acknowledge,
    adjust,
    check,
    confirm,
    pay,
    receive,
    request,
    return_,
)
from portal.settlement.invariants import invariants
from portal.settlement.models import Payment, Recovery, Settlement
from portal.settlement.queries import (
    Account,
    Moved,
    account,
    account_for,
    accounts_of,
    money_of,
    of_contract,
    payment,
    recovery,
    settlement,
)

__all__ = [
    "Account",
    "Invoice",
    "Moved",
    "Payment",
    "Penalty",
    "Recovery",
    "Settlement",
    "account",
    "account_for",
    "accounts_of",
    "acknowledge",
    "adjust",
    "check",
    "confirm",
    "invariants",
    "money_of",
    "of_contract",
    "pay",
    "payment",
    "receive",
    "recovery",
    "request",
    "return_",
    "settlement",
]
