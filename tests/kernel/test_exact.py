"""Reading, averaging and rounding without loss."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.kernel.exact import half_up, mean, plain_decimal

NUMBERS = st.decimals(min_value=-(10**9), max_value=10**9, places=6)


@pytest.mark.parametrize(
    ("value", "rounded"),
    (
        (Decimal("79.995"), "80.00"),
        (Decimal("79.99499999999999999999999999"), "79.99"),
        (Decimal("-0.005"), "-0.01"),
        (Decimal("-0.004"), "0.00"),
        (Fraction(1, 3), "0.33"),
        (Fraction(2, 3), "0.67"),
        (Fraction(1, 200), "0.01"),
        (7, "7.00"),
    ),
)
def test_half_goes_up_and_nothing_less_does(value, rounded):
    assert str(half_up(value)) == rounded


@pytest.mark.parametrize("value", (0.1, "0.1", None))
def test_half_up_refuses_what_is_not_exact(value):
    with pytest.raises(TypeError):
        half_up(value)


@pytest.mark.parametrize("value", (Decimal("NaN"), Decimal("Infinity")))
def test_half_up_refuses_what_is_not_finite(value):
    with pytest.raises(ValueError, match="finite"):
        half_up(value)


@given(NUMBERS)
def test_half_up_is_the_nearest_hundredth(value):
    rounded = half_up(value)
    assert abs(Fraction(rounded) - Fraction(value)) <= Fraction(1, 200)
    assert half_up(rounded) == rounded


@given(NUMBERS, NUMBERS)
def test_half_up_keeps_order(one, other):
    low, high = sorted((one, other))
    assert half_up(low) <= half_up(high)


def test_mean_of_thirds_is_exact():
    assert mean([Decimal(80), Decimal(80), Decimal("79.98")]) == Fraction("239.98") / 3


def test_mean_of_nothing_is_refused():
    with pytest.raises(ValueError, match="nothing"):
        mean([])


@pytest.mark.parametrize("text", ("0", "0.5", "100", "88.345", "9999999999999999.999999999999"))
def test_plain_decimals_are_read(text):
    assert plain_decimal(text) == Decimal(text)


@pytest.mark.parametrize(
    "text", ("", "-1", "+1", "1e3", "NaN", "Infinity", "1.", ".5", " 1", "1\n", "1,000", "１", "1_0", "0x1")
)
def test_everything_else_is_no_plain_decimal(text):
    with pytest.raises(ValueError, match="plain"):
        plain_decimal(text)
