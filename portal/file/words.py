"""The words of a Word file, read in a process of its own: ``python -I words.py FILE`` writes them as JSON.

A small file can unfold into more cells or elements than there is memory for; then this process dies alone.
"""

import io
import json
import resource
import sys
import zipfile
from pathlib import Path
from typing import Any, Final

SECONDS: Final = 10
MEMORY: Final = 1024**3
MOST_BLOCKS: Final = 3_000
MOST_SHOWN: Final = 1_000_000
MOST_WORDS: Final = 30 * 1024 * 1024
HEAVY: Final = ("word/media/", "word/embeddings/", "word/fonts/")


def read(path: Path) -> dict[str, Any] | None:
    """``parts``, each [text, level, rows], and whether the end is ``cut``; None for too many words."""
    import docx  # noqa: PLC0415 -- only this process loads it
    from docx.table import Table  # noqa: PLC0415 -- the same

    words = _words_alone(path)
    if words is None:
        return None
    parts: list[tuple[str, int, list[list[str]]]] = []
    shown = 0
    for block in docx.Document(words).iter_inner_content():
        if len(parts) >= MOST_BLOCKS or shown >= MOST_SHOWN:
            return {"parts": parts, "cut": True}
        if isinstance(block, Table):
            rows = _rows(block, MOST_SHOWN - shown)
            parts.append(("", 0, rows))
            shown += sum(len(cell) + 1 for row in rows for cell in row)
        elif block.text.strip():
            text = block.text[: MOST_SHOWN - shown]
            parts.append((text, _level(block.style.name if block.style else ""), []))
            shown += len(text)
    return {"parts": parts, "cut": shown >= MOST_SHOWN}


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


def _rows(table: Any, most: int) -> list[list[str]]:
    """The cells that are there, each once: one that says it spans a million others is one cell."""
    from docx.table import _Cell  # noqa: PLC0415 -- only this process loads it

    rows: list[list[str]] = []
    for line in table._tbl.tr_lst:  # noqa: SLF001 -- its public rows repeat a cell as often as its span says
        row = []
        for each in line.tc_lst:
            text = _Cell(each, table).text[: max(0, most)]
            most -= len(text) + 1
            row.append(text)
            if most <= 0:
                return [*rows, row]
        rows.append(row)
    return rows


def _level(style: str | None) -> int:
    name, _, number = (style or "").rpartition(" ")
    if name in {"Heading", "heading", "标题"} and number.isdigit():
        return min(int(number), 3)
    return 1 if style == "Title" else 0


def _main(path: str) -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    sys.stdout.write(json.dumps(read(Path(path))))


if __name__ == "__main__":
    _main(*sys.argv[1:])
