"""What each verb does to a tender, its inbox, its chain and its readers."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from portal import commission
from portal.access import Role
from portal.audit import timeline, waiting
from portal.commission import actions as commission_actions
from portal.document import documents_of, notices_of
from portal.kernel.errors import Invalid, Refused, Stale
from portal.kernel.money import yuan
from portal.kernel.workdays import add_workdays, day_of, end_of
from portal.tender import actions, queries
from portal.tender.invariants import invariants
from portal.tender.models import (
    Tender,
    TenderNamesake,
    TenderPanelMember,
    TenderProspect,
    TenderQuestion,
    TenderReceipt,
)
from portal.tender.rules.moves import Ground
from portal.tender.rules.prospects import Verdict
from tenants import scope
from tenants.calendar import calendar
from tenants.db import db
from tests.support.world import Person
from tests.tender.makers import (
    Issued,
    Market,
    a_contact,
    a_drafted_tender,
    a_firm,
    a_market,
    an_approved_commission,
    an_issued_tender,
    approved,
    doing,
    has_phone,
    match,
    submitted,
    until,
)

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture(scope="module")
def market(application: Flask) -> Market:
    """One bureau for all tests here; each buys for a commission of its own."""
    with application.app_context():
        return a_market()


@pytest.fixture
def issued(application: Flask) -> Issued:
    """A tender that is out, in a bureau of its own."""
    assert application
    return an_issued_tender()


def row_of(market: Market, row_id) -> Tender:
    with scope.entered(market.bureau.system):
        row = queries.tender(row_id)
        db.session.expunge(row)
        return row


def verbs_waiting(person: Person, row_id) -> list[str]:
    with scope.entered(person.scope):
        return [each.verb for each in waiting(person.actor) if each.subject_id == row_id]


def happened(market: Market, row_id) -> list[str]:
    with scope.entered(market.bureau.system):
        return [each.verb for each in timeline(row_id)]


def refusal(error: pytest.ExceptionInfo[Refused]) -> tuple[str, ...]:
    return error.value.ruling.codes


def test_draft_takes_the_commission_over(market: Market) -> None:
    commission_id = an_approved_commission(market)
    row = row_of(market, a_drafted_tender(market, commission_id))
    with scope.entered(market.bureau.system):
        basis = commission.commission(commission_id)
        assert (row.terms_id, row.ceiling, row.plan_due_on) == (
            basis.terms_id,
            basis.ceiling,
            basis.plan_due_on,
        )
    assert (row.state, row.regime, row.method, row.min_workdays) == ("draft", "internal", "inquiry", 3)
    assert row.terms["id"] == str(row.terms_id)
    assert [each["unit"] for each in row.subjects] == [row.subjects[0]["unit"]] * 2
    assert row.readers == []


def test_an_approved_commission_waits_for_the_buyer_until_a_purchase_is_begun(market: Market) -> None:
    commission_id = an_approved_commission(market)
    assert verbs_waiting(market.buyer, commission_id) == ["buy"]
    row_id = a_drafted_tender(market, commission_id)
    assert verbs_waiting(market.buyer, commission_id) == []
    doing(market.buyer, lambda actor, now: actions.discard(queries.tender(row_id), by=actor, now=now))
    assert verbs_waiting(market.buyer, commission_id) == ["buy"]
    row_id = approved(market, a_drafted_tender(market, commission_id))
    approver = market.bureau.people[Role.APPROVER]
    doing(approver, lambda actor, now: actions.cancel(queries.tender(row_id), "不再需要", by=actor, now=now))
    assert verbs_waiting(market.buyer, commission_id) == ["buy"]


def test_draft_is_refused_while_another_purchase_runs(market: Market) -> None:
    commission_id = an_approved_commission(market)
    first = row_of(market, a_drafted_tender(market, commission_id))
    with pytest.raises(Refused) as error:
        a_drafted_tender(market, commission_id)

    assert error.value.ruling.refusals[0].facts == {"name": first.name}


def test_draft_for_a_service_at_the_threshold_is_refused_by_law(market: Market) -> None:
    at_threshold = an_approved_commission(market, ceiling=yuan("300000"))
    with pytest.raises(Refused) as error:
        a_drafted_tender(market, at_threshold)

    assert refusal(error) == ("commission.not_by_inquiry",)


def test_discard_frees_the_commission_for_another_draft(market: Market) -> None:
    commission_id = an_approved_commission(market)
    row_id = a_drafted_tender(market, commission_id)
    doing(market.buyer, lambda actor, now: actions.discard(queries.tender(row_id), by=actor, now=now))

    assert row_of(market, row_id).state == "cancelled"
    assert a_drafted_tender(market, commission_id)


def test_choose_keeps_who_why_and_how_they_stood(market: Market) -> None:
    row_id = a_drafted_tender(market, firms=market.firms[:2])
    with scope.entered(market.bureau.system):
        rows = db.session.scalars(select(TenderProspect).where(TenderProspect.tender_id == row_id)).all()
        assert {each.firm_id for each in rows if each.chosen} == {each.id for each in market.firms[:2]}
        assert {each.source for each in rows} == {"本局认可的第三方机构名单"}
    assert row_of(market, row_id).invitation_reason == "按专业对口选择"
    with pytest.raises(Refused) as error:
        submitted(market, row_id)
    assert refusal(error) == ("tender.too_few_firms",)


def test_choose_refuses_a_firm_a_rule_excludes() -> None:
    market = a_market(firms=2)
    green = a_firm(market.bureau, years=2)
    row_id = a_drafted_tender(market, firms=())
    with pytest.raises(Refused) as error:
        choose(market, row_id, *market.firms, green)
    assert refusal(error) == ("tender.firm_barred",)
    assert error.value.ruling.refusals[0].facts == {"firms": [green.name]}


def choose(market: Market, row_id, *firms) -> None:
    doing(
        market.buyer,
        lambda actor, now: actions.choose(
            row := queries.tender(row_id),
            [each.id for each in firms],
            "测试",
            version=row.version,
            by=actor,
            now=now,
        ),
    )


def test_a_like_name_waits_for_the_buyers_word_which_stays_on_file() -> None:
    market = a_market(firms=2)
    firm = a_firm(market.bureau, representative="赵同名")
    a_contact(market, "赵同名", "13800000001")
    has_phone(market, firm, "13800000002")
    row_id = a_drafted_tender(market, firms=())
    with pytest.raises(Refused) as error:
        choose(market, row_id, *market.firms, firm)
    assert refusal(error) == ("tender.firm_barred",)
    with pytest.raises(Invalid):
        match(market, row_id, market.firms[0], market.unit_id, Verdict.REJECTED)
    with pytest.raises(Invalid):
        match(market, row_id, firm, market.unit_id, Verdict.REJECTED, reason=" ")

    match(market, row_id, firm, market.unit_id, Verdict.REJECTED)
    choose(market, row_id, *market.firms, firm)
    with scope.entered(market.bureau.system):
        kept = {each.firm_id: each.namesakes for each in queries.prospects(row_id)}
        assert [(of["verdict"], of["reason"], of["by"]) for of in kept[firm.id]] == [
            ("不是同一人", "已电话核实", market.buyer.actor.name)
        ]

    match(market, row_id, firm, market.unit_id, Verdict.CONFIRMED, reason="身份证号一致")
    with pytest.raises(Refused) as error:
        submitted(market, row_id)
    assert "tender.firm_barred" in refusal(error)
    with scope.entered(market.bureau.system):
        found = db.session.scalars(select(TenderNamesake).order_by(TenderNamesake.found_at)).all()
        assert [(each.verdict, each.ended_at is None) for each in found] == [
            ("rejected", False),
            ("confirmed", True),
        ]
    assert happened(market, row_id).count("tender.match") == 2


def test_a_like_name_and_the_same_telephone_are_not_overruled() -> None:
    market = a_market(firms=2)
    firm = a_firm(market.bureau, representative="赵同名")
    a_contact(market, "赵同名", "13800000001")
    has_phone(market, firm, "13800000001")
    row_id = a_drafted_tender(market, firms=())
    with pytest.raises(Refused) as error:
        match(market, row_id, firm, market.unit_id, Verdict.REJECTED)
    assert refusal(error) == ("tender.match_is_sure",)
    with pytest.raises(Refused):
        choose(market, row_id, *market.firms, firm)


def test_two_heads_of_one_name_may_be_found_two_from_either_side() -> None:
    market = a_market(firms=1)
    first, second = (a_firm(market.bureau, representative="孪生") for _ in range(2))
    row_id = a_drafted_tender(market, firms=())
    with pytest.raises(Refused) as error:
        choose(market, row_id, *market.firms, first, second)
    assert refusal(error) == ("tender.same_head_open",)
    match(market, row_id, first, second.id, Verdict.CONFIRMED)
    with pytest.raises(Refused) as error:
        choose(market, row_id, *market.firms, first, second)
    assert refusal(error) == ("tender.same_head",)
    match(market, row_id, second, first.id, Verdict.REJECTED)
    choose(market, row_id, *market.firms, first, second)


def test_match_comes_too_late_once_the_purchase_is_out() -> None:
    market = a_market(firms=3)
    firm = a_firm(market.bureau, representative="赵同名")
    a_contact(market, "赵同名")
    issued = an_issued_tender(market)
    with pytest.raises(Refused) as error:
        match(market, issued.id, firm, market.unit_id, Verdict.REJECTED)
    assert refusal(error) == ("tender.matched_too_late",)


def test_choose_on_a_page_somebody_else_saved_meanwhile_is_stale(market: Market) -> None:
    row_id = a_drafted_tender(market)
    with pytest.raises(Stale):
        doing(
            market.buyer,
            lambda actor, now: actions.choose(
                queries.tender(row_id), [], "测试", version=1, by=actor, now=now
            ),
        )


def test_submit_waits_for_the_approver_and_approve_for_the_buyer(market: Market) -> None:
    approver = market.bureau.people[Role.APPROVER]
    row_id = submitted(market, a_drafted_tender(market))
    assert verbs_waiting(approver, row_id) == ["approve"]
    doing(approver, lambda actor, now: actions.approve(queries.tender(row_id), by=actor, now=now))

    row = row_of(market, row_id)
    assert (row.state, row.approver, row.approved_deadline) == ("approved", approver.name, row.response_by)
    assert verbs_waiting(market.buyer, row_id) == ["issue"]


def test_approve_by_the_drafter_is_refused(market: Market) -> None:
    row_id = submitted(market, a_drafted_tender(market))
    with pytest.raises(Refused) as error:
        doing(market.buyer, lambda actor, now: actions.approve(queries.tender(row_id), by=actor, now=now))
    assert refusal(error) == ("tender.own_draft",)


def test_return_gives_the_draft_back_with_its_reason(market: Market) -> None:
    row_id = submitted(market, a_drafted_tender(market))
    approver = market.bureau.people[Role.APPROVER]
    doing(
        approver,
        lambda actor, now: actions.return_(queries.tender(row_id), "补充要求", by=actor, now=now),
    )
    row = row_of(market, row_id)
    assert (row.state, row.last_reason) == ("draft", "补充要求")
    assert verbs_waiting(market.buyer, row_id) == ["submit"]


def test_issue_gives_a_number_a_key_papers_and_the_firms_their_inbox(issued: Issued) -> None:
    market = issued.market
    row = row_of(market, issued.id)
    assert row.state == "issued"
    assert len(row.public_key or b"") == 32
    assert set(row.readers) == {each.id for each in issued.firms}
    with scope.entered(market.bureau.system):
        papers = [(each.kind, each.number) for each in documents_of(issued.id)]
        assert papers == [("tender.inquiry", row.number)]
        assert [each.kind for each in notices_of(issued.id)] == ["procurement"]
        assert list(invariants()) == []
    for firm in issued.firms:
        assert verbs_waiting(firm.handler, issued.id) == ["respond"]
        with scope.entered(firm.handler.scope):
            assert queries.tender(issued.id).id == issued.id
            assert [each.seen_at for each in queries.receipts(issued.id)] == [None]
            assert len(documents_of(issued.id)) == 1


def test_issue_tells_no_name_of_a_firm_or_of_the_panel(issued: Issued) -> None:
    names = [*(each.name for each in issued.firms), *(each.name for each in issued.market.panel)]
    with scope.entered(issued.market.bureau.system):
        papers = [
            *(each.content for each in documents_of(issued.id)),
            *(each.content for each in notices_of(issued.id)),
        ]

    assert [name for name in names if name in str(papers)] == []


def test_issue_prints_the_terms_by_their_number(issued: Issued) -> None:
    row = row_of(issued.market, issued.id)
    with scope.entered(issued.market.bureau.system):
        said = str(documents_of(issued.id)[0].content)

    assert str(row.terms_id) in said
    assert all(each in said for each in row.requirements)


def test_the_private_key_stays_where_it_is_before_the_opening(issued: Issued) -> None:
    with scope.entered(issued.market.bureau.system), pytest.raises(DBAPIError, match="sealed"):
        queries.wrapped_key(issued.id)


def test_panel_and_other_firms_are_nothing_a_firm_can_read(issued: Issued) -> None:
    firm = issued.firms[0].handler
    for table in (TenderPanelMember, TenderProspect):
        statement = select(table).where(table.tender_id == issued.id)
        with scope.entered(issued.market.bureau.system):
            assert len(db.session.scalars(statement).all()) == 3
        with scope.entered(firm.scope):
            assert db.session.scalars(statement).all() == []
    with scope.entered(firm.scope):
        told = db.session.scalars(select(TenderReceipt)).all()
        assert {each.firm_id for each in told} == {issued.firms[0].id}


def test_a_firm_that_is_not_invited_reads_nothing_of_the_tender() -> None:
    market = a_market(firms=4)
    issued = an_issued_tender(market, firms=market.firms[:3])
    with scope.entered(market.firms[3].handler.scope):
        assert db.session.scalars(select(Tender)).all() == []
        assert waiting(market.firms[3].handler.actor) == []
    with scope.entered(market.bureau.system):
        left = db.session.scalars(
            select(TenderProspect).where(TenderProspect.tender_id == issued.id, ~TenderProspect.chosen)
        ).all()
        assert [each.firm_id for each in left] == [market.firms[3].id]


def test_a_commission_that_is_out_with_the_firms_is_neither_corrected_nor_withdrawn(issued: Issued) -> None:
    handler = issued.market.bureau.people[Role.HANDLER]
    with pytest.raises(Refused) as error:
        doing(
            handler,
            lambda actor, now: commission_actions.correct(
                commission.commission(issued.commission_id), "改", by=actor, now=now
            ),
        )
    assert refusal(error) == ("commission.in_purchase",)


def ask(issued: Issued, who: int, words: str) -> None:
    firm = issued.firms[who]
    doing(
        firm.handler,
        lambda actor, now: actions.ask(queries.tender(issued.id), words, by=actor, now=now),
    )


def only_question(issued: Issued) -> TenderQuestion:
    return queries.questions(issued.id)[0]


def test_ask_waits_for_the_buyer_three_working_days_and_tells_nobody_who(issued: Issued) -> None:
    market = issued.market
    ask(issued, 1, "主评人可以是返聘人员吗？")
    firm = issued.firms[1]
    with scope.entered(market.bureau.system):
        asked = only_question(issued)
        day = day_of(asked.asked_at)
        assert asked.due_by == end_of(add_workdays(day, 3, calendar(day)))
        assert asked.readers == []
        events = [each for each in timeline(issued.id) if each.verb == "tender.ask"]
        assert events[0].body["asker"] == asked.asker == queries.pseudonym(issued.id, firm.id)
        traces = [str(each.body) + each.who for each in events]
    secrets = (firm.name, firm.handler.name, str(firm.id), str(firm.handler.account_id))
    assert [each for each in secrets if any(each in trace for trace in traces)] == []
    assert verbs_waiting(market.buyer, issued.id) == ["answer"]
    for other in (issued.firms[0], issued.firms[2]):
        with scope.entered(other.handler.scope):
            assert queries.questions(issued.id) == []
    with scope.entered(firm.handler.scope):
        row = queries.tender(issued.id)
        assert [each["text"] for each in queries.own_open_questions(row, firm.id)] == [
            "主评人可以是返聘人员吗？"
        ]
        assert queries.own_open_questions(row, issued.firms[0].id) == []


def test_ask_is_refused_with_the_firms_own_name_in_it(issued: Issued) -> None:
    with pytest.raises(Invalid) as error:
        ask(issued, 0, f"我们{issued.firms[0].name}可以吗")
    assert error.value.code == "tender.asking_names_firm"


def test_pseudonyms_differ_between_firms_and_between_tenders(issued: Issued, market: Market) -> None:
    other = an_issued_tender(market)
    with scope.entered(issued.market.bureau.system):
        names = {
            queries.pseudonym(tender_id, firm.id)
            for tender_id in (issued.id, other.id)
            for firm in issued.firms
        }
    assert len(names) == 6


def answer(issued: Issued, words: str, *, affects: bool):
    return doing(
        issued.market.buyer,
        lambda actor, now: actions.answer(
            only_question(issued), "问题", words, affects=affects, by=actor, now=now
        ),
    )


def test_answer_goes_to_all_with_a_receipt_each(issued: Issued) -> None:
    ask(issued, 0, "问")
    before = row_of(issued.market, issued.id).response_by
    assert answer(issued, "可以", affects=False) == before
    for firm in issued.firms:
        with scope.entered(firm.handler.scope):
            asked = only_question(issued)
            assert (asked.published, asked.answer) == ("问题", "可以")
            assert len(queries.receipts(issued.id)) == 2
            assert [each.kind for each in queries.bulletins(issued.id)] == ["answer"]
    assert verbs_waiting(issued.market.buyer, issued.id) == []
    with pytest.raises(Refused) as error:
        answer(issued, "又可以", affects=False)
    assert refusal(error) == ("tender.answered",)


def test_an_answer_near_the_deadline_moves_it_in_the_same_breath(
    issued: Issued, travel: Callable[[timedelta], int]
) -> None:
    ask(issued, 0, "问")
    travel(until(issued) - timedelta(hours=5))
    old = row_of(issued.market, issued.id).response_by
    new = answer(issued, "要求改为至少四人", affects=True)
    row = row_of(issued.market, issued.id)
    assert new == row.response_by > old
    with scope.entered(issued.market.bureau.system):
        told = queries.bulletins(issued.id)[0]
        assert (told.moved_from, told.moved_to) == (old, new)
        days = calendar(day_of(old))
        assert day_of(new) > add_workdays(day_of(scope.now()), 3, days)
        assert list(invariants()) == []
    assert "tender.amend" in happened(issued.market, issued.id)
    with scope.entered(issued.firms[0].handler.scope):
        due = [each.due_by for each in waiting(issued.firms[0].handler.actor) if each.verb == "respond"]
        assert due == [new]


def test_amend_puts_off_the_deadline_but_never_forward(issued: Issued) -> None:
    buyer = issued.market.buyer
    old = row_of(issued.market, issued.id).response_by

    def amend(by_hours: int):
        return doing(
            buyer,
            lambda actor, now: actions.amend(
                queries.tender(issued.id),
                "补充材料清单",
                response_by=old + timedelta(hours=by_hours),
                by=actor,
                now=now,
            ),
        )

    with pytest.raises(Invalid) as error:
        amend(-1)
    assert error.value.code == "tender.deadline_past"
    assert amend(24) == old + timedelta(hours=24)
    with scope.entered(issued.market.bureau.system):
        assert [each.kind for each in documents_of(issued.id)] == ["tender.inquiry", "tender.change"]


def test_acknowledge_marks_what_the_firm_was_told(issued: Issued) -> None:
    firm = issued.firms[0]
    doing(firm.handler, lambda actor, now: actions.acknowledge(queries.tender(issued.id), by=actor, now=now))
    with scope.entered(issued.market.bureau.system):
        seen = {each.firm_id: each.seen_by for each in queries.receipts(issued.id)}
    assert seen == {each.id: firm.handler.name if each is firm else None for each in issued.firms}


def test_what_was_told_waits_for_each_firm_until_it_says_it_saw(issued: Issued) -> None:
    ask(issued, 0, "问")
    answer(issued, "可以", affects=False)
    first, second = issued.firms[:2]
    assert verbs_waiting(first.handler, issued.id) == ["respond", "acknowledge"]
    doing(first.handler, lambda actor, now: actions.acknowledge(queries.tender(issued.id), by=actor, now=now))
    assert verbs_waiting(first.handler, issued.id) == ["respond"]
    assert verbs_waiting(second.handler, issued.id) == ["respond", "acknowledge"]


def test_either_of_a_firms_two_people_sees_and_answers_what_waits_for_the_firm(issued: Issued) -> None:
    ask(issued, 1, "问")
    answer(issued, "可以", affects=False)
    firm = issued.firms[0]
    for person in (firm.handler, firm.signatory):
        assert sorted(verbs_waiting(person, issued.id)) == ["acknowledge", "respond"]
    doing(
        firm.signatory,
        lambda actor, now: actions.acknowledge(queries.tender(issued.id), by=actor, now=now),
    )
    for person in (firm.handler, firm.signatory):
        assert verbs_waiting(person, issued.id) == ["respond"]


def test_close_comes_by_the_clock_one_second_after_the_deadline(
    issued: Issued, travel: Callable[[timedelta], int]
) -> None:
    travel(until(issued) - timedelta(seconds=30))
    assert row_of(issued.market, issued.id).state == "issued"
    travel(timedelta(seconds=31))
    row = row_of(issued.market, issued.id)
    assert (row.state, row.answer_by) == ("closed", None)
    assert row.closed_at is not None
    assert row.closed_at > row.response_by
    for firm in issued.firms:
        assert verbs_waiting(firm.handler, issued.id) == []
    with pytest.raises(Invalid) as error:
        ask(issued, 0, "问")
    assert error.value.code == "tender.asking_over"


def test_a_suspended_tender_does_not_close_and_goes_on_where_it_stood(
    issued: Issued, travel: Callable[[timedelta], int]
) -> None:
    officer = issued.market.bureau.people[Role.COMPLAINT_OFFICER]
    old = row_of(issued.market, issued.id).response_by
    doing(
        officer, lambda actor, now: actions.suspend(queries.tender(issued.id), "核查投诉", by=actor, now=now)
    )
    assert verbs_waiting(issued.firms[0].handler, issued.id) == ["acknowledge"]
    assert verbs_waiting(officer, issued.id) == ["resume"]
    travel(timedelta(days=9))
    assert row_of(issued.market, issued.id).state == "issued"
    doing(officer, lambda actor, now: actions.resume(queries.tender(issued.id), "已查清", by=actor, now=now))
    row = row_of(issued.market, issued.id)
    assert (row.state, row.suspended_at) == ("issued", None)
    assert row.response_by >= old + timedelta(days=9)
    assert verbs_waiting(issued.firms[0].handler, issued.id) == ["respond", "acknowledge"]
    with scope.entered(issued.market.bureau.system):
        assert [each.kind for each in queries.bulletins(issued.id)] == ["resumption", "suspension"]


def terminate(issued: Issued, ground: Ground | None) -> None:
    doing(
        issued.market.buyer,
        lambda actor, now: actions.terminate(
            queries.tender(issued.id), ground, "响应不足三家", by=actor, now=now
        ),
    )


def test_terminate_for_too_few_waits_for_the_deadline(
    issued: Issued, travel: Callable[[timedelta], int]
) -> None:
    with pytest.raises(Refused) as error:
        terminate(issued, Ground.TOO_FEW)
    assert refusal(error) == ("tender.still_running",)
    with pytest.raises(Refused) as error:
        terminate(issued, None)
    assert refusal(error) == ("tender.no_ground",)
    travel(until(issued) + timedelta(seconds=1))
    terminate(issued, Ground.TOO_FEW)
    row = row_of(issued.market, issued.id)
    assert (row.state, row.ended_ground) == ("terminated", "too_few")
    with scope.entered(issued.market.bureau.system):
        assert [each.kind for each in notices_of(issued.id)] == ["procurement", "termination"]
        assert commission.commission(issued.commission_id).bought_as is None
        assert list(invariants()) == []
    assert a_drafted_tender(issued.market, issued.commission_id)


def test_cancel_tells_every_firm_and_everybody(issued: Issued) -> None:
    approver = issued.market.bureau.people[Role.APPROVER]
    doing(
        approver, lambda actor, now: actions.cancel(queries.tender(issued.id), "任务取消", by=actor, now=now)
    )
    assert row_of(issued.market, issued.id).state == "cancelled"
    for firm in issued.firms:
        with scope.entered(firm.handler.scope):
            assert [each.text for each in queries.bulletins(issued.id)] == ["任务取消"]
            assert len(queries.receipts(issued.id)) == 2


def test_cancel_before_the_issue_tells_nobody(market: Market) -> None:
    row_id = approved(market, a_drafted_tender(market))
    approver = market.bureau.people[Role.APPROVER]
    doing(approver, lambda actor, now: actions.cancel(queries.tender(row_id), "不再需要", by=actor, now=now))
    with scope.entered(market.bureau.system):
        assert queries.bulletins(row_id) == []
        assert notices_of(row_id) == []


def awarded(issued: Issued, travel: Callable[[timedelta], int]) -> None:
    """Opened by an officer after the deadline, and awarded."""
    travel(until(issued) + timedelta(seconds=1))
    doing(
        issued.market.bureau.people[Role.OPENER],
        lambda actor, now: actions.open_(queries.tender(issued.id), by=actor, now=now),
    )
    doing(
        issued.market.buyer,
        lambda actor, now: actions.award(queries.tender(issued.id), by=actor, now=now),
    )


def test_open_and_award_are_reported_after_the_deadline(
    issued: Issued, travel: Callable[[timedelta], int]
) -> None:
    with pytest.raises(Refused) as error:
        doing(
            issued.market.bureau.people[Role.OPENER],
            lambda actor, now: actions.open_(queries.tender(issued.id), by=actor, now=now),
        )
    assert refusal(error) == ("machine.out_of_turn",)
    awarded(issued, travel)
    assert row_of(issued.market, issued.id).state == "awarded"
    moves = [each for each in happened(issued.market, issued.id) if each.startswith("tender.")]
    assert moves[-3:] == ["tender.close", "tender.open", "tender.award"]


def test_fail_ends_an_award_that_is_not_signed_and_keeps_who_refused_out_of_the_next(
    issued: Issued, travel: Callable[[timedelta], int]
) -> None:
    refusing = issued.firms[0]

    def fail(*refused: UUID) -> None:
        doing(
            issued.market.buyer,
            lambda actor, now: actions.fail(
                queries.tender(issued.id),
                "均不签订合同",
                refused=refused,
                by=actor,
                now=now,
            ),
        )

    awarded(issued, travel)
    with pytest.raises(Refused) as error:
        fail()
    assert refusal(error) == ("tender.nobody_refused",)
    fail(refusing.id)

    row = row_of(issued.market, issued.id)
    assert (row.state, row.ended_ground) == ("terminated", "nobody_signs")
    with scope.entered(issued.market.bureau.system):
        assert [each.kind for each in notices_of(issued.id)] == ["procurement", "termination"]
        assert [each.kind for each in queries.bulletins(issued.id)] == ["termination"]
        assert commission.commission(issued.commission_id).bought_as is None
        assert list(invariants()) == []
    assert verbs_waiting(issued.market.buyer, issued.commission_id) == ["buy"]
    again = a_drafted_tender(issued.market, issued.commission_id, firms=[], panel=False)
    with scope.entered(issued.market.bureau.system):
        found = queries.verdicts(queries.tender(again), chosen=(), now=scope.now())
        assert {each.profile.name: each.ruling.codes for each in found if not each.ruling} == {
            refusing.name: ("tender.refused_before",)
        }


def test_seat_refuses_the_buyer_and_who_hears_complaints(market: Market) -> None:
    row_id = a_drafted_tender(market, panel=False)
    chair, *others = market.panel

    def seat(*posts):
        doing(
            market.buyer,
            lambda actor, now: actions.seat(
                row := queries.tender(row_id), chair.post_id, posts, version=row.version, by=actor, now=now
            ),
        )

    with pytest.raises(Refused) as error:
        seat(others[0].post_id)
    assert refusal(error) == ("tender.panel_size",)
    with pytest.raises(Invalid):
        seat(others[0].post_id, market.buyer.post_id)
    seat(*(each.post_id for each in others))
    with scope.entered(market.bureau.system):
        assert [each.is_chair for each in queries.members(row_id)] == [True, False, False]


def test_an_invariant_names_what_is_broken(issued: Issued) -> None:
    with scope.entered(issued.market.bureau.system):
        row = queries.tender(issued.id)
        row.readers = row.readers[:2]
        assert row.issued_at is not None
        row.response_by = row.issued_at + timedelta(hours=1)
        db.session.flush()
        found = list(invariants())
    assert [each.partition("：")[2] for each in found] == [
        "发给的机构只有 2 家",
        "选定的机构与收到通知书的机构不一致",
        "响应截止时间不足 3 个工作日",
        "有机构没有收到某项通知",
    ]
