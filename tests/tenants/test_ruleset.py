"""Rule sets: every key typed, explained and founded; read, judged, merged and written without loss."""

import re
import tomllib
from dataclasses import fields
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.kernel.errors import Misconfigured
from portal.kernel.ruling import Clause
from tenants.ruleset import (
    GROUP_LABELS,
    KEYS,
    NATIONAL,
    BadRuleSet,
    Basis,
    Change,
    Effective,
    FeeRules,
    Layer,
    LowPriceRules,
    Mark,
    MonthDay,
    QcRules,
    RuleSet,
    Scope,
    Stated,
    Tier,
    completed,
    diff,
    dump,
    from_form,
    from_plain,
    keys,
    known,
    merge,
    national,
    parse,
    rules_of,
    texts,
    to_form,
    values_of,
)
from tenants.ruleset.kinds import tidy

NEEDED = {
    "qc.cutoff": "80",
    "procurement.threshold_procure": "500000.00",
    "procurement.threshold_open": "4000000.00",
}


def faults(call, *args, **kwargs):
    """The keys (with the place inside) that a reader refuses, and its sentences."""
    with pytest.raises(BadRuleSet) as refused:
        call(*args, **kwargs)
    assert all(re.search(r"[\u4e00-\u9fff].*。$", fault.message) for fault in refused.value.faults)
    return [f"{fault.key}{fault.at}" for fault in refused.value.faults]


# The register


def test_every_key_is_named_explained_and_stands_in_a_group():
    for key in KEYS.values():
        assert key.group in GROUP_LABELS, key.name
        assert key.label, key.name
        assert key.note.endswith("。"), key.name
        assert "\n" not in key.note, key.name
        assert key.kind.hint, key.name


def test_the_register_and_the_national_file_name_the_same_keys():
    national_file = tomllib.loads(Path(keys.__file__).with_name("national.toml").read_text(encoding="utf-8"))
    assert {f"{group}.{key}" for group, rows in national_file.items() for key in rows} == set(KEYS)


def test_labels_are_unique_so_that_a_page_can_be_read():
    labels = [(key.group, key.label) for key in KEYS.values()]
    assert len(set(labels)) == len(labels)


def test_every_field_of_every_group_has_its_key():
    register = {(key.group, key.attribute) for key in KEYS.values()}
    built = parse({}, strict=False)
    declared = {
        (group.name, field.name) for group in fields(built) for field in fields(getattr(built, group.name))
    }
    assert register == declared
    assert set(GROUP_LABELS) == {group.name for group in fields(RuleSet)}


@pytest.mark.parametrize(
    ("name", "shown"),
    (
        ("qc.weight_plan", "40%"),
        ("qc.cutoff", "不设"),
        ("qc.deduct_ratio", "10%"),
        ("qc.scope", "按合同"),
        ("qc.scoring_workdays", "10 个工作日"),
        ("qc.objection_workdays", "5 个工作日"),
        ("fee.tiers", "不设"),
        ("draw.offer_minutes", "30 分钟"),
        ("appraisal.gap", "15 分"),
        ("appraisal.fill_workdays", "10 个工作日"),
        ("grade.bands", "优 90；良 80；中 60 分"),
        ("ranking.bands", "A 90；B 80；C 60 分"),
        ("ranking.year_basis", "委托年度"),
        ("ranking.publicity_wd", "5 个工作日"),
        ("ranking.answer_wd", "5 个工作日"),
        ("preeval.mandatory_amount", "5,000,000.00 元"),
        ("library.min_score", "60 分"),
        ("monitor.progress", "09-30 达到 80%；11-30 达到 95%"),
        ("monitor.reports", "7、10 月"),
        ("procurement.threshold_procure", "不设"),
        ("procurement.inquiry_min_wd", "3 个工作日"),
        ("procurement.consult_min_days", "10 日"),
        ("procurement.price_weight_service", "10% 至 30%"),
        ("procurement.deposit_max", "2%"),
        ("lowprice.ceiling", "45%"),
        ("sme.consortium", "4% 至 6%"),
        ("complaint.decide", "30 个工作日"),
        ("pay.max_days", "60 日"),
        ("archive.procurement", "15 年"),
        ("expert.max_age", "69 周岁"),
        ("lead.min_years", "5 年"),
        ("lead.min_eval_years", "3 年"),
        ("log.retention", "36 个月"),
        ("rectify.deadline", "不设"),
    ),
)
def test_national_values_read_as_people_say_them(name, shown):
    assert KEYS[name].shown(KEYS[name].basis.value) == shown


