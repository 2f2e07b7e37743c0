"""The appraisal score, at its edges."""

from decimal import Decimal

import pytest

from portal.appraisal.rules import Weights, appraisal_score


def rules(weight_unit="0.5"):
    return Weights(Decimal(weight_unit), 1 - Decimal(weight_unit))


def points(*totals):
    return [Decimal(total) for total in totals]


@pytest.mark.parametrize(
    ("units", "finance", "weight_unit", "appraisal"),
    (
        (("92.5",), ("86",), "0.5", "89.25"),
        (("90", "81"), ("88",), "0.5", "86.75"),  # units first among themselves
        (("88",), ("90.01",), "0.5", "89.01"),  # 89.005 goes up
        (("80", "80", "81"), ("80", "80", "79"), "0.5", "80.00"),  # thirds cancel out exactly
        (("90",), ("70",), "0.75", "85.00"),
        (("90",), ("70",), "0", "70.00"),
    ),
)
def test_appraisal_is_the_weighted_mean_of_both_parties(units, finance, weight_unit, appraisal):
    assert str(appraisal_score(points(*units), points(*finance), rules(weight_unit))) == appraisal


@pytest.mark.parametrize(("units", "finance"), ((("90",), ()), ((), ("90",)), ((), ())))
def test_nobodys_sheet_is_invented(units, finance):
    assert appraisal_score(points(*units), points(*finance), rules()) is None
    assert appraisal_score(points(*units), points(*finance), rules("0")) is None


@pytest.mark.parametrize("units", ((), ("95",)))
def test_a_veto_leaves_no_appraisal(units):
    assert str(appraisal_score(points(*units), points(*units), rules(), vetoed=True)) == "0.00"
