"""Sealed personal values: shown by grant with a reason, on record, and found nowhere in plain."""

import logging
from uuid import UUID, uuid4

import psycopg
import pytest
from flask import Flask
from sqlalchemy.exc import ProgrammingError

from portal.access import GRANTS, STAFF, Permission, Role
from portal.audit import links
from portal.identity import blind_index, keep_personal, reveal_personal
from portal.kernel.errors import Refused
from portal.kernel.seal import Broken
from tenants import scope
from tests.support.world import Bureau, a_bureau

NUMBER = "532525198001011234"
GRANTED = sorted(grant.role for grant in GRANTS[Permission.PERSONAL_REVEAL])


def _kept(bureau: Bureau) -> UUID:
    owner = uuid4()
    with scope.unit_of_work(bureau.system):
        keep_personal(owner, "identity_number", NUMBER)
    return owner


def _reveal(bureau: Bureau, role: Role, owner: UUID, reason: str = "核对付款对象") -> str | None:
    person = bureau.people[role]
    with scope.unit_of_work(person.scope):
        return reveal_personal(bureau.id, owner, "identity_number", reason, by=person.actor, now=scope.now())


@pytest.mark.usefixtures("app")
def test_posts_with_the_grant_see_the_value_and_the_reason_stays() -> None:
    bureau = a_bureau(roles=GRANTED)
    owner = _kept(bureau)

    assert [_reveal(bureau, role, owner) for role in GRANTED] == [NUMBER] * len(GRANTED)

    with scope.entered(bureau.system):
        told = [link.body for link in links(str(bureau.id)) if link.verb == "personal.reveal"]
    assert len(told) == len(GRANTED)
    assert all("核对付款对象" in body and "identity_number" in body for body in told)
    assert all(NUMBER not in body for body in told)


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize("role", sorted(STAFF - set(GRANTED)))
def test_the_database_itself_shows_nothing_to_posts_without_the_grant(role: Role) -> None:
    bureau = a_bureau(roles=[role])
    owner = _kept(bureau)

    with pytest.raises(ProgrammingError, match="not granted"):
        _reveal(bureau, role, owner)


@pytest.mark.usefixtures("app")
def test_without_a_reason_nothing_is_shown() -> None:
    bureau = a_bureau(roles=[Role.PAYER])
    owner = _kept(bureau)

    for reason in ("", "   ", "看看"):
        with pytest.raises(Refused) as refused:
            _reveal(bureau, Role.PAYER, owner, reason)
        assert refused.value.ruling.codes == ("identity.reveal_needs_reason",)


@pytest.mark.usefixtures("app")
def test_another_bureau_with_the_grant_sees_nothing() -> None:
    ours, theirs = a_bureau(roles=[Role.PAYER]), a_bureau()
    owner = _kept(theirs)
    person = ours.people[Role.PAYER]

    with pytest.raises(ProgrammingError, match="not granted"), scope.unit_of_work(person.scope):
        reveal_personal(theirs.id, owner, "identity_number", "核对付款对象", by=person.actor, now=scope.now())
    assert _reveal(ours, Role.PAYER, owner) is None


@pytest.mark.usefixtures("app")
def test_a_sealed_value_moved_to_another_owner_does_not_open(owner_url: str) -> None:
    bureau = a_bureau(roles=[Role.PAYER])
    one, other = _kept(bureau), uuid4()
    with psycopg.connect(owner_url, autocommit=True) as connection:
        connection.execute("UPDATE personal_datum SET owner_id = %s WHERE owner_id = %s", (other, one))

    with pytest.raises(Broken):
        _reveal(bureau, Role.PAYER, other)


@pytest.mark.usefixtures("app")
def test_equal_values_are_found_by_their_index_and_seal_differently(backup_url: str) -> None:
    bureau = a_bureau()
    one, other = _kept(bureau), _kept(bureau)

    with psycopg.connect(backup_url) as connection:
        sealed = connection.execute(
            "SELECT DISTINCT ciphertext FROM personal_datum WHERE owner_id IN (%s, %s)", (one, other)
        ).fetchall()
    assert len(sealed) == 2
    assert blind_index("identity_number", NUMBER) == blind_index("identity_number", NUMBER)
    assert blind_index("identity_number", NUMBER) != blind_index("phone", NUMBER)


def test_the_value_is_in_no_table_and_in_no_log(
    app: Flask, backup_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The backup reads every row of every table: what it cannot find, a dump does not hold."""
    caplog.set_level(logging.DEBUG)
    logging.getLogger("sqlalchemy.engine").setLevel(logging.INFO)
    bureau = a_bureau(roles=[Role.PAYER])
    marker = "610100197001019999"
    owner = uuid4()
    with scope.unit_of_work(bureau.system):
        keep_personal(owner, "identity_number", marker)
    person = bureau.people[Role.PAYER]
    with scope.unit_of_work(person.scope):
        shown = reveal_personal(
            bureau.id, owner, "identity_number", "核对付款对象", by=person.actor, now=scope.now()
        )
    logging.getLogger("sqlalchemy.engine").setLevel(logging.NOTSET)

    with psycopg.connect(backup_url) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        for (table,) in tables:
            found = connection.execute(
                f"SELECT count(*) FROM {table} AS t WHERE t::text LIKE %s"  # noqa: S608
                " OR t::text LIKE %s",
                (f"%{marker}%", f"%{marker.encode().hex()}%"),
            ).fetchone()
            assert found == (0,), table
    assert shown == marker
    assert marker not in caplog.text
    assert app.name == "portal"
