"""One year of two firms for a whole file: it takes many people to make it, and no ranking changes it."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import text

from tenants import scope
from tenants.db import db
from tests.ranking.makers import Year, a_year


@pytest.fixture(scope="module")
def made(application: Flask) -> Year:
    """The contracts, once."""
    with application.app_context():
        return a_year()


@pytest.fixture
def year(app: Flask, made: Year) -> Iterator[Year]:
    """The contracts, without any ranking of them."""
    assert app
    yield made
    with scope.unit_of_work(made.one.bureau.system):
        for table in ("ranking_objection", "ranking_row", "ranking", "firm_standing"):
            db.session.execute(text(f"DELETE FROM {table}"))  # noqa: S608 -- names of our own tables
        for table in ("inbox", "alarm"):
            db.session.execute(text(f"DELETE FROM {table} WHERE kind LIKE 'ranking%'"))  # noqa: S608 -- as above