def test_only_what_was_read_or_is_well_known_is_shown_as_law():
    for key in KEYS.values():
        if key.basis.mark in {Mark.READ, Mark.KNOWN}:
            assert key.basis.clause == Clause(key.basis.source, key.basis.article)
            assert key.basis.source
        else:
            assert key.basis.clause is None
            assert key.basis.article == "", key.name
            assert key.basis.floor is key.basis.ceiling is None, key.name
            assert not re.search(r"第.+条", str(key.basis)), key.name
        if key.basis.article:
            assert key.basis.mark is Mark.READ, key.name


@pytest.mark.parametrize(
    ("basis", "shown"),
    (
        (Basis(Mark.READ, source="《办法》", article="第四十五条"), "《办法》第四十五条"),
        (Basis(Mark.KNOWN, source="《办法》"), "《办法》"),
        (Basis(Mark.SEED, source="某县材料"), "地方做法：某县材料"),
        (Basis(Mark.DESIGN), "本系统建议值"),
        (Basis(Mark.VERIFY, source="《办法》", article="第九条"), "本系统建议值（依据待核对）"),
    ),
)
def test_a_basis_says_how_far_it_can_be_trusted(basis, shown):
    assert str(basis) == shown


# Typed text


@pytest.mark.parametrize(
    ("name", "typed", "stored"),
    (
        ("qc.cutoff", "80", "80"),
        ("qc.cutoff", " ８０．５０ 分", "80.5"),
        ("qc.cutoff", "100", "100"),
        ("qc.cutoff", "0", "0"),
        ("qc.weight_plan", "0.40", "0.4"),
        ("qc.weight_plan", "40%", "0.4"),
        ("qc.weight_plan", "４０ ％", "0.4"),
        ("qc.weight_plan", "100%", "1"),
        ("qc.weight_plan", "12.5%", "0.125"),
        ("qc.scope", "按评价对象", "subject"),
        ("qc.min_valid_sheets", "3", "3"),
        ("qc.trim_extremes", "是", "true"),
        ("qc.trim_extremes", "否", "false"),
        ("procurement.threshold_procure", "500000", "500000.00"),
        ("procurement.threshold_procure", "1，500，000.5 元", "1500000.50"),
        ("fee.tiers", "不设", ""),
        (
            "fee.tiers",
            "90 分起付 100%\n60分及以上：80%；0=0;",
            '[{"min":"0","pay_ratio":"0"},{"min":"60","pay_ratio":"0.8"},{"min":"90","pay_ratio":"1"}]',
        ),
        ("ranking.bands", "A：95；B：85；C：70 分", '{"A":"95","B":"85","C":"70"}'),
        ("grade.bands", "中 60；优 90；良 80", '{"优":"90","良":"80","中":"60"}'),
        ("sme.deduct_range", "10%-20%", '{"low":"0.1","high":"0.2"}'),
        ("sme.deduct_range", "0.1 至 0.2", '{"low":"0.1","high":"0.2"}'),
        ("rectify.deadline", "11月5日", "11-05"),
        ("rectify.deadline", "02-29", "02-29"),
        (
            "monitor.progress",
            "11月30日前达到95%；9-30 80%",
            '[{"by":"09-30","ratio":"0.8"},{"by":"11-30","ratio":"0.95"}]',
        ),
        ("monitor.reports", "10月、7月", "[7,10]"),
        ("monitor.reports", "7, 10", "[7,10]"),
    ),
)
def test_what_people_type_is_understood(name, typed, stored):
    assert from_form({name: typed}) == {name: stored}


