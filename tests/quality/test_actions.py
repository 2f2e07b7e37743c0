"""Each verb of a round, its seats and its sheets against the real database."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from threading import Barrier, Thread
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from portal import document, draw, expert, file, quality
from portal.access import Role
from portal.audit import InboxRow, timeline
from portal.kernel.errors import Invalid, NotFound, Refused, Stale
from portal.quality import actions, queries
from portal.quality.models import EmployerMatch, Round, Sheet
from portal.quality.rules import Verdict
from portal.scoresheet import EMPTY
from tenants import scope
from tenants.db import db
from tests.quality import makers
from tests.quality.makers import Case

pytestmark = pytest.mark.usefixtures("app")


def sound(case: Case) -> bool:
    """Whether every invariant holds."""
    with scope.entered(case.bureau.system):
        return list(quality.invariants()) == []


def standing(case: Case) -> str:
    """The round's state."""
    with scope.entered(case.bureau.system):
        return quality.round_(case.round_id).state


def waiting(case: Case, kind: str) -> set[tuple[str, str]]:
    """(role, verb) of what waits for somebody."""
    with scope.entered(case.bureau.system):
        rows = db.session.scalars(select(InboxRow).where(InboxRow.kind == kind))
        return {(row.role, row.verb) for row in rows}


def waits_for(case: Case, row_id: UUID) -> set[tuple[str, str]]:
    """(role, verb) of what one row waits for."""
    with scope.entered(case.bureau.system):
        rows = db.session.scalars(select(InboxRow).where(InboxRow.subject_id == row_id))
        return {(row.role, row.verb) for row in rows}


def test_a_contract_in_effect_has_a_round_that_waits_for_its_draw() -> None:
    case = makers.a_planned_round()

    assert standing(case) == "planned"
    assert waiting(case, "round") == {("organiser", "draw")}


def test_a_round_goes_from_the_draw_to_its_final_score() -> None:
    case = makers.a_final_quality(plan="82.5", report="78")

    with scope.entered(case.bureau.system):
        known = quality.quality_of(case.deal.contract_id)
        assert known is not None
        assert (known.score, known.plan, known.report) == (
            Decimal("79.80"),
            Decimal("82.50"),
            Decimal("78.00"),
        )
        assert [each.score for each in known.subjects] == [Decimal("79.80")]
        assert [each.outcome for each in draw.draws_of(case.round_id)] == ["filled"]
        assert draw.draws_of(case.round_id)[0].released_at is not None
        assert [each.title for each in document.documents_of(case.round_id)] != []
        loads = {each.id: each.open_load for each in expert.experts()}
        assert set(loads.values()) == {0}
    assert sound(case)


def test_a_draw_without_deliverables_or_experts_is_refused() -> None:
    deal = makers.an_effective_contract(subjects=1)
    case = makers.a_planned_round(deal=deal, experts=2)

    with pytest.raises(Refused) as refused:
        makers.commit(case)

    assert refused.value.ruling.codes == ("quality.deliverables_missing", "quality.too_few_experts")


def test_whoever_made_the_list_does_not_type_the_number() -> None:
    case = makers.a_planned_round()
    draw_id = makers.commit(case)

    with case.acting(Role.ORGANISER) as (by, now), pytest.raises(Refused):
        draw.seed(draw.draw(draw_id), "1234", by=by, now=now)
    assert standing(case) == "drawing"


def test_a_voided_draw_is_drawn_anew() -> None:
    case = makers.a_planned_round()
    draw_id = makers.commit(case)

    with case.acting(Role.ORGANISER) as (by, now):
        draw.end(draw_id, draw.Outcome.VOID, by=by, now=now, reason="名单有误")
    assert standing(case) == "planned"
    makers.seed(case, makers.commit(case))
    assert standing(case) == "scoring"


def test_offers_go_in_the_order_drawn_and_on_to_the_next() -> None:
    case = makers.a_drawn_round()
    with scope.entered(case.bureau.system):
        order = draw.order(draw.draws_of(case.round_id)[0].id)
    assert case.seats("offered") == order[:3]

    makers.decline(case, order[1])

    assert case.seats("offered") == [order[0], order[2], order[3]]
    assert case.seats("declined") == [order[1]]
    with scope.entered(case.bureau.system):
        assert expert.expert(order[1]).open_load == 0
        assert expert.expert(order[3]).open_load == 1


