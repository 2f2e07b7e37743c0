"""The buyer's decision against the real database: letters, reasons, announcement, and who reads what."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import text

from portal import award, contract, document, panel, tender
from portal.access import Role
from portal.audit import ring_due, waiting
from portal.award.invariants import invariants
from portal.kernel.errors import NotFound, Refused
from portal.tender.actions import cancel, resume, suspend
from tenants import scope
from tenants.db import db
from tests.award import makers as a
from tests.file.makers import a_stored_file
from tests.panel.makers import Opened, Travel, a_ranked_tender, at
from tests.support.world import Person
from tests.tender.makers import FirmPeople, a_market, doing

pytestmark = pytest.mark.usefixtures("app")


def firm(ready: Opened, place: int) -> FirmPeople:
    """The firm in that place of the ranking."""

    def read(_actor: Any, _now: datetime) -> UUID:
        return next(each.firm_id for each in a.row_of(ready.id).candidates if each.place == place)

    firm_id = doing(ready.buyer, read)
    return next(each for each in ready.issued.firms if each.id == firm_id)


def decide(ready: Opened, place: int, ground: str = "", file_id: UUID | None = None) -> None:
    """The buyer decides for the one in that place."""

    def act(actor: Any, now: datetime) -> None:
        row = a.row_of(ready.id)
        chosen = next(each.bid_id for each in row.candidates if each.place == place)
        award.decide(row, chosen, ground, file_id, by=actor, now=now)

    doing(ready.buyer, act)


def letter(person: Person, ready: Opened) -> Any:
    """What the person's own letter says."""
    return doing(person, lambda _a, _n: award.letter(a.letter_of(ready.issued, person)).content)


def test_the_award_is_due_five_working_days_after_the_report(travel: Travel) -> None:
    ready = a_ranked_tender(travel)

    ranked_at, award_by = doing(
        ready.buyer, lambda _a, _n: (a.row_of(ready.id).ranked_at, a.row_of(ready.id).award_by)
    )
    assert timedelta(days=6) <= award_by - ranked_at <= timedelta(days=15)
    rows = doing(ready.buyer, lambda actor, _n: [(each.kind, each.due_by) for each in waiting(actor)])
    assert ("award", award_by) in rows


def test_awarding_the_first_tells_everybody_at_once(travel: Travel) -> None:
    ready = a.an_award(travel)
    winner, loser = firm(ready, 1), firm(ready, 2)

    state, price, number = doing(
        ready.buyer,
        lambda _a, _n: (
            tender.tender(ready.id).state,
            a.row_of(ready.id).price,
            a.row_of(ready.id).letter_number,
        ),
    )
    assert (state, f"{price:.2f}") == ("awarded", "168000.00")
    assert number
    (notice,) = [
        each
        for each in doing(ready.buyer, lambda _a, _n: list(document.notices_of(ready.id)))
        if each.kind == "result"
    ]
    told = str(notice.content)
    assert winner.name in told
    assert "168,000.00" in told
    assert all(member.name in told for member in ready.members)
    assert loser.name not in told
    with scope.entered(ready.issued.market.bureau.system):
        assert list(invariants()) == []


def test_each_loser_reads_its_own_reason_and_nobody_elses(travel: Travel) -> None:
    ready = a.an_award(travel)
    second, third = firm(ready, 2), firm(ready, 3)

    own = letter(third.handler, ready)
    assert own["price"] == "175000"
    assert own["winning_price"] == "168000"
    assert "排名第 3" in own["reason"]
    award_id = doing(ready.buyer, lambda _a, _n: a.row_of(ready.id).id)
    papers = doing(third.handler, lambda _a, _n: document.documents_of(award_id))
    assert len(papers) == 1
    assert second.name not in str(papers[0].content)
    other = a.letter_of(ready.issued, second.handler)
    with pytest.raises(NotFound):
        doing(third.handler, lambda _a, _n: award.letter(other))
    with pytest.raises(NotFound):
        doing(third.handler, lambda _a, _n: a.row_of(ready.id))


def test_a_rejected_bid_is_told_why(travel: Travel) -> None:
    market_prices = ("160000", "168000", "171500", "175000")
    ready = a.an_award(travel, market=a_market(firms=4), prices=market_prices, failing=["160000"])
    rejected = next(
        each for each in ready.issued.firms if each.id not in {firm(ready, place).id for place in (1, 2, 3)}
    )

    own = letter(rejected.handler, ready)
    assert own["place"] is None
    assert "未提交独立性声明" in own["reason"]
    assert own["winning_price"] == "168000"


