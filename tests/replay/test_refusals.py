"""What is no case: refused whole, each fault by the path of the value."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.replay import BadCase, read_json, replay
from tests.replay.makers import a_case, a_contract, a_quote, a_review, a_sheet, an_inquiry, years


def faults(case):
    """The paths at fault; empty for a sound case."""
    try:
        replay(case)
    except BadCase as bad:
        return [fault.path for fault in bad.faults]
    return []


def sound():
    """A case with one of everything."""
    three = [("F1", "100"), ("F2", "110"), ("F3", "120")]
    scored = [a_quote(firm, price, technical=["60", "62", "58"]) for firm, price in three]
    review = a_review(*scored, id="I2", ceiling="200", tie_order=["F2"])
    return a_case(
        [an_inquiry(*[a_quote(firm, price) for firm, price in three]), review],
        [a_contract(subject_fees=[{"id": "P1", "fee_share": "1000"}])],
    )


def test_the_sound_case_is_sound():
    assert faults(sound()) == []


def test_a_fault_reads_as_a_path_and_a_sentence():
    case = sound()
    change(case, ("contracts", 0, "sheets", 2, "total"), "100.01")
    with pytest.raises(BadCase, match=r"^contracts\[0\]\.sheets\[2\]\.total：分数应在 0 到 100 之间。$"):
        replay(case)


def change(case, path, value):
    """Set, or with ``...`` remove, the value at a path of keys and indexes."""
    *way, last = path
    for step in way:
        case = case[step]
    if value is ...:
        del case[last]
    else:
        case[last] = value


@pytest.mark.parametrize(
    ("way", "value", "path"),
    (
        # the whole
        (("extra",), 1, "extra"),
        (("tenant",), ..., "tenant"),
        (("tenant",), "530323", "tenant"),
        (("tenant", "code"), "53032", "tenant.code"),
        (("tenant", "code"), "５３０３２３", "tenant.code"),
        (("tenant", "code"), 530323, "tenant.code"),
        (("tenant", "name"), "", "tenant.name"),
        (("tenant", "mayor"), "x", "tenant.mayor"),
        (("year",), "2024", "year"),
        (("year",), 2024.0, "year"),
        (("year",), True, "year"),
        (("year",), 24, "year"),
        (("year",), ..., "year"),
        (("ruleset",), ..., "ruleset"),
        (("ruleset",), [], "ruleset"),
        (("tenders",), ..., "tenders"),
        (("tenders",), {}, "tenders"),
        (("contracts",), None, "contracts"),
        # tenders
        (("tenders", 0, "id"), "I2", "tenders[1].id"),
        (("tenders", 0, "id"), 1, "tenders[0].id"),
        (("tenders", 0, "id"), " I1", "tenders[0].id"),
        (("tenders", 0, "id"), "I\u200b1", "tenders[0].id"),
        (("tenders", 0, "method"), "auction", "tenders[0].method"),
        (("tenders", 0, "method"), ["inquiry"], "tenders[0].method"),
        (("tenders", 0, "price_weight"), "0.3", "tenders[0].price_weight"),
        (("tenders", 0, "quotes", 0, "technical"), ["60"], "tenders[0].quotes[0].technical"),
        (("tenders", 0, "ceiling"), 200000, "tenders[0].ceiling"),
        (("tenders", 0, "ceiling"), "0", "tenders[0].ceiling"),
        (("tenders", 0, "sme_deduction"), "1.1", "tenders[0].sme_deduction"),
        (("tenders", 0, "sme_deduction"), "1", "tenders[0].sme_deduction"),
        (("tenders", 0, "tie_order"), ["F9"], "tenders[0].tie_order[0]"),
        (("tenders", 0, "tie_order"), ["F1", "F1"], "tenders[0].tie_order[1]"),
        (("tenders", 0, "tie_order"), "F1", "tenders[0].tie_order"),
        (("tenders", 0, "quotes", 1, "firm"), "F1", "tenders[0].quotes[1].firm"),
        (("tenders", 0, "quotes", 1, "price"), "1e3", "tenders[0].quotes[1].price"),
        (("tenders", 0, "quotes", 1, "price"), "NaN", "tenders[0].quotes[1].price"),
        (("tenders", 0, "quotes", 1, "price"), "-5", "tenders[0].quotes[1].price"),
        (("tenders", 0, "quotes", 1, "price"), "0.00", "tenders[0].quotes[1].price"),
        (("tenders", 0, "quotes", 1, "price"), "1.005", "tenders[0].quotes[1].price"),
        (("tenders", 0, "quotes", 1, "price"), "1,000", "tenders[0].quotes[1].price"),
        (("tenders", 0, "quotes", 1, "price"), 100, "tenders[0].quotes[1].price"),
        (("tenders", 0, "quotes", 1, "price"), 99.5, "tenders[0].quotes[1].price"),
        (("tenders", 0, "quotes", 1, "price"), float("nan"), "tenders[0].quotes[1].price"),
        (("tenders", 0, "quotes", 1, "price"), None, "tenders[0].quotes[1].price"),
        (("tenders", 0, "quotes", 1, "price"), "9" * 15, "tenders[0].quotes[1].price"),
        (("tenders", 0, "quotes", 1, "late"), "false", "tenders[0].quotes[1].late"),
        (("tenders", 0, "quotes", 1, "justified"), None, "tenders[0].quotes[1].justified"),
        (("tenders", 0, "quotes", 1, "bonus"), "1", "tenders[0].quotes[1].bonus"),
        (("tenders", 0, "quotes", 1), "F2", "tenders[0].quotes[1]"),
        (("tenders", 1, "price_weight"), ..., "tenders[1].price_weight"),
        (("tenders", 1, "price_weight"), "1.01", "tenders[1].price_weight"),
        (("tenders", 1, "quotes", 0, "technical"), ..., "tenders[1].quotes[0].technical"),
        (("tenders", 1, "quotes", 0, "technical"), [], "tenders[1].quotes[0].technical"),
        (("tenders", 1, "quotes", 0, "technical"), ["60", "60"], "tenders[1].quotes[0].technical"),
        (("tenders", 1, "quotes", 0, "technical", 2), "70.01", "tenders[1].quotes[0].technical[2]"),
        (("tenders", 1, "quotes", 0, "technical", 2), 60, "tenders[1].quotes[0].technical[2]"),
        # contracts
        (("contracts", 0, "fee"), "-1", "contracts[0].fee"),
        (("contracts", 0, "fee"), "0", "contracts[0].fee"),
        (("contracts", 0, "fee"), ..., "contracts[0].fee"),
        (("contracts", 0, "subjects"), "P1", "contracts[0].subjects"),
        (("contracts", 0, "subjects"), ["P1", "P1"], "contracts[0].subjects[1]"),
        (("contracts", 0, "on_time"), 1, "contracts[0].on_time"),
        (("contracts", 0, "sheets"), ..., "contracts[0].sheets"),
        (("contracts", 0, "sheets", 2, "total"), "100.01", "contracts[0].sheets[2].total"),
        (("contracts", 0, "sheets", 2, "total"), "-1", "contracts[0].sheets[2].total"),
        (("contracts", 0, "sheets", 2, "total"), 80, "contracts[0].sheets[2].total"),
        (("contracts", 0, "sheets", 2, "stage"), "draft", "contracts[0].sheets[2].stage"),
        (("contracts", 0, "sheets", 2, "subject"), "P9", "contracts[0].sheets[2].subject"),
        (("contracts", 0, "sheets", 2, "expert"), "E1", "contracts[0].sheets[2]"),
        (("contracts", 0, "sheets", 2, "valid"), "yes", "contracts[0].sheets[2].valid"),
        (("contracts", 0, "appraisals", 0, "party"), "firm", "contracts[0].appraisals[0].party"),
        (("contracts", 0, "appraisals", 1, "unit"), "U1", "contracts[0].appraisals[1].unit"),
        (("contracts", 0, "appraisals", 1, "total"), "101", "contracts[0].appraisals[1].total"),
        (("contracts", 0, "subject_fees", 0, "fee_share"), "999.99", "contracts[0].subject_fees"),
        (("contracts", 0, "subject_fees", 0, "id"), "P9", "contracts[0].subject_fees[0].id"),
        (("contracts", 0, "subject_fees"), [], "contracts[0].subject_fees"),
        (
            ("contracts", 0, "subject_fees"),
            [{"id": "P1", "fee_share": "500"}] * 2,
            "contracts[0].subject_fees[1].id",
        ),
        (("contracts", 0, "sheets", 2, "stage"), ..., "contracts[0].sheets[2].stage"),
        # rule set
        (("ruleset",), {}, "ruleset.qc.cutoff"),
        (("ruleset", "qc.cutoff"), 80, "ruleset.qc.cutoff"),
        (("ruleset", "qc.cutoff"), "101", "ruleset.qc.cutoff"),
        (("ruleset", "qc.colour"), "red", "ruleset.qc.colour"),
        (("ruleset", "pay.days"), 30, "ruleset.pay.days"),
        (("ruleset", "qc.weight_plan"), "0.5", "ruleset.qc.weight_plan"),
        (("ruleset", "appraisal.weight_unit"), "0.6", "ruleset.appraisal.weight_unit"),
        (("ruleset", "ranking.weight_quality"), "0.1", "ruleset.ranking.weight_quality"),
        (("ruleset", "qc.deduct_ratio"), "10%", "ruleset.qc.deduct_ratio"),
        (("ruleset", "qc.scope"), "firm", "ruleset.qc.scope"),
        (("ruleset", "qc.min_valid_sheets"), "3", "ruleset.qc.min_valid_sheets"),
        (("ruleset", "qc.min_valid_sheets"), 0, "ruleset.qc.min_valid_sheets"),
        (("ruleset", "qc.trim_extremes"), 1, "ruleset.qc.trim_extremes"),
        (("ruleset", "ranking.mean"), "median", "ruleset.ranking.mean"),
        (("ruleset", "ranking.bands"), {"A": "90", "B": "90", "C": "60"}, "ruleset.ranking.bands.B"),
        (("ruleset", "ranking.bands"), {"A": "90", "B": "80", "E": "60"}, "ruleset.ranking.bands.E"),
        (("ruleset", "lowprice.mean"), "1.01", "ruleset.lowprice.mean"),
        (("ruleset", "fee.tiers"), [], "ruleset.fee.tiers"),
        (("ruleset", "fee.tiers"), [{"min": "60", "pay_ratio": "1"}], "ruleset.fee.tiers"),
        (("ruleset", "fee.tiers"), [{"min": "0"}], "ruleset.fee.tiers[0].pay_ratio"),
    ),
)
def test_what_cannot_be_is_refused_by_its_path(way, value, path):
    case = sound()
    change(case, way, value)
    assert path in faults(case)


@pytest.mark.parametrize(
    ("second", "path"),
    (
        ({"min": "60", "pay_ratio": "0.7"}, "ruleset.fee.tiers[1].pay_ratio"),
        ({"min": "0", "pay_ratio": "0.8"}, "ruleset.fee.tiers[1].min"),
        ({"min": "0", "pay_ratio": "0.9"}, "ruleset.fee.tiers[1].min"),
    ),
)
def test_tiers_must_rise(second, path):
    assert faults(a_case(fee__tiers=[{"min": "0", "pay_ratio": "0.8"}, second])) == [path]


@pytest.mark.parametrize("root", (None, [], "{}", 3))
def test_a_case_is_an_object(root):
    assert faults(root) == ["$"]


def test_every_fault_is_listed_at_once():
    case = sound()
    change(case, ("year",), "2024")
    change(case, ("tenders", 0, "quotes", 0, "price"), "1e5")
    change(case, ("contracts", 0, "sheets", 0, "total"), "120")
    change(case, ("contracts", 0, "subject_fees", 0, "fee_share"), "1")
    assert faults(case) == [
        "year",
        "tenders[0].quotes[0].price",
        "contracts[0].subject_fees",
        "contracts[0].sheets[0].total",
    ]


def test_one_fault_is_not_reported_twice_in_other_words():
    case = sound()
    change(case, ("contracts", 0, "subjects"), ...)
    assert faults(case) == ["contracts[0].subjects"]
    case = sound()
    change(case, ("contracts", 0, "fee"), "x")
    assert faults(case) == ["contracts[0].fee"]


def test_a_subject_without_its_fee_is_named():
    fees = [{"id": "P1", "fee_share": "1000"}]
    assert faults(a_case(contracts=[a_contract(subjects=["P1", "P2"], subject_fees=fees)])) == [
        "contracts[0].subject_fees"
    ]


def test_a_unit_fills_one_sheet_per_contract():
    rows = [{"party": "unit", "unit": "U1", "total": "90"}] * 2
    assert faults(a_case(contracts=[a_contract(appraisals=rows)])) == ["contracts[0].appraisals[1].unit"]


def test_an_expert_scores_once_even_where_one_sheet_is_invalid():
    rows = [a_sheet(), a_sheet(total="90", valid=False)]
    assert faults(a_case(contracts=[a_contract(sheets=rows)])) == ["contracts[0].sheets[1]"]


def test_the_same_expert_may_score_another_stage_and_another_subject():
    rows = [a_sheet(), a_sheet(stage="report"), a_sheet("P2")]
    assert faults(a_case(contracts=[a_contract(subjects=["P1", "P2"], sheets=rows)])) == []


def test_a_strange_key_is_quoted_in_its_path():
    case = sound()
    case["tenant"]["a b"] = 1
    assert faults(case) == ['tenant["a b"]']


@pytest.mark.parametrize(
    ("text", "path"),
    (
        (b"", "$"),
        (b"{", "$"),
        (b"\xff", "$"),
        (b'{"year": 1, "year": 2}', "year"),
        (b'{"tenders": [{"id": "I1"}, {"id": "I1", "id": "I2"}]}', "tenders[1].id"),
        (b"[" * 100000, "$"),
        (b'{"year": ' + b"9" * 5000 + b"}", "$"),
    ),
)
def test_what_is_no_clean_json_is_refused(text, path):
    with pytest.raises(BadCase) as refused:
        read_json(text)
    assert [fault.path for fault in refused.value.faults] == [path]


def test_a_byte_order_mark_is_no_fault():
    assert read_json(b"\xef\xbb\xbf{}") == {}


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(years(), JUNK, st.data())
def test_junk_anywhere_is_refused_or_harmless_but_never_a_crash(year, junk, data):
    spots = []

    def walk(value):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, inner in items:
            spots.append((value, key))
            if isinstance(inner, dict | list):
                walk(inner)

    walk(year)
    holder, key = data.draw(st.sampled_from(spots))
    holder[key] = junk
    try:
        answer: list[object] = list(replay(year))
    except BadCase as bad:
        answer = list(bad.faults)
    assert answer
