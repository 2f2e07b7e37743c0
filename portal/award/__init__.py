"""成交: the buyer decides on the report; the winner gets its letter, the others their reasons (令74)."""

from portal.award.actions import acknowledge, decide, fail, refuse
from portal.award.invariants import invariants
from portal.award.models import Award, AwardLetter
from portal.award.queries import Unsigned, award, by_id, letter, letters, unsigned

__all__ = [
    "Award",
    "AwardLetter",
    "Unsigned",
    "acknowledge",
    "award",
    "by_id",
    "decide",
    "fail",
    "invariants",
    "letter",
    "letters",
    "refuse",
    "unsigned",
]