@pytest.mark.parametrize(
    ("name", "typed", "place"),
    (
        ("qc.cutoff", "一百", ""),
        ("qc.cutoff", "100.01", ""),
        ("qc.cutoff", "-1", ""),
        ("qc.cutoff", "1e2", ""),
        ("qc.cutoff", "NaN", ""),
        ("qc.weight_plan", "40", ""),
        ("qc.weight_plan", "101%", ""),
        ("qc.weight_plan", "%", ""),
        ("qc.weight_plan", "不设", ""),
        ("qc.scope", "contract", ""),
        ("qc.min_valid_sheets", "三", ""),
        ("qc.min_valid_sheets", "0", ""),
        ("qc.min_valid_sheets", "2.0", ""),
        ("qc.trim_extremes", "true", ""),
        ("procurement.threshold_procure", "50,00", ""),
        ("procurement.threshold_procure", "0", ""),
        ("procurement.threshold_procure", "1.005", ""),
        ("procurement.threshold_procure", "999999999999999", ""),
        ("fee.tiers", "80", ""),
        ("fee.tiers", "；", ""),
        ("fee.tiers", "8095", ""),
        ("fee.tiers", "60 分起付 100%", ""),
        ("fee.tiers", "0 分起付 90%；60 分起付 80%", "[1].pay_ratio"),
        ("fee.tiers", "0 分起付 90%；0 分起付 95%", "[1].min"),
        ("ranking.bands", "A 90；B 80", ""),
        ("ranking.bands", "A 90；B 80；B 60", ""),
        ("ranking.bands", "A 90；B 90；C 60", ".B"),
        ("ranking.bands", "优 90；良 80；中 60", ""),
        ("sme.deduct_range", "20% 至 10%", ".low"),
        ("sme.deduct_range", "20%", ""),
        ("rectify.deadline", "02-30", ""),
        ("rectify.deadline", "年底", ""),
        ("monitor.progress", "09-30 达到 80%；9月30日达到 90%", "[1].by"),
        ("monitor.progress", "09-30 达到 80%；11-30 达到 70%", "[1].ratio"),
        ("monitor.reports", "7、7", ""),
        ("monitor.reports", "13", ""),
        ("monitor.reports", "、", ""),
        ("qc.colour", "red", ""),
    ),
)
def test_what_cannot_be_understood_is_refused_by_key(name, typed, place):
    assert faults(from_form, {name: typed}) == [name + place]


def test_an_empty_field_states_nothing():
    assert from_form({"qc.cutoff": "", "qc.deduct_ratio": " \u3000 "}) == {}


def test_all_faulty_fields_are_named_at_once():
    typed = {"qc.cutoff": "x", "pay.days": "3.5", "qc.scope": "按合同"}
    assert faults(from_form, typed) == ["qc.cutoff", "pay.days"]


def test_the_form_shows_what_was_stored():
    stored = {"qc.cutoff": "80", "fee.tiers": "", "qc.weight_plan": "0.4"}
    assert to_form(stored) == {"qc.cutoff": "80", "fee.tiers": "不设", "qc.weight_plan": "40%"}


# Stored text


@pytest.mark.parametrize(
    ("stored", "places"),
    (
        ({"qc.cutoff": 80}, ["qc.cutoff"]),
        ({"qc.cutoff": ""}, []),
        ({"qc.deduct_ratio": ""}, ["qc.deduct_ratio"]),
        ({"qc.min_valid_sheets": ""}, ["qc.min_valid_sheets"]),
        ({"qc.min_valid_sheets": "3.0"}, ["qc.min_valid_sheets"]),
        ({"qc.trim_extremes": "yes"}, ["qc.trim_extremes"]),
        ({"fee.tiers": '[{"min":"x"}, 3]'}, ["fee.tiers[0].pay_ratio", "fee.tiers[0].min", "fee.tiers[1]"]),
        ({"ranking.bands": "[]"}, ["ranking.bands"]),
        ({"ranking.bands": '{"A":"90","B":"80"}'}, ["ranking.bands.C"]),
        ({"monitor.progress": '[{"by":"9-30","ratio":"0.8"}]'}, ["monitor.progress[0].by"]),
        ({"qc.colour": "red"}, ["qc.colour"]),
    ),
)
def test_stored_values_are_read_strictly(stored, places):
    if places:
        assert sorted(faults(values_of, stored)) == sorted(places)
    else:
        assert set(values_of(stored).values()) == {None}


