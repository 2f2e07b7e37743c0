"""在手合同: counted up and down, never below none."""

import pytest
from flask import Flask

from portal.firm import count_load, open_load, profiles
from tenants import scope
from tests.tender.makers import Market, a_market


@pytest.fixture
def market(app: Flask) -> Market:
    """A bureau with firms."""
    assert app
    return a_market()


def test_load_counts_running_contracts_and_never_less_than_none(market: Market) -> None:
    firm = market.firms[0].id
    with scope.entered(market.bureau.system):
        for delta, load in ((1, 1), (1, 2), (-1, 1), (-1, 0), (-1, 0), (1, 1)):
            count_load(firm, delta)
            assert open_load() == ({firm: load} if load else {})
        assert {each.firm_id: each.load for each in profiles(scope.now())}[firm] == 1


def test_load_is_the_bureaus_own(market: Market) -> None:
    other = a_market()
    with scope.unit_of_work(market.bureau.system):
        count_load(market.firms[0].id, 3)
    with scope.entered(other.bureau.system):
        assert open_load() == {}
