"""Which firms may be invited, and what a grade does below the threshold and above it."""

from dataclasses import replace
from uuid import UUID

import pytest

from portal.commission.rules import Regime
from portal.tender.rules.prospects import (
    Kin,
    Namesake,
    ProspectFacts,
    Standing,
    Verdict,
    by_rank,
    heads_differ,
    may_invite,
)

FIRM = ProspectFacts(
    firm_id=UUID(int=1),
    name="明德会计师事务所",
    representative="张三",
    lead_evaluators=2,
    qualified=1,
    evaluated={"教育体育局"},
    namesakes=(),
    standing=None,
    load=0,
    regime=Regime.INTERNAL,
)


LIKE = Namesake("张三", Kin.UNIT, UUID(int=7), "水务局")


def graded(grade: str, earlier: str = "", *, binds: bool = True) -> Standing:
    return Standing(year=2025, grade=grade, earlier=earlier, binds=binds)


@pytest.mark.parametrize(
    ("change", "codes"),
    (
        ({}, ()),
        ({"lead_evaluators": 0, "qualified": 0}, ("tender.no_lead_evaluator",)),
        ({"qualified": 0}, ("tender.no_qualified_lead",)),
        ({"evaluated": {"明德会计师事务所"}}, ("tender.is_evaluated",)),
        ({"namesakes": [LIKE]}, ("tender.namesake_open",)),
        ({"namesakes": [replace(LIKE, verdict=Verdict.REJECTED)]}, ()),
        ({"namesakes": [replace(LIKE, verdict=Verdict.CONFIRMED)]}, ("tender.represents_confirmed",)),
        ({"namesakes": [replace(LIKE, sure=True)]}, ("tender.represents_evaluated",)),
        (
            {"namesakes": [replace(LIKE, sure=True, verdict=Verdict.REJECTED)]},
            ("tender.represents_evaluated",),
        ),
        ({"namesakes": [replace(LIKE, kin=Kin.FIRM)]}, ()),
        ({"standing": graded("A")}, ()),
        ({"standing": graded("C")}, ()),
        ({"standing": graded("C"), "load": 1}, ("tender.graded_low_busy",)),
        ({"standing": graded("C", "C")}, ("tender.graded_low_twice",)),
        ({"standing": graded("C", "D")}, ("tender.graded_low_twice",)),
        ({"standing": graded("C", "A"), "load": 1}, ("tender.graded_low_busy",)),
        ({"standing": graded("D")}, ("tender.graded_out",)),
        ({"standing": graded("D"), "regime": Regime.STATUTORY}, ()),
        ({"standing": graded("C", "C"), "load": 3, "regime": Regime.STATUTORY}, ()),
        ({"standing": graded("D", binds=False)}, ()),
        ({"standing": graded("B", "D")}, ()),
    ),
)
def test_a_firm_is_excluded_for_its_reason_alone(change, codes):
    assert may_invite(replace(FIRM, **change)).codes == codes


def test_every_reason_is_told_at_once():
    worst = replace(FIRM, qualified=0, namesakes=[LIKE], standing=graded("D"))

    assert may_invite(worst).codes == (
        "tender.no_qualified_lead",
        "tender.namesake_open",
        "tender.graded_out",
    )


def test_the_ranked_stand_first_by_their_last_year_and_place_in_it():
    standings = {"丙": (2025, 2), "乙": (2024, 1), "甲": (2025, 1), "丁": (None, None)}

    assert sorted(standings, key=lambda name: by_rank(*standings[name])) == ["甲", "丙", "乙", "丁"]


A, B, C = UUID(int=1), UUID(int=2), UUID(int=3)


def head(other: UUID, **found) -> Namesake:
    return Namesake("张三", Kin.FIRM, other, "", **found)


@pytest.mark.parametrize(
    ("found", "codes"),
    (
        ({}, ("tender.same_head_open",)),
        ({"verdict": Verdict.REJECTED}, ()),
        ({"verdict": Verdict.CONFIRMED}, ("tender.same_head",)),
        ({"sure": True}, ("tender.same_head",)),
    ),
)
def test_heads_of_one_name_are_one_until_a_person_found_them_two(found, codes):
    ruling = heads_differ([(A, "甲", [head(B, **found)]), (B, "乙", [head(A, **found)]), (C, "丙", [])])
    assert ruling.codes == codes
    assert [each.facts["firms"] for each in ruling.refusals] == [["乙", "甲"]] * len(codes)


def test_a_namesake_who_is_not_invited_bars_nobody():
    assert heads_differ([(A, "甲", [head(B)]), (C, "丙", [])])