def test_an_offer_nobody_answers_lapses_and_goes_on(travel: Callable[[timedelta], int]) -> None:
    case = makers.a_drawn_round()
    first = case.seats("offered")
    makers.accept(case, first[0])

    assert travel(timedelta(minutes=31)) >= 2

    assert case.seats("lapsed") == first[1:]
    assert len(case.seats("offered")) == 2
    with pytest.raises(Refused):
        makers.accept(case, first[1])


def test_accepting_needs_the_declaration_and_the_password() -> None:
    case = makers.a_drawn_round()
    member = case.seats("offered")[0]
    seat_id = case.seat_id(member)

    with case.acting(member) as (by, now), pytest.raises(Refused) as refused:
        quality.accept(quality.seat(seat_id), declared=False, password=makers.PASSWORD, by=by, now=now)
    assert refused.value.ruling.codes == ("quality.not_declared",)
    with case.acting(member) as (by, now), pytest.raises(Invalid):
        quality.accept(quality.seat(seat_id), declared=True, password="wrong", by=by, now=now)  # noqa: S106
    makers.accept(case, member)
    with scope.entered(case.bureau.system):
        assert [each.name for each in document.signatures_of(seat_id)] == [case.experts[member].name]
    assert len(case.sheet_ids(member)) == 2


def test_a_used_up_order_ends_short_and_is_supplemented() -> None:
    case = makers.a_drawn_round(experts=3)
    first = case.seats("offered")
    for each in first[:2]:
        makers.accept(case, each)
    makers.decline(case, first[2])
    with scope.entered(case.bureau.system):
        assert draw.draws_of(case.round_id)[0].outcome == "short"

    members = makers.experts_in(case.bureau, ["外地大学"])
    case.experts.update(makers.seated(case.bureau, members))
    draw_id = makers.commit(case, "supplement")
    assert standing(case) == "supplementing"
    makers.seed(case, draw_id)

    assert case.seats("offered") == members
    makers.accept(case, members[0])
    with scope.entered(case.bureau.system):
        assert [each.outcome for each in draw.draws_of(case.round_id)] == ["short", "filled"]
    assert sound(case)


def test_a_loaded_expert_is_left_out_and_passed_over() -> None:
    case = makers.a_planned_round(experts=5)
    members = list(case.experts)
    with scope.unit_of_work(case.bureau.system):
        for _ in range(3):
            assert expert.take_load(members[0], most=3)
        assert not expert.take_load(members[0], most=3)
    draw_id = makers.commit(case)
    with scope.unit_of_work(case.bureau.system):
        order = [UUID(each["key"]) for each in draw.draw(draw_id).entries]
        assert members[0] not in order
        assert draw.draw(draw_id).excluded[0]["reasons"] == ["在评任务已满"]
        for _ in range(3):
            expert.take_load(members[1], most=3)
    makers.seed(case, draw_id)

    reached = case.seats("offered")
    assert members[1] not in reached
    assert len(reached) == 3


def test_an_employer_of_the_same_name_excludes_until_a_person_says_no() -> None:
    case = makers.a_planned_round(experts=3)
    firm = makers.experts_in(case.bureau, [case.deal.firm_name])[0]
    with case.acting(Role.ORGANISER) as (by, now):
        row = quality.round_(case.round_id)
        found = {each.candidate.id: each for each in queries.checked(row)}
        assert [each.code.value for each in found[firm].findings] == ["C1"]
        assert found[firm].findings[0].open
        with pytest.raises(Invalid):
            quality.match(row, firm, case.deal.firm_id, Verdict.REJECTED, "", by=by, now=now)
        quality.match(row, firm, case.deal.firm_id, Verdict.REJECTED, "同名的另一家单位", by=by, now=now)
        assert not any(each.candidate.id == firm and each.is_excluded for each in queries.checked(row))
        quality.match(row, firm, case.deal.firm_id, Verdict.CONFIRMED, "核对社保后更正", by=by, now=now)
        assert [each.candidate.id for each in queries.checked(row) if each.is_excluded] == [firm]
        assert db.session.scalar(select(func.count()).select_from(EmployerMatch)) == 2
        with pytest.raises(Invalid):
            quality.match(row, firm, case.deal.unit_id, Verdict.REJECTED, "没有这回事", by=by, now=now)


