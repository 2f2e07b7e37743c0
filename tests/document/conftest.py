"""A bureau that issues papers."""

import pytest
from flask import Flask

from portal.access import Role
from tests.support.world import Bureau, a_bureau


@pytest.fixture
def bureau(app: Flask) -> Bureau:
    """A bureau with a buyer and an approver."""
    assert app
    return a_bureau(roles=[Role.BUYER, Role.APPROVER])