def test_without_anything_said_the_national_values_hold_and_gaps_stay_gaps():
    rules = parse({}, strict=False)
    assert rules.qc.weight_plan == Decimal("0.40")
    assert rules.qc.cutoff is None
    assert rules.procurement.threshold_open is None
    assert rules.rectify.deadline is None
    assert rules.monitor.progress[0].by == MonthDay(9, 30)


def test_what_takes_effect_must_fill_the_gaps():
    assert faults(parse, {}, strict=True) == list(NEEDED)
    assert parse(NEEDED, strict=True).qc.cutoff == 80


def test_tiers_make_the_cutoff_needless():
    stored = NEEDED | {"qc.cutoff": "", "fee.tiers": '[{"min":"0","pay_ratio":"1"}]'}
    rules = parse(stored, strict=True)
    assert (rules.qc.cutoff, rules.fee.tiers) == (None, (Tier(Decimal(0), Decimal(1)),))


@pytest.mark.parametrize(
    "pair",
    (
        ("qc.weight_plan", "qc.weight_report"),
        ("appraisal.weight_unit", "appraisal.weight_finance"),
        ("ranking.weight_appraisal", "ranking.weight_quality"),
    ),
)
def test_weights_must_add_up(pair):
    assert faults(parse, {pair[0]: "0.3", pair[1]: "0.6"}, strict=False) == list(pair)
    assert parse({pair[0]: "0.3", pair[1]: "0.7"}, strict=False)


def test_a_weight_that_cannot_be_read_is_not_also_blamed_for_the_sum():
    assert faults(parse, {"qc.weight_plan": "x"}, strict=False) == ["qc.weight_plan"]


@pytest.mark.parametrize(
    ("name", "lawful", "unlawful"),
    (
        ("procurement.inquiry_min_wd", "5", "2"),
        ("procurement.consult_min_days", "15", "9"),
        ("procurement.award_wd", "3", "6"),
        ("procurement.contract_days", "20", "31"),
        ("procurement.deposit_max", "0.01", "0.03"),
        ("procurement.price_weight_service", '{"low":"0.1","high":"0.2"}', '{"low":"0.1","high":"0.4"}'),
        ("procurement.price_weight_service", '{"low":"0.2","high":"0.3"}', '{"low":"0.05","high":"0.3"}'),
        ("lowprice.mean", "0.65", "0.66"),
        ("lowprice.mean", "0.5", "0.49"),
        ("lowprice.explain_minutes", "60", "29"),
        ("query.answer_wd", "5", "8"),
        ("complaint.file_wd", "20", "14"),
        ("pay.days", "20", "31"),
        ("archive.procurement", "30", "14"),
        ("expert.max_age", "65", "70"),
        ("log.retention", "6", "5"),
    ),
)
def test_a_tenant_may_be_stricter_than_the_nation_but_not_laxer(name, lawful, unlawful):
    assert parse(NEEDED | {name: lawful}, strict=True)
    assert parse({name: unlawful}, strict=False)
    assert faults(parse, NEEDED | {name: unlawful}, strict=True) == [name]


def test_the_refusal_names_the_limit_and_the_clause():
    with pytest.raises(
        BadRuleSet, match=r"不得低于 3 个工作日（《政府采购非招标采购方式管理办法》.+第四十五条）"
    ):
        parse(NEEDED | {"procurement.inquiry_min_wd": "1"}, strict=True)


@pytest.mark.parametrize(
    ("stored", "name"),
    (
        ({"procurement.threshold_open": "400000.00"}, "procurement.threshold_procure"),
        ({"pay.max_days": "20"}, "pay.days"),
        ({"lead.min_years": "2"}, "lead.min_eval_years"),
        ({"lowprice.upper_limit": "0.5", "lowprice.mean": "0.6"}, "lowprice.mean"),
    ),
)
def test_values_that_contradict_each_other_do_not_take_effect(stored, name):
    assert faults(parse, NEEDED | stored, strict=True) == [name]


