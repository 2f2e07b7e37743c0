"""One installation of its own for the tests that break it or look under its floor."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.attack.ground import Ground, a_ground


@pytest.fixture(scope="session")
def ground() -> Iterator[Ground]:
    """Shared; each test makes a bureau of its own. Not below pytest's folder, which it closes to others."""
    folder = Path(tempfile.mkdtemp(prefix="portal-ground-"))
    try:
        with a_ground(folder) as made:
            yield made
    finally:
        shutil.rmtree(folder)
