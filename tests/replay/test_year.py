"""A tenant's year: the worked cases, what always holds, and the corners of the format."""

import json
from copy import deepcopy
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.replay import read_json, replay
from tests.replay.makers import a_case, a_contract, a_quote, a_review, a_sheet, an_inquiry, sheets, years

CASES = Path(__file__).with_name("cases")


@pytest.mark.parametrize("name", ("honghe-like", "tiers-like"))
def test_worked_case_comes_out_to_the_letter(name):
    outcome = replay(read_json((CASES / f"{name}.json").read_bytes()))
    expected = (CASES / f"{name}.expected.json").read_text(encoding="utf-8")
    assert json.dumps(outcome, ensure_ascii=False, indent=1) == expected.rstrip("\n")


@st.composite
def shuffled(draw):
    """A year, and the same year with every list in another order."""
    year = draw(years())

    def mix(value):
        if isinstance(value, dict):
            return {name: mix(value[name]) for name in draw(st.permutations(list(value)))}
        if isinstance(value, list):
            return draw(st.permutations([mix(item) for item in value]))
        return value

    other = mix(year)
    for tender in other["tenders"]:  # the drawn order is an order, not a list of inputs
        mine = next(one for one in year["tenders"] if one["id"] == tender["id"])
        if "tie_order" in mine:
            tender["tie_order"] = mine["tie_order"]
    return year, other


@given(shuffled())
def test_order_of_inputs_changes_only_the_order_of_output_lists(pair):
    def bare(outcome):
        for tender in outcome["tenders"]:
            tender["alerts"].sort()
        for contract in outcome["contracts"]:
            contract["subjects"].sort(key=lambda row: row["subject"])
        outcome["tenders"].sort(key=lambda row: row["id"])
        outcome["contracts"].sort(key=lambda row: row["id"])
        return outcome

    year, other = pair
    assert bare(replay(year)) == bare(replay(other))


@given(shuffled())
def test_output_lists_follow_the_input(pair):
    _, year = pair
    outcome = replay(year)
    assert [row["id"] for row in outcome["tenders"]] == [row["id"] for row in year["tenders"]]
    assert [row["id"] for row in outcome["contracts"]] == [row["id"] for row in year["contracts"]]
    for row, contract in zip(outcome["contracts"], year["contracts"], strict=True):
        assert [subject["subject"] for subject in row["subjects"]] == contract["subjects"]
    for row, tender in zip(outcome["tenders"], year["tenders"], strict=True):
        assert row["alerts"] == [q["firm"] for q in tender["quotes"] if q["firm"] in row["alerts"]]


@given(years())
def test_deduction_and_payable_make_the_fee_to_the_fen(year):
    for row, contract in zip(replay(year)["contracts"], year["contracts"], strict=True):
        assert Decimal(row["deduction"]) + Decimal(row["payable"]) == Decimal(contract["fee"])
        assert Decimal(row["deduction"]) >= 0
        assert Decimal(row["payable"]) >= 0


@given(years(), st.data())
def test_raising_a_total_never_lowers_a_payment_or_the_firms_place(year, data):
    places = [(c, s) for c, row in enumerate(year["contracts"]) for s in range(len(row["sheets"]))]
    if not places:
        return
    contract, sheet = data.draw(st.sampled_from(places))
    better = deepcopy(year)
    row = better["contracts"][contract]["sheets"][sheet]
    raised = data.draw(st.decimals(min_value=row["total"], max_value=100, places=3))
    row["total"] = format(raised, "f")

    before, after = replay(year), replay(better)
    for old, new in zip(before["contracts"], after["contracts"], strict=True):
        assert Decimal(new["payable"]) >= Decimal(old["payable"])
    firm = year["contracts"][contract]["firm"]
    old_rank = [row["rank"] for row in before["ranking"] if row["firm"] == firm]
    new_rank = [row["rank"] for row in after["ranking"] if row["firm"] == firm]
    assert new_rank <= old_rank
    assert len(new_rank) == len(old_rank)


def contract_of(**more):
    rules = more.pop("rules", {"qc__cutoff": "80"})
    return replay(a_case(contracts=[a_contract(**more)], **rules))["contracts"][0]


def test_at_the_cutoff_exactly_all_is_paid():
    assert contract_of()["deduction"] == "0.00"


def test_79_995_is_80_and_paid_in_full():
    found = contract_of(sheets=sheets(plan=("79.995",) * 3, report=("79.995",) * 3))
    assert (found["quality"], found["deduction"]) == ("80.00", "0.00")


def test_79_994_is_not():
    found = contract_of(sheets=sheets(plan=("79.994",) * 3, report=("79.994",) * 3))
    assert (found["quality"], found["deduction"]) == ("79.99", "100.00")


def test_an_invalid_sheet_counts_for_nothing():
    rows = [
        *sheets(plan=("80", "80"), report=("80", "80", "80")),
        a_sheet(expert="E9", total="0", valid=False),
    ]
    (subject,) = contract_of(sheets=rows)["subjects"]
    assert subject == {"subject": "P1", "plan": None, "report": "80.00", "quality": None}