def test_a_firm_acknowledges_its_letter_once(travel: Travel) -> None:
    ready = a.an_award(travel)
    person = firm(ready, 2).handler
    row_id = a.letter_of(ready.issued, person)
    rows = doing(person, lambda actor, _n: [(each.kind, each.verb) for each in waiting(actor)])
    assert ("award_letter", "acknowledge") in rows

    doing(person, lambda actor, now: award.acknowledge(award.letter(row_id), by=actor, now=now))
    with pytest.raises(Refused):
        doing(person, lambda actor, now: award.acknowledge(award.letter(row_id), by=actor, now=now))

    rows = doing(person, lambda actor, _n: [(each.kind, each.verb) for each in waiting(actor)])
    assert ("award_letter", "acknowledge") not in rows


def test_another_than_the_first_needs_a_ground_and_its_proof(travel: Travel) -> None:
    ready = a_ranked_tender(travel)

    with pytest.raises(Refused) as refused:
        decide(ready, 2)
    assert refused.value.ruling.codes == ("award.no_ground", "award.no_file")
    decide(ready, 2, "第一名书面放弃成交", a_stored_file(ready.buyer))

    first = firm(ready, 1)
    assert "第一名书面放弃成交" in letter(first.handler, ready)["reason"]
    with scope.entered(ready.issued.market.bureau.system):
        assert list(invariants()) == []


def test_an_award_is_decided_once(travel: Travel) -> None:
    ready = a.an_award(travel)

    with pytest.raises(Refused) as refused:
        decide(ready, 1)

    assert refused.value.ruling.codes == ("machine.out_of_turn",)


def test_what_the_buyer_lets_lapse_goes_to_the_first(travel: Travel) -> None:
    ready = a_ranked_tender(travel)
    left = a.award_by(ready) - doing(ready.buyer, lambda _a, now: now)

    travel(left - timedelta(minutes=5))
    ring_due()
    assert doing(ready.buyer, lambda _a, _n: a.row_of(ready.id).state) == "pending"

    travel(timedelta(minutes=10))
    ring_due()
    state, by, deemed, tender_state = doing(
        ready.buyer,
        lambda _a, _n: (
            a.row_of(ready.id).state,
            a.row_of(ready.id).decided_by,
            a.row_of(ready.id).is_deemed,
            tender.tender(ready.id).state,
        ),
    )
    assert (state, by, deemed, tender_state) == ("awarded", None, True, "awarded")
    winner = firm(ready, 1)
    assert letter(firm(ready, 2).handler, ready)["winner"] == winner.name
    (notice,) = [
        each
        for each in doing(ready.buyer, lambda _a, _n: list(document.notices_of(ready.id)))
        if each.kind == "result"
    ]
    assert "视为确定排名第一的成交候选人" in str(notice.content)
    drafted = doing(ready.buyer, lambda _a, _n: contract.of_award(a.row_of(ready.id).id))
    assert drafted.firm_id == winner.id
    rows = doing(ready.buyer, lambda actor, _n: [each.kind for each in waiting(actor)])
    assert "award" not in rows
    with scope.entered(ready.issued.market.bureau.system):
        assert list(invariants()) == []


def test_after_the_last_day_the_buyer_can_only_take_the_first(
    travel: Travel, owner_url: str, application: Flask
) -> None:
    ready = a_ranked_tender(travel)
    with a.lapsed(ready, owner_url, application):
        with pytest.raises(Refused) as refused:
            decide(ready, 2, "第一名书面放弃成交", a_stored_file(ready.buyer))
        assert refused.value.ruling.codes == ("award.lapsed",)
        decide(ready, 1)  # the clock has not rung: the same outcome by hand
        assert letter(firm(ready, 2).handler, ready)["winner"] == firm(ready, 1).name


def test_the_buyers_days_stand_still_while_the_purchase_does(travel: Travel) -> None:
    ready = a_ranked_tender(travel)
    before = a.award_by(ready)
    doing(ready.buyer, lambda actor, now: suspend(tender.tender(ready.id), "核查", by=actor, now=now))
    travel(timedelta(days=20))
    ring_due()
    assert doing(ready.buyer, lambda _a, _n: a.row_of(ready.id).state) == "pending"

    doing(ready.buyer, lambda actor, now: resume(tender.tender(ready.id), "已查清", by=actor, now=now))
    ring_due()

    assert doing(ready.buyer, lambda _a, _n: a.row_of(ready.id).state) == "pending"
    assert a.award_by(ready) > before + timedelta(days=15)


def test_nobody_is_deemed_to_follow_a_winner_who_signs_nothing(travel: Travel) -> None:
    ready = a.an_award(travel)
    a.refused(ready, ready.issued.market.bureau.people[Role.APPROVER])
    travel(timedelta(days=30))
    ring_due()

    assert doing(ready.buyer, lambda _a, _n: a.row_of(ready.id).state) == "pending"


