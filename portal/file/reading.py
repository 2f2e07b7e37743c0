"""The words of a Word file, in order, without anything active: to be read in our page."""

import json
import secrets
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Final

from portal.file import pdf, queries
from portal.file.models import StoredFile

READER: Final = Path(__file__).with_name("words.py")


@dataclass(frozen=True, slots=True)
class Part:
    """A heading (``level`` 1 to 3), a paragraph (``level`` 0), or the rows of a table."""

    text: str = ""
    level: int = 0
    rows: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Outline:
    """What a file says, and whether its end was left out."""

    parts: tuple[Part, ...] = field(default=())
    cut: bool = False


def outline(row: StoredFile) -> Outline | None:
    """The words of a Word file; None where it is none or cannot be read."""
    kept = queries.words_path(row)
    try:
        said = kept.read_text() if kept.exists() else _read(queries.storage().path(row.digest), kept)
    except pdf.Busy:
        return None
    return _laid_out(said)


def _read(path: Path, kept: Path) -> str:
    """What the reader says of a file, kept in ``kept`` for the next time. Raises `Busy`."""
    try:
        said = pdf.ask(str(READER), str(path))
    except pdf.Busy:
        raise
    except pdf.Unreadable:
        said = "null"
    kept.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    made = kept.with_name(f".{secrets.token_hex(8)}")
    made.write_text(said)
    made.rename(kept)
    return said


@lru_cache(maxsize=16)
def _laid_out(said: str) -> Outline | None:
    found = json.loads(said)
    if found is None:
        return None
    return Outline(
        tuple(Part(text, level, tuple(tuple(row) for row in rows)) for text, level, rows in found["parts"]),
        cut=found["cut"],
    )
