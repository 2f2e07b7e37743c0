"""The migrations: one line, numbered, both ways, and equal to the models."""

import re
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, text

from portal.app import create_app
from portal.config import DatabaseUrls, Settings
from tenants.db import db
from tests.support import cluster

VERSIONS = Path(__file__).parents[2] / "migrations" / "versions"


def test_migrations_are_numbered_in_one_line_without_a_gap() -> None:
    files = sorted(path.name for path in VERSIONS.glob("*.py"))

    for number, name in enumerate(files, 1):
        assert re.fullmatch(rf"{number:04d}_[a-z_]+\.py", name), name
        source = (VERSIONS / name).read_text()
        before = "None" if number == 1 else f'"{number - 1:04d}"'
        assert f"\ndown_revision = {before}\n" in source, name


def _config(url: str) -> Config:
    config = Config(VERSIONS.parent / "alembic.ini")
    config.attributes["url"] = url
    return config


def _policies(url: str) -> list[tuple[object, ...]]:
    engine = create_engine(url)
    with engine.connect() as connection:
        rows = connection.execute(
            text("SELECT tablename, policyname, cmd, qual, with_check FROM pg_policies ORDER BY 1, 2")
        ).all()
    engine.dispose()
    return [tuple(row) for row in rows]


def test_every_migration_goes_up_down_and_up_again() -> None:
    with cluster.fresh_database() as urls:
        before = _policies(urls.owner)

        command.downgrade(_config(urls.owner), "base")
        command.upgrade(_config(urls.owner), "head")

        assert _policies(urls.owner) == before


def test_models_and_migrations_agree(settings: Settings, database: DatabaseUrls) -> None:
    create_app(settings)
    engine = create_engine(database.owner)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, db.metadata)
    engine.dispose()

    assert differences == []
