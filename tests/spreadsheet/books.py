"""Makers of workbooks: the files an office keeps, and small ones with exactly one peculiarity."""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from portal.spreadsheet.rules import Fault

DATA = Path(__file__).parent / "data"


def good(name: str) -> bytes:
    """The office's own file."""
    return (DATA / f"{name}.xlsx").read_bytes()


def bad(name: str) -> bytes:
    """The same kind of file with faults planted in it."""
    return (DATA / "bad" / f"{name}.xlsx").read_bytes()


def a_book(*rows: Sequence[Any], merged: Sequence[str] = (), name: str = "Sheet1") -> bytes:
    """A workbook of one sheet with ``rows`` from A1 on; ``None`` leaves a cell empty."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = name
    for row in rows:
        sheet.append(list(row))
    for place in merged:
        sheet.merge_cells(place)
    return saved(book)


def saved(book: Workbook) -> bytes:
    """A workbook's bytes."""
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def opened(content: bytes) -> Worksheet:
    """The first sheet of a workbook."""
    return load_workbook(BytesIO(content)).worksheets[0]


def rewritten(content: bytes, part: str, old: bytes, new: bytes) -> bytes:
    """A workbook in which one part of the archive says something else."""
    out = BytesIO()
    with ZipFile(BytesIO(content)) as source, ZipFile(out, "w", ZIP_DEFLATED) as target:
        for name in source.namelist():
            text = source.read(name)
            target.writestr(name, text.replace(old, new) if name == part else text)
    return out.getvalue()


def told(faults: Sequence[Fault]) -> list[tuple[int, str, str]]:
    """Where each fault is and what stands there."""
    return [(fault.row, fault.column, fault.value) for fault in faults]
