"""Money is `Yuan`: a `Decimal` in 元 with two places. 万元 exists only where people read and type."""

from decimal import Decimal
from typing import NewType

from portal.kernel.exact import Exact, half_up, plain_decimal

Yuan = NewType("Yuan", Decimal)

NOTHING = Yuan(Decimal("0.00"))
LARGEST = Yuan(Decimal("99999999999999.99"))


def yuan(amount: Exact | str) -> Yuan:
    """An amount in 元, rounded half up to the fen.

    Raises ``ValueError`` for text that is no plain decimal and for what does not fit `LARGEST`.
    """
    exact = plain_decimal(amount) if isinstance(amount, str) else amount
    rounded = half_up(exact)
    if abs(rounded) > LARGEST:
        msg = "more money than the ledger can hold"
        raise ValueError(msg)
    return Yuan(rounded)


def yuan_as_typed(text: str) -> Yuan:
    """An amount in 元 exactly as written: at most two places, nothing is rounded away.

    Raises ``ValueError`` for a third place, a sign, an exponent, separators or NaN.
    """
    _, _, places = text.partition(".")
    if len(places) > 2:  # noqa: PLR2004 (the fen is the second place)
        msg = "less than one fen"
        raise ValueError(msg)
    return yuan(text)
