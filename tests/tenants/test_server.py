import os
import signal
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tenants import server
from tests.support.cluster import refuse_inhabited


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    directory = tmp_path_factory.mktemp("cluster") / "postgres"
    yield directory
    server.at(directory).stop()


@pytest.fixture
def cluster(place: Path) -> server.Server:
    return server.start(place)


def _postmaster(cluster: server.Server) -> int:
    return int((cluster.data / "postmaster.pid").read_text().splitlines()[0])


def test_start_joins_a_running_server(cluster: server.Server) -> None:
    before = _postmaster(cluster)

    again = server.start(cluster.directory)

    assert (again, _postmaster(again)) == (cluster, before)


def test_start_after_a_kill_keeps_what_was_committed(cluster: server.Server) -> None:
    with psycopg.connect(cluster.url(role="portal_owner")) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS n")
    os.kill(_postmaster(cluster), signal.SIGKILL)

    server.start(cluster.directory)

    with psycopg.connect(cluster.url(role="portal_owner")) as connection:
        assert connection.execute("SELECT n FROM kept").fetchall() == [(1,)]


def test_start_is_not_misled_by_a_process_number_used_again(cluster: server.Server) -> None:
    lock = cluster.data / "postmaster.pid"
    os.kill(_postmaster(cluster), signal.SIGKILL)
    lock.write_text("\n".join((str(os.getpid()), *lock.read_text().splitlines()[1:])))

    server.start(cluster.directory)

    assert cluster.answers()


def test_stopped_server_stays_stopped(cluster: server.Server) -> None:
    cluster.stop()
    cluster.stop()

    assert not cluster.answers()


def test_roles_have_only_the_rights_they_need(cluster: server.Server) -> None:
    with cluster.connect() as connection:
        rows = connection.execute(
            "SELECT rolname, rolcanlogin, rolsuper, rolbypassrls, rolcreatedb, rolcreaterole FROM pg_roles"
            " WHERE rolname LIKE 'portal%' ORDER BY rolname"
        ).fetchall()

    assert rows == [
        ("portal_backup", True, False, True, False, False),
        ("portal_owner", True, False, False, False, False),
        ("portal_web", True, False, False, False, False),
    ]


def test_server_listens_on_no_network_and_its_directories_are_closed(cluster: server.Server) -> None:
    with cluster.connect() as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)

    assert [path.stat().st_mode & 0o777 for path in (cluster.directory, cluster.socket)] == [0o700, 0o700]


def test_web_role_makes_no_table_and_backup_writes_nothing(cluster: server.Server) -> None:
    for role in ("portal_web", "portal_backup"):
        with (
            psycopg.connect(cluster.url(role=role)) as connection,
            pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.ReadOnlySqlTransaction)),
        ):
            connection.execute("CREATE TABLE mine (n integer)")


def test_a_path_too_long_for_a_socket_gets_a_short_one(tmp_path: Path) -> None:
    deep = tmp_path / ("很深的目录" * 6) / "it's, here"
    cluster = server.start(deep, durable=False)
    try:
        assert len(os.fsencode(cluster.socket)) < server.SUN_PATH_BYTES
        assert cluster.answers()
    finally:
        cluster.stop()
        cluster.socket.rmdir()


def test_a_directory_of_somebody_else_is_refused(tmp_path: Path) -> None:
    theirs = tmp_path / "postgres"
    theirs.symlink_to(tmp_path)

    with pytest.raises(server.ServerFailed):
        server._close(theirs, None)  # noqa: SLF001 -- the wall itself


def test_tests_refuse_a_database_that_holds_tenants(cluster: server.Server) -> None:
    with psycopg.connect(cluster.url(role="portal_owner")) as connection:
        connection.execute("CREATE TABLE tenant AS SELECT 1 AS id")

    with pytest.raises(RuntimeError, match="holds tenants"):
        refuse_inhabited(cluster.url(role="portal_backup"))
