"""The eyes that see every row."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, create_engine


@pytest.fixture
def backup(backup_url: str) -> Iterator[Engine]:
    """Sees every row of every tenant."""
    engine = create_engine(backup_url)
    yield engine
    engine.dispose()
