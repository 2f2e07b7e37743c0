"""What each verb does to a tender, its inbox, its chain and its readers."""

import pytest
from flask import Flask

from portal import tender
from portal.audit import waiting
from portal.tender import queries
from tenants import scope
from tests.tender.makers import Issued, Market, a_market, an_issued_tender

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture(scope="module")
def market(application: Flask) -> Market:
    """One bureau for the tests that do not change it."""
    with application.app_context():
        return a_market()


@pytest.fixture
def issued(market: Market) -> Issued:
    """A tender that is out."""
    return an_issued_tender(market)


def state_of(market: Market, row_id) -> str:
    with scope.entered(market.bureau.system):
        return queries.tender(row_id).state


def test_issue_gives_a_number_a_key_and_the_firms_their_inbox(issued: Issued) -> None:
    with scope.entered(issued.market.bureau.system):
        row = queries.tender(issued.id)
        assert row.state == "issued"
        assert row.number
        assert len(row.public_key or b"") == 32
        assert set(row.readers) == {each.id for each in issued.firms}
        assert len(tender.private_key(issued.id)) == 32
    for firm in issued.firms:
        with scope.entered(firm.handler.scope):
            inbox = [each.verb for each in waiting(firm.handler.actor) if each.subject_id == issued.id]
            assert inbox == ["respond"]
            assert queries.tender(issued.id).id == issued.id
