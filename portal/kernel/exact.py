"""Exact numbers: what may be read as one, means without loss, and the one way to round (四舍五入).

Intermediate values are `Fraction`, because a third of a point or of a fen has no finite decimal and its
rounding error would reach the second place. Nothing here is ever a float.
"""

import re
from collections.abc import Collection
from decimal import Decimal
from fractions import Fraction

Exact = Decimal | Fraction | int

_PLAIN = re.compile(r"[0-9]{1,16}(?:\.[0-9]{1,12})?", re.ASCII)


def plain_decimal(text: str) -> Decimal:
    """A non-negative number written with digits and at most one point: no sign, exponent, NaN or blanks.

    At most 16 digits before and 12 after the point, so that `Decimal` adds and scales it without loss.
    Raises ``ValueError`` for anything else.
    """
    if not _PLAIN.fullmatch(text):
        msg = "not a plain decimal"
        raise ValueError(msg)
    return Decimal(text)


def half_up(value: Exact) -> Decimal:
    """Two places, half away from zero.

    Raises ``TypeError`` for a float, ``ValueError`` for NaN and infinity.
    """
    if not isinstance(value, Decimal | Fraction | int):
        msg = "money and scores are never floats"
        raise TypeError(msg)
    if isinstance(value, Decimal) and not value.is_finite():
        msg = "not a finite number"
        raise ValueError(msg)
    hundredths = abs(Fraction(value)) * 100
    whole = (hundredths.numerator * 2 + hundredths.denominator) // (hundredths.denominator * 2)
    return Decimal(f"{'-' if value < 0 and whole else ''}{whole}E-2")


def mean(values: Collection[Exact]) -> Fraction:
    """The arithmetic mean, exact. Raises ``ValueError`` when there is nothing to average."""
    if not values:
        msg = "mean of nothing"
        raise ValueError(msg)
    return sum((Fraction(value) for value in values), Fraction()) / len(values)
