"""The nine forms are sound, and what would make a form unsound is named by its path."""

import copy
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from portal.scoresheet.queries import shipped
from portal.scoresheet.rules import ORDER, BadForm, ItemKind, form_of, forms_of, in_order

FORMS = [form_of(raw) for raw in shipped().values()]


def broken(code: str, place: int, **changed: Any) -> list[str]:
    """The paths at fault when one item of a shipped form is changed; None removes a value."""
    raw = copy.deepcopy(dict(shipped()[code]))
    item = raw["items"][place]
    for name, value in changed.items():
        if value is None:
            del item[name]
        else:
            item[name] = value
    with pytest.raises(BadForm) as bad:
        form_of(raw)
    return [fault.path for fault in bad.value.faults]


def test_nine_forms_are_shipped_in_the_order_of_their_use() -> None:
    assert tuple(form.code for form in in_order(FORMS, lambda form: form.code)) == ORDER
    assert len(FORMS) == 9


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.code)
def test_items_and_groups_sum_to_a_hundred(form: Any) -> None:
    assert sum(item.points for item in form.items) == 100
    assert sum(points for _, points, _ in form.groups) == 100
    assert sum(len(items) for _, _, items in form.groups) == len(form.items)


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.code)
def test_every_item_can_be_scored(form: Any) -> None:
    for item in form.items:
        assert bool(item.deductions) == (item.kind is ItemKind.DEDUCT)
        assert (item.step is not None) == (item.kind is ItemKind.JUDGEMENT)
        assert (item.ratio is not None) == bool(item.source) == (item.kind is ItemKind.FOLDED)
        assert all(each.least <= each.most <= item.points for each in item.deductions)


def test_the_finance_form_folds_plan_report_and_leader_forms() -> None:
    finance = next(form for form in FORMS if form.code == "KP_FIN")

    folded = {item.source: (item.points, item.ratio) for item in finance.items if item.source}

    assert folded == {
        "QC_LEADER": (Decimal(6), Decimal("0.06")),
        "QC_PLAN": (Decimal(12), Decimal("0.12")),
        "QC_REPORT": (Decimal(18), Decimal("0.18")),
    }


def test_a_form_speaks_the_share_it_is_told_and_not_the_one_it_prints() -> None:
    plan = form_of(shipped()["QC_PLAN"])

    assert plan.target_with("占质量得分 30%") == "实施方案（占质量得分 30%）"
    assert plan.target_with() == "实施方案"


def test_vetoes_belong_to_the_firms_forms() -> None:
    with_vetoes = {form.code for form in FORMS if form.vetoes}

    assert with_vetoes == set(ORDER) - {"SELECT_SCORE", "PRE_EVAL", "EXPERT_PERF"}


def test_the_selection_form_is_for_internal_purchases_alone() -> None:
    only_internal = {form.code for form in FORMS if len(form.regimes) == 1}

    assert only_internal == {"SELECT_SCORE"}


@pytest.mark.parametrize(
    ("changed", "path"),
    (
        ({"points": 6}, "QC_PLAN.items"),
        ({"points": 0}, "QC_PLAN.items[0].points"),
        ({"points": 1.5}, "QC_PLAN.items[0].points"),
        ({"points": "五"}, "QC_PLAN.items[0].points"),
        ({"kind": "guess"}, "QC_PLAN.items[0].kind"),
        ({"deductions": []}, "QC_PLAN.items[0].deductions"),
        ({"colour": "red"}, "QC_PLAN.items[0].colour"),
        ({"item": ""}, "QC_PLAN.items[0].item"),
        ({"item": "资金与组织实施情况"}, "QC_PLAN.items"),
        ({"group": "七、别处"}, "QC_PLAN.一、对象与背景把握"),
        (
            {"deductions": [{"text": "x", "each": False, "min": "2", "max": "1"}]},
            "QC_PLAN.items[0].deductions[0]",
        ),
        (
            {"deductions": [{"text": "x", "each": False, "min": "1", "max": "6"}]},
            "QC_PLAN.items[0].deductions[0]",
        ),
        (
            {"deductions": [{"text": "x", "each": "yes", "min": "1", "max": "1"}]},
            "QC_PLAN.items[0].deductions[0].each",
        ),
    ),
)
def test_a_fault_is_named_by_its_path(changed: dict[str, Any], path: str) -> None:
    assert path in broken("QC_PLAN", 0, **changed)


def test_a_folded_item_gives_its_points_when_the_source_is_full() -> None:
    assert broken("KP_FIN", 1, ratio="0.07") == ["KP_FIN.items[1].ratio"]


def test_a_judgement_steps_through_its_points() -> None:
    assert broken("KP_UNIT", 12, step="3") == ["KP_UNIT.items[12].step"]
    assert broken("KP_UNIT", 12, step="0") == ["KP_UNIT.items[12].step"]


def test_a_judgement_with_points_of_its_own_has_no_second_scale() -> None:
    item = next(each for form in FORMS for each in form.items if each.name == "对改进工作的帮助")

    assert item.deduct == "帮助一般6—8分；无帮助0—5分"
    assert item.bands == ()
    assert replace(item, deduct="酌情给分").bands == (
        ("优", "9—10"),
        ("良", "8 以上不足 9"),
        ("中", "6 以上不足 8"),
        ("差", "不足 6"),
    )


def test_a_form_without_a_known_regime_is_refused() -> None:
    raw = {**shipped()["PRE_EVAL"], "regimes": ["FOREIGN"]}

    with pytest.raises(BadForm) as bad:
        form_of(raw)

    assert [fault.path for fault in bad.value.faults] == ["PRE_EVAL.regimes"]


def test_a_folded_source_must_be_another_form_of_the_set() -> None:
    raw = [form for form in shipped().values() if form["code"] != "QC_PLAN"]

    with pytest.raises(BadForm) as bad:
        forms_of(raw)

    assert [fault.path for fault in bad.value.faults] == ["KP_FIN.items[4].source"]


def test_a_code_stands_once() -> None:
    with pytest.raises(BadForm, match="重复"):
        forms_of([*shipped().values(), shipped()["PRE_EVAL"]])


def test_groups_stand_together() -> None:
    raw = copy.deepcopy(dict(shipped()["QC_PLAN"]))
    raw["items"].append(raw["items"].pop(0))

    with pytest.raises(BadForm) as bad:
        form_of(raw)

    assert [fault.path for fault in bad.value.faults] == ["QC_PLAN.items"]
