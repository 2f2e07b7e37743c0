"""What every post of one county can do to the rows of another, by raw SQL on the web's own door: nothing."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import DBAPIError, ProgrammingError

from portal.access import Role
from tenants.db import Base
from tenants.rowsecurity import Rows
from tests.structure.catalogue import declared, tables_with
from tests.structure.conftest import Land
from tests.structure.county import County
from tests.support.world import Person

ENTER = text("SELECT portal_enter(:kind, :account, :post, CAST(:tenants AS uuid[]))")
REFUSALS = ("permission denied for", "violates row-level security policy", "never changes")


@contextmanager
def _acting(web: Engine, person: Person, *, county: UUID | None = None) -> Iterator[Connection]:
    """The person's post, or the county it entered, as the web's role."""
    with web.connect() as connection:
        connection.execute(
            ENTER,
            {
                "kind": "supervisor" if county else "post",
                "account": person.account_id,
                "post": person.post_id,
                "tenants": [county] if county else [],
            },
        )
        yield connection
        connection.rollback()


def _touched(connection: Connection, statement: str, values: Mapping[str, Any]) -> int:
    """How many rows a statement would see or change; none where the database does not allow it at all."""
    nested = connection.begin_nested()
    try:
        return connection.execute(text(statement), values).rowcount
    except DBAPIError as error:
        assert any(words in str(error) for words in REFUSALS), error  # noqa: PT017 -- only these are walls
        return 0
    finally:
        nested.rollback()


def _a_row(backup: Engine, table: str, tenant_id: UUID) -> dict[str, Any]:
    """Any row of the tenant, as it could be sent back; raises where the county left the table empty."""
    with backup.connect() as connection:
        found = connection.execute(
            text(f"SELECT * FROM {table} WHERE tenant_id = :tenant LIMIT 1"),  # noqa: S608
            {"tenant": tenant_id},
        ).mappings()
        row = dict(found.first() or {})
    assert row, f"{table} is empty: give it rows in tests/structure/county.py"
    kinds = {column.name: column.type for column in Base.metadata.tables[table].columns}
    return {
        name: json.dumps(value, ensure_ascii=False)
        if isinstance(kinds[name], JSONB) and value is not None
        else value
        for name, value in row.items()
    }


def _insertion(table: str, row: Mapping[str, Any]) -> str:
    return f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join(f':{name}' for name in row)})"  # noqa: S608


@pytest.mark.parametrize("own", ("one", "three"))
def test_no_post_reads_or_writes_a_row_of_a_sibling(
    land: Land, web: Engine, backup: Engine, own: str
) -> None:
    mine: County = getattr(land, own)
    other = land.three if mine is land.one else land.one
    tenants = {"own_tenant": mine.bureau.id, "other_tenant": other.bureau.id}
    theirs = {table: _a_row(backup, table, other.bureau.id) for table in tables_with("tenant_id")}
    for person in mine.everybody:
        with _acting(web, person) as connection:
            for table, row in theirs.items():
                where = "WHERE tenant_id = :other_tenant"
                fresh = {**row, "id": uuid4()} if "id" in row else {**row, "seq": 10_000}
                looks = () if declared()[table].rows is Rows.PUBLIC else (f"SELECT * FROM {table} {where}",)  # noqa: S608
                attempts = (
                    *looks,
                    f"UPDATE {table} SET tenant_id = tenant_id {where}",  # noqa: S608
                    f"UPDATE {table} SET tenant_id = :other_tenant WHERE tenant_id = :own_tenant",  # noqa: S608
                    f"DELETE FROM {table} {where}",  # noqa: S608
                    _insertion(table, fresh),
                )
                for attempt in attempts:
                    assert _touched(connection, attempt, {**tenants, **fresh}) == 0, (person.role, attempt)


def test_what_could_leak_is_really_there(land: Land, web: Engine) -> None:
    """The same statements see rows where they may: the tests above could have failed."""
    handler = land.one.bureau.people[Role.HANDLER]
    walled = {table for table, protection in declared().items() if protection.rows is Rows.TENANT}
    with _acting(web, handler) as connection:
        for table in walled & set(tables_with("tenant_id")):
            statement = f"SELECT * FROM {table} WHERE tenant_id = :mine"  # noqa: S608
            assert _touched(connection, statement, {"mine": land.one.bureau.id}) > 0, table


def test_an_outside_party_reads_nothing_of_the_bureau_but_what_waits_for_it(land: Land, web: Engine) -> None:
    firm = land.one.bureau.people[Role.FIRM_HANDLER]
    walled = {table for table, protection in declared().items() if protection.rows is Rows.TENANT}
    kept_from_it = walled - set(tables_with("readers")) - {"post", "inbox"}
    with _acting(web, firm) as connection:
        for table in kept_from_it:
            statement = f"SELECT * FROM {table} WHERE tenant_id = :mine"  # noqa: S608
            assert _touched(connection, statement, {"mine": land.one.bureau.id}) == 0, table
        posts = connection.execute(text("SELECT account_id FROM post")).scalars()
        assert set(posts) == {firm.account_id}
        inbox = connection.execute(text("SELECT role, party_id FROM inbox"))
        assert {tuple(each) for each in inbox} <= {(firm.role.value, firm.party_id)}


def test_an_outside_party_reads_of_what_is_shared_only_rows_that_name_it(land: Land, web: Engine) -> None:
    firm = land.one.bureau.people[Role.FIRM_HANDLER]
    with _acting(web, firm) as connection:
        for table in tables_with("readers"):
            seen = connection.execute(text(f"SELECT readers FROM {table}")).scalars()  # noqa: S608
            assert [each for each in seen if firm.party_id not in each] == [], table


def test_what_is_inherited_is_read_below_and_written_only_by_its_owner(land: Land, web: Engine) -> None:
    handler = land.one.bureau.people[Role.HANDLER]
    above = {"above": land.above.id}
    with _acting(web, handler) as connection:
        for table in ("rule_set", "form_template"):
            assert _touched(connection, f"SELECT * FROM {table} WHERE tenant_id = :above", above) > 0  # noqa: S608
            for attempt in (
                f"UPDATE {table} SET version = 99 WHERE tenant_id = :above",  # noqa: S608
                f"DELETE FROM {table} WHERE tenant_id = :above",  # noqa: S608
            ):
                assert _touched(connection, attempt, above) == 0, attempt


def test_a_supervisor_reads_the_county_it_entered_and_no_sibling_of_it(land: Land, web: Engine) -> None:
    supervisor = land.above.people[Role.SUPERVISOR]
    mine, other = land.one.bureau.id, land.three.bureau.id
    with _acting(web, supervisor, county=mine) as connection:
        for table in ("commission", "unit", "audit_event"):
            statement = f"SELECT * FROM {table} WHERE tenant_id = :tenant"  # noqa: S608
            assert _touched(connection, statement, {"tenant": mine}) > 0, table
            assert _touched(connection, statement, {"tenant": other}) == 0, table
            assert _touched(connection, f"DELETE FROM {table}", {}) == 0, table  # noqa: S608


def test_a_supervisor_enters_only_counties_below_its_own_bureau(land: Land, web: Engine) -> None:
    supervisor, officer = land.above.people[Role.SUPERVISOR], land.one.bureau.people[Role.SUPERVISOR]
    for person, county in (
        (supervisor, land.above.id),
        (officer, land.one.bureau.id),
        (officer, land.three.bureau.id),
        (officer, land.above.id),
    ):
        with pytest.raises(ProgrammingError, match="not a bureau below"), _acting(web, person, county=county):
            pass


def test_a_post_that_is_not_ones_own_opens_nothing(land: Land, web: Engine) -> None:
    one, three = land.one.bureau.people[Role.HANDLER], land.three.bureau.people[Role.HANDLER]
    with web.connect() as connection, pytest.raises(ProgrammingError, match="no such post in force"):
        connection.execute(
            ENTER, {"kind": "post", "account": one.account_id, "post": three.post_id, "tenants": []}
        )
