"""The buyer's decision against the real database: letters, reasons, announcement, and who reads what."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from portal import award, contract, document, panel, tender
from portal.access import Role
from portal.audit import waiting
from portal.award.invariants import invariants
from portal.kernel.errors import NotFound, Refused
from portal.tender.actions import cancel
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
