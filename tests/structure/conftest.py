"""One small land for the tests of the whole house: a prefecture, two counties below, strangers beside."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import Engine, Interval, create_engine, literal, update

from portal.access import Role
from portal.audit.models import Alarm
from portal.config import DatabaseUrls
from tenants import scope
from tenants.db import db
from tests.structure.county import County, a_county
from tests.support.clock import travelling
from tests.support.world import Bureau, Person, a_bureau, a_person, publish_rules


@dataclass
class Land:
    """``one`` holds one row of everything, ``three`` three; each is the other's sibling."""

    above: Bureau
    one: County
    three: County
    operator: Person


@pytest.fixture(scope="session")
def land(application: Flask, owner_url: str) -> Land:
    """Made once for all tests of a worker; no test changes what it finds."""
    with application.app_context(), travelling(owner_url, application, ringing=False) as travel:
        above = a_bureau(roles=[Role.SUPERVISOR, Role.HANDLER, Role.APPROVER])
        publish_rules(above)
        strangers = [a_bureau() for _ in range(3)]
        one = a_county(size=1, parent=above, granted=strangers, travel=travel)
        three = a_county(size=3, parent=above, granted=strangers, travel=travel)
        for county in (one, three):
            _out_of_reach(county.bureau)
        return Land(above, one, three, a_person(None, Role.OPERATOR))


def _out_of_reach(bureau: Bureau) -> None:
    """Put a bureau's alarms past every test's travel: whoever else rings would change what the land holds."""
    with scope.unit_of_work(scope.system(bureau.id, "测试")):
        db.session.execute(
            update(Alarm).values(due_at=Alarm.due_at + literal(timedelta(days=36_500), Interval))
        )


def _engine(url: str) -> Iterator[Engine]:
    engine = create_engine(url)
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def web(database: DatabaseUrls) -> Iterator[Engine]:
    """The web's own door, spoken to in raw SQL."""
    yield from _engine(database.web)


@pytest.fixture(scope="module")
def owner(database: DatabaseUrls) -> Iterator[Engine]:
    """The owner of the tables."""
    yield from _engine(database.owner)


@pytest.fixture(scope="module")
def backup(database: DatabaseUrls) -> Iterator[Engine]:
    """Sees every row of every tenant."""
    yield from _engine(database.backup)
