"""Amounts in 元."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.kernel.money import LARGEST, yuan, yuan_as_typed


@pytest.mark.parametrize(
    ("amount", "rounded"),
    ((Decimal("0.005"), "0.01"), ("180000", "180000.00"), (65000, "65000.00"), (Decimal("-1.005"), "-1.01")),
)
def test_yuan_is_rounded_to_the_fen(amount, rounded):
    assert str(yuan(amount)) == rounded


@given(st.integers(min_value=0, max_value=10**16 - 1))
def test_what_was_typed_is_what_is_kept(fen):
    text = f"{fen // 100}.{fen % 100:02}"
    assert str(yuan_as_typed(text)) == text


@pytest.mark.parametrize("text", ("1.005", "1.000", "-1", "1e3", "NaN", "1,000.00", "", "100000000000000"))
def test_what_is_no_amount_is_refused(text):
    with pytest.raises(ValueError, match=r"plain|fen|ledger"):
        yuan_as_typed(text)


def test_the_largest_amount_is_the_last_that_fits():
    assert yuan(LARGEST) == LARGEST
    with pytest.raises(ValueError, match="ledger"):
        yuan(LARGEST + Decimal("0.01"))
