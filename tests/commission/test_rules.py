"""What may be commissioned: facts in, codes out."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from portal.commission.rules import (
    CommissionFacts,
    Regime,
    ServiceKind,
    SubjectFacts,
    may_approve,
    may_submit,
    methods_of,
    needs_reason,
    regime_of,
)
from portal.kernel.money import Yuan, yuan

HANDLER, APPROVER = UUID(int=1), UUID(int=2)
WATER = SubjectFacts("城乡供水一体化工程", "师宗县水务局", "师宗县水务局", yuan("127185000"))
HOSPITAL = SubjectFacts("中医医院整体迁建项目", "师宗县中医医院", "师宗县卫生健康局", yuan("219931300"))


def facts(**changed: Any) -> CommissionFacts:
    """A commission that every rule allows, but for what is ``changed``."""
    whole: dict[str, Any] = {
        "today": date(2026, 11, 20),
        "kind": ServiceKind.EVALUATION,
        "assist_only": False,
        "subjects": [WATER, HOSPITAL],
        "commissioner": "师宗县财政局",
        "bureau": "师宗县财政局",
        "ceiling": yuan("180000"),
        "plan_due_on": date(2026, 11, 21),
        "draft_due_on": date(2026, 12, 10),
        "report_due_on": date(2026, 12, 25),
        "cutoff": Decimal(80),
        "tiered": False,
        "same_item_total": yuan("0"),
        "threshold_open": None,
        "drafter_id": HANDLER,
        "actor_id": APPROVER,
    }
    return CommissionFacts(**{**whole, **changed})


def test_a_whole_and_lawful_commission_may_be_submitted_and_approved() -> None:
    assert may_submit(facts()).codes == ()
    assert may_approve(facts()).codes == ()


@pytest.mark.parametrize(
    ("changed", "codes"),
    (
        ({"subjects": []}, ("commission.no_subject",)),
        ({"ceiling": None}, ("commission.no_ceiling",)),
        ({"ceiling": yuan("0")}, ("commission.no_ceiling",)),
        ({"ceiling": yuan("0.01")}, ()),
        ({"cutoff": None}, ("commission.no_cutoff",)),
        ({"cutoff": None, "tiered": True}, ()),
        ({"kind": ServiceKind.SELF_EVALUATION}, ("commission.own_management",)),
        ({"kind": ServiceKind.MONITORING}, ("commission.own_management",)),
        ({"kind": ServiceKind.TARGETS}, ("commission.own_management",)),
        ({"kind": ServiceKind.TARGETS, "assist_only": True}, ()),
        ({"assist_only": True}, ("commission.assist_needs_own_management",)),
        ({"commissioner": "师宗县水务局"}, ("commission.self_evaluation",)),
        ({"commissioner": "师宗县卫生健康局"}, ("commission.self_evaluation",)),
        ({"commissioner": "师宗县教育体育局"}, ()),
        ({"bureau": "师宗县水务局"}, ("commission.self_evaluation",)),
        ({"plan_due_on": None}, ("commission.dates_missing",)),
        ({"plan_due_on": date(2026, 11, 20)}, ("commission.date_past",)),
        ({"draft_due_on": date(2026, 11, 21)}, ("commission.dates_order",)),
        ({"report_due_on": date(2026, 12, 10)}, ("commission.dates_order",)),
        (
            {"subjects": [SubjectFacts("甲", "乙", "丙", yuan("1"), taken_by="另一委托")]},
            ("commission.subject_taken",),
        ),
    ),
)
def test_each_rule_of_submitting(changed: dict[str, Any], codes: tuple[str, ...]) -> None:
    assert may_submit(facts(**changed)).codes == codes


@pytest.mark.parametrize(
    ("others", "codes"), (("0", ()), ("1820000", ()), ("1820000.01", ("commission.splitting",)))
)
def test_one_budget_item_is_not_split_above_the_open_threshold(others: str, codes: tuple[str, ...]) -> None:
    split = facts(same_item_total=yuan(others), threshold_open=yuan("2000000"))

    assert may_submit(split).codes == codes


def test_every_reason_is_given_at_once() -> None:
    ruling = may_submit(facts(subjects=[], ceiling=None, cutoff=None))

    assert ruling.codes == ("commission.no_subject", "commission.no_ceiling", "commission.no_cutoff")


def test_the_drafter_cannot_approve() -> None:
    assert may_approve(facts(actor_id=HANDLER)).codes == ("commission.own_draft",)


@pytest.mark.parametrize(
    ("reason", "codes"),
    ((None, ("commission.no_reason",)), ("  ", ("commission.no_reason",)), ("分数线偏低", ())),
)
def test_a_reason_is_words(reason: str | None, codes: tuple[str, ...]) -> None:
    assert needs_reason(facts(reason=reason)).codes == codes


@pytest.mark.parametrize(
    ("amount", "threshold", "regime"),
    (
        ("299999.99", "300000", Regime.INTERNAL),
        ("300000", "300000", Regime.STATUTORY),
        ("1", None, None),
    ),
)
def test_the_law_begins_at_the_threshold(amount: str, threshold: str | None, regime: Regime | None) -> None:
    limit: Yuan | None = yuan(threshold) if threshold else None

    assert regime_of(yuan(amount), limit) is regime


def test_a_catalogue_item_is_statutory_at_any_amount() -> None:
    assert regime_of(yuan("1"), yuan("300000"), in_catalogue=True) is Regime.STATUTORY


def test_statutory_inquiry_is_never_offered_for_a_service() -> None:
    offered = [
        *methods_of(Regime.STATUTORY, yuan("500000"), yuan("2000000")),
        *methods_of(Regime.STATUTORY, yuan("2000000"), yuan("2000000")),
    ]

    assert not [each for each in offered if "询价" in each]
    assert methods_of(Regime.STATUTORY, yuan("2000000"), yuan("2000000"))[0] == "公开招标"
