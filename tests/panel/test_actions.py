"""Opening and review against the real database: who may, what happens, what stays secret until when."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from portal import bid, document, panel, tender
from portal.access import Role
from portal.audit import InboxRow
from portal.award import award
from portal.kernel.errors import Invalid, NotFound, Refused
from portal.panel import Verdict, queries
from portal.panel.invariants import invariants
from portal.tender.actions import suspend
from portal.tender.forms import DEFAULT_REQUIREMENTS
from portal.tender.rules.told import CHECKED_BY_SYSTEM
from tenants import scope
from tenants.db import db
from tests.bid.makers import bids_in, closed, openers
from tests.panel import makers as m
from tests.panel.makers import Opened, Travel, at
from tests.support.world import PASSWORD, Person, a_person
from tests.tender.makers import an_issued_tender, doing

pytestmark = pytest.mark.usefixtures("app")


@contextmanager
def refused(*codes: str) -> Iterator[None]:
    """What happens inside is refused for exactly these reasons."""
    with pytest.raises(Refused) as error:
        yield
    assert error.value.ruling.codes == codes


def read(person: Person, tender_id: UUID, what: Any) -> Any:
    """Something of the review, as a person of the bureau reads it."""
    return doing(person, lambda _actor, _now: what(m.row_of(tender_id)))


def state(ready: Opened) -> str:
    """Where the review stands."""
    found = read(ready.chair, ready.id, lambda row: row.state)
    assert isinstance(found, str)
    return found


def waiting(ready: Opened, kind: str = "panel") -> set[tuple[str, str]]:
    """(role, verb) of what waits for somebody about this tender."""
    with scope.entered(ready.issued.market.bureau.system):
        rows = db.session.scalars(select(InboxRow).where(InboxRow.kind == kind))
        return {(row.role, row.verb) for row in rows}


def sound(ready: Opened) -> list[str]:
    """The broken invariants."""
    with scope.entered(ready.issued.market.bureau.system):
        return list(invariants())


def test_before_the_deadline_nobody_opens() -> None:
    issued = an_issued_tender()
    bids_in(issued, *m.PRICES)
    first, _ = openers(issued)

    with refused("panel.too_early"):
        at(first, issued.id, panel.open_, PASSWORD)


def test_after_the_deadline_it_waits_for_the_officers(travel: Travel) -> None:
    ready = m.a_closed_tender(travel)

    assert waiting(ready) == {("opener", "open")}
    assert read(ready.chair, ready.id, lambda row: (row.received, row.findings)) == (3, [])


def test_two_different_officers_open_and_the_record_lists_every_bid(travel: Travel) -> None:
    ready = m.a_closed_tender(travel)

    assert at(ready.officers[0], ready.id, panel.open_, PASSWORD) is None
    assert read(ready.chair, ready.id, lambda row: row.findings) == []
    assert at(ready.officers[1], ready.id, panel.open_, PASSWORD) == 3

    assert state(ready) == "reviewing"
    assert sorted(m.bids_of(ready)) == sorted(m.PRICES)
    (record,) = doing(
        ready.chair, lambda _a, _n: [each.content for each in document.documents_of(m.row_of(ready.id).id)]
    )
    assert "168,000.00" in str(record)
    assert doing(ready.buyer, lambda _a, _n: tender.tender(ready.id).state) == "opened"
    assert waiting(ready) == {("panel_chair", "declare"), ("panel_member", "declare")}
    assert sound(ready) == []


def test_the_same_officer_twice_is_refused(travel: Travel) -> None:
    ready = m.a_closed_tender(travel)
    at(ready.officers[0], ready.id, panel.open_, PASSWORD)

    with refused("panel.same_officer"):
        at(ready.officers[0], ready.id, panel.open_, PASSWORD)
    assert state(ready) == "awaiting"


def test_a_wrong_password_confirms_nothing(travel: Travel) -> None:
    ready = m.a_closed_tender(travel)

    with pytest.raises(Invalid) as invalid:
        at(ready.officers[0], ready.id, panel.open_, "Wrong-Horse-9")

    assert invalid.value.code == "identity.wrong_password"
    assert read(ready.chair, ready.id, lambda row: row.first_officer) is None


def test_a_third_confirmation_is_out_of_turn(travel: Travel) -> None:
    ready = m.an_opened_tender(travel)
    third = a_person(ready.issued.market.bureau, Role.OPENER)

    with refused("machine.out_of_turn"):
        at(third, ready.id, panel.open_, PASSWORD)


def test_the_database_keeps_the_officers_apart(travel: Travel) -> None:
    ready = m.an_opened_tender(travel)

    with (
        pytest.raises(DBAPIError, match="two_officers"),
        scope.unit_of_work(ready.issued.market.bureau.system),
    ):
        db.session.execute(
            text("UPDATE panel SET second_officer_id = first_officer_id WHERE tender_id = :id"),
            {"id": ready.id},
        )


def test_the_deadline_that_no_job_noticed_is_made_durable_by_the_first_officer(
    travel: Travel, monkeypatch: pytest.MonkeyPatch
) -> None:
    issued = an_issued_tender()
    bids_in(issued, *m.PRICES)
    monkeypatch.setattr("tests.support.clock.ring_due", lambda: 0)
    ready = Opened(closed(issued, travel), openers(issued))

    assert doing(ready.buyer, lambda _a, _n: tender.tender(ready.id).state) == "issued"
    m.opened(ready)

    assert state(ready) == "reviewing"


def test_too_few_bids_are_not_opened_and_the_purchase_is_terminated(travel: Travel) -> None:
    ready = m.a_closed_tender(travel, prices=m.PRICES[:2])

    assert waiting(ready) == {("buyer", "terminate")}
    with refused("panel.too_few"):
        at(ready.officers[0], ready.id, panel.open_, PASSWORD)
    with refused("panel.no_reason"):
        at(ready.buyer, ready.id, panel.terminate, " ")
    at(ready.buyer, ready.id, panel.terminate, "仅收到两份响应文件")

    assert state(ready) == "ended"
    assert doing(ready.buyer, lambda _a, _n: tender.tender(ready.id).state) == "terminated"
    assert doing(ready.chair, lambda _a, _n: bid.bids_of(ready.id)) == []
    assert waiting(ready) == set()


def test_enough_bids_are_not_terminated_for_being_few(travel: Travel) -> None:
    ready = m.a_closed_tender(travel)

    with refused("panel.enough"):
        at(ready.buyer, ready.id, panel.terminate, "理由")


def test_nobody_examines_before_all_declared(travel: Travel) -> None:
    ready = m.an_opened_tender(travel)
    bid_id = m.bids_of(ready)["168000"]

    with refused("panel.undeclared"):
        m.examine(ready, bid_id)
    m.declared(ready)
    m.examine(ready, bid_id)

    assert read(ready.chair, ready.id, lambda row: queries.finding(row, bid_id).conforming) is True


def test_declaring_twice_is_refused(travel: Travel) -> None:
    ready = m.declared(m.an_opened_tender(travel))

    with refused("panel.declared_already"):
        at(ready.chair, ready.id, panel.declare, PASSWORD)


def test_a_member_who_steps_aside_is_replaced_before_anybody_examines(travel: Travel) -> None:
    ready = m.an_opened_tender(travel)
    away = ready.members[2]
    substitute = a_person(ready.issued.market.bureau, Role.PANEL_MEMBER)

    at(away, ready.id, panel.recuse, "曾在其中一家机构任职")
    assert waiting(ready) == {("buyer", "replace")}
    with refused("panel.not_a_member"):
        at(away, ready.id, panel.declare, PASSWORD)
    for member in ready.members[:2]:
        at(member, ready.id, panel.declare, PASSWORD)
    with refused("panel.incomplete"):
        m.examine(ready, m.bids_of(ready)["168000"])
    at(ready.buyer, ready.id, panel.replace, substitute.post_id)
    with refused("panel.not_replaceable"):
        at(ready.buyer, ready.id, panel.replace, substitute.post_id)
    at(substitute, ready.id, panel.declare, PASSWORD)
    m.examined(ready)
    at(ready.chair, ready.id, panel.conclude)
    for member in (*ready.members[:2], substitute):
        at(member, ready.id, panel.sign, PASSWORD, "")

    assert state(ready) == "ranked"
    assert sound(ready) == []


def test_the_chair_is_replaced_by_a_chair(travel: Travel) -> None:
    ready = m.an_opened_tender(travel)
    member = a_person(ready.issued.market.bureau, Role.PANEL_MEMBER)
    chair = a_person(ready.issued.market.bureau, Role.PANEL_CHAIR)
    at(ready.chair, ready.id, panel.recuse, "与机构负责人是亲属")

    with refused("panel.chair_needed"):
        at(ready.buyer, ready.id, panel.replace, member.post_id)
    at(ready.buyer, ready.id, panel.replace, chair.post_id)

    assert read(chair, ready.id, lambda row: row.is_chair(chair.actor)) is True


def test_a_stranger_is_no_substitute(travel: Travel) -> None:
    ready = m.an_opened_tender(travel)
    at(ready.members[1], ready.id, panel.recuse, "有利害关系")

    with pytest.raises(Invalid) as invalid:
        at(ready.buyer, ready.id, panel.replace, ready.officers[0].post_id)

    assert invalid.value.code == "panel.unfit_member"


@pytest.mark.parametrize(
    ("verdicts", "code"),
    (
        ([Verdict(met=True)], "panel.verdict_missing"),
        ([Verdict(met=True), Verdict(met=False)], "panel.rejection_reason"),
    ),
)
def test_each_requirement_gets_a_verdict_and_each_failure_a_reason(
    travel: Travel, verdicts: list[Verdict], code: str
) -> None:
    ready = m.declared(m.an_opened_tender(travel))

    with pytest.raises(Invalid) as invalid:
        at(ready.chair, ready.id, panel.examine, m.bids_of(ready)["168000"], verdicts)

    assert invalid.value.code == code


def test_a_price_above_the_ceiling_fails_without_anybodys_verdict(travel: Travel) -> None:
    ready = m.declared(m.an_opened_tender(travel, prices=("175000", "168000", "180000.01")))
    m.examine(ready, m.bids_of(ready)["180000"])

    found = read(
        ready.chair,
        ready.id,
        lambda row: [(each.conforming, each.reason) for each in row.findings if each.conforming is not None],
    )
    assert found == [(False, "报价 180,000.01 元高于最高限价 180,000.00 元")]


def test_what_the_system_checks_is_asked_of_nobody(travel: Travel) -> None:
    assert not [line for line in DEFAULT_REQUIREMENTS if "最高限价" in line or "独立性声明" in line]
    ready = m.declared(m.an_opened_tender(travel))
    m.examine(ready, m.bids_of(ready)["168000"])

    found = read(
        ready.chair,
        ready.id,
        lambda row: [[line["requirement"] for line in each.results] for each in row.findings if each.results],
    )
    assert [each[-2:] for each in found] == [list(CHECKED_BY_SYSTEM)]


def test_too_few_conforming_bids_end_the_purchase(travel: Travel) -> None:
    ready = m.examined(m.declared(m.an_opened_tender(travel)), failing=["168000"])

    with refused("panel.too_few_valid"):
        at(ready.chair, ready.id, panel.conclude)
    assert waiting(ready) == {("buyer", "terminate")}
    at(ready.buyer, ready.id, panel.terminate, "符合要求的响应文件只有两份")

    assert state(ready) == "ended"


def test_the_lowest_conforming_price_is_first_and_all_sign(travel: Travel) -> None:
    ready = m.examined(m.declared(m.an_opened_tender(travel)))
    at(ready.chair, ready.id, panel.conclude)
    assert waiting(ready) == {("panel_chair", "sign"), ("panel_member", "sign")}
    assert at(ready.members[0], ready.id, panel.sign, PASSWORD, "") is False
    with refused("panel.signed_already"):
        at(ready.members[0], ready.id, panel.sign, PASSWORD, "")
    assert at(ready.members[1], ready.id, panel.sign, PASSWORD, "对现场天数有不同意见") is False
    assert at(ready.members[2], ready.id, panel.sign, PASSWORD, "") is True

    assert state(ready) == "ranked"
    report = doing(ready.buyer, lambda _a, _n: panel.reported(ready.id))
    assert [f"{each.price:.0f}" for each in report.candidates] == ["168000", "171500", "175000"]
    assert waiting(ready, "award") == {("buyer", "decide")}
    assert sound(ready) == []


def test_a_report_taken_back_voids_its_signatures(travel: Travel) -> None:
    ready = m.examined(m.declared(m.an_opened_tender(travel)))
    at(ready.chair, ready.id, panel.conclude)
    at(ready.members[1], ready.id, panel.sign, PASSWORD, "")
    with refused("panel.no_reason"):
        at(ready.chair, ready.id, panel.reopen, "")
    at(ready.chair, ready.id, panel.reopen, "一项认定有误")

    assert read(ready.chair, ready.id, lambda row: [each.signed_at for each in row.members]) == [None] * 3
    assert read(ready.chair, ready.id, lambda row: row.report) is None
    m.signed(ready)
    assert read(
        ready.chair, ready.id, lambda row: [(each.edition, each.voided_at is None) for each in row.reports]
    ) == [(2, True), (1, False)]
    assert sound(ready) == []


LOW = ("80000", "168000", "171500")


def test_an_abnormally_low_price_is_asked_about_and_not_rejected_by_itself(travel: Travel) -> None:
    ready = m.examined(m.declared(m.an_opened_tender(travel, prices=LOW)))
    with refused("panel.unjudged"):
        at(ready.chair, ready.id, panel.conclude)
    low = m.bids_of(ready)["80000"]
    with refused("panel.not_asked"):
        at(ready.chair, ready.id, panel.judge, low, "合理", justified=True)

    at(ready.chair, ready.id, panel.ask)
    (firm_id,) = m.explanations(ready)
    assert waiting(ready, "explanation") == {("firm_handler", "answer"), ("firm_signatory", "answer")}
    with refused("panel.answer_awaited"):
        at(ready.chair, ready.id, panel.judge, low, "合理", justified=True)
    m.answer(ready, firm_id)
    at(ready.chair, ready.id, panel.judge, low, "成本说明充分", justified=True)
    m.signed(ready)

    report = doing(ready.buyer, lambda _a, _n: panel.reported(ready.id))
    assert f"{report.candidates[0].price:.0f}" == "80000"
    assert sound(ready) == []


def test_a_low_price_nobody_explained_in_time_may_be_rejected(travel: Travel) -> None:
    ready = m.examined(m.declared(m.an_opened_tender(travel, prices=LOW)))
    at(ready.chair, ready.id, panel.ask)
    (firm_id,) = m.explanations(ready)
    travel(timedelta(minutes=30, seconds=5))

    with refused("machine.out_of_turn"):
        m.answer(ready, firm_id)
    at(ready.chair, ready.id, panel.judge, m.bids_of(ready)["80000"], "未作说明", justified=False)

    with refused("panel.too_few_valid"):
        at(ready.chair, ready.id, panel.conclude)
    assert waiting(ready) == {("buyer", "terminate")}
    assert waiting(ready, "explanation") == set()


def test_an_answer_is_refused_when_its_time_is_over_though_the_clock_did_not_ring(
    travel: Travel, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready = m.examined(m.declared(m.an_opened_tender(travel, prices=LOW)))
    at(ready.chair, ready.id, panel.ask)
    (firm_id,) = m.explanations(ready)
    monkeypatch.setattr("tests.support.clock.ring_due", lambda: 0)
    travel(timedelta(minutes=31))

    with refused("panel.answer_late"):
        m.answer(ready, firm_id)


def test_what_was_asked_fixes_the_findings(travel: Travel) -> None:
    ready = m.examined(m.declared(m.an_opened_tender(travel, prices=LOW)))
    at(ready.chair, ready.id, panel.ask)

    with refused("panel.asked_already"):
        m.examine(ready, m.bids_of(ready)["168000"])
    with refused("panel.nothing_to_ask"):
        at(ready.chair, ready.id, panel.ask)


def test_another_firm_reads_nothing_of_a_question(travel: Travel) -> None:
    ready = m.examined(m.declared(m.an_opened_tender(travel, prices=LOW)))
    at(ready.chair, ready.id, panel.ask)
    ((firm_id, row_id),) = m.explanations(ready).items()
    other = next(each for each in ready.issued.firms if each.id != firm_id)

    with pytest.raises(NotFound):
        doing(other.handler, lambda _a, _n: queries.explanation(row_id))
    with pytest.raises(NotFound):
        doing(other.handler, lambda _a, _n: m.row_of(ready.id))


def test_equal_lowest_prices_are_ranked_by_lot(travel: Travel) -> None:
    ready = m.examined(m.declared(m.an_opened_tender(travel, prices=("168000", "171500", "168000"))))
    with refused("panel.tied"):
        at(ready.chair, ready.id, panel.conclude)

    order = m.lots_drawn(ready)
    with refused("panel.not_tied", "panel.draw_begun"):
        at(ready.chair, ready.id, panel.draw_lots)
    m.signed(ready)

    report = doing(ready.buyer, lambda _a, _n: panel.reported(ready.id))
    assert [str(each.firm_id) for each in report.candidates[:2]] == order
    assert len(order) == 2
    assert sound(ready) == []


def test_no_lots_are_drawn_where_no_price_is_equal(travel: Travel) -> None:
    ready = m.examined(m.declared(m.an_opened_tender(travel)))

    with refused("panel.not_tied"):
        at(ready.chair, ready.id, panel.draw_lots)


def test_a_suspended_purchase_stands_still(travel: Travel) -> None:
    ready = m.a_closed_tender(travel)
    officer = ready.issued.market.bureau.people[Role.COMPLAINT_OFFICER]
    doing(officer, lambda actor, now: suspend(tender.tender(ready.id), "收到质疑", by=actor, now=now))

    with refused("panel.suspended"):
        at(ready.officers[0], ready.id, panel.open_, PASSWORD)


def test_a_changed_finding_is_found_by_its_invariant(travel: Travel, app: Flask) -> None:
    ready = m.a_ranked_tender(travel)
    assert app
    with scope.entered(ready.issued.market.bureau.system):
        db.session.execute(
            text("UPDATE panel_finding SET price = 1 WHERE bid_id = :id"), {"id": m.bids_of(ready)["168000"]}
        )
        assert any("重新计算" in each for each in invariants())


def test_the_award_waits_from_the_last_signature(travel: Travel) -> None:
    ready = m.a_ranked_tender(travel)

    row = doing(ready.buyer, lambda _a, _n: (award(ready.id).state, award(ready.id).award_by))
    assert row[0] == "pending"
