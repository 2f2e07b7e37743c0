"""Reading a contract's money: its ledger, what may be asked for, and how the settlement came about."""

from portal.settlement.queries.lists import balanced, everything, page_of, unsettled
from portal.settlement.queries.papers import deduction_paper, recovery_paper
from portal.settlement.queries.reasons import reasons
from portal.settlement.queries.reckoning import compute, derivations, terms_of
from portal.settlement.queries.rows import (
    Account,
    Askable,
    Moved,
    accepted_on,
    account,
    accounts_of,
    advance_due,
    due_by,
    lock_account,
    moved,
    of_contract,
    payment,
    payment_facts,
    recovery,
    request_facts,
    settlement,
    settlement_facts,
    stage_of,
)

__all__ = [
    "Account",
    "Askable",
    "Moved",
    "accepted_on",
    "account",
    "accounts_of",
    "advance_due",
    "balanced",
    "compute",
    "deduction_paper",
    "derivations",
    "due_by",
    "everything",
    "lock_account",
    "moved",
    "of_contract",
    "page_of",
    "payment",
    "payment_facts",
    "reasons",
    "recovery",
    "recovery_paper",
    "request_facts",
    "settlement",
    "settlement_facts",
    "stage_of",
    "terms_of",
    "unsettled",
]
