"""抽取: candidates are drawn so that an outsider can compute the order again (财库〔2016〕198号).

Whoever needs chance asks here: experts' seats, subjects to be examined, equal prices. Each draw has a gapless
public number and an end.
"""

from portal.draw.actions import commit, end, release_names, seed
from portal.draw.invariants import invariants
from portal.draw.models import Draw
from portal.draw.queries import draw, draws_of, order, publishers, taken
from portal.draw.rules import Candidate, Excluded, Outcome, Purpose

__all__ = [
    "Candidate",
    "Draw",
    "Excluded",
    "Outcome",
    "Purpose",
    "commit",
    "draw",
    "draws_of",
    "end",
    "invariants",
    "order",
    "publishers",
    "release_names",
    "seed",
    "taken",
]
