"""The third door: it reads all rows of all tenants and writes none. For proving the audit chains."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, create_engine
from sqlalchemy.pool import NullPool


@contextmanager
def whole_database(url: str) -> Iterator[Connection]:
    """One consistent view of every row, as the backup's role sees it."""
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        yield connection.execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True, stream_results=True
        )
    engine.dispose()
