"""Standings of a year, at their edges."""

from dataclasses import replace
from decimal import Decimal

import pytest

from portal.kernel.money import yuan
from portal.kernel.score import score
from portal.ranking.rules import Engagement, annual_score, engagement_score, grade, standings
from tenants.ruleset import Band, MeanKind, RankingRules, YearBasis

BANDS = (Band("A", Decimal(90)), Band("B", Decimal(80)), Band("C", Decimal(60)))
RULES = RankingRules(
    bands=BANDS,
    weight_appraisal=Decimal(1),
    weight_quality=Decimal(0),
    mean=MeanKind.SIMPLE,
    min_engagements=1,
    year_basis=YearBasis.COMMISSION,
    publicity_workdays=5,
    answer_workdays=5,
)
MIXED = replace(RULES, weight_appraisal=Decimal("0.6"), weight_quality=Decimal("0.4"))


def job(firm, appraisal, quality=None, fee="100", on_time=True):
    return Engagement(firm, yuan(fee), score(appraisal), None if quality is None else score(quality), on_time)


def places(*engagements, rules=RULES):
    return [(row.rank, row.firm) for row in standings(engagements, rules)]


@pytest.mark.parametrize(
    ("points", "letter"),
    (
        ("100", "A"),
        ("90", "A"),
        ("89.99", "B"),
        ("80", "B"),
        ("79.99", "C"),
        ("60", "C"),
        ("59.99", "D"),
        ("0", "D"),
    ),
)
def test_a_band_begins_at_its_least_points(points, letter):
    assert grade(score(points), BANDS) == letter


def test_an_engagement_without_quality_counts_by_its_appraisal_alone():
    assert engagement_score(job("F1", "90"), MIXED) == 90
    assert engagement_score(job("F1", "90", "80"), MIXED) == 86


def test_an_engagement_is_not_rounded_before_the_mean():
    both = [job("F1", "80.01", "80.02"), job("F1", "80.01", "80.01")]  # 80.014 and 80.01
    assert str(annual_score(both, MIXED)) == "80.01"


def test_the_mean_by_fee_gives_weight_to_large_contracts():
    both = [job("F1", "89.01", "85.15", "100000"), job("F1", "80", None, "50000")]
    assert str(annual_score(both, replace(MIXED, mean=MeanKind.FEE_WEIGHTED))) == "84.98"
    assert str(annual_score(both, MIXED)) == "83.73"


def test_firms_stand_by_score_first():
    assert places(job("F1", "80"), job("F2", "90")) == [(1, "F2"), (2, "F1")]


def test_equal_scores_go_to_the_better_quality_and_unknown_comes_last():
    rows = places(job("F1", "80"), job("F2", "80", "70"), job("F3", "80", "0"), job("F4", "80", "75"))
    assert rows == [(1, "F4"), (2, "F2"), (3, "F3"), (4, "F1")]


def test_quality_breaks_a_tie_by_its_rounded_mean_over_the_known():
    first = [job("F1", "80", "70"), job("F1", "80"), job("F1", "80", "70.01")]  # 70.005 goes up
    assert places(*first, job("F2", "80", "70.01")) == [(1, "F1"), (1, "F2")]


def test_equal_quality_goes_to_the_larger_share_on_time():
    late = [job("F1", "80", on_time=False), job("F1", "80")]
    assert places(*late, job("F2", "80")) == [(1, "F2"), (2, "F1")]
    assert places(*late, job("F2", "80"), job("F2", "80", on_time=False)) == [(1, "F1"), (1, "F2")]


def test_equal_firms_share_a_dense_rank_and_stand_by_id():
    rows = places(job("F9", "80"), job("F10", "80"), job("F2", "70"), job("F1", "90"))
    assert rows == [(1, "F1"), (2, "F10"), (2, "F9"), (3, "F2")]


def test_a_firm_below_the_least_engagements_is_not_ranked():
    both = [job("F1", "80"), job("F1", "90"), job("F2", "99")]
    assert places(*both, rules=replace(RULES, min_engagements=2)) == [(1, "F1")]


def test_a_standing_says_what_it_rests_on():
    (row,) = standings([job("F1", "95", "70"), job("F1", "85", on_time=False)], RULES)
    assert (str(row.score), row.grade, row.engagements, str(row.quality)) == ("90.00", "A", 2, "70.00")
    assert row.on_time_share == Decimal("0.5")
