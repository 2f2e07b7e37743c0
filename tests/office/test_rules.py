"""The house's rules: numbers as typed, gaps, holiday files, who stands above whom, what may be published."""

from datetime import date
from uuid import uuid4

import pytest

from portal.office.rules import days, house, numbers, rulesets
from tenants import ruleset
from tenants.ruleset import KEYS, Layer, Stated

HOLIDAYS = ["2027-01-01", "2027-05-01", "2027-10-01", "2027-10-02", "2027-10-03"]
SOUND = [["日期", "安排", "依据"], *([day, "休息", "国办发明电〔2026〕9号"] for day in HOLIDAYS)]


@pytest.mark.parametrize(
    "typed",
    (
        "师财绩〔2023〕10号",
        "师财绩[2023]10号",
        "师财绩［２０２３］１０号文",
        "师财绩【2023】 010 号",
        "师财绩（2023）第10号",
    ),
)
def test_a_number_is_put_right_however_it_is_typed(typed: str) -> None:
    assert str(numbers.read_number(typed)) == "师财绩〔2023〕10号"


@pytest.mark.parametrize(
    "typed", ("师财绩2023 10号", "师〔2023〕10号", "师财绩〔1823〕1号", "师财绩〔2023〕0号", "")
)
def test_what_is_no_number_is_not_guessed(typed: str) -> None:
    assert numbers.read_number(typed) is None


def test_gaps_are_the_runs_below_the_highest() -> None:
    assert numbers.gaps([5, 2, 2]) == ((1, 1), (3, 4))
    assert numbers.gaps([1, 2, 3]) == ()


def test_a_number_is_taken_for_this_year_or_the_last_under_a_code_in_use() -> None:
    def codes(**facts: object) -> tuple[str, ...]:
        given = {"closed": False, "year": 2026, "this_year": 2026, "stem": "师财绩", **facts}
        return numbers.may_take(**given).codes  # type: ignore[arg-type]

    assert codes() == codes(year=2025) == ()
    assert codes(year=2024) == codes(year=2027) == ("office.number_year",)
    assert codes(closed=True) == ("office.code_closed",)


def test_a_duplicate_needs_a_reason_and_a_year_to_come_is_refused() -> None:
    asked = numbers.may_register

    assert asked(year=2023, this_year=2026, taken=True, reason=" ").codes == ("office.number_taken",)
    assert asked(year=2023, this_year=2026, taken=True, reason="原登记簿重号").codes == ()
    assert asked(year=2027, this_year=2026, taken=False, reason="").codes == ("office.number_ahead",)


def test_a_holiday_file_gives_every_day_of_its_year() -> None:
    table = [*SOUND, ["2027-02-06", "放假", "同上"], ["2027/2/14", "上班", "同上"]]

    plan, faults = days.read_days(table)

    assert faults == ()
    assert len(plan.years[2027]) == 365
    assert plan.years[2027][date(2027, 2, 14)] is True
    assert plan.years[2027][date(2027, 1, 2)] is False
    assert plan.years[2027][date(2027, 1, 4)] is True
    assert plan.sources == {2027: "国办发明电〔2026〕9号"}


@pytest.mark.parametrize(
    ("row", "column", "code"),
    (
        (["2027-02-30", "休息", "x"], "日期", "office.calendar_day"),
        (["2027-02-03", "也许", "x"], "安排", "office.calendar_word"),
        (["2027-02-03", "休息", ""], "依据", "office.calendar_source"),
        (["2027-01-01", "休息", "x"], "日期", "office.calendar_repeated"),
    ),
)
def test_each_fault_of_a_holiday_file_is_named_by_row(row: list[str], column: str, code: str) -> None:
    _, faults = days.read_days([*SOUND, row])

    assert [(each.row, each.column, each.code) for each in faults] == [(len(SOUND) + 1, column, code)]


def test_a_year_that_lacks_a_public_holiday_is_refused() -> None:
    _, faults = days.read_days(SOUND[:-1])

    assert [each.facts["day"] for each in faults] == [date(2027, 10, 3)]


