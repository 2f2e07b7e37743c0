"""成交: the buyer decides on the report; the winner gets its letter, the others their reasons (令74)."""

from portal.award.actions import acknowledge, decide, refuse
from portal.award.invariants import invariants
from portal.award.models import Award, AwardLetter
from portal.award.queries import award, by_id, letter, letters

__all__ = [
    "Award",
    "AwardLetter",
    "acknowledge",
    "award",
    "by_id",
    "decide",
    "invariants",
    "letter",
    "letters",
    "refuse",
]
