"""Each verb of the work under a contract against the real database: effect, inbox, walls, clock."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from portal import contract, deliverable, file
from portal.access import Role
from portal.audit import InboxRow
from portal.contract import DeliverableKind
from portal.deliverable.models import Opinion, Version
from portal.kernel.errors import Invalid, NotFound, Refused
from portal.kernel.workdays import day_of
from tenants import scope
from tenants.db import db
from tests.contract.makers import Deal, an_effective_contract
from tests.deliverable.makers import (
    a_pdf,
    accepted,
    an_upload,
    consultation_id,
    delivered,
    hand_in,
    heard,
    row_id,
    visited,
    with_opinions,
)
from tests.support.world import Bureau, a_person, a_unit

pytestmark = pytest.mark.usefixtures("app")


def waiting(bureau: Bureau, subject_id: UUID) -> list[tuple[str, str]]:
    """(role, verb) of what waits for somebody on a row."""
    with scope.entered(bureau.system):
        rows = db.session.scalars(select(InboxRow).where(InboxRow.subject_id == subject_id))
        return sorted((row.role, row.verb) for row in rows)


def sound(deal: Deal) -> bool:
    """Whether every invariant holds."""
    with scope.entered(deal.bureau.system):
        return list(deliverable.invariants()) == []


def refused_codes(deal: Deal, role: Role, deed: Callable[..., Any]) -> tuple[str, ...]:
    """The codes of a refusal."""
    with pytest.raises(Refused) as refused, deal.acting(role) as (by, now):
        deed(by=by, now=now)
    return refused.value.ruling.codes


def test_a_contract_in_force_awaits_three_deliverables_for_each_subject() -> None:
    deal = an_effective_contract()

    with deal.acting(Role.FIRM_HANDLER):
        rows = deliverable.of_contract(deal.contract_id)
        assert [row.kind for row in rows] == ["plan", "draft", "report"] * 2
        assert {row.state for row in rows} == {"awaited"}
        origin = contract.contract(deal.contract_id)
        assert {row.due_on for row in rows if row.kind == "plan"} == {origin.plan_due_on}
    found = row_id(deal, "plan")
    assert waiting(deal.bureau, found) == [("firm_handler", "submit"), ("lead_evaluator", "submit")]


def test_versions_are_kept_with_their_comments() -> None:
    deal = an_effective_contract()
    found = hand_in(deal, "plan", note="第一稿")
    hand_in(deal, "plan", note="补充抽样")
    with deal.acting(Role.HANDLER) as (by, now):
        deliverable.return_(deliverable.deliverable(found), "样本量不足", by=by, now=now)
    hand_in(deal, "plan", note="已补足")
    with deal.acting(Role.HANDLER) as (by, now):
        deliverable.accept(deliverable.deliverable(found), by=by, now=now)

    with deal.acting(Role.FIRM_HANDLER):
        row = deliverable.deliverable(found)
        assert (row.state, row.versions_count, row.returns) == ("accepted", 3, 1)
        assert [(v.number, v.decision, v.comment) for v in row.versions] == [
            (3, "accepted", ""),
            (2, "returned", "样本量不足"),
            (1, None, None),
        ]
        kept = deliverable.accepted_file(deal.contract_id, row.subject_id, "PLAN")
        assert kept is not None
        assert kept.digest == row.versions[0].digest
    assert waiting(deal.bureau, found) == []
    assert sound(deal)


def test_a_version_never_changes() -> None:
    deal = an_effective_contract()
    hand_in(deal, "plan")

    for statement in ("UPDATE deliverable_version SET note = 'x'", "DELETE FROM deliverable_version"):
        with pytest.raises(DBAPIError, match="never changes"), scope.unit_of_work(deal.bureau.system):
            db.session.execute(text(statement))


def test_after_acceptance_nothing_is_replaced() -> None:
    deal = an_effective_contract()
    found = accepted(deal, "plan")

    def again(**given: Any) -> None:
        row = deliverable.deliverable(found)
        deliverable.submit(row, an_upload(), "", unclassified=True, lead_confirmed=True, **given)

    assert refused_codes(deal, Role.FIRM_HANDLER, again) == ("machine.out_of_turn",)


@pytest.mark.parametrize(
    ("upload", "code"),
    (
        (None, "file.none"),
        (an_upload("空.pdf", b""), "file.empty"),
        (an_upload("假.pdf", b"MZ not a pdf at all"), "file.wrong_kind"),
    ),
)
def test_a_file_that_is_not_taken_moves_nothing(upload: Any, code: str) -> None:
    deal = an_effective_contract()
    found = row_id(deal, "plan")

    with pytest.raises(Invalid) as invalid, deal.acting(Role.FIRM_HANDLER) as (by, now):  # noqa: PT012 -- one deed
        row = deliverable.deliverable(found)
        deliverable.submit(row, upload, "", unclassified=True, lead_confirmed=True, by=by, now=now)

    assert invalid.value.code == code
    with deal.acting(Role.HANDLER):
        assert deliverable.deliverable(found).versions_count == 0


def test_a_file_over_the_limit_moves_nothing() -> None:
    deal = an_effective_contract()
    huge = an_upload(content=a_pdf() + bytes(201 * 1024 * 1024))

    with pytest.raises(Invalid) as invalid:
        hand_in(deal, "plan", upload=huge)

    assert (invalid.value.code, invalid.value.facts) == ("file.too_large", {"limit": "200 MB"})


def test_classified_material_is_refused_in_words() -> None:
    deal = an_effective_contract()

    with pytest.raises(Refused) as refused:
        hand_in(deal, "plan", unclassified=False)

    assert refused.value.ruling.codes == ("deliverable.classified",)


def test_the_report_waits_for_plan_consultation_and_lead() -> None:
    deal = an_effective_contract()
    with pytest.raises(Refused) as refused:
        hand_in(deal, "report", lead_confirmed=False)
    assert refused.value.ruling.codes == (
        "deliverable.plan_first",
        "deliverable.consult_first",
        "deliverable.lead_unconfirmed",
    )

    accepted(deal, "plan")
    accepted(deal, "draft")
    with pytest.raises(Refused) as refused:
        hand_in(deal, "report")
    assert refused.value.ruling.codes == ("deliverable.consult_first",)

    assert waiting(deal.bureau, row_id(deal, "report")) == []
    heard(deal)
    assert waiting(deal.bureau, row_id(deal, "report")) == [
        ("firm_handler", "submit"),
        ("lead_evaluator", "submit"),
    ]
    found = hand_in(deal, "report")
    with deal.acting(Role.HANDLER):
        row = deliverable.deliverable(found)
        assert row.versions[0].lead_confirmed == row.lead_evaluator


def test_the_unit_is_heard_and_every_opinion_is_answered() -> None:
    deal = an_effective_contract()
    accepted(deal, "plan")
    accepted(deal, "draft")
    found = consultation_id(deal)
    assert waiting(deal.bureau, found) == [("unit_handler", "state")]
    with deal.acting(Role.UNIT_HANDLER):
        row = deliverable.consultation(found)
        assert file.stored(row.file_id).name == "成果.pdf"

    with_opinions(deal, "资金口径应含配套资金", "满意度样本请注明")
    assert waiting(deal.bureau, found) == [("firm_handler", "answer"), ("lead_evaluator", "answer")]
    assert refused_codes(
        deal,
        Role.FIRM_HANDLER,
        lambda **given: deliverable.answer(
            deliverable.consultation(found), {1: (True, ""), 2: (False, " ")}, **given
        ),
    ) == ("consultation.unreasoned",)

    with deal.acting(Role.FIRM_HANDLER) as (by, now):
        deliverable.answer(
            deliverable.consultation(found), {1: (True, ""), 2: (False, "已在附件注明")}, by=by, now=now
        )
    for role in (Role.HANDLER, Role.UNIT_HANDLER, Role.FIRM_HANDLER):
        with deal.acting(role):
            row = deliverable.consultation(found)
            assert row.state == "answered"
            assert [(each.adopted, each.answer) for each in row.opinions] == [
                (True, ""),
                (False, "已在附件注明"),
            ]
    hand_in(deal, "report")
    assert sound(deal)


def test_the_firm_reads_no_opinion_before_it_is_handed_in() -> None:
    deal = an_effective_contract()
    accepted(deal, "draft")
    found = consultation_id(deal)
    with deal.acting(Role.UNIT_HANDLER) as (by, now):
        deliverable.note(deliverable.consultation(found), "第二章", "请核实数据", by=by, now=now)

    with deal.acting(Role.FIRM_HANDLER):
        assert deliverable.consultation(found).opinions == []
    with deal.acting(Role.UNIT_HANDLER) as (by, now):
        deliverable.strike(deliverable.consultation(found), 1, by=by, now=now)
        deliverable.agree(deliverable.consultation(found), by=by, now=now)
    with scope.entered(deal.bureau.system):
        assert db.session.scalars(select(Opinion)).all() == []


def test_without_feedback_the_bureau_closes_it_only_after_the_last_instant(
    travel: Callable[[timedelta], int],
) -> None:
    deal = an_effective_contract()
    accepted(deal, "plan")
    accepted(deal, "draft")
    found = consultation_id(deal)

    def lapse(**given: Any) -> None:
        deliverable.lapse(deliverable.consultation(found), **given)

    assert refused_codes(deal, Role.HANDLER, lapse) == ("consultation.not_lapsed",)
    travel(timedelta(days=12))
    with deal.acting(Role.HANDLER) as (by, now):
        lapse(by=by, now=now)
    hand_in(deal, "report")
    with deal.acting(Role.HANDLER):
        assert deliverable.consultation(found).state == "lapsed"


def test_the_bureau_is_told_when_the_units_time_is_over_and_until_it_closes_the_unit_may_answer(
    travel: Callable[[timedelta], int],
) -> None:
    deal = an_effective_contract(subjects=1)
    accepted(deal, "draft")
    found = consultation_id(deal)
    assert waiting(deal.bureau, found) == [("unit_handler", "state")]

    travel(timedelta(days=12))

    assert waiting(deal.bureau, found) == [("handler", "lapse"), ("unit_handler", "state")]
    heard(deal)
    assert waiting(deal.bureau, found) == []
    assert sound(deal)


def test_nobody_is_told_of_a_unit_that_answered_in_time(travel: Callable[[timedelta], int]) -> None:
    deal = an_effective_contract(subjects=1)
    accepted(deal, "draft")
    found = with_opinions(deal, "请核实")

    travel(timedelta(days=12))

    assert waiting(deal.bureau, found) == [("firm_handler", "answer"), ("lead_evaluator", "answer")]


def test_opinions_move_up_when_one_is_struck() -> None:
    deal = an_effective_contract(subjects=1)
    accepted(deal, "draft")
    found = consultation_id(deal)
    for words in ("甲", "乙", "丙", "丁"):
        with deal.acting(Role.UNIT_HANDLER) as (by, now):
            deliverable.note(deliverable.consultation(found), "第三章", words, by=by, now=now)
    with deal.acting(Role.UNIT_HANDLER) as (by, now):
        deliverable.strike(deliverable.consultation(found), 2, by=by, now=now)
    with deal.acting(Role.UNIT_HANDLER) as (by, now), pytest.raises(NotFound):
        deliverable.strike(deliverable.consultation(found), 4, by=by, now=now)

    with deal.acting(Role.UNIT_HANDLER):
        kept = deliverable.consultation(found).opinions
        assert [(each.number, each.text) for each in kept] == [(1, "甲"), (2, "丙"), (3, "丁")]


def test_another_unit_and_another_firm_see_nothing() -> None:
    deal, other = an_effective_contract(), an_effective_contract()
    plan = accepted(deal, "plan")
    accepted(deal, "draft")
    found = consultation_id(deal)
    neighbour = a_person(deal.bureau, Role.UNIT_HANDLER, party_id=a_unit(deal.bureau))

    for bounds in (neighbour.scope, other.person(Role.FIRM_HANDLER).scope):
        with scope.unit_of_work(bounds):
            for load, row in ((deliverable.deliverable, plan), (deliverable.consultation, found)):
                with pytest.raises(NotFound):
                    load(row)
            assert db.session.scalars(select(Version)).all() == []
    with deal.acting(Role.UNIT_HANDLER), pytest.raises(NotFound):
        deliverable.deliverable(plan)


def test_experts_read_what_is_accepted_before_and_after_they_take_their_seat() -> None:
    deal = an_effective_contract()
    plan = accepted(deal, "plan")
    draft = row_id(deal, "draft")
    expert = a_person(deal.bureau, Role.EXPERT, party_id=deal.subjects[0])
    assert expert.party_id is not None
    with deal.acting(Role.ORGANISER):
        deliverable.open_to(deal.contract_id, [expert.party_id])

    with scope.unit_of_work(expert.scope):
        assert deliverable.deliverable(plan).state == "accepted"
        assert deliverable.accepted_file(deal.contract_id, deal.subjects[0], "plan") is not None
        with pytest.raises(NotFound):
            deliverable.deliverable(draft)
    accepted(deal, "draft")
    with scope.unit_of_work(expert.scope):
        assert deliverable.accepted_file(deal.contract_id, deal.subjects[0], "draft") is not None


def test_an_expert_whose_seat_ended_reads_nothing_more_and_the_others_read_on() -> None:
    deal = an_effective_contract()
    plan = accepted(deal, "plan")
    gone, stays = (a_person(deal.bureau, Role.EXPERT, party_id=uuid4()) for _ in range(2))
    assert gone.party_id
    assert stays.party_id
    with deal.acting(Role.ORGANISER):
        deliverable.open_to(deal.contract_id, [gone.party_id, stays.party_id])
    with scope.unit_of_work(gone.scope):
        file_id = deliverable.deliverable(plan).accepted_file_id
        assert file_id is not None
        assert file.stored(file_id).id == file_id

    with deal.acting(Role.ORGANISER):
        deliverable.close_to(deal.contract_id, [gone.party_id])
    draft = accepted(deal, "draft")

    with scope.unit_of_work(gone.scope):
        for load, found in ((deliverable.deliverable, plan), (deliverable.deliverable, draft)):
            with pytest.raises(NotFound):
                load(found)
        with pytest.raises(NotFound):
            file.stored(file_id)
    for reader in (stays, deal.person(Role.FIRM_HANDLER)):
        with scope.unit_of_work(reader.scope):
            assert deliverable.deliverable(draft).state == "accepted"
            assert file.stored(file_id).id == file_id


def test_lateness_counts_working_days_and_respects_the_extension(
    travel: Callable[[timedelta], int],
) -> None:
    deal = an_effective_contract(subjects=1)
    with deal.acting(Role.HANDLER):
        assert deliverable.on_time(deal.contract_id)
        assert deliverable.late_workdays(deal.contract_id) == 0

    travel(timedelta(days=28))
    hand_in(deal, "plan")
    with deal.acting(Role.HANDLER):
        late = deliverable.late_workdays(deal.contract_id)
        assert not deliverable.on_time(deal.contract_id)
        assert 5 <= late <= 7
    with deal.acting(Role.HANDLER) as (by, now):
        row = contract.contract(deal.contract_id)
        later = row.plan_due_on + timedelta(days=10)
        contract.extend(row, DeliverableKind.PLAN, later, "单位资料晚交一周", by=by, now=now)
    with deal.acting(Role.HANDLER):
        assert deliverable.on_time(deal.contract_id)
        assert deliverable.late_workdays(deal.contract_id) == 0
        plan = deliverable.of_contract(deal.contract_id)[0]
        assert (plan.due_on, plan.signed_due_on) == (later, later - timedelta(days=10))


def test_days_on_site_count_once_and_struck_visits_do_not() -> None:
    deal = an_effective_contract()
    with deal.acting(Role.HANDLER) as (_, now):
        today = day_of(now)
    visited(deal, today - timedelta(days=6), today - timedelta(days=4))
    visited(deal, today - timedelta(days=5), today - timedelta(days=2), subject=1)
    visited(deal, today - timedelta(days=1), today, lead=False)

    with deal.acting(Role.FIRM_HANDLER) as (by, now):
        assert deliverable.lead_days(deal.contract_id) == 5
        second = next(v for v in deliverable.visits_of(deal.contract_id) if v.subject_id == deal.subjects[1])
        deliverable.strike_visit(second, "日期登记有误", by=by, now=now)
    with deal.acting(Role.HANDLER):
        assert deliverable.lead_days(deal.contract_id) == 3
        assert len(deliverable.visits_of(deal.contract_id)) == 3


@pytest.mark.parametrize(
    ("first", "last", "code"),
    ((0, -1, "visit.days_order"), (0, 1, "visit.ahead"), (-400, 0, "visit.too_long")),
)
def test_a_visit_on_days_that_cannot_be_is_refused(first: int, last: int, code: str) -> None:
    deal = an_effective_contract()
    with deal.acting(Role.HANDLER) as (_, now):
        today = day_of(now)

    with pytest.raises(Invalid) as invalid:
        visited(deal, today + timedelta(days=first), today + timedelta(days=last))

    assert invalid.value.code == code


def test_material_goes_to_the_firm_and_back_and_the_unit_confirms() -> None:
    deal = an_effective_contract()
    with deal.acting(Role.FIRM_HANDLER) as (by, now):
        today = day_of(now)
        origin = contract.contract(deal.contract_id)
        deliverable.ask(origin, deal.subjects[0], ("会计凭证", "合同台账"), is_original=True, by=by, now=now)
    with deal.acting(Role.UNIT_HANDLER):
        first, second = (row.id for row in deliverable.materials_of(deal.contract_id))
    assert waiting(deal.bureau, first) == [("unit_handler", "hand_over")]

    def too_early(**given: Any) -> None:
        deliverable.hand_over(deliverable.material(first), date(2020, 1, 1), **given)

    assert refused_codes(deal, Role.UNIT_HANDLER, too_early) == ("material.day",)
    with deal.acting(Role.UNIT_HANDLER) as (by, now):
        deliverable.hand_over(deliverable.material(first), today, by=by, now=now)
    with deal.acting(Role.FIRM_HANDLER) as (by, now):
        deliverable.give_back(deliverable.material(first), today, by=by, now=now)
        deliverable.withdraw(deliverable.material(second), by=by, now=now)
    with deal.acting(Role.UNIT_HANDLER) as (by, now):
        deliverable.receive(deliverable.material(first), by=by, now=now)

    with deal.acting(Role.HANDLER):
        states = {row.id: row.state for row in deliverable.materials_of(deal.contract_id)}
        assert states == {first: "closed", second: "withdrawn"}


def test_the_last_accepted_report_ends_the_work() -> None:
    deal = delivered()

    with deal.acting(Role.HANDLER):
        assert deliverable.is_delivered(deal.contract_id)
        assert deliverable.reports_returned(deal.contract_id) == 0
        assert len(deliverable.accepted_files(deal.contract_id)) == 6
    assert sound(deal)
