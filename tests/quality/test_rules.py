"""The quality score, at its edges."""

from decimal import Decimal
from fractions import Fraction

import pytest

from portal.kernel.score import score
from portal.quality.rules import contract_quality, quality_score, stage_mean, tallies
from tenants.ruleset import QcRules, Scope


def rules(weight_plan="0.40", min_valid_sheets=3, trim_extremes=False):
    return QcRules(
        weight_plan=Decimal(weight_plan),
        weight_report=1 - Decimal(weight_plan),
        cutoff=Decimal(80),
        deduct_ratio=Decimal("0.10"),
        scope=Scope.CONTRACT,
        min_valid_sheets=min_valid_sheets,
        trim_extremes=trim_extremes,
        scoring_workdays=10,
        objection_workdays=5,
    )


def points(*totals):
    return [Decimal(total) for total in totals]


@pytest.mark.parametrize(
    ("totals", "least", "trim", "mean"),
    (
        (("80", "81"), 3, False, None),
        (("80", "81", "85"), 3, False, Fraction(82)),
        ((), 1, False, None),
        (("80", "80", "79.98"), 3, False, Fraction("239.98") / 3),
        (("10", "70", "75", "80"), 3, True, Fraction("58.75")),  # four are not trimmed
        (("10", "70", "75", "80", "85"), 3, True, Fraction(75)),
        (("85", "10", "75", "80", "70"), 5, True, Fraction(75)),  # counted before trimming
        (("10", "70", "75", "80", "85"), 6, True, None),
        (("10", "10", "75", "85", "85"), 3, True, Fraction(170) / 3),  # one of equal extremes only
    ),
)
def test_stage_mean(totals, least, trim, mean):
    assert stage_mean(points(*totals), rules(min_valid_sheets=least, trim_extremes=trim)) == mean


@pytest.mark.parametrize(
    ("plan", "report", "quality"),
    (
        ("82.40", "78.00", "79.76"),
        ("80", "80", "80.00"),
        ("79.995", "79.995", "80.00"),
        ("79.994", "79.995", "79.99"),
    ),
)
def test_quality_is_weighted_and_rounded_half_up(plan, report, quality):
    assert str(quality_score(Fraction(plan), Fraction(report), rules())) == quality


def test_quality_comes_from_the_exact_means_not_from_rounded_ones():
    # The report's mean is 79.958333…, and 0.4 × 80 + 0.6 × mean is 79.975 exactly: a third cut off anywhere
    # would lose the half.
    plan = stage_mean(points("80", "80", "80"), rules())
    report = stage_mean(points("79.95", "79.96", "79.965"), rules())
    assert str(quality_score(plan, report, rules())) == "79.98"


@pytest.mark.parametrize(("plan", "report"), ((None, Fraction(80)), (Fraction(80), None), (None, None)))
def test_quality_is_unknown_unless_both_stages_were_scored(plan, report):
    assert quality_score(plan, report, rules()) is None
    assert quality_score(plan, report, rules(weight_plan="0")) is None


@pytest.mark.parametrize(
    ("qualities", "contract"),
    (
        (("79.76",), "79.76"),
        (("78.90", "91.40"), "85.15"),
        (("80.00", "80.01"), "80.01"),  # 80.005 goes up
        (("80.00", None), "80.00"),
        ((None, None), "None"),
    ),
)
def test_contract_quality_is_the_mean_of_the_known_subjects(qualities, contract):
    known = [None if quality is None else score(quality) for quality in qualities]
    assert str(contract_quality(known)) == contract


@pytest.mark.parametrize("qualities", ((), (None,), (score("95"),)))
def test_a_veto_leaves_no_quality(qualities):
    assert str(contract_quality(qualities, vetoed=True)) == "0.00"


def test_a_named_deduction_is_told_by_its_counts_and_not_by_whose_they_are():
    taken = [{"count": 2, "points": "1"}, {"count": 1, "points": "1"}, {"count": 1, "points": "1"}]
    item = {"deductions": [{"text": "每缺一要素", "taken": taken, "notes": [], "of": 4}]}

    (found,) = tallies(item)

    assert found.told == "每缺一要素 ×2 −2.00（1 位）、×1 −1.00（2 位），1 位没有扣"
