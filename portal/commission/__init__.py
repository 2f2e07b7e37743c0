"""委托: a bureau lists what is to be evaluated, on which terms, and has it approved (财预〔2021〕6号).

Upstream of every purchase; a tender begins from an approved edition and never changes it.
"""

from portal.commission.actions import Draft, approve, correct, draft, note_purchase, return_, submit, withdraw
from portal.commission.invariants import invariants
from portal.commission.models import Commission, QualityTerms
from portal.commission.queries import Basis, basis, basis_of, bind, commission, counts, terms

__all__ = [
    "Basis",
    "Commission",
    "Draft",
    "QualityTerms",
    "approve",
    "basis",
    "basis_of",
    "bind",
    "commission",
    "correct",
    "counts",
    "draft",
    "invariants",
    "note_purchase",
    "return_",
    "submit",
    "terms",
    "withdraw",
]
