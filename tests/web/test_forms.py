"""Fields of finance: what is read as an amount, and that each fault is said once."""

from decimal import Decimal

import pytest
from werkzeug.datastructures import MultiDict
from wtforms import Form

from portal.web.forms import YuanField


class _Form(Form):
    amount = YuanField("金额")

    def validate_amount(self, field: YuanField) -> None:
        """As a form with a rule of its own does."""
        field.amount()


def _typed(text: str) -> _Form:
    return _Form(MultiDict({"amount": text}))


@pytest.mark.parametrize(
    ("text", "amount"),
    (
        ("180000", "180000.00"),
        ("180,000.5", "180000.50"),
        ("1，180，000", "1180000.00"),
        (" 12 ", "12.00"),
        ("0.01", "0.01"),
    ),
)
def test_an_amount_is_read_as_it_is_written(text: str, amount: str) -> None:
    form = _typed(text)

    assert form.validate()
    assert form.amount.amount() == Decimal(amount)


@pytest.mark.parametrize(
    "text",
    (
        "1 000",
        "1e9",
        "NaN",
        "０",
        "١٢",
        "-5",
        "+5",
        "12.345",
        "1,5",
        "1,2,3",
        "18,0000",
        ",100",
        "1,000,",
        "1.",
        ".5",
        "0x10",
        "1_000",
        "1.000,5",
    ),
)
def test_what_is_no_amount_is_refused_once(text: str) -> None:
    form = _typed(text)

    assert not form.validate()
    assert len(form.amount.errors) == 1