def test_without_any_quality_nothing_is_deducted_and_the_appraisal_ranks_alone():
    outcome = replay(
        a_case(
            contracts=[a_contract(sheets=[])],
            qc__cutoff="80",
            ranking__weight_appraisal="0.5",
            ranking__weight_quality="0.5",
        )
    )
    assert outcome["contracts"][0]["quality"] is None
    assert outcome["contracts"][0]["payable"] == "1000.00"
    assert outcome["ranking"] == [{"rank": 1, "firm": "F1", "score": "85.00", "grade": "B", "contracts": 1}]


def test_by_contract_an_unscored_subject_shares_the_fate_of_the_rest():
    rows = sheets("P1", ("70",) * 3, ("70",) * 3)
    assert contract_of(subjects=["P1", "P2"], sheets=rows)["deduction"] == "100.00"


def test_by_subject_an_unscored_subject_is_paid():
    rows = sheets("P1", ("70",) * 3, ("70",) * 3)
    rules = {"qc__cutoff": "80", "qc__scope": "subject"}
    assert contract_of(subjects=["P1", "P2"], sheets=rows, rules=rules)["deduction"] == "50.00"


def test_by_contract_the_shares_do_not_matter():
    rows = sheets("P1", ("70",) * 3, ("70",) * 3)
    fees = [{"id": "P1", "fee_share": "0"}, {"id": "P2", "fee_share": "1000"}]
    assert contract_of(subjects=["P1", "P2"], sheets=rows, subject_fees=fees)["deduction"] == "100.00"


def test_shares_may_stand_in_any_order():
    rows = sheets("P1", ("70",) * 3, ("70",) * 3)
    fees = [{"id": "P2", "fee_share": "900"}, {"id": "P1", "fee_share": "100"}]
    rules = {"qc__cutoff": "80", "qc__scope": "subject"}
    found = contract_of(subjects=["P1", "P2"], sheets=rows, subject_fees=fees, rules=rules)
    assert found["deduction"] == "10.00"


def test_a_veto_takes_quality_appraisal_and_pay_even_where_the_lowest_tier_pays():
    tiers = [{"min": "0", "pay_ratio": "0.5"}]
    found = contract_of(vetoed=True, rules={"fee__tiers": tiers})
    shown = {name: found[name] for name in ("quality", "deduction", "payable", "appraisal")}
    assert shown == {"quality": "0.00", "deduction": "1000.00", "payable": "0.00", "appraisal": "0.00"}
    assert found["subjects"][0]["quality"] == "80.00"


def test_a_vetoed_contract_is_an_engagement_without_any_appraisal_sheet():
    outcome = replay(a_case(contracts=[a_contract(vetoed=True, appraisals=[])]))
    assert outcome["ranking"] == [{"rank": 1, "firm": "F1", "score": "0.00", "grade": "D", "contracts": 1}]


def test_tiers_win_over_a_cutoff_given_beside_them():
    tiers = [{"min": "0", "pay_ratio": "0.5"}, {"min": "80", "pay_ratio": "0.9"}]
    assert contract_of(rules={"qc__cutoff": "100", "fee__tiers": tiers})["deduction"] == "100.00"


def test_several_sheets_of_finance_are_averaged():
    rows = [{"party": "unit", "total": "90"}] + [
        {"party": "finance", "total": total} for total in ("70", "80")
    ]
    assert contract_of(appraisals=rows)["appraisal"] == "82.50"


def test_only_one_party_makes_no_engagement():
    outcome = replay(a_case(contracts=[a_contract(appraisals=[{"party": "unit", "total": "90"}])]))
    assert outcome["contracts"][0]["appraisal"] is None
    assert outcome["ranking"] == []


def test_own_bands_decide_the_grade():
    outcome = replay(
        a_case(contracts=[a_contract()], qc__cutoff="80", ranking__bands={"C": "70", "A": "85", "B": "80"})
    )
    assert outcome["ranking"][0]["grade"] == "A"


def test_a_quote_that_does_not_count_needs_no_technical_score():
    marks = {"technical": ["50", "50", "50"]}
    quotes = [a_quote(f"F{n}", "100", **marks) for n in (1, 2, 3)]
    out = [a_quote("F4", "100", late=True), a_quote("F5", "500", **marks)]
    (tender,) = replay(a_case([a_review(*quotes, *out, ceiling="100", tie_order=["F3", "F2", "F1"])]))[
        "tenders"
    ]
    assert (tender["awarded_to"], len(tender["ranked"])) == ("F3", 3)


def test_a_small_firm_wins_by_its_evaluated_price_and_is_paid_its_own():
    quotes = [a_quote("F1", "100"), a_quote("F2", "105", small=True), a_quote("F3", "110")]
    (tender,) = replay(a_case([an_inquiry(*quotes, sme_deduction="0.10")]))["tenders"]
    assert (tender["awarded_to"], tender["price"], tender["ranked"][0]["evaluated_price"]) == (
        "F2",
        "105.00",
        "94.50",
    )


def test_a_year_with_nothing_in_it_comes_out_empty():
    assert replay(a_case()) == {"tenders": [], "contracts": [], "ranking": []}
