"""A signature's password: one's own, counted like a sign-in when it is wrong."""

import pytest
from flask import Flask

from portal.access import Role
from portal.identity import attest, compared
from portal.identity.actions import entrance
from portal.kernel.errors import Invalid, Refused
from tenants import scope
from tenants.db import db
from tests.support.world import PASSWORD, Person, a_bureau


@pytest.fixture
def person(app: Flask) -> Person:
    assert app
    return a_bureau(roles=[Role.HANDLER]).people[Role.HANDLER]


def _attest(person: Person, password: str) -> None:
    with scope.unit_of_work(person.scope):
        attest(password, by=person.actor, now=scope.now())


def test_the_right_password_signs(person: Person) -> None:
    _attest(person, PASSWORD)


def test_a_wrong_password_is_named_at_its_field(person: Person) -> None:
    with pytest.raises(Invalid) as caught:
        _attest(person, "not-mine")
    assert (caught.value.field, caught.value.code) == ("password", "identity.wrong_password")


def test_another_persons_password_does_not_sign(person: Person) -> None:
    other = a_bureau(roles=[Role.HANDLER]).people[Role.HANDLER]
    with scope.unit_of_work(person.scope), pytest.raises(Invalid):
        attest(f"{PASSWORD}{other.username}", by=person.actor, now=scope.now())


def test_five_wrong_ones_lock_the_account(person: Person) -> None:
    for _ in range(4):
        with pytest.raises(Invalid):
            _attest(person, "not-mine")
    with pytest.raises(Refused) as caught:
        _attest(person, "not-mine")
    assert caught.value.ruling.codes == ("identity.locked",)
    with pytest.raises(Refused):
        _attest(person, PASSWORD)


def test_a_right_one_forgives_the_wrong_ones_before(person: Person) -> None:
    for _ in range(3):
        for _ in range(3):
            with pytest.raises(Invalid):
                _attest(person, "not-mine")
        _attest(person, PASSWORD)


def test_a_password_compared_before_the_transaction_is_not_compared_in_it(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = _noting_connections(monkeypatch)
    with compared(person.username, PASSWORD):
        _attest(person, PASSWORD)
    assert held == [0]


def test_what_was_compared_signs_for_nobody_else_and_no_other_password(person: Person) -> None:
    other = a_bureau(roles=[Role.HANDLER]).people[Role.HANDLER]
    with compared(person.username, PASSWORD):
        with pytest.raises(Invalid):
            _attest(person, "not-mine")
        with pytest.raises(Invalid):
            _attest(other, "not-mine")
    with compared(person.username, "not-mine"), pytest.raises(Invalid):
        _attest(person, "not-mine")


def _noting_connections(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many connections were in use whenever a password was compared."""
    held: list[int] = []
    real = entrance._hasher  # noqa: SLF001 -- the slow thing itself

    class Noting:
        def verify(self, *given: str) -> bool:
            held.append(db.engine.pool.checkedout())  # type: ignore[attr-defined]
            return real.verify(*given)

    monkeypatch.setattr(entrance, "_hasher", Noting())
    return held
