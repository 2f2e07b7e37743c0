"""Runs the migrations as the database's owner, all in one transaction, one runner at a time."""

from alembic import context
from sqlalchemy import NullPool, create_engine, text

from portal.config import Settings
from tenants.db import db

ONE_RUNNER = 0x706F7274  # "port": the advisory lock that makes a second runner wait, then find nothing to do


def run() -> None:
    """Migrate the database named by the caller, or else by the environment."""
    url = context.config.attributes.get("url") or Settings.from_environment().database.owner
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        context.configure(connection=connection, target_metadata=db.metadata)
        with context.begin_transaction():
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ONE_RUNNER})
            context.run_migrations()


run()