def test_a_missing_value_is_refused_by_name_where_it_is_needed():
    with pytest.raises(Misconfigured) as refused:
        known(parse({}, strict=False).qc.cutoff, "qc.cutoff")
    assert refused.value.key == "qc.cutoff"
    assert known(Decimal(0), "qc.cutoff") == 0


# Groups and plain data


def test_a_group_can_be_taken_alone():
    values = from_plain({"qc.cutoff": "75", "qc.min_valid_sheets": 2}, ("qc.cutoff", "qc.min_valid_sheets"))
    rules = rules_of(QcRules, values)
    assert (rules.cutoff, rules.min_valid_sheets, rules.scope) == (Decimal(75), 2, Scope.CONTRACT)
    assert rules_of(FeeRules, values) == FeeRules(None)


def test_plain_data_knows_only_the_keys_it_was_told():
    assert faults(from_plain, {"pay.days": 20}, ("qc.cutoff",)) == ["pay.days"]


def test_national_limits_are_not_asked_of_plain_data():
    values = from_plain({"lowprice.mean": "0.90"}, ("lowprice.mean",))
    assert rules_of(LowPriceRules, values).mean == Decimal("0.90")


# Layers


def test_the_nearest_layer_wins_and_is_remembered():
    prefecture = Layer("532500", {"qc.cutoff": Stated("80", "州级办法"), "qc.deduct_ratio": Stated("0.2")})
    county = Layer("532501", {"qc.cutoff": Stated("85", "县级办法", "第六条", date(2026, 1, 1))})
    holds = merge(national(), prefecture, county)
    assert holds["qc.cutoff"] == Effective(Stated("85", "县级办法", "第六条", date(2026, 1, 1)), "532501")
    assert (holds["qc.deduct_ratio"].stated.text, holds["qc.deduct_ratio"].layer) == ("0.2", "532500")
    assert holds["pay.days"].layer == NATIONAL
    assert list(holds) == [name for name in KEYS if name in holds]


def test_a_value_of_tomorrow_does_not_hold_today():
    prefecture = Layer("532500", {"qc.cutoff": Stated("80")})
    county = Layer("532501", {"qc.cutoff": Stated("85", effective_on=date(2026, 6, 1))})
    assert merge(prefecture, county, on=date(2026, 5, 31))["qc.cutoff"].stated.text == "80"
    assert merge(prefecture, county, on=date(2026, 6, 1))["qc.cutoff"].stated.text == "85"
    assert merge(prefecture, county)["qc.cutoff"].stated.text == "85"


def test_national_values_hold_on_any_day():
    assert set(merge(national(), on=date(2000, 1, 1))) == set(national().values)


def test_a_county_may_unset_what_its_prefecture_set():
    prefecture = Layer("532500", {"fee.tiers": Stated('[{"min":"0","pay_ratio":"1"}]')})
    county = Layer("532501", {"fee.tiers": Stated(""), "qc.cutoff": Stated("80")})
    stored = texts(merge(national(), prefecture, county))
    assert "fee.tiers" not in stored
    assert parse(stored, strict=False).fee.tiers is None


def test_the_difference_is_told_in_the_order_of_the_register():
    before = {"pay.days": "30", "qc.cutoff": "80", "fee.tiers": ""}
    after = {"pay.days": "20", "qc.scope": "subject"}
    assert diff(before, after) == (
        Change("qc.cutoff", "80", None),
        Change("qc.scope", None, "subject"),
        Change("pay.days", "30", "20"),
    )
    assert diff(before, before) == ()


@pytest.mark.parametrize(
    ("stated", "stored"),
    (
        (Stated("80"), {"text": "80"}),
        (
            Stated("80", "县级办法", "第六条", date(2026, 1, 1)),
            {"text": "80", "source": "县级办法", "article": "第六条", "effective_on": "2026-01-01"},
        ),
    ),
)
def test_a_statement_is_stored_with_its_document(stated, stored):
    assert stated.to_stored() == stored
    assert Stated.from_stored(stored) == stated


