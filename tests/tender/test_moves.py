"""What each move of a tender asks; facts in, codes out."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest

from portal.commission.rules import Regime
from portal.kernel.clock import SHANGHAI
from portal.kernel.money import yuan
from portal.kernel.workdays import Calendar
from portal.tender.lifecycle import TENDER, T, state_at
from portal.tender.rules import moves as r
from portal.tender.rules.moves import BasisFacts, Ground, Member, TenderFacts
from tenants.calendar import known_years

DAYS = Calendar(known_years()[2026], frozenset({2026}))
NOW = datetime(2026, 11, 20, 10, 0, tzinfo=SHANGHAI)
DEADLINE = datetime(2026, 11, 26, 17, 0, tzinfo=SHANGHAI)
BUYER, OTHER = UUID(int=1), UUID(int=2)
TERMS = UUID(int=9)
BASIS = BasisFacts(
    approved=True,
    terms_id=TERMS,
    terms_whole=True,
    ceiling=yuan("180000"),
    regime=Regime.INTERNAL,
    methods=("询价（内控）", "竞争性评审/比选"),
    same_item_total=yuan("0"),
    threshold_open=yuan("2000000"),
    plan_due_on=date(2026, 12, 20),
)
PANEL = tuple(Member(UUID(int=10 + n), f"成员{n}", is_chair=n == 0) for n in range(3))
FACTS = TenderFacts(
    now=NOW,
    basis=BASIS,
    terms_id=TERMS,
    ceiling=yuan("180000"),
    response_by=DEADLINE,
    min_workdays=3,
    calendar=DAYS,
    requirements=("独立性声明",),
    members=PANEL,
    invited=3,
    barred=(),
    drafter_id=BUYER,
    actor_id=OTHER,
)


def of_basis(**changed):
    return {"basis": replace(BASIS, **changed)}


@pytest.mark.parametrize(
    ("change", "codes"),
    (
        ({}, ()),
        (of_basis(approved=False), ("tender.commission_not_approved",)),
        (of_basis(terms_id=OTHER), ("tender.terms_changed",)),
        (of_basis(terms_whole=False), ("tender.no_quality_terms",)),
        (of_basis(regime=None, methods=()), ("commission.no_threshold",)),
        (of_basis(regime=Regime.STATUTORY, methods=("竞争性磋商",)), ("commission.not_by_inquiry",)),
        (of_basis(same_item_total=yuan("1820000")), ()),
        (of_basis(same_item_total=yuan("1820000.01")), ("tender.splitting",)),
        (of_basis(plan_due_on=date(2026, 11, 27)), ()),
        (of_basis(plan_due_on=date(2026, 11, 26)), ("tender.deadline_after_plan",)),
        ({"ceiling": yuan("180000.01")}, ("tender.over_ceiling",)),
        ({"ceiling": yuan("0")}, ("tender.no_ceiling",)),
        ({"requirements": ()}, ("tender.no_requirements",)),
        ({"response_by": None}, ("tender.no_deadline",)),
        ({"response_by": datetime(2026, 11, 24, 17, tzinfo=SHANGHAI)}, ("tender.deadline_early",)),
        ({"members": PANEL[:2]}, ("tender.panel_size",)),
        ({"members": (*PANEL, replace(PANEL[1], account_id=UUID(int=20)))}, ("tender.panel_size",)),
        ({"members": tuple(replace(each, is_chair=False) for each in PANEL)}, ("tender.panel_chair",)),
        ({"members": tuple(replace(each, is_chair=True) for each in PANEL)}, ("tender.panel_chair",)),
        ({"members": (*PANEL[:2], replace(PANEL[2], account_id=BUYER))}, ("tender.panel_buyer",)),
        ({"members": (*PANEL[:2], replace(PANEL[2], supervises=True))}, ("tender.panel_supervisor",)),
        ({"invited": 2}, ("tender.too_few_firms",)),
        ({"barred": ("甲",)}, ("tender.firm_barred",)),
    ),
)
def test_submit_asks_for_a_whole_and_lawful_purchase(change, codes):
    assert r.may_submit(replace(FACTS, **change)).codes == codes


def test_submit_refuses_inquiry_for_a_service_at_the_threshold_by_law():
    refusal = r.may_submit(
        replace(FACTS, **of_basis(regime=Regime.STATUTORY, methods=("竞争性磋商", "公开招标")))
    ).refusals[0]

    assert str(refusal.clause) == "政府采购法第三十二条"
    assert refusal.facts == {"methods": ["竞争性磋商", "公开招标"]}


@pytest.mark.parametrize(
    ("changed", "codes"),
    (
        ({}, ()),
        ({"approved": False}, ("tender.commission_not_approved",)),
        ({"elsewhere": "上一次采购"}, ("tender.already_bought",)),
        ({"regime": Regime.STATUTORY, "methods": ()}, ("commission.not_by_inquiry",)),
        ({"regime": None, "methods": ()}, ("commission.no_threshold",)),
    ),
)
def test_draft_begins_from_an_approved_commission_nobody_buys_for(changed, codes):
    assert r.may_draft(replace(BASIS, **changed)).codes == codes


@pytest.mark.parametrize(
    ("regime", "cited"),
    (
        (Regime.INTERNAL, "本次询价通知书和本局内控制度"),
        (Regime.STATUTORY, "政府采购法第四十条"),
    ),
)
def test_the_law_is_cited_only_where_it_applies(regime, cited):
    facts = replace(FACTS, invited=2, **of_basis(regime=regime))
    assert [str(each.clause) for each in r.invitations_hold(facts).refusals] == [cited]


def test_approve_is_somebody_elses_than_the_drafters():
    assert r.may_approve(FACTS)
    assert r.may_approve(replace(FACTS, actor_id=BUYER)).codes == ("tender.own_draft",)


@pytest.mark.parametrize(
    ("approved", "codes"),
    (
        (DEADLINE - timedelta(days=1), ()),
        (DEADLINE, ()),
        (DEADLINE + timedelta(seconds=1), ("tender.earlier_than_approved",)),
    ),
)
def test_issue_may_put_the_deadline_off_but_not_forward(approved, codes):
    assert r.may_issue(replace(FACTS, approved_deadline=approved)).codes == codes


@pytest.mark.parametrize(
    ("seconds", "over"),
    ((-1, False), (0, False), (1, True)),
)
def test_the_deadline_itself_is_in_time(seconds, over):
    now = DEADLINE + timedelta(seconds=seconds)
    assert r.is_over(DEADLINE, now, suspended=False) is over
    assert bool(r.may_close(replace(FACTS, now=now))) is over
    assert bool(r.still_open(replace(FACTS, now=now))) is not over
    assert not r.is_over(DEADLINE, now, suspended=True)


def test_a_suspended_tender_neither_closes_nor_changes():
    still = replace(FACTS, suspended=True, reason="核查", now=DEADLINE + timedelta(days=1))
    assert r.may_close(still).codes == ("tender.suspended",)
    assert r.may_amend(still).codes == ("tender.suspended",)
    assert r.may_suspend(still).codes == ("tender.suspended_already",)
    assert r.may_resume(still)
    assert r.may_resume(replace(still, suspended=False)).codes == ("tender.not_suspended",)


def test_what_is_over_is_not_suspended_as_if_it_ran():
    late = replace(FACTS, reason="核查", now=DEADLINE + timedelta(seconds=1))
    assert r.may_suspend_open(late).codes == ("tender.over",)


@pytest.mark.parametrize(
    ("change", "codes"),
    (
        ({"ground": None}, ("tender.no_ground",)),
        ({"ground": Ground.TOO_FEW, "closed": False, "bids": 0}, ("tender.still_running",)),
        ({"ground": Ground.TOO_FEW, "closed": True, "bids": 2}, ()),
        ({"ground": Ground.TOO_FEW, "closed": True, "bids": 3}, ("tender.enough_bids",)),
        ({"ground": Ground.TOO_FEW, "closed": True, "bids": None}, ("tender.enough_bids",)),
        ({"ground": Ground.VIOLATION, "closed": False}, ()),
        ({"ground": Ground.CONDITIONS_GONE, "reason": " "}, ("tender.no_reason",)),
    ),
)
def test_terminate_counts_and_does_not_take_a_word_for_it(change, codes):
    assert r.may_terminate(replace(FACTS, **{"reason": "响应不足", **change})).codes == codes


@pytest.mark.parametrize(
    ("change", "codes"),
    (
        ({"refusals": 1}, ()),
        ({"refusals": 0}, ("tender.nobody_refused",)),
        ({"refusals": 3, "reason": " "}, ("tender.no_reason",)),
    ),
)
def test_fail_needs_somebody_who_refused_to_sign(change, codes):
    assert r.may_fail(replace(FACTS, **{"reason": "三家均放弃", **change})).codes == codes


def test_that_nobody_signs_is_no_ground_before_an_award():
    claimed = replace(FACTS, reason="均放弃", ground=Ground.NOBODY_SIGNS)
    assert r.may_terminate(claimed).codes == ("tender.no_ground",)


@pytest.mark.parametrize(
    ("others", "warned"),
    (("0", False), ("119999.99", False), ("120000", True)),
)
def test_purchases_of_one_item_reaching_the_threshold_together_are_hinted_at(others, warned):
    ruling = r.splitting_warns(replace(BASIS, same_item_total=yuan(others)), yuan("300000"))
    assert bool(ruling.codes) is warned


def test_the_state_is_the_same_whether_or_not_the_job_has_run():
    class Row:
        state = "issued"
        response_by = DEADLINE
        suspended_at = None

    row = Row()
    assert state_at(row, DEADLINE) is T.ISSUED
    assert state_at(row, DEADLINE + timedelta(seconds=1)) is T.CLOSED
    assert [each.name for each in TENDER.alarms(T.ISSUED, row)] == ["close"]
    row.suspended_at = NOW
    assert state_at(row, DEADLINE + timedelta(seconds=1)) is T.ISSUED
    assert TENDER.alarms(T.ISSUED, row) == ()
