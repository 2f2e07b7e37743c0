"""What a contract says and when it moves: facts in, codes out."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest

from portal.contract.rules import (
    ContractFacts,
    QualityNumbers,
    late_clause,
    may_complete,
    may_confirm,
    may_extend,
    may_file,
    may_offer,
    may_sign,
    needs_reason,
    payment_clause,
    quality_clause,
)
from portal.kernel.money import yuan

TODAY = date(2026, 11, 21)
DUE = (date(2026, 12, 11), date(2026, 12, 31), date(2027, 1, 20))
TERMS = QualityNumbers(
    weight_plan=Decimal("0.4000"),
    weight_report=Decimal("0.6000"),
    cutoff=Decimal("80.00"),
    tiers=(),
    deduct_ratio=Decimal("0.1000"),
    scope="contract",
    sample_size=None,
    experts=3,
    min_valid_sheets=3,
    trim_extremes=False,
    weight_unit=Decimal("0.5000"),
    weight_finance=Decimal("0.5000"),
    scoring_workdays=10,
    objection_workdays=5,
    forms={"QC_PLAN": 1, "QC_REPORT": 2, "KP_UNIT": 1, "KP_FIN": 3},
)
OFFICER, LEADER = uuid4(), uuid4()
FACTS = ContractFacts(
    today=TODAY,
    fee=yuan("168000"),
    awarded=yuan("168000"),
    same_terms=True,
    quality=("…",),
    due=DUE,
    payment_days=30,
    missing=(),
    subjects=2,
    lead_evaluator="韩桂海",
    digest="a",
    firm_digest="a",
    offered_by=OFFICER,
    actor_id=LEADER,
)


def test_a_whole_contract_at_the_awarded_price_is_offered() -> None:
    assert may_offer(FACTS)


@pytest.mark.parametrize(
    ("changed", "code"),
    (
        ({"fee": yuan("168000.01")}, "contract.fee_differs"),
        ({"quality": ()}, "contract.no_quality"),
        ({"same_terms": False}, "contract.no_quality"),
        ({"subjects": 0}, "contract.no_subject"),
        ({"lead_evaluator": ""}, "contract.no_lead"),
        ({"missing": ("保密",)}, "contract.clauses_missing"),
        ({"due": (DUE[0], DUE[0], DUE[2])}, "contract.dates_order"),
        ({"due": (TODAY, *DUE[1:])}, "contract.date_past"),
        ({"payment_days": 61}, "contract.payment_late"),
    ),
)
def test_what_is_not_whole_is_not_offered(changed: dict[str, object], code: str) -> None:
    assert may_offer(replace(FACTS, **changed)).codes == (code,)  # type: ignore[arg-type]


def test_sixty_days_are_still_in_time() -> None:
    assert may_offer(replace(FACTS, payment_days=60))


def test_the_firm_signs_what_it_saw() -> None:
    assert may_confirm(FACTS)
    assert may_confirm(replace(FACTS, seen="a"))
    assert may_confirm(replace(FACTS, seen="b")).codes == ("contract.changed",)


@pytest.mark.parametrize(
    ("changed", "codes"),
    (
        ({}, ()),
        ({"firm_digest": "b"}, ("contract.other_text",)),
        ({"firm_digest": None}, ("contract.other_text",)),
        ({"same_terms": False}, ("contract.no_quality",)),
        ({"fee": yuan("1")}, ("contract.fee_differs",)),
        ({"actor_id": OFFICER}, ("contract.own_offer",)),
        ({"offered_by": None}, ()),
    ),
)
def test_the_bureau_signs_the_very_text_the_firm_signed(
    changed: dict[str, object], codes: tuple[str, ...]
) -> None:
    assert may_sign(replace(FACTS, **changed)).codes == codes  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("new_on", "reason", "codes"),
    (
        (date(2026, 12, 12), "单位资料晚交", ()),
        (DUE[0], "单位资料晚交", ("contract.not_later",)),
        (date(2026, 12, 12), "资料晚交", ("contract.extension_reason",)),
        (date(9999, 12, 31), "单位资料晚交", ("contract.too_far",)),
        (None, None, ("contract.extension_reason",)),
    ),
)
def test_a_date_moves_later_and_for_a_reason(
    new_on: date | None, reason: str | None, codes: tuple[str, ...]
) -> None:
    assert may_extend(replace(FACTS, old_on=DUE[0], new_on=new_on, reason=reason)).codes == codes


@pytest.mark.parametrize(
    ("on", "filed_on", "codes"),
    (
        (date(2026, 11, 19), None, ("contract.filing_day",)),
        (date(2026, 11, 20), None, ()),
        (TODAY, None, ()),
        (date(2026, 11, 22), None, ("contract.filing_day",)),
        (TODAY, TODAY, ("contract.already_filed",)),
        (None, None, ()),
    ),
)
def test_a_filing_is_recorded_once_for_a_day_since_the_signing(
    on: date | None, filed_on: date | None, codes: tuple[str, ...]
) -> None:
    facts = replace(FACTS, signed_on=date(2026, 11, 20), on=on, filed_on=filed_on)
    assert may_file(facts).codes == codes


def test_it_is_completed_when_paid_for_and_appraised() -> None:
    assert may_complete(FACTS).codes == ("contract.not_settled", "contract.not_appraised")
    assert may_complete(replace(FACTS, settled=True, appraised=True))


def test_what_goes_back_is_explained() -> None:
    assert needs_reason(FACTS).codes == ("contract.no_reason",)
    assert needs_reason(replace(FACTS, reason="  ")).codes == ("contract.no_reason",)
    assert needs_reason(replace(FACTS, reason="请写明发票类型"))


def test_the_quality_clause_says_every_number_of_the_terms() -> None:
    said = "".join(quality_clause(TERMS))

    for words in (
        "《绩效评价实施方案评审表》第 1 版评分，占质量得分的 40%",
        "《绩效评价报告评审表》第 2 版评分，占 60%",
        "对全部评价对象组织评审，由 3 名评审专家逐人独立评分，有效评分表不少于 3 份",
        "每名专家在本人接受评审后 10 个工作日内完成评分",
        "达到 80.00 分（含本数）的，全额支付合同价款；低于的，扣减合同价款的 10%",
        "5 个工作日内书面提出一次",
        "各占 50% 和 50%",
    ):
        assert words in said
    assert "没有抽到" not in said


def test_tiers_sampling_trimming_and_scope_are_said_in_words() -> None:
    tiers = ({"min": "90", "pay_ratio": "1"}, {"min": "0", "pay_ratio": "0.85"})
    said = "".join(
        quality_clause(
            replace(TERMS, cutoff=None, tiers=tiers, sample_size=2, trim_extremes=True, scope="subject")
        )
    )

    assert "90.00 分以上的支付 100%；0.00 分以上的支付 85%" in said
    assert "抽取 2 个评价对象" in said
    assert "没有抽到的不扣费" in said
    assert "去掉一个最高分和一个最低分" in said
    assert "按评价对象分别计算" in said
    assert "扣减合同价款的" not in said


def test_without_cutoff_and_tiers_nothing_is_promised_about_pay() -> None:
    assert not any("支付合同价款" in line for line in quality_clause(replace(TERMS, cutoff=None)))


def test_the_payment_clause_adds_up_to_the_fen() -> None:
    said = "".join(payment_clause(yuan("168000.01"), Decimal("0.30"), 30))

    assert "168,000.01 元" in said
    assert "30%，即 50,400.00 元" in said
    assert "30 日内支付" in said


def test_late_days_cost_what_was_agreed_or_nothing() -> None:
    assert "0.5%，累计不超过 10%" in late_clause(Decimal("0.005"), Decimal("0.10"))[0]
    assert "扣减" not in late_clause(Decimal(0), Decimal(0))[0]
