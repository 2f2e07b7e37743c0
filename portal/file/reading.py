"""The words of a Word file, in order, without anything active: to be read in our page."""

import io
import zipfile
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Final

import docx
from docx.opc.exceptions import OpcError
from docx.table import Table
from lxml.etree import LxmlError

from portal.file import queries
from portal.file.models import StoredFile

MOST_BLOCKS: Final = 3_000
MOST_WORDS: Final = 30 * 1024 * 1024
HEAVY: Final = ("word/media/", "word/embeddings/", "word/fonts/")


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
    return _read(queries.storage().path(row.digest))


@lru_cache(maxsize=16)
def _read(path: Path) -> Outline | None:
    try:
        words = _words_alone(path)
        if words is None:
            return None
        opened = docx.Document(words)
        parts: list[Part] = []
        for block in opened.iter_inner_content():
            if len(parts) >= MOST_BLOCKS:
                return Outline(tuple(parts), cut=True)
            if isinstance(block, Table):
                parts.append(Part(rows=_rows(block)))
            elif block.text.strip():
                parts.append(Part(block.text, _level(block.style.name if block.style else "")))
    except (OSError, KeyError, ValueError, zipfile.BadZipFile, OpcError, LxmlError):
        return None
    return Outline(tuple(parts))


def _words_alone(path: Path) -> io.BytesIO | None:
    """The file without its pictures and what else lies in it whole; None where the words are too many."""
    out = io.BytesIO()
    with zipfile.ZipFile(path) as packed, zipfile.ZipFile(out, "w") as slim:
        members = packed.infolist()
        heavy = {each.filename for each in members if each.filename.startswith(HEAVY)}
        if sum(each.file_size for each in members if each.filename not in heavy) > MOST_WORDS:
            return None
        for each in members:
            slim.writestr(each.filename, b"" if each.filename in heavy else packed.read(each))
    return out


def _rows(table: Table) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(cell.text for cell in row.cells) for row in table.rows)


def _level(style: str | None) -> int:
    name, _, number = (style or "").rpartition(" ")
    if name in {"Heading", "heading", "标题"} and number.isdigit():
        return min(int(number), 3)
    return 1 if style == "Title" else 0