def test_a_file_without_header_or_without_days_is_refused() -> None:
    assert days.read_days([["日", "x"]])[1][0].code == "office.calendar_header"
    assert days.read_days([])[1][0].code == "office.calendar_header"
    assert days.read_days([SOUND[0], ["", "", ""]])[1][0].code == "office.calendar_empty"


def test_the_nearest_bureau_above_passes_over_regions_without_one() -> None:
    parents = {"530323": "530300", "530300": "530000", "530000": None}

    assert house.nearest_above("530323", parents, {"530000"}) == "530000"
    assert house.nearest_above("530323", parents, {"530000", "530300"}) == "530300"
    assert house.nearest_above("530323", parents, set()) is None


def test_a_county_has_sections_of_another_rank_than_its_prefecture() -> None:
    assert house.first_sections("530323")[0][0] == "预算绩效管理股"
    assert house.first_sections("530300")[0][0] == "预算绩效管理科"


@pytest.mark.parametrize(
    ("name", "fits"), (("li.na", True), ("ab", False), ("Li", False), ("9li", False), ("l" * 33, False))
)
def test_usernames(name: str, *, fits: bool) -> None:
    assert house.is_username(name) is fits


def test_a_section_closes_when_it_is_empty() -> None:
    asked = house.may_close_section

    assert asked(closed=False, holders=(), codes=())
    assert asked(closed=False, holders=["甲"], codes=["师财绩"]).codes == (
        "office.section_has_posts",
        "office.section_has_codes",
    )


def test_publishing_is_for_another_person_from_today_on() -> None:
    drafter, today = uuid4(), date(2026, 11, 21)

    def codes(actor: object, day: date, faulty: tuple[str, ...] = ()) -> tuple[str, ...]:
        facts = rulesets.PublishFacts(today, day, drafter, actor, faulty)  # type: ignore[arg-type]
        return rulesets.may_publish(facts).codes

    assert codes(uuid4(), today) == ()
    assert codes(drafter, today) == ("office.own_rules",)
    assert codes(uuid4(), date(2026, 11, 20)) == ("office.rules_retroactive",)
    assert codes(uuid4(), today, ("qc.cutoff",)) == ("office.rules_faulty",)


def test_unset_values_say_what_stays_refused_and_tiers_replace_the_cutoff() -> None:
    thresholds = {"procurement.threshold_procure": "1.00", "procurement.threshold_open": "2.00"}

    assert rulesets.unset({}).codes == (
        "office.unset_cutoff",
        "office.unset_threshold_procure",
        "office.unset_threshold_open",
    )
    assert rulesets.unset({**thresholds, "fee.tiers": "[]"}).codes == ()


def test_a_national_floor_is_kept_and_an_unset_value_is_no_fault() -> None:
    def faults(**own: str) -> list[str]:
        layer = Layer("530323", {name.replace("__", "."): Stated(text) for name, text in own.items()})
        return [each.key for each in rulesets.faults_of(rulesets.laid(None, layer))]

    assert faults() == []
    assert faults(procurement__inquiry_min_wd="2") == ["procurement.inquiry_min_wd"]
    assert faults(procurement__inquiry_min_wd="5") == []


def test_a_value_without_national_default_needs_its_document() -> None:
    texts = {"qc.cutoff": "80", "qc.deduct_ratio": "0.2"}

    assert rulesets.unsourced(texts, {}) == ("qc.cutoff",)
    assert rulesets.unsourced(texts, {"qc.cutoff": "师财绩〔2026〕1号"}) == ()


def test_a_stored_set_gives_back_its_layers() -> None:
    own = Layer("530323", {"qc.cutoff": Stated("80", "师财绩〔2026〕1号")})
    whole = rulesets.whole_of(rulesets.laid(None, own))

    again = ruleset.merge(*rulesets.layers_of(whole))

    assert again == rulesets.laid(None, own)
    assert set(rulesets.texts_of(whole)) == {n for n, key in KEYS.items() if not key.optional} | {"qc.cutoff"}