# Round trips

RATIOS = st.decimals(min_value=0, max_value=1, places=6)
POINTS = st.decimals(min_value=0, max_value=100, places=3)


def _share(first, second):
    return RATIOS.map(lambda ratio: {first: format(ratio, "f"), second: format(1 - ratio, "f")})


@st.composite
def _tiers(draw):
    starts = sorted(draw(st.sets(POINTS.filter(bool), max_size=4)) | {Decimal(0)})
    pays = sorted(draw(st.lists(RATIOS, min_size=len(starts), max_size=len(starts))))
    return [{"min": format(s, "f"), "pay_ratio": format(p, "f")} for s, p in zip(starts, pays, strict=True)]


@st.composite
def plain_rules(draw):
    """Plain values for keys of every kind."""
    bands = sorted(draw(st.sets(POINTS, min_size=3, max_size=3)), reverse=True)
    low, high = sorted(draw(st.tuples(RATIOS, RATIOS)))
    days = sorted(draw(st.sets(st.dates(date(2024, 1, 1), date(2024, 12, 31)), min_size=1, max_size=4)))
    spent = sorted(draw(st.lists(RATIOS, min_size=len(days), max_size=len(days))))
    targets = [{"by": f"{d:%m-%d}", "ratio": format(r, "f")} for d, r in zip(days, spent, strict=True)]
    amount = draw(st.decimals(min_value="0.01", max_value="99999999999999.99", places=2))
    return {
        **draw(_share("qc.weight_plan", "qc.weight_report")),
        **draw(_share("ranking.weight_appraisal", "ranking.weight_quality")),
        "qc.cutoff": format(draw(POINTS), "f"),
        "qc.scope": draw(st.sampled_from(("contract", "subject"))),
        "qc.trim_extremes": draw(st.booleans()),
        "qc.min_valid_sheets": draw(st.integers(min_value=1, max_value=99)),
        "fee.tiers": draw(_tiers()),
        "ranking.bands": dict(zip("ABC", (format(band, "f") for band in bands), strict=True)),
        "procurement.threshold_open": format(amount, "f"),
        "procurement.price_weight_service": {"low": format(low, "f"), "high": format(high, "f")},
        "monitor.progress": targets,
        "monitor.reports": sorted(draw(st.sets(st.integers(1, 12), min_size=1))),
        "rectify.deadline": f"{draw(st.sampled_from(days)):%m-%d}",
    }


@given(plain_rules())
def test_plain_stored_and_typed_values_are_the_same_values(plain):
    values = from_plain(plain, plain)
    stored = {name: KEYS[name].kind.to_text(values[name]) for name in plain}
    assert values_of(stored) == {name: values[name] for name in plain}
    assert from_form(to_form(stored)) == stored
    for name in plain:
        kind = KEYS[name].kind
        assert kind.from_plain(kind.to_plain(values[name])) == values[name]
        assert kind.from_form(tidy(kind.to_form(values[name]))) == values[name]


@given(plain_rules())
def test_a_dumped_rule_set_is_parsed_to_an_equal_one(plain):
    rules = parse(
        {name: KEYS[name].kind.to_text(KEYS[name].kind.from_plain(raw)) for name, raw in plain.items()},
        strict=False,
    )
    again = dump(rules)
    assert parse(again, strict=False) == rules
    assert dump(parse(again, strict=False)) == again


def test_completing_keeps_what_was_said():
    values = completed({"qc.cutoff": Decimal(75)})
    assert set(values) == set(KEYS)
    assert (values["qc.cutoff"], values["pay.days"]) == (Decimal(75), 30)


@given(st.dictionaries(st.sampled_from(tuple(KEYS)), st.text(max_size=12)))
def test_any_text_is_read_or_refused(anything):
    for reader in (from_form, values_of):
        try:
            found = reader(anything)
        except BadRuleSet as bad:
            found = {fault.key: fault for fault in bad.faults}
        assert set(found) <= set(anything)
