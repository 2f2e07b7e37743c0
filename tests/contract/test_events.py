"""What follows from an award by itself, through the real purchase."""

from datetime import timedelta
from decimal import Decimal

from flask import Flask

from portal import contract, deliverable
from portal.access import Role
from portal.award import award
from portal.tender import tender
from tenants import scope
from tests.award.makers import an_award
from tests.panel.makers import Travel
from tests.support.world import PASSWORD


def test_an_award_drafts_its_contract_and_the_signed_contract_awaits_its_deliverables(
    app: Flask, travel: Travel
) -> None:
    assert app
    done = an_award(travel)
    bureau = done.issued.market.bureau
    handler, approver = bureau.people[Role.HANDLER], bureau.people[Role.APPROVER]
    winner = next(each for each in done.issued.firms if each.id)
    with scope.unit_of_work(handler.scope):
        decided = award(done.id)
        row = contract.of_award(decided.id)
        assert row is not None
        winner = next(each for each in done.issued.firms if each.id == row.firm_id)
        assert (row.fee, row.firm_id) == (decided.price, decided.firm_id)
        assert row.fee == Decimal(168000)
        assert row.terms_id == tender(done.id).terms_id
        assert row.lead_evaluator
        assert row.tender_number == tender(done.id).number
        contract.offer(row, by=handler.actor, now=scope.now())
        row_id = row.id
    with scope.unit_of_work(winner.signatory.scope):
        row = contract.contract(row_id)
        contract.confirm(row, PASSWORD, seen=row.content_digest, by=winner.signatory.actor, now=scope.now())
    with scope.unit_of_work(approver.scope):
        contract.sign(contract.contract(row_id), PASSWORD, by=approver.actor, now=scope.now())

    with scope.unit_of_work(winner.handler.scope):
        assert len(deliverable.of_contract(row_id)) == 6
    others = [each for each in done.issued.firms if each.id != winner.id]
    for other in others:
        with scope.unit_of_work(other.handler.scope):
            assert deliverable.of_contract(row_id) == []
    assert timedelta(days=29) < row.sign_by - row.awarded_at < timedelta(days=32)  # the rule set's 30 days