def test_when_everybody_refuses_the_purchase_ends_and_the_refusers_are_barred(travel: Travel) -> None:
    ready = a.an_award(travel)
    approver = ready.issued.market.bureau.people[Role.APPROVER]

    def fail(actor: Any, now: datetime) -> None:
        award.fail(a.row_of(ready.id), "三家均书面放弃", by=actor, now=now)

    with pytest.raises(Refused):  # awarded, and nobody has refused
        doing(ready.buyer, fail)
    for place in (2, 3):
        a.refused(ready, approver)
        decide(ready, place)
    a.refused(ready, approver)
    rows = doing(ready.buyer, lambda actor, _n: [(each.kind, each.verb) for each in waiting(actor)])
    assert ("award", "fail") in rows
    doing(ready.buyer, fail)

    of, state = doing(ready.buyer, lambda _a, _n: (tender.tender(ready.id), a.row_of(ready.id).state))
    assert (of.state, of.ended_ground, state) == ("terminated", "nobody_signs", "ended")
    assert set(of.refused) == {each.id for each in ready.issued.firms}
    kinds = doing(ready.buyer, lambda _a, _n: [each.kind for each in document.notices_of(ready.id)])
    assert "termination" in kinds
    with scope.entered(ready.issued.market.bureau.system):
        assert list(invariants()) == []


def test_after_a_refusal_the_buyer_may_buy_anew_instead_of_taking_the_next(travel: Travel) -> None:
    ready = a_ranked_tender(travel)

    def fail(actor: Any, now: datetime) -> None:
        award.fail(a.row_of(ready.id), "下一位报价过高，重新采购", by=actor, now=now)

    with pytest.raises(Refused) as refused:
        doing(ready.buyer, fail)
    assert refused.value.ruling.codes == ("award.somebody_left",)
    refuser = firm(a.decided(ready), 1)
    a.refused(ready, ready.issued.market.bureau.people[Role.APPROVER])
    doing(ready.buyer, fail)

    of = doing(ready.buyer, lambda _a, _n: tender.tender(ready.id))
    assert (of.state, of.refused) == ("terminated", [refuser.id])
    with scope.entered(ready.issued.market.bureau.system):
        assert list(invariants()) == []


def test_receipts_are_counted_once_per_purchase(travel: Travel) -> None:
    ready = a.an_award(travel)
    asked = doing(ready.buyer, lambda _a, _n: [(each.tender_id, each.firms) for each in award.unsigned()])
    assert asked == [(ready.id, 3)]
    for n, each in enumerate(ready.issued.firms, 1):
        row_id = a.letter_of(ready.issued, each.handler)

        def receive(actor: Any, now: datetime, row_id: UUID = row_id) -> None:
            award.acknowledge(award.letter(row_id), by=actor, now=now)

        doing(each.handler, receive)
        left = doing(ready.buyer, lambda _a, _n: [row.firms for row in award.unsigned()])
        assert left == ([3 - n] if n < 3 else [])


def test_a_purchase_cancelled_after_the_report_leaves_nothing_to_decide(travel: Travel) -> None:
    ready = a_ranked_tender(travel)
    doing(ready.buyer, lambda actor, now: cancel(tender.tender(ready.id), "项目取消", by=actor, now=now))

    assert doing(ready.buyer, lambda _a, _n: a.row_of(ready.id).state) == "ended"
    assert at(ready.chair, ready.id, lambda row, **_: row.state) == "ended"
    with pytest.raises(NotFound):
        doing(ready.buyer, lambda _a, _n: panel.reported(ready.id))


def test_a_changed_price_is_found_by_its_invariant(travel: Travel) -> None:
    ready = a.an_award(travel)

    with scope.entered(ready.issued.market.bureau.system):
        db.session.execute(text("UPDATE award SET price = 1 WHERE tender_id = :id"), {"id": ready.id})
        assert any("成交价" in each for each in invariants())


def test_a_winner_who_signs_nothing_leaves_the_award_to_the_next(travel: Travel) -> None:
    ready = a.an_award(travel)
    refuser, second = firm(ready, 1), firm(ready, 2)
    approver = ready.issued.market.bureau.people[Role.APPROVER]

    def cancel_contract(actor: Any, now: datetime) -> None:
        row = contract.of_award(a.row_of(ready.id).id)
        assert row is not None
        contract.cancel(row, "成交机构书面拒绝签订", by=actor, now=now)

    doing(approver, cancel_contract)
    rows = doing(ready.buyer, lambda actor, _n: [each.kind for each in waiting(actor)])
    assert "award" in rows
    with pytest.raises(Refused) as refused:
        decide(ready, 1)
    assert refused.value.ruling.codes == ("award.nobody",)
    with pytest.raises(Refused) as refused:
        decide(ready, 3)
    assert refused.value.ruling.codes == ("award.no_ground", "award.no_file")
    decide(ready, 2)

    again = doing(ready.buyer, lambda _a, _n: contract.of_award(a.row_of(ready.id).id))
    assert again.firm_id == second.id
    assert letter(second.handler, ready)["winner"] == second.name
    told = doing(refuser.handler, lambda _a, _n: [each.edition for each in award.letters(ready.id)])
    assert told == [1]
    with scope.entered(ready.issued.market.bureau.system):
        assert list(invariants()) == []
