"""Both sides' sheets against the real database: hidden until both are locked, and no score made up."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from threading import Barrier, Thread

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from portal import appraisal, contract, document
from portal.access import Role
from portal.appraisal import actions as appraisal_actions
from portal.appraisal import invariants, queries
from portal.appraisal.models import AppraisalContent, AppraisalSheet
from portal.audit import InboxRow
from portal.kernel.errors import Invalid, NotFound, Refused
from portal.kernel.workdays import add_workdays, day_of, end_of
from portal.scoresheet import EMPTY
from tenants import scope
from tenants.calendar import calendar
from tenants.db import db
from tenants.ruleset import parse
from tests.appraisal.makers import (
    a_released_appraisal,
    an_appraised_contract,
    an_open_appraisal,
    case_id,
    entries,
    fill,
    filled_by_bureau,
    filled_by_unit,
    lock,
    sheet_id,
    sign,
)
from tests.contract.makers import Deal, an_effective_contract
from tests.deliverable.makers import delivered
from tests.support.world import PASSWORD, a_person, a_unit, publish_rules

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def deal() -> Deal:
    """An open appraisal."""
    return an_open_appraisal()


def waiting(deal: Deal) -> set[tuple[str, str]]:
    """(role, verb) of what waits in this appraisal."""
    with scope.entered(deal.bureau.system):
        rows = db.session.scalars(select(InboxRow).where(InboxRow.kind.in_(("appraisal", "appraisal_sheet"))))
        return {(row.role, row.verb) for row in rows}


def sound(deal: Deal) -> list[str]:
    """The broken invariants of the bureau."""
    with scope.entered(deal.bureau.system):
        return list(invariants())


def test_delivered_work_opens_a_sheet_for_each_side(deal: Deal) -> None:
    with deal.acting(Role.HANDLER):
        row = appraisal.appraisal(case_id(deal))
        assert [(each.form_code, each.party) for each in row.sheets] == [
            ("KP_UNIT", "unit"),
            ("KP_FIN", "finance"),
            ("QC_LEADER", "finance"),
        ]
        assert (row.basis, row.plan_mean, row.report_mean) == ("sampled", Decimal(82), Decimal(78))
    assert waiting(deal) == {("unit_handler", "sign"), ("handler", "sign")}


def test_what_nobody_touched_is_signed_only_with_the_word_that_nothing_was_found(deal: Deal) -> None:
    fill(deal, "KP_UNIT")
    found = sheet_id(deal, "KP_UNIT")
    with deal.acting(Role.UNIT_HANDLER) as (by, now), pytest.raises(Refused) as refused:
        appraisal.sign(appraisal.sheet(found), PASSWORD, confirmed=False, by=by, now=now)
    assert refused.value.ruling.codes == ("appraisal.items_silent",)
    assert refused.value.ruling.refusals[0].facts["count"] == 12
    fill(deal, "QC_LEADER")
    fill(deal, "KP_FIN")
    own = sheet_id(deal, "KP_FIN")
    with deal.acting(Role.HANDLER) as (by, now), pytest.raises(Refused) as together:
        appraisal.sign(appraisal.sheet(own), PASSWORD, confirmed=False, by=by, now=now)
    assert together.value.ruling.codes == ("appraisal.items_silent",)


def test_the_bureau_cannot_sign_before_quality_is_final() -> None:
    deal = delivered()
    fill(deal, "QC_LEADER")

    with pytest.raises(Refused) as refused:
        sign(deal, "KP_FIN")

    assert "appraisal.quality_pending" in refused.value.ruling.codes


def test_the_unit_need_not_wait_for_quality() -> None:
    deal = delivered()

    filled_by_unit(deal)

    assert waiting(deal) == {("handler", "sign")}


def test_what_a_unit_wrote_is_hidden_from_the_bureau_until_both_are_locked(deal: Deal) -> None:
    filled_by_unit(deal, {0: "4"})
    found = sheet_id(deal, "KP_UNIT")

    for role in (Role.HANDLER, Role.APPROVER, Role.ORGANISER):
        with deal.acting(role):
            assert appraisal.sheet(found).state == "locked"
            with pytest.raises(NotFound):
                queries.content_of(appraisal.sheet(found))

    filled_by_bureau(deal)
    with deal.acting(Role.HANDLER):
        assert queries.content_of(appraisal.sheet(found)).points == Decimal(96)


def test_what_the_bureau_wrote_is_hidden_from_the_unit_until_both_are_locked(deal: Deal) -> None:
    filled_by_bureau(deal)
    found = sheet_id(deal, "KP_FIN")

    with deal.acting(Role.UNIT_HANDLER):
        with pytest.raises(NotFound):
            appraisal.sheet(found)
        assert db.session.scalars(select(AppraisalContent.party)).all() == ["unit"]

    filled_by_unit(deal)
    with deal.acting(Role.UNIT_HEAD):
        assert queries.content_of(appraisal.sheet(found)).total == Decimal("92.98")


def test_the_firm_reads_no_sheet_ever(deal: Deal) -> None:
    filled_by_unit(deal)
    filled_by_bureau(deal)
    found = case_id(deal)
    with deal.acting(Role.APPROVER) as (by, now):
        appraisal.finish(appraisal.appraisal(found), None, "", by=by, now=now)

    with deal.acting(Role.FIRM_SIGNATORY):
        row = appraisal.appraisal(found)
        assert row.score is not None
        assert row.sheets == []
        assert db.session.scalars(select(AppraisalContent)).all() == []
        assert [each.kind for each in document.documents_of(found)] == ["appraisal.result"]


def test_the_score_is_the_mean_of_both_sides() -> None:
    deal = an_appraised_contract()

    with deal.acting(Role.APPROVER):
        row = appraisal.appraisal(case_id(deal))
        assert (row.unit_score, row.finance_score, row.score) == (
            Decimal("96.00"),
            Decimal("92.98"),
            Decimal("94.49"),
        )
        assert row.state == "final"
        papers = document.documents_of(row.id)
        assert len(papers) == 4
        unit = next(each.party_name for each in row.sheets if each.form_code == "KP_UNIT")
        assert sorted({each.paper.signed_by for each in papers}) == sorted([unit, queries.bureau_name()])
        assert contract.contract(deal.contract_id).appraised_at is not None
    assert waiting(deal) == set()
    assert sound(deal) == []


def test_an_incomplete_sheet_is_not_signed(deal: Deal) -> None:
    with pytest.raises(Refused) as refused:
        sign(deal, "KP_UNIT")

    assert refused.value.ruling.codes == ("appraisal.incomplete",)


def test_a_wrong_password_signs_nothing(deal: Deal) -> None:
    fill(deal, "KP_UNIT")
    found = sheet_id(deal, "KP_UNIT")

    with pytest.raises(Invalid), deal.acting(Role.UNIT_HANDLER) as (by, now):
        appraisal.sign(appraisal.sheet(found), "wrong", confirmed=True, by=by, now=now)

    with deal.acting(Role.UNIT_HANDLER):
        assert appraisal.sheet(found).state == "open"


def test_who_signed_does_not_lock(deal: Deal) -> None:
    fill(deal, "QC_LEADER")
    fill(deal, "KP_FIN")
    sign(deal, "KP_FIN")
    found = sheet_id(deal, "KP_FIN")

    with pytest.raises(Refused) as refused, deal.acting(Role.HANDLER) as (by, now):
        appraisal.lock(appraisal.sheet(found), "x", by=by, now=now)

    assert refused.value.ruling.codes == ("appraisal.own_sheet",)


def test_a_sheet_goes_back_once_and_can_be_changed(deal: Deal) -> None:
    fill(deal, "KP_UNIT")
    sign(deal, "KP_UNIT")
    found = sheet_id(deal, "KP_UNIT")
    with deal.acting(Role.UNIT_HEAD) as (by, now):
        appraisal.return_(appraisal.sheet(found), "请核对第一项", by=by, now=now)
    fill(deal, "KP_UNIT", {0: "4"})
    sign(deal, "KP_UNIT")

    with pytest.raises(Refused) as refused, deal.acting(Role.UNIT_HEAD) as (by, now):
        appraisal.return_(appraisal.sheet(found), "再核对一次", by=by, now=now)

    assert refused.value.ruling.codes == ("appraisal.returned_once",)
    with deal.acting(Role.HANDLER):
        assert "请核对第一项" not in str(appraisal.sheet(found).snapshot())


def test_a_signed_sheet_takes_no_draft(deal: Deal) -> None:
    fill(deal, "KP_UNIT")
    sign(deal, "KP_UNIT")

    with pytest.raises(Refused) as refused:
        fill(deal, "KP_UNIT", {0: "4"})

    assert refused.value.ruling.codes == ("appraisal.not_open",)


def test_two_tabs_are_joined(deal: Deal) -> None:
    fill(deal, "KP_UNIT", {0: "4"})
    found = sheet_id(deal, "KP_UNIT")
    with deal.acting(Role.UNIT_HANDLER) as (by, now):
        other = entries(deal, "KP_UNIT", {1: "2"})
        appraisal.fill(appraisal.sheet(found), other, EMPTY, by=by, now=now)

    with deal.acting(Role.UNIT_HANDLER):
        kept = queries.content_of(appraisal.sheet(found))
        assert {"0", "1"} <= set(kept.entries["items"])
        assert kept.points == Decimal(94)


def test_the_database_refuses_to_change_a_locked_sheet(deal: Deal) -> None:
    filled_by_unit(deal)
    found = sheet_id(deal, "KP_UNIT")

    for change in ("entries = '{}'", "total = 10", "locked_at = NULL"):
        with pytest.raises(DBAPIError, match="does not change"), scope.unit_of_work(deal.bureau.system):
            db.session.execute(
                text(f"UPDATE appraisal_content SET {change} WHERE sheet_id = :id"),  # noqa: S608
                {"id": found},
            )


def test_a_wide_gap_is_explained_by_both_before_the_score_stands(deal: Deal) -> None:
    filled_by_unit(deal, {2: "8", 3: "8", 1: "4", 9: "6"})
    filled_by_bureau(deal)
    found = case_id(deal)
    assert waiting(deal) == {("approver", "finish"), ("unit_handler", "explain"), ("handler", "explain")}

    with pytest.raises(Refused) as refused, deal.acting(Role.APPROVER) as (by, now):
        appraisal.finish(appraisal.appraisal(found), None, "", by=by, now=now)
    assert refused.value.ruling.codes == ("appraisal.unexplained",)

    for role, code in ((Role.UNIT_HANDLER, "KP_UNIT"), (Role.HANDLER, "KP_FIN")):
        with deal.acting(role) as (by, now):
            appraisal.explain(appraisal.sheet(sheet_id(deal, code)), "视角不同所致", by=by, now=now)
    with deal.acting(Role.APPROVER) as (by, now):
        appraisal.finish(appraisal.appraisal(found), None, "", by=by, now=now)
        assert appraisal.appraisal(found).score is not None
    assert sound(deal) == []


def test_a_small_gap_asks_for_no_explanation() -> None:
    deal = a_released_appraisal()

    with pytest.raises(Refused) as refused, deal.acting(Role.HANDLER) as (by, now):
        appraisal.explain(appraisal.sheet(sheet_id(deal, "KP_FIN")), "没有必要", by=by, now=now)

    assert refused.value.ruling.codes == ("appraisal.gap_within",)


@pytest.mark.parametrize(("upheld", "score"), ((True, "0.00"), (False, "93.49")))
def test_a_veto_is_decided_by_the_approver_with_a_reason(deal: Deal, upheld: bool, score: str) -> None:
    lost = {0: "4"}
    filled_by_unit(deal, {**lost, 1: "2"}, vetoes={"2": "聊天记录截图"})
    filled_by_bureau(deal)
    found = case_id(deal)

    with pytest.raises(Refused) as refused, deal.acting(Role.APPROVER) as (by, now):
        appraisal.finish(appraisal.appraisal(found), None, "", by=by, now=now)
    assert "appraisal.veto_undecided" in refused.value.ruling.codes

    with deal.acting(Role.APPROVER) as (by, now):
        appraisal.finish(appraisal.appraisal(found), upheld, "已向双方核实", by=by, now=now)
    with deal.acting(Role.APPROVER):
        row = appraisal.appraisal(found)
        assert (row.vetoed, row.score) == (upheld, Decimal(score))
    assert sound(deal) == []


def test_nobody_is_late_before_the_date(deal: Deal) -> None:
    found = case_id(deal)

    with pytest.raises(Refused) as refused, deal.acting(Role.APPROVER) as (by, now):
        appraisal.close(appraisal.appraisal(found), "对方一直不填", by=by, now=now)

    assert refused.value.ruling.codes == ("appraisal.not_late",)


def test_a_late_party_is_decided_about_and_never_scored(deal: Deal) -> None:
    filled_by_bureau(deal)
    found = case_id(deal)
    with deal.acting(Role.APPROVER):
        row = appraisal.appraisal(found)
        later = row.due_by + timedelta(seconds=1)
    with deal.acting(Role.APPROVER) as (by, _):
        appraisal.close(appraisal.appraisal(found), "单位撤销，无法填报", by=by, now=later)

    with deal.acting(Role.APPROVER):
        row = appraisal.appraisal(found)
        assert (row.state, row.score, row.unit_score) == ("closed", None, None)
        assert contract.contract(deal.contract_id).appraised_at is not None
    assert waiting(deal) == set()


def test_more_time_moves_every_open_sheet(deal: Deal) -> None:
    found = case_id(deal)
    with deal.acting(Role.APPROVER) as (by, now):
        appraisal.extend(
            appraisal.appraisal(found), day_of(now) + timedelta(days=40), "农忙季节", by=by, now=now
        )

    with deal.acting(Role.APPROVER):
        row = appraisal.appraisal(found)
        assert {each.due_by for each in row.sheets} == {row.due_by}


def test_the_clock_asks_the_approver_about_a_late_party(
    deal: Deal, travel: Callable[[timedelta], int]
) -> None:
    travel(timedelta(days=30))

    assert ("approver", "extend") in waiting(deal)


def test_a_unit_with_nothing_to_do_with_it_sees_nothing(deal: Deal) -> None:
    stranger = a_person(deal.bureau, Role.UNIT_HANDLER, party_id=a_unit(deal.bureau))
    with scope.entered(stranger.scope):
        assert db.session.scalars(select(AppraisalSheet)).all() == []
        with pytest.raises(NotFound):
            appraisal.appraisal(case_id(deal))


def test_locked_by_both_waits_for_the_end(deal: Deal) -> None:
    filled_by_unit(deal)
    fill(deal, "QC_LEADER")
    fill(deal, "KP_FIN")
    sign(deal, "KP_FIN")
    assert waiting(deal) == {("approver", "lock")}
    lock(deal, "KP_FIN")

    assert waiting(deal) == {("approver", "finish")}


def test_both_have_the_working_days_that_the_rules_of_the_day_give() -> None:
    """A set published before this key was known is filled up with the national value, ten."""
    assert parse({}, strict=False).appraisal.fill_workdays == 10
    deal = an_effective_contract()
    publish_rules(deal.bureau, **{"appraisal.fill_workdays": "3"})

    with scope.unit_of_work(deal.bureau.system):
        now = scope.now()
        appraisal_actions.open_for(deal.contract_id, by=None, now=now)
    with scope.entered(deal.bureau.system):
        today = day_of(now)
        row = appraisal.appraisal(case_id(deal))
        assert row.due_by == end_of(add_workdays(today, 3, calendar(today)))
        assert {each.due_by for each in row.sheets} == {row.due_by}


def test_what_no_expert_scored_the_section_scores_on_the_same_forms() -> None:
    deal = delivered()
    with scope.unit_of_work(deal.bureau.system):
        db.session.execute(
            text(
                "UPDATE round SET state = 'final', scored_at = now(), notified_at = now(), final_at = now()"
                " WHERE contract_id = :id"
            ),
            {"id": deal.contract_id},
        )
    with scope.unit_of_work(deal.bureau.system):
        appraisal_actions.quality_known(deal.contract_id, now=scope.now())

    fill(deal, "QC_LEADER")
    with pytest.raises(Refused) as refused:
        sign(deal, "KP_FIN")
    assert refused.value.ruling.codes == ("appraisal.incomplete",)

    fill(deal, "QC_PLAN", {0: "1"})
    fill(deal, "QC_REPORT")
    filled_by_bureau(deal)
    with deal.acting(Role.HANDLER):
        row = appraisal.appraisal(case_id(deal))
        assert row.basis == "unsampled"
        assert {each.state for each in row.sheets if each.party == "finance"} == {"locked"}
        found = queries.content_of(next(each for each in row.sheets if each.form_code == "KP_FIN"))
        assert found.sources == {"QC_LEADER": "85.00", "QC_PLAN": "99.00", "QC_REPORT": "100.00"}
        assert found.total == Decimal("98.98")


def test_two_heads_who_lock_at_once_release_both(app: Flask, deal: Deal) -> None:
    fill(deal, "QC_LEADER")
    for code in ("KP_UNIT", "KP_FIN"):
        fill(deal, code)
        sign(deal, code)
    sheets = {Role.UNIT_HEAD: sheet_id(deal, "KP_UNIT"), Role.APPROVER: sheet_id(deal, "KP_FIN")}
    start = Barrier(2)

    def confirm(role: Role) -> None:
        with app.app_context(), deal.acting(role) as (by, now):
            row = appraisal.sheet(sheets[role])
            assert row.appraisal.sheets
            start.wait()
            appraisal.lock(row, PASSWORD, by=by, now=now)

    threads = [Thread(target=confirm, args=(role,)) for role in sheets]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    with deal.acting(Role.HANDLER):
        assert appraisal.appraisal(case_id(deal)).released_at is not None
    assert waiting(deal) == {("approver", "finish")}
