"""What every test may ask for: a database of the worker's own, and the settings that point at it."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from flask import Flask

from portal.app import create_app
from portal.config import DatabaseUrls, Settings
from tenants.db import db
from tests.support import cluster, outside
from tests.support.clock import travelling

outside.close()


def _leads_the_run(config: pytest.Config) -> bool:
    return not hasattr(config, "workerinput")


def pytest_configure(config: pytest.Config) -> None:
    """Name the cluster before any worker starts; the first test that needs it brings it up."""
    if _leads_the_run(config):
        cluster.name_cluster()


def pytest_unconfigure(config: pytest.Config) -> None:
    """The leader outlives its workers, so it clears away, even after one of them died."""
    if _leads_the_run(config):
        cluster.remove_cluster()


@pytest.fixture(scope="session")
def database() -> Iterator[DatabaseUrls]:
    """The worker's own database, migrated and empty."""
    with cluster.fresh_database() as urls:
        yield urls


@pytest.fixture(scope="session")
def web_url(database: DatabaseUrls) -> str:
    """The web's own door: owns nothing, passes no row security."""
    return database.web


@pytest.fixture(scope="session")
def owner_url(database: DatabaseUrls) -> str:
    """The door of the migrations."""
    return database.owner


@pytest.fixture(scope="session")
def backup_url(database: DatabaseUrls) -> str:
    """The door of the backup: reads all rows of all tenants, writes none."""
    return database.backup


@pytest.fixture(scope="session")
def settings(database: DatabaseUrls, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """An installation of the worker's own, read from an environment as any other."""
    return Settings.from_environment(
        {
            "PORTAL_VAR": str(tmp_path_factory.mktemp("var")),
            "DATABASE_URL": database.web,
            "DATABASE_OWNER_URL": database.owner,
            "DATABASE_BACKUP_URL": database.backup,
        }
    )


@pytest.fixture(scope="session")
def application(settings: Settings) -> Iterator[Flask]:
    """The application on the worker's own database."""
    app = create_app(settings)
    app.testing = True
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def app(application: Flask) -> Iterator[Flask]:
    """The application with its context pushed, for tests that call actions and queries."""
    with application.app_context():
        yield application


@pytest.fixture
def travel(owner_url: str, application: Flask) -> Iterator[Callable[[timedelta], int]]:
    """Put the worker's clock ahead and ring what falls due; the machine's own time again after the test."""
    with travelling(owner_url, application) as go:
        yield go
