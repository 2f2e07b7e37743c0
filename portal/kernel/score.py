"""Points are `Score`: a `Decimal` from 0 to 100 with two places, rounded half up before any comparison."""

from decimal import Decimal
from typing import NewType

from portal.kernel.exact import Exact, half_up, plain_decimal

Score = NewType("Score", Decimal)

ZERO = Score(Decimal("0.00"))
FULL = Score(Decimal("100.00"))


def score(points: Exact | str) -> Score:
    """Points on the scale of 100, rounded half up. Raises ``ValueError`` outside 0 to 100."""
    exact = plain_decimal(points) if isinstance(points, str) else points
    rounded = half_up(exact)
    if exact < 0 or exact > FULL:
        msg = "points run from 0 to 100"
        raise ValueError(msg)
    return Score(rounded)
