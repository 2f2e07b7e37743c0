"""A scope holds for one session and each of its transactions, and nothing is left of it afterwards."""

from collections.abc import Iterator
from contextlib import ExitStack
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import Engine, create_engine, func, select, text, update
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, ProgrammingError
from sqlalchemy.pool import QueuePool
from werkzeug.exceptions import NotFound

from portal.access import Role
from portal.config import DatabaseUrls
from portal.unit import Unit
from tenants import scope
from tenants.db import NoScope, db, tenant_of_session
from tenants.models import DocumentCode, LibraryGrant, Section
from tests.support.world import Bureau, a_bureau, a_unit

OWN = text("SELECT id FROM section")
KIND = text("SELECT current_setting('portal.kind', true)")


@pytest.fixture
def bureau(app: Flask) -> Bureau:
    """A bureau with somebody in it."""
    assert app
    return a_bureau(roles=[Role.HANDLER])


@pytest.fixture
def other(app: Flask) -> Bureau:
    """A bureau that has nothing to do with the first."""
    assert app
    return a_bureau(roles=[Role.HANDLER])


@pytest.fixture
def backup(database: DatabaseUrls) -> Iterator[Engine]:
    """Sees every row of every tenant."""
    engine = create_engine(database.backup)
    yield engine
    engine.dispose()


def _own_sections() -> list[UUID]:
    return list(db.session.execute(OWN).scalars())


def _kind() -> str:
    """As what the database sees the running transaction."""
    return str(db.session.execute(KIND).scalar_one())


def test_no_scope_no_rows(bureau: Bureau) -> None:
    with pytest.raises(NoScope):
        db.session.scalars(select(Section))
    with pytest.raises(NoScope):
        db.session.get(Section, bureau.section_id)
    with pytest.raises(NoScope):
        db.session.execute(OWN)
    with pytest.raises(NoScope):
        db.session.connection()
    with pytest.raises(NoScope):
        scope.now()
    with pytest.raises(NoScope):
        tenant_of_session()


def test_a_scope_ends_with_its_block(bureau: Bureau) -> None:
    with scope.entered(bureau.system):
        assert scope.current() == bureau.system

    with pytest.raises(NoScope):
        scope.current()


def test_a_scope_ends_with_its_block_even_after_an_exception(bureau: Bureau) -> None:
    with pytest.raises(ZeroDivisionError), scope.unit_of_work(bureau.system):
        raise ZeroDivisionError

    with pytest.raises(NoScope):
        scope.current()


def test_an_inner_scope_gives_the_outer_one_back(bureau: Bureau, other: Bureau) -> None:
    with scope.entered(bureau.system):
        with scope.entered(other.system):
            assert _own_sections() == [other.section_id]
        assert _own_sections() == [bureau.section_id]


def test_the_setting_ends_with_its_transaction_and_the_next_one_sets_it_again(bureau: Bureau) -> None:
    with scope.entered(bureau.system):
        assert _own_sections() == [bureau.section_id]
        db.session.commit()
        assert _own_sections() == [bureau.section_id]
        db.session.rollback()
        assert _own_sections() == [bureau.section_id]
        with db.engine.connect() as beside:
            assert beside.execute(KIND).scalar_one() in {None, ""}


def test_no_pooled_connection_carries_a_scope_to_the_next(bureau: Bureau) -> None:
    with scope.unit_of_work(bureau.system):
        assert _own_sections() == [bureau.section_id]

    with ExitStack() as stack:
        pool = db.engine.pool
        assert isinstance(pool, QueuePool)
        for _ in range(pool.checkedin()):
            connection = stack.enter_context(db.engine.connect())
            assert connection.execute(OWN).all() == []


