"""Points on the scale of 100."""

from decimal import Decimal
from fractions import Fraction

import pytest

from portal.kernel.score import score


@pytest.mark.parametrize(
    ("points", "rounded"),
    (
        ("79.995", "80.00"),
        (Fraction(2, 3), "0.67"),
        (100, "100.00"),
        (Decimal(0), "0.00"),
        ("88.345", "88.35"),
    ),
)
def test_score_has_two_places_half_up(points, rounded):
    assert str(score(points)) == rounded


@pytest.mark.parametrize("points", ("100.001", Decimal("-0.001"), 101, Fraction(-1, 3)))
def test_score_outside_the_scale_is_refused(points):
    with pytest.raises(ValueError, match="100"):
        score(points)
