"""Each class of rows, on a table of its own: who reads, who writes, its owner included.

Policies know nothing but the settings that `portal_enter` resolved; here they are set by hand.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.exc import ProgrammingError

from tenants.rowsecurity import (
    INHERITED,
    OWNER,
    PERSONAL,
    PUBLIC,
    REGISTER,
    SECRET,
    TENANT,
    Protection,
    Rows,
    confidential,
)
from tests.support import cluster

MINE, THEIRS, ABOVE = (UUID(int=number) for number in (1, 2, 3))
ME, FIRM = UUID(int=11), UUID(int=12)
CLASSES: dict[str, Protection] = {
    "public_row": PUBLIC,
    "register_row": REGISTER,
    "secret_row": SECRET,
    "inherited_row": INHERITED,
    "tenant_row": TENANT,
    "log_row": Protection(Rows.TENANT, TENANT.read, TENANT.write, append_only=True),
    "confidential_row": confidential("firm_id"),
    "personal_row": PERSONAL,
}
NOBODY: dict[str, str] = {}
OFFICER = {
    "kind": "post",
    "account": str(ME),
    "tenants": str(MINE),
    "writes": str(MINE),
    "lineage": f"{MINE},{ABOVE}",
}
BIDDER = {"kind": "post", "account": str(ME), "guests": str(MINE), "lineage": str(MINE), "parties": str(FIRM)}
VISITOR = {"kind": "supervisor", "account": str(ME), "tenants": str(MINE), "lineage": f"{MINE},{ABOVE}"}
OPERATOR = {"kind": "operator", "account": str(ME)}
ROW = "(id, tenant_id, account_id, firm_id, released_at)"

RELEASED = datetime(2026, 11, 20, tzinfo=UTC)
HELD = [
    {"id": 1, "tenant": MINE, "account": ME, "firm": FIRM, "released": None},
    {"id": 2, "tenant": THEIRS, "account": THEIRS, "firm": THEIRS, "released": RELEASED},
    {"id": 3, "tenant": ABOVE, "account": THEIRS, "firm": THEIRS, "released": None},
    {"id": 4, "tenant": MINE, "account": THEIRS, "firm": THEIRS, "released": RELEASED},
]


@pytest.fixture(scope="module")
def engines() -> Iterator[tuple[Engine, Engine]]:
    """A database of its own with one table of each class: the web's door and the owner's."""
    with cluster.fresh_database() as urls:
        web, owner = create_engine(urls.web), create_engine(urls.owner)
        with owner.begin() as connection:
            for table, protection in CLASSES.items():
                connection.execute(
                    text(
                        f"CREATE TABLE {table} (id int PRIMARY KEY, tenant_id uuid, account_id uuid,"
                        " firm_id uuid, released_at timestamptz)"
                    )
                )
                connection.execute(
                    text(f"INSERT INTO {table} {ROW} VALUES (:id, :tenant, :account, :firm, :released)"),  # noqa: S608
                    HELD,
                )
                for statement in protection.statements(table):
                    connection.execute(text(statement))
        yield web, owner
        web.dispose()
        owner.dispose()


@contextmanager
def _under(engine: Engine, settings: Mapping[str, str]) -> Iterator[Connection]:
    with engine.connect() as connection:
        for name, value in settings.items():
            connection.execute(
                text("SELECT set_config(:name, :value, true)"), {"name": f"portal.{name}", "value": value}
            )
        yield connection
        connection.rollback()


def _seen(engine: Engine, table: str, settings: Mapping[str, str]) -> set[int]:
    """The rows of ``table`` that a scope sees; none where it may not ask."""
    with _under(engine, settings) as connection:
        try:
            return set(connection.execute(text(f"SELECT id FROM {table}")).scalars())  # noqa: S608
        except ProgrammingError as error:
            assert "permission denied" in str(error)  # noqa: PT017
            return set()


def _altered(engine: Engine, table: str, settings: Mapping[str, str], verb: str = "UPDATE") -> set[int]:
    """The rows a scope can change or remove, among those whose id it knows."""
    altered = set()
    for row_id in (1, 2, 3, 4):
        statement = (
            f"UPDATE {table} SET released_at = now() WHERE id = {row_id}"  # noqa: S608
            if verb == "UPDATE"
            else f"DELETE FROM {table} WHERE id = {row_id}"  # noqa: S608
        )
        with _under(engine, settings) as connection:
            try:
                if connection.execute(text(statement)).rowcount:
                    altered.add(row_id)
            except ProgrammingError as error:
                assert "permission denied" in str(error)  # noqa: PT017
    return altered


def _adds(engine: Engine, table: str, settings: Mapping[str, str], tenant_id: UUID, party: UUID) -> bool:
    """Whether a scope can add a row of this tenant, account and firm."""
    with _under(engine, settings) as connection:
        try:
            connection.execute(
                text(f"INSERT INTO {table} {ROW} VALUES (9, :tenant, :party, :party, NULL)"),  # noqa: S608
                {"tenant": tenant_id, "party": party},
            )
        except ProgrammingError as error:
            assert "permission denied" in str(error) or "row-level security" in str(error)  # noqa: PT017
            return False
        return True


@pytest.mark.parametrize(
    ("table", "settings", "seen"),
    (
        ("public_row", NOBODY, {1, 2, 3, 4}),
        ("register_row", NOBODY, set()),
        ("register_row", OFFICER, {1, 2, 3, 4}),
        ("register_row", VISITOR, {1, 2, 3, 4}),
        ("secret_row", OFFICER, set()),
        ("secret_row", OPERATOR, set()),
        ("inherited_row", NOBODY, set()),
        ("inherited_row", OFFICER, {1, 3, 4}),
        ("tenant_row", NOBODY, set()),
        ("tenant_row", OFFICER, {1, 4}),
        ("tenant_row", VISITOR, {1, 4}),
        ("tenant_row", BIDDER, set()),
        ("tenant_row", OPERATOR, set()),
        ("confidential_row", NOBODY, set()),
        ("confidential_row", OFFICER, {4}),
        ("confidential_row", BIDDER, {1}),
        ("personal_row", NOBODY, set()),
        ("personal_row", OFFICER, {1}),
    ),
)
def test_who_reads(
    engines: tuple[Engine, Engine], table: str, settings: Mapping[str, str], seen: set[int]
) -> None:
    assert _seen(engines[0], table, settings) == seen


@pytest.mark.parametrize("verb", ("UPDATE", "DELETE"))
@pytest.mark.parametrize(
    ("table", "settings", "altered"),
    (
        ("public_row", NOBODY, set()),
        ("public_row", OFFICER, {1, 4}),
        ("register_row", OFFICER, set()),
        ("register_row", OPERATOR, {1, 2, 3, 4}),
        ("secret_row", OPERATOR, set()),
        ("inherited_row", OFFICER, {1, 4}),
        ("tenant_row", OFFICER, {1, 4}),
        ("tenant_row", VISITOR, set()),
        ("tenant_row", BIDDER, set()),
        ("log_row", OFFICER, set()),
        ("confidential_row", BIDDER, {1}),
        ("confidential_row", OFFICER, set()),
        ("personal_row", OFFICER, {1}),
    ),
)
def test_who_alters_and_removes(
    engines: tuple[Engine, Engine], table: str, settings: Mapping[str, str], altered: set[int], verb: str
) -> None:
    assert _altered(engines[0], table, settings, verb) == altered


@pytest.mark.parametrize(
    ("table", "settings", "row", "adds"),
    (
        ("public_row", OFFICER, (MINE, ME), True),
        ("public_row", OFFICER, (THEIRS, ME), False),
        ("register_row", OFFICER, (MINE, ME), False),
        ("register_row", OPERATOR, (MINE, ME), True),
        ("secret_row", OPERATOR, (MINE, ME), False),
        ("inherited_row", OFFICER, (ABOVE, ME), False),
        ("tenant_row", OFFICER, (MINE, ME), True),
        ("tenant_row", OFFICER, (THEIRS, ME), False),
        ("tenant_row", VISITOR, (MINE, ME), False),
        ("log_row", OFFICER, (MINE, ME), True),
        ("confidential_row", BIDDER, (MINE, FIRM), True),
        ("confidential_row", BIDDER, (MINE, THEIRS), False),
        ("confidential_row", OFFICER, (MINE, FIRM), False),
        ("personal_row", OFFICER, (MINE, ME), True),
        ("personal_row", OFFICER, (MINE, THEIRS), False),
    ),
)
def test_who_adds(
    engines: tuple[Engine, Engine],
    table: str,
    settings: Mapping[str, str],
    row: tuple[UUID, UUID],
    adds: bool,
) -> None:
    assert _adds(engines[0], table, settings, *row) is adds


@pytest.mark.parametrize("table", tuple(CLASSES))
def test_the_owner_itself_sees_nothing_but_through_its_functions(
    engines: tuple[Engine, Engine], table: str
) -> None:
    """`FORCE`: whoever gets hold of the owner's door by mistake reads no tenant's rows."""
    whole = {1, 2, 3, 4} if CLASSES[table].definer else set()

    assert _seen(engines[1], table, OFFICER) == whole


def test_a_setting_is_read_once_for_a_whole_statement(engines: tuple[Engine, Engine]) -> None:
    """The planner keeps it as an initial plan, whatever the number of rows."""
    with _under(engines[0], OFFICER) as connection:
        plan = "\n".join(connection.execute(text("EXPLAIN SELECT * FROM tenant_row")).scalars())

    assert "InitPlan" in plan
    assert "SubPlan" not in plan


def test_building_a_wall_twice_is_building_it_once(engines: tuple[Engine, Engine]) -> None:
    count = text("SELECT count(*) FROM pg_policies WHERE tablename = 'tenant_row'")
    with engines[1].connect() as connection:
        before = connection.execute(count).scalar_one()
        for statement in TENANT.statements("tenant_row"):
            connection.execute(text(statement))
        assert connection.execute(count).scalar_one() == before == 4
        connection.rollback()


def test_only_what_a_definer_function_needs_is_open_to_the_owner() -> None:
    opened = [table for table, protection in CLASSES.items() if protection.definer]

    assert opened == ["secret_row"]
    assert f"CREATE POLICY definer ON secret_row TO {OWNER}" in " ".join(SECRET.statements("secret_row"))