def test_a_scope_that_cannot_be_set_leaves_nothing_behind(bureau: Bureau, other: Bureau) -> None:
    """Someone else's post opens no transaction, half or whole."""
    one, another = bureau.people[Role.HANDLER], other.people[Role.HANDLER]
    with scope.entered(scope.post(one.account_id, another.post_id)):
        for _ in range(2):
            with pytest.raises(ProgrammingError, match="no such post in force"):
                _own_sections()
            db.session.rollback()


def test_what_one_scope_loaded_is_not_given_to_another(bureau: Bureau, other: Bureau) -> None:
    """A session answers `get` from its memory: so each scope has a session of its own."""
    with scope.entered(bureau.system):
        held = db.session.get(Section, bureau.section_id)
        assert held is not None
        with scope.entered(other.system):
            assert held not in db.session
            assert db.session.get(Section, bureau.section_id) is None
        assert db.session.get(Section, bureau.section_id) is held


def test_every_way_of_asking_meets_the_wall(bureau: Bureau, other: Bureau) -> None:
    a_unit(bureau)
    for _ in range(3):
        a_unit(other)

    with scope.entered(bureau.people[Role.HANDLER].scope):
        assert len(db.session.scalars(select(Unit)).all()) == 1
        assert db.session.scalar(select(func.count()).select_from(Unit)) == 1
        assert db.paginate(select(Unit)).total == 1
        assert db.session.connection().execute(text("SELECT count(*) FROM unit")).scalar_one() == 1
        assert db.session.execute(text("SELECT count(*) FROM unit")).scalar_one() == 1
        with pytest.raises(NotFound):
            db.get_or_404(Section, other.section_id)
        assert len(db.session.execute(update(Unit).values(contact="改").returning(Unit.id)).all()) == 1


def test_the_wall_is_there_after_a_savepoint_is_rolled_back(bureau: Bureau) -> None:
    with scope.entered(bureau.system):
        nested = db.session.begin_nested()
        db.session.add(Section(name="一时"))
        db.session.flush()
        nested.rollback()
        assert _own_sections() == [bureau.section_id]


def test_a_new_row_belongs_to_the_tenant_of_the_scope(bureau: Bureau) -> None:
    with scope.unit_of_work(bureau.people[Role.HANDLER].scope):
        section = Section(name="新设股")
        db.session.add(section)
        db.session.flush()
        assert section.tenant_id == bureau.id == tenant_of_session()


def test_a_row_cannot_be_put_into_another_tenant(bureau: Bureau, other: Bureau) -> None:
    with (
        pytest.raises(ProgrammingError, match="row-level security"),
        scope.unit_of_work(bureau.people[Role.HANDLER].scope),
    ):
        db.session.add(Section(name="越界", tenant_id=other.id))


def test_a_row_cannot_point_at_a_row_of_another_tenant(bureau: Bureau, other: Bureau) -> None:
    with (
        pytest.raises(IntegrityError, match="fk_document_code_tenant_id_section_id"),
        scope.unit_of_work(bureau.people[Role.HANDLER].scope),
    ):
        db.session.add(DocumentCode(code="越界", section_id=other.section_id))


def test_a_supervisor_reads_and_cannot_write(app: Flask) -> None:
    assert app
    above = a_bureau(roles=[Role.SUPERVISOR])
    below = a_bureau(parent=above)
    person = above.people[Role.SUPERVISOR]
    entered = scope.supervisor(person.account_id, person.post_id, below.id)

    with scope.entered(entered):
        assert _own_sections() == [below.section_id]
        db.session.add(Section(name="越权"))
        with pytest.raises(DBAPIError, match="read-only transaction"):
            db.session.flush()
    with scope.entered(entered), pytest.raises(DBAPIError, match="must be set before any query"):
        db.session.execute(text("SET TRANSACTION READ WRITE"))


