"""The wall around every table, compared with the database's own catalogue."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import ProgrammingError

from tenants.db import Base
from tenants.rowsecurity import WEB, Rows
from tests.structure.catalogue import declared, tables, tables_with

pytestmark = pytest.mark.usefixtures("application")


def test_every_table_declares_its_class(owner: Engine) -> None:
    assert sorted(declared()) == tables(owner)


def test_row_security_is_forced_on_every_table(owner: Engine) -> None:
    loose = text(
        "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relname <> 'alembic_version'"
        " AND relnamespace = 'public'::regnamespace AND NOT (relrowsecurity AND relforcerowsecurity)"
    )
    with owner.connect() as connection:
        assert list(connection.execute(loose).scalars()) == []


def _wall(connection: Connection) -> list[tuple[Any, ...]]:
    """Every policy and every grant to the web's role, as the catalogue writes them."""
    policies = connection.execute(
        text(
            "SELECT tablename, policyname, roles::text, cmd, qual, with_check FROM pg_policies ORDER BY 1, 2"
        )
    )
    grants = connection.execute(
        text(
            "SELECT table_name, privilege_type FROM information_schema.role_table_grants"
            " WHERE grantee = :web ORDER BY 1, 2"
        ),
        {"web": WEB},
    )
    return [tuple(row) for row in (*policies, *grants)]


def test_the_catalogue_is_what_the_models_declare(owner: Engine) -> None:
    """Building every wall anew from its declaration changes nothing."""
    with owner.connect() as connection:
        before = _wall(connection)
        for table, protection in declared().items():
            for statement in protection.statements(table):
                connection.execute(text(statement))
        after = _wall(connection)
        connection.rollback()

    assert after == before


def test_no_policy_reads_a_second_table(owner: Engine) -> None:
    """What a scope may read was resolved when it was set; a policy that joins is hundreds of times slower."""
    with owner.connect() as connection:
        policies = connection.execute(text("SELECT policyname, tablename, qual, with_check FROM pg_policies"))
        joined = [
            (row.tablename, row.policyname)
            for row in policies
            if " FROM " in f"{row.qual or ''} {row.with_check or ''}".upper()
        ]

    assert joined == []


def test_every_table_of_a_tenant_is_found_by_its_tenant(owner: Engine) -> None:
    """Each has an index that begins with the tenant, so that the wall costs nothing."""
    with owner.connect() as connection:
        led = set(
            connection.execute(
                text(
                    "SELECT i.indrelid::regclass::text FROM pg_index i JOIN pg_attribute a"
                    " ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0] WHERE a.attname = 'tenant_id'"
                )
            ).scalars()
        )
    walled = {table for table, protection in declared().items() if protection.rows is not Rows.PERSONAL}

    assert (set(tables_with("tenant_id")) & walled) - led == set()


def test_no_foreign_key_can_cross_from_one_tenant_into_another(application: Flask) -> None:
    """Between two tables of tenants a key holds the tenant too; the tables themselves say which they are."""
    assert application
    walled = set(tables_with("tenant_id"))
    loose = [
        f"{table.name} → {key.referred_table.name}"
        for table in Base.metadata.tables.values()
        for key in table.foreign_key_constraints
        if {table.name, key.referred_table.name} <= walled and "tenant_id" not in key.column_keys
    ]

    assert loose == []


def test_the_web_owns_nothing_and_passes_no_wall(web: Engine) -> None:
    with web.connect() as connection:
        rights = connection.execute(
            text(
                "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb"
                " FROM pg_roles WHERE rolname = current_user"
            )
        ).one()
        owned = connection.execute(
            text("SELECT count(*) FROM pg_class WHERE pg_get_userbyid(relowner) = current_user")
        ).scalar_one()

    assert tuple(rights) == (False, False, False, False)
    assert owned == 0


def test_what_runs_as_the_owner_fixes_its_search_path_and_is_closed_to_strangers(owner: Engine) -> None:
    with owner.connect() as connection:
        functions = connection.execute(
            text(
                "SELECT proname, proconfig, coalesce(proacl::text, '') AS rights FROM pg_proc"
                " WHERE prosecdef AND pronamespace = 'public'::regnamespace"
            )
        ).all()

    assert functions
    for name, settings, rights in functions:
        assert settings == ["search_path=public, pg_temp"], name
        assert rights, f"{name} is open to everybody"
        assert "{=X" not in rights, f"{name} is open to everybody"
        assert ",=X" not in rights, f"{name} is open to everybody"


def test_without_a_scope_there_are_no_rows(web: Engine, owner: Engine) -> None:
    open_to_all = {table for table, protection in declared().items() if protection.rows is Rows.PUBLIC}
    for table in set(tables(owner)) - open_to_all:
        with web.connect() as connection:
            try:
                rows = connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()  # noqa: S608
            except ProgrammingError as error:
                rows = 0 if "permission denied" in str(error) else -1
        assert rows == 0, table