def test_an_expert_of_the_library_above_acts_here_once_asked() -> None:
    case = makers.a_planned_round(experts=0)
    above = makers.experts_in(case.bureau, [f"外地{n}大学" for n in range(3)])
    other = makers.an_effective_contract(subjects=1).bureau
    people = [makers.a_person(other, Role.EXPERT, party_id=each) for each in above[:2]]

    makers.seed(case, makers.commit(case))

    with scope.entered(case.bureau.system):
        seats = {each.expert_id: each for each in quality.seats_of(case.round_id)}
        assert [seats[each].has_account for each in above] == [True, True, False]
        assert {each.account_id for each in makers.posts_as_expert()} == {each.account_id for each in people}


def test_two_officers_at_once_draw_one_order_and_ask_nobody_twice(app: Flask) -> None:
    case = makers.a_planned_round(experts=6)
    draw_id = makers.commit(case)
    start, said = Barrier(2), []

    def type_number(role: Role) -> None:
        with app.app_context():
            try:
                with case.acting(role) as (by, now):
                    row = draw.draw(draw_id)
                    start.wait()
                    draw.seed(row, "777888", by=by, now=now)
                said.append("drawn")
            except (Refused, Stale) as error:
                said.append(type(error).__name__)

    threads = [Thread(target=type_number, args=(role,)) for role in (Role.CHECKER, Role.APPROVER)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert sorted(said) == ["Refused", "drawn"]
    assert len(case.seats("offered")) == 3


def test_two_experts_declining_at_once_bring_two_different_ones(app: Flask) -> None:
    case = makers.a_drawn_round(experts=6)
    first = case.seats("offered")
    start = Barrier(2)

    def away(member: UUID) -> None:
        with app.app_context(), case.acting(member) as (by, now):
            row = quality.seat(seats[member])
            start.wait()
            quality.decline(row, "time", "", by=by, now=now)

    seats = {each: case.seat_id(each) for each in first}
    threads = [Thread(target=away, args=(each,)) for each in first[:2]]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    offered = case.seats("offered")
    assert len(offered) == len(set(offered)) == 3


def test_a_sheet_handed_in_is_locked_in_the_database_too() -> None:
    case = makers.a_seated_round()
    member = case.seats("accepted")[0]
    makers.score_all(case, member)

    with case.acting(member) as (by, now):
        done = next(each for each in quality.sheets_of_seat(case.seat_id(member)))
        with pytest.raises(Refused):
            quality.save(done, EMPTY, EMPTY, by=by, now=now)
        with pytest.raises(Refused):
            quality.hand_in(done, confirmed=True, by=by, now=now)
        sheet_id = done.id
    for change in ("SET total = 100", "SET entries = '{}'", "SET state = 'open', total = NULL"):
        with scope.entered(case.bureau.system), pytest.raises(DBAPIError, match="never changes"):
            db.session.execute(text(f"UPDATE sheet {change} WHERE id = :id"), {"id": sheet_id})
    with scope.entered(case.bureau.system), pytest.raises(DBAPIError, match="never changes"):
        db.session.execute(text("DELETE FROM sheet WHERE id = :id"), {"id": sheet_id})


def test_a_sheet_with_holes_or_unexplained_losses_is_not_taken() -> None:
    case = makers.a_seated_round()
    member = case.seats("accepted")[0]
    sheet_id = case.sheet_ids(member)[0]
    with case.acting(member):
        form = queries.form_of(quality.sheet(sheet_id))
    whole = makers.entries_for(form, Decimal(90))
    whole["items"] = {key: {**item, "reason": ""} for key, item in whole["items"].items()}
    makers.write(case, member, sheet_id, whole)

    with pytest.raises(Refused) as refused:
        makers.hand_in(case, member, sheet_id)

    assert "quality.items_wrong" in refused.value.ruling.codes


def test_a_sheet_late_by_a_second_is_refused_until_the_time_is_extended(
    travel: Callable[[timedelta], int],
) -> None:
    case = makers.a_seated_round()
    member = case.seats("accepted")[0]
    travel(timedelta(days=40))

    with pytest.raises(Refused) as refused:
        makers.score_all(case, member)
    assert refused.value.ruling.codes == ("quality.too_late",)
    with case.acting(Role.ORGANISER) as (by, now):
        actions.extend(quality.seat(case.seat_id(member)), 3, "专家出差，同意延长", by=by, now=now)
    makers.score_all(case, member)


def test_two_tabs_on_one_sheet_lose_nothing() -> None:
    case = makers.a_seated_round()
    member = case.seats("accepted")[0]
    sheet_id = case.sheet_ids(member)[0]
    one = {"items": {"0": {"reason": "甲"}}, "vetoes": {}}
    two = {"items": {"1": {"reason": "乙"}}, "vetoes": {}}

    with case.acting(member) as (by, now):
        quality.save(quality.sheet(sheet_id), one, EMPTY, by=by, now=now)
    with case.acting(member) as (by, now):
        joined = quality.save(quality.sheet(sheet_id), two, EMPTY, by=by, now=now)
        assert joined.conflicts == ()
    with case.acting(member):
        assert quality.sheet(sheet_id).entries["items"] == {"0": {"reason": "甲"}, "1": {"reason": "乙"}}
        assert [each.verb for each in timeline(sheet_id)] == []
    with scope.entered(case.bureau.system):
        assert [each.verb for each in timeline(sheet_id)] == ["sheet.draft", "sheet.save"]


def test_a_recused_expert_is_replaced_and_the_sheet_kept_as_void() -> None:
    case = makers.a_seated_round()
    first = case.seats("accepted")
    makers.score_all(case, first[0])
    with case.acting(Role.ORGANISER) as (by, now):
        quality.recuse(quality.seat(case.seat_id(first[0])), "评分后发现亲属任职", by=by, now=now)

    assert case.seats("recused") == [first[0]]
    fresh = case.seats("offered")
    assert len(fresh) == 1
    with scope.entered(case.bureau.system):
        kept = quality.sheets_of_seat(case.seat_id(first[0]))
        assert [(each.state, each.total is not None) for each in kept] == [("void", True)] * 2
    makers.accept(case, fresh[0])
    for each in case.seats("accepted"):
        makers.score_all(case, each, plan="90", report="90")
    with scope.entered(case.bureau.system):
        assert quality.round_(case.round_id).quality_score == Decimal("90.00")
    assert sound(case)


def test_who_left_reads_the_work_no_more_and_who_stays_does() -> None:
    case = makers.a_seated_round()
    gone, stays, _ = case.seats("accepted")
    with case.acting(gone):
        file_id = quality.sheet(case.sheet_ids(gone)[0]).file_id
        assert file_id in file.files([file_id])

    with case.acting(Role.ORGANISER) as (by, now):
        quality.recuse(quality.seat(case.seat_id(gone)), "曾任被评机构顾问", by=by, now=now)

    with case.acting(gone):
        assert file.files([file_id]) == {}
    with case.acting(stays):
        assert file_id in file.files([file_id])


def test_silence_is_confirmed_once_and_only_where_there_is_some() -> None:
    case = makers.a_seated_round()
    member, other, _ = case.seats("accepted")
    plan, spoken_on = case.sheet_ids(member)[0], case.sheet_ids(other)[0]

    with pytest.raises(Refused) as refused:
        makers.hand_in(case, member, plan, confirmed=False)
    assert refused.value.ruling.codes == ("quality.items_silent",)
    assert refused.value.ruling.refusals[0].facts["count"] == 20
    makers.hand_in(case, member, plan)

    spoken = {"items": {str(place): {"reason": "已核对，无问题"} for place in range(20)}, "vetoes": {}}
    makers.write(case, other, spoken_on, spoken)
    makers.hand_in(case, other, spoken_on, confirmed=False)
    with case.acting(other):
        assert quality.sheet(spoken_on).total == 100


def test_a_late_expert_waits_for_the_organiser_until_given_time(
    travel: Callable[[timedelta], int],
) -> None:
    case = makers.a_seated_round()
    late, done, _ = case.seats("accepted")
    makers.score_all(case, done)
    with scope.entered(case.bureau.system):
        until = quality.seat(case.seat_id(late)).score_by
        assert until is not None
        ahead = until - scope.now()

    travel(ahead + timedelta(seconds=1))

    seats = {each: case.seat_id(each) for each in case.seats("accepted")}
    told = {each for each, seat_id in seats.items() if waits_for(case, seat_id) == {("organiser", "extend")}}
    assert told == set(seats) - {done}
    with case.acting(Role.ORGANISER) as (by, now):
        actions.extend(quality.seat(seats[late]), 3, "专家出差，延后三天", by=by, now=now)
    assert waits_for(case, seats[late]) == set()
    makers.score_all(case, late)


def test_a_place_nobody_is_asked_for_waits_for_the_organiser() -> None:
    case = makers.a_drawn_round(experts=3)
    first, *others = case.seats("offered")
    for each in others:
        makers.accept(case, each)
    makers.decline(case, first)
    assert waiting(case, "round") == {("organiser", "supplement")}

    makers.experts_in(case.bureau, ["补抽大学"])
    makers.seed(case, makers.commit(case, "supplement"))
    assert waiting(case, "round") == set()


def test_fewer_seats_count_where_nobody_is_left() -> None:
    case = makers.a_seated_round(experts=3)
    gone, *others = case.seats("accepted")
    for each in others:
        makers.score_all(case, each)
    with case.acting(Role.ORGANISER) as (by, now):
        quality.recuse(quality.seat(case.seat_id(gone)), "身体原因退出", by=by, now=now)
        with pytest.raises(Refused) as refused:
            actions.score(quality.round_(case.round_id), by=by, now=now)
    assert refused.value.ruling.codes == ("quality.too_few_sheets",)
    assert standing(case) == "scoring"


def test_a_mean_over_fewer_experts_than_places_says_so() -> None:
    case = makers.a_seated_round(experts=4, terms={"experts": 4})
    gone, *others = case.seats("accepted")
    for each in others:
        makers.score_all(case, each)
    with case.acting(Role.ORGANISER) as (by, now):
        quality.recuse(quality.seat(case.seat_id(gone)), "身体原因退出", by=by, now=now)

    assert waiting(case, "round") == {("organiser", "notify")}
    with scope.entered(case.bureau.system):
        row = quality.round_(case.round_id)
        assert row.fewer_experts.startswith("应由 4 位专家评分，名单已全部问到，实有 3 位")
        told = queries.summary(row, day=date(2026, 11, 20)).blocks[0]
        assert row.fewer_experts in str(told)
        assert row.fewer_experts in queries.derivations(row, json_url="")[-1].steps


def test_a_reported_veto_waits_for_the_approver_and_takes_everything() -> None:
    case = makers.a_seated_round()
    for each in case.seats("accepted"):
        makers.score_all(case, each, vetoes={"1": "底稿系伪造"})
    assert waiting(case, "round") == {("approver", "veto")}
    with pytest.raises(Refused) as refused:
        makers.notify(case)
    assert refused.value.ruling.codes == ("quality.veto_open",)

    with case.acting(Role.APPROVER) as (by, now):
        actions.veto(quality.round_(case.round_id), "经核查属实", by=by, now=now)
    with case.acting(Role.APPROVER) as (by, now), pytest.raises(Refused):
        actions.dismiss(quality.round_(case.round_id), "再议一次吧", by=by, now=now)
    makers.notify(case)

    with scope.entered(case.bureau.system):
        row = quality.round_(case.round_id)
        assert (row.vetoed, row.quality_score) == (True, Decimal("0.00"))
        assert row.reports_of_veto[0]["text"] == "弄虚作假"
    assert sound(case)


def test_a_dismissed_veto_leaves_the_points() -> None:
    case = makers.a_seated_round()
    for n, each in enumerate(case.seats("accepted")):
        makers.score_all(case, each, vetoes={"2": "疑似泄密"} if n == 0 else None)
    with case.acting(Role.APPROVER) as (by, now):
        actions.dismiss(quality.round_(case.round_id), "证据不足", by=by, now=now)

    with scope.entered(case.bureau.system):
        assert quality.round_(case.round_id).quality_score == Decimal("79.60")
    assert sound(case)


def test_the_firm_objects_once_and_in_time(travel: Callable[[timedelta], int]) -> None:
    case = makers.a_notified_round()
    with case.acting(Role.FIRM_HANDLER) as (by, now):
        row = quality.round_(case.round_id)
        with pytest.raises(Refused):
            quality.object_(row, "不", None, by=by, now=now)
        quality.object_(row, "第三项扣分与报告第12页不符", None, by=by, now=now)
    assert standing(case) == "objected"
    assert waiting(case, "round") == {("approver", "uphold")}
    with case.acting(Role.APPROVER) as (by, now):
        quality.uphold(quality.round_(case.round_id), "经复核扣分依据充分", by=by, now=now)
    assert standing(case) == "final"

    late = makers.a_notified_round()
    travel(timedelta(days=30))
    assert standing(late) == "final"
    with late.acting(Role.FIRM_HANDLER) as (by, now), pytest.raises(Refused):
        quality.object_(quality.round_(late.round_id), "来晚了的异议", None, by=by, now=now)


def test_a_correction_reopens_one_sheet_and_the_new_score_is_final() -> None:
    case = makers.a_notified_round(plan="80", report="80")
    with case.acting(Role.FIRM_HANDLER) as (by, now):
        quality.object_(quality.round_(case.round_id), "合计有误，请复核", None, by=by, now=now)
    with case.acting(Role.APPROVER) as (by, now):
        row = quality.round_(case.round_id)
        old = quality.sheets_of_seat(case.seat_id(case.seats("accepted")[0]))[0]
        quality.reopen(row, [old.id], "该项扣分有误，请重评", by=by, now=now)
        old_id, owner = old.id, old.expert_id
    assert standing(case) == "scoring"
    with case.acting(Role.FIRM_HANDLER):
        assert quality.round_(case.round_id).result is None
    assert len(case.sheet_ids(owner)) == 1
    makers.score_all(case, owner, plan="95", report="95")
    makers.notify(case)

    with scope.entered(case.bureau.system):
        assert quality.sheet(old_id).state == "void"
        row = quality.round_(case.round_id)
        assert (row.state, row.quality_score) == ("final", Decimal("82.00"))
    assert sound(case)


def test_a_sample_is_drawn_and_the_rest_is_flagged() -> None:
    deal = makers.delivered(makers.a_sampling_contract(subjects=3, sample_size=1))
    case = makers.a_planned_round(deal=deal)
    assert waiting(case, "round") == {("organiser", "sample")}
    with pytest.raises(Refused):
        makers.commit(case)

    makers.seed(case, makers.commit(case, "sample"))
    makers.seed(case, makers.commit(case))
    for each in case.seats("offered"):
        makers.accept(case, each)
    for each in case.seats("accepted"):
        makers.score_all(case, each)
    makers.notify(case)
    with case.acting(Role.FIRM_SIGNATORY) as (by, now):
        quality.concur(quality.round_(case.round_id), by=by, now=now)

    with scope.entered(case.bureau.system):
        known = quality.quality_of(deal.contract_id)
        assert known is not None
        assert sorted(each.score is None for each in known.subjects) == [False, True, True]
    assert sound(case)


def test_nobody_but_the_expert_reads_a_sheet_before_the_round_is_added_up() -> None:
    case = makers.a_seated_round()
    one, other, _ = case.seats("accepted")
    sheet_id = case.sheet_ids(one)[0]
    makers.score_all(case, one)

    for who in (other, Role.ORGANISER, Role.APPROVER, Role.AUDIT_ADMIN, Role.FIRM_HANDLER, Role.UNIT_HANDLER):
        with case.acting(who):
            assert (
                db.session.scalar(select(func.count()).select_from(Sheet).where(Sheet.expert_id == one)) == 0
            )
            with pytest.raises(NotFound):
                quality.sheet(sheet_id)
    with case.acting(Role.FIRM_HANDLER), pytest.raises(NotFound):
        quality.round_(case.round_id)
    with case.acting(Role.UNIT_HANDLER):
        assert db.session.scalar(select(func.count()).select_from(Round)) == 0