def test_sums_over_tenants_read_the_named_ones_and_cannot_write(bureau: Bureau, other: Bureau) -> None:
    both = scope.across_tenants("test", (bureau.id, other.id))

    with scope.entered(both):
        assert set(_own_sections()) == {bureau.section_id, other.section_id}
        with pytest.raises(LookupError, match="acts in no tenant"):
            tenant_of_session()
        with pytest.raises(DBAPIError, match="read-only transaction"):
            db.session.execute(text("DELETE FROM section"))
    with scope.entered(scope.across_tenants("test", ())):
        assert _own_sections() == []


def test_without_a_post_there_is_no_tenant(bureau: Bureau) -> None:
    person = bureau.people[Role.HANDLER]
    for bounds in (scope.anonymous(), scope.account(person.account_id), scope.operator_system("test")):
        with scope.entered(bounds):
            assert _own_sections() == []
            with pytest.raises(LookupError, match="acts in no tenant"):
                tenant_of_session()


def test_an_operator_steps_into_one_tenant_and_back(bureau: Bureau) -> None:
    outer = scope.operator_system("test")
    with scope.entered(outer):
        with scope.elevated("open", bureau.id):
            assert _own_sections() == [bureau.section_id]
        assert scope.current() == outer
        assert _own_sections() == []


def test_a_post_does_not_step_into_another_tenant(bureau: Bureau, other: Bureau) -> None:
    for tenant_id in (bureau.id, other.id):
        with (
            scope.entered(bureau.people[Role.HANDLER].scope),
            pytest.raises(NoScope, match="does not step into another"),
            scope.elevated("reach", tenant_id),
        ):
            pass


def test_stepping_up_ends_with_its_block_even_after_an_exception(bureau: Bureau) -> None:
    """After it the transaction is the post's again: what only the system may do is refused."""
    outer = bureau.people[Role.HANDLER].scope
    with scope.entered(outer):
        with scope.elevated("inbox"):
            assert _kind() == "system"
        with pytest.raises(ZeroDivisionError), scope.elevated("inbox"):
            raise ZeroDivisionError
        assert scope.current() == outer
        assert _kind() == "post"


def test_stepping_up_ends_with_its_block_even_after_the_database_refused(bureau: Bureau) -> None:
    outer = bureau.people[Role.HANDLER].scope
    with scope.entered(outer):
        with pytest.raises(IntegrityError), scope.elevated("inbox"):
            db.session.add(LibraryGrant(grantee_id=bureau.id, opened_by="", opened_at=scope.now()))
        assert scope.current() == outer
        db.session.rollback()
        assert _kind() == "post"


def test_what_the_database_refuses_in_a_statement_is_what_is_raised(bureau: Bureau) -> None:
    """Not that the transaction has failed, which it says of the step back."""
    outer = bureau.people[Role.HANDLER].scope
    with scope.entered(outer):
        with pytest.raises(DataError, match="division by zero"), scope.elevated("inbox"):
            db.session.execute(text("SELECT 1 / 0"))
        assert scope.current() == outer
        db.session.rollback()
        assert _kind() == "post"


def test_a_savepoint_rolled_back_steps_back_too(bureau: Bureau) -> None:
    with scope.entered(bureau.people[Role.HANDLER].scope):
        with pytest.raises(DataError), db.session.begin_nested(), scope.elevated("inbox"):
            db.session.execute(text("SELECT 1 / 0"))
        assert _kind() == "post"


def test_what_was_not_committed_is_gone(bureau: Bureau, backup: Engine) -> None:
    with scope.entered(bureau.system):
        db.session.add(Section(name="未提交"))
        db.session.flush()

    with backup.connect() as connection:
        names = connection.execute(text("SELECT name FROM section WHERE tenant_id = :id"), {"id": bureau.id})
        assert "未提交" not in set(names.scalars())


def test_now_is_one_instant_for_a_transaction(bureau: Bureau) -> None:
    with scope.entered(bureau.system):
        first = scope.now()
        db.session.execute(text("SELECT pg_sleep(0.01)"))
        assert scope.now() == first
    with scope.entered(bureau.system):
        assert scope.now() > first
