"""What entries are worth: the floor at zero, steps, folding, reasons, vetoes, and two tabs joined."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.scoresheet.queries import shipped
from portal.scoresheet.rules import (
    EMPTY,
    Entries,
    Form,
    ItemKind,
    draft_answer,
    entries_read,
    fill,
    form_of,
    laid_out,
    lead_days_points,
    merge,
    typed_base,
)
from portal.scoresheet.rules.posting import fields_of

FORMS = {code: form_of(raw) for code, raw in shipped().items()}
KP_UNIT, KP_FIN, QC_LEADER, QC_PLAN = (FORMS[code] for code in ("KP_UNIT", "KP_FIN", "QC_LEADER", "QC_PLAN"))
HELP = "12"  # 对改进工作的帮助, the judgement of KP_UNIT
EXACT = {"QC_LEADER": Decimal("88.50"), "QC_PLAN": Decimal("82.40"), "QC_REPORT": Decimal("78.00")}


def taken(index: int, count: int = 1, points: str = "1", note: str = "") -> dict[str, Any]:
    """One deduction."""
    return {"deduction": index, "count": count, "points": points, "note": note}


def sheet(items: dict[str, Any] | None = None, vetoes: dict[str, str] | None = None) -> Entries:
    """Entries of KP_UNIT whose judgement is given in full, but for ``items``."""
    return {"items": {HELP: {"points": "10"}, **(items or {})}, "vetoes": vetoes or {}}


def codes(form: Form, entries: Entries, **more: Any) -> list[tuple[str, str]]:
    """Where and why the sheet cannot be handed in."""
    return [(fault.path, fault.code) for fault in fill(form, entries, **more).faults]


def test_an_untouched_sheet_has_lost_nothing_but_its_judgement() -> None:
    filled = fill(KP_UNIT, EMPTY)

    assert (filled.total, filled.missing, filled.faults) == (Decimal(90), (12,), ())
    assert not filled.complete
    assert fill(KP_UNIT, sheet()).complete


def test_what_nobody_wrote_on_is_named_and_a_judgement_is_not_silent() -> None:
    spoken = {
        "0": {"reason": "已核对"},
        "1": {"taken": [taken(0, 1, "2")]},
        "2": {"taken": [taken(0, 0)]},
        HELP: {"points": "10"},
    }
    silent = fill(KP_UNIT, {"items": spoken, "vetoes": {}}).silent

    assert silent == tuple(range(2, 12))
    assert fill(KP_FIN, EMPTY, sources={"QC_PLAN": Decimal(100)}).lines[4].points == 12
    assert 4 not in fill(KP_FIN, EMPTY, sources={"QC_PLAN": Decimal(100)}).silent


def test_an_item_does_not_fall_below_zero() -> None:
    entries = sheet({"0": {"taken": [taken(0, 3, "4")], "reason": "三次查实"}})

    assert fill(KP_UNIT, entries).lines[0].points == 0


@pytest.mark.parametrize(
    ("count", "expected"), ((0, []), (1, []), (2, [("items.0.reason", "scoresheet.reason_missing")]))
)
def test_a_reason_is_asked_below_four_fifths_of_an_item(count: int, expected: list[tuple[str, str]]) -> None:
    assert codes(QC_PLAN, {"items": {"0": {"taken": [taken(0, count)]}}, "vetoes": {}}) == expected


def test_a_note_on_the_deduction_is_a_reason() -> None:
    assert codes(QC_PLAN, {"items": {"0": {"taken": [taken(0, 2, note="未见批复")]}}}) == []


@pytest.mark.parametrize(
    ("raw", "code"),
    (
        (taken(9), "scoresheet.unreadable"),
        (taken(-1), "scoresheet.unreadable"),
        ({"deduction": 0, "count": "两次", "points": "1"}, "scoresheet.unreadable"),
        ({"deduction": 0, "count": True, "points": "1"}, "scoresheet.unreadable"),
        ("nonsense", "scoresheet.unreadable"),
        (taken(0, 100), "scoresheet.count"),
        (taken(1, 2, "2"), "scoresheet.count"),
        (taken(0, 1, "0.5"), "scoresheet.deduction_points"),
        (taken(0, 1, "1.001"), "scoresheet.deduction_points"),
        (taken(0, 1, "NaN"), "scoresheet.deduction_points"),
    ),
)
def test_a_deduction_that_the_form_does_not_know_takes_nothing(raw: Any, code: str) -> None:
    entries = {"items": {"0": {"taken": [raw], "reason": "说明"}}}

    filled = fill(QC_PLAN, entries)

    assert [fault.code for fault in filled.faults] == [code]
    assert filled.lines[0].points == 5


@pytest.mark.parametrize("points", ("10.5", "7.25", "-1", "1e1", "七", "NaN"))
def test_a_judgement_keeps_to_its_range_and_steps(points: str) -> None:
    filled = fill(KP_UNIT, sheet({HELP: {"points": points, "reason": "x"}}))

    assert [fault.code for fault in filled.faults] == ["scoresheet.points"]
    assert filled.missing == (12,)


def test_folded_items_take_their_share_of_another_form() -> None:
    filled = fill(KP_FIN, EMPTY, sources=EXACT)

    folded = {line.item.source: line.points for line in filled.lines if line.item.kind is ItemKind.FOLDED}
    assert folded == {
        "QC_LEADER": Decimal("5.31"),
        "QC_PLAN": Decimal("9.89"),
        "QC_REPORT": Decimal("14.04"),
    }
    assert (filled.total, filled.complete) == (Decimal("93.24"), True)


def test_what_is_typed_into_a_folded_item_counts_for_nothing() -> None:
    typed = {"items": {"1": {"points": "6"}}, "vetoes": {}}

    assert fill(KP_FIN, typed, sources=EXACT).lines[1].points == Decimal("5.31")
    assert 1 in fill(KP_FIN, typed).missing


def test_an_objective_item_is_computed_or_else_typed() -> None:
    computed = {"现场到岗": Decimal(20)}

    assert fill(QC_LEADER, EMPTY, computed=computed).lines[0].points == 15
    assert fill(QC_LEADER, EMPTY, computed={"现场到岗": Decimal(-1)}).lines[0].points == 0
    assert fill(QC_LEADER, {"items": {"0": {"points": "12.86"}}}).lines[0].points == Decimal("12.86")
    assert fill(QC_LEADER, EMPTY).missing == (0,)


@pytest.mark.parametrize(
    ("present", "agreed", "points"), ((6, 7, "12.86"), (7, 7, "15"), (9, 7, "15"), (0, 7, "0.00"))
)
def test_days_on_site_count_up_to_what_was_agreed(present: int, agreed: int, points: str) -> None:
    assert lead_days_points(present, agreed, Decimal(15)) == Decimal(points)


@pytest.mark.parametrize(("present", "agreed"), ((1, 0), (-1, 5)))
def test_days_that_were_not_agreed_have_no_points(present: int, agreed: int) -> None:
    with pytest.raises(ValueError, match="days"):
        lead_days_points(present, agreed, Decimal(15))


def test_a_veto_makes_the_total_zero_and_needs_its_evidence() -> None:
    vetoed = fill(KP_UNIT, sheet(vetoes={"2": "录音一份"}))

    assert (vetoed.total, vetoed.points, vetoed.complete) == (Decimal(0), Decimal(100), True)
    assert codes(KP_UNIT, sheet(vetoes={"2": " "})) == [("vetoes.2", "scoresheet.veto_evidence")]
    assert codes(KP_UNIT, sheet(vetoes={"9": "?"})) == [("vetoes.9", "scoresheet.unreadable")]


def test_a_deduction_that_begins_a_veto_asks_for_it_by_name() -> None:
    proved = {"10": {"taken": [taken(0, 1, "5")], "reason": "查实"}}

    assert codes(KP_UNIT, sheet(proved)) == [("vetoes", "scoresheet.veto_unnamed")]
    assert codes(KP_UNIT, sheet(proved, {"3": "转账记录"})) == []


def test_a_unit_that_gives_less_than_sixty_explains_every_loss() -> None:
    lost = (taken(0, 2, "4"), taken(0, 6, "2"), taken(0, 1, "8"), taken(0, 1, "8"), taken(0, 7, "1"))
    low = {str(place): {"taken": [each], "reason": "事实"} for place, each in enumerate(lost)}

    filled = fill(KP_UNIT, sheet(low))
    assert (filled.points, filled.faults) == (Decimal(57), ())

    small = fill(KP_UNIT, sheet({**low, "5": {"taken": [taken(0, 1, "1")]}}))
    assert [(fault.place, fault.code) for fault in small.faults] == [(5, "scoresheet.fact_missing")]


FIELDS = st.dictionaries(
    st.sampled_from(
        [
            name
            for place, item in enumerate(KP_UNIT.items)
            for name in (
                f"i{place}-points",
                f"i{place}-reason",
                *(
                    f"i{place}-d{index}{more}"
                    for index in range(len(item.deductions))
                    for more in ("", "-points")
                ),
            )
        ]
        + [f"v{place}" for place in range(5)]
        + [f"v{place}-evidence" for place in range(5)]
    ),
    st.one_of(
        st.text(max_size=6), st.integers(-3, 120).map(str), st.sampled_from(["0.5", "7.5", "1", "５", "2.0"])
    ),
)


@given(FIELDS)
def test_whatever_is_posted_has_a_total_between_nought_and_a_hundred(fields: dict[str, str]) -> None:
    filled = fill(KP_UNIT, entries_read(KP_UNIT, fields))

    assert 0 <= filled.total <= filled.points <= 100
    assert all(line.points is None or 0 <= line.points <= line.item.points for line in filled.lines)
    assert filled.points == sum(line.points for line in filled.lines if line.points is not None)


@given(FIELDS)
def test_a_page_carries_its_entries_there_and_back(fields: dict[str, str]) -> None:
    entries = entries_read(KP_UNIT, fields)

    assert entries_read(KP_UNIT, fields_of(KP_UNIT, entries)) == entries
    assert typed_base({"base": laid_out(KP_UNIT, entries, fill(KP_UNIT, entries)).base}) == entries


@given(FIELDS, FIELDS)
def test_joining_with_what_did_not_change_changes_nothing(one: dict[str, str], two: dict[str, str]) -> None:
    base, mine = entries_read(KP_UNIT, one), entries_read(KP_UNIT, two)

    assert merge(base, mine, base).entries == mine
    assert merge(base, base, mine).entries == mine
    assert merge(base, mine, mine).entries == mine
    assert merge(base, mine, mine).conflicts == ()


def test_two_tabs_are_joined_item_by_item_and_the_last_wins_a_clash() -> None:
    base = sheet()
    mine = sheet({"0": {"reason": "甲"}, "1": {"reason": "乙"}})
    theirs = sheet({"1": {"reason": "丙"}, "2": {"reason": "丁"}})

    joined = merge(base, mine, theirs)

    assert {key: typed.get("reason") for key, typed in joined.entries["items"].items()} == {
        "0": "甲",
        "1": "乙",
        "2": "丁",
        HELP: None,
    }
    assert joined.conflicts == ("items.1",)


@pytest.mark.parametrize("base", ("", "nonsense", "[]", '{"items": []}', '{"items": {}}'))
def test_a_page_without_a_base_is_joined_with_nothing(base: str) -> None:
    assert typed_base({"base": base}) == EMPTY


def test_the_answer_to_an_autosave_names_what_another_tab_changed() -> None:
    mine = entries_read(KP_UNIT, {"i12-points": "9.5"})
    theirs = entries_read(KP_UNIT, {"i0-d0": "1", "i0-d0-points": "4", "i0-reason": "查实"})
    joined = merge(EMPTY, mine, theirs)

    answer = draft_answer(
        KP_UNIT, mine, joined, fill(KP_UNIT, joined.entries), at=datetime(2026, 11, 20, 4, 3, 21, tzinfo=UTC)
    )

    assert answer["saved_at"] == "12:03:21"
    assert answer["fields"] == {"i0-d0": "1", "i0-d0-points": "4", "i0-reason": "查实"}
    assert (answer["total"], answer["points"]["0"], answer["open"]) == ("95.5", "4", 0)
    assert not answer["clash"]


def test_every_form_is_laid_out_as_it_is_filled() -> None:
    for form in FORMS.values():
        laid = laid_out(form, EMPTY, fill(form, EMPTY))

        assert [len(rows) for _, _, rows in laid.groups] == [len(items) for _, _, items in form.groups]
        assert {row.kind for _, _, rows in laid.groups for row in rows} <= {"fixed", "deduct", "points"}
