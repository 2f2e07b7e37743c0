"""Opening an uploaded workbook without trusting it: what it is, how large it becomes, what its cells hold.

Answers grids of raw cells; which of them is a header or an amount is the reader's business.
"""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Final
from zipfile import ZIP_STORED, BadZipFile, LargeZipFile, ZipFile

from defusedxml import ElementTree
from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from portal.kernel.ruling import Refusal
from portal.spreadsheet.measuring import NotOpened, Part, Place, fits, measured, unpacked
from portal.spreadsheet.rules import cells

MAX_BYTES: Final = 10 * 1024 * 1024

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_BROKEN = (
    BadZipFile,
    LargeZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    OSError,
    UnicodeError,
)
_SHEETS = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


@dataclass(frozen=True, slots=True)
class Grid:
    """One visible sheet: its cells from A1 on, and those that hold no value to read; all count from 1.

    ``merged``: of a cell (row, column) within a range over several rows, the first and the last row.
    """

    name: str
    rows: tuple[tuple[cells.Raw, ...], ...]
    merged: Mapping[Place, tuple[int, int]]
    broken: Mapping[Place, Refusal]

    @property
    def empty(self) -> bool:
        """Whether no cell of the sheet holds anything."""
        return not any(cells.shown(raw).strip() for row in self.rows for raw in row)


def grids(content: bytes) -> tuple[Grid, ...] | Refusal:
    """The visible sheets of an .xlsx workbook, or why it is not opened."""
    refusal = _foreign(content)
    if refusal:
        return refusal
    try:
        with ZipFile(BytesIO(content)) as archive:
            parts = unpacked(archive)
        return _grids(parts, measured(parts))
    except NotOpened as error:
        return error.refusal
    except (*_BROKEN, CalamineError, ElementTree.ParseError, KeyError):
        return Refusal("spreadsheet.corrupt")


def _foreign(content: bytes) -> Refusal | None:
    """Why bytes cannot be an .xlsx workbook of a size we take, told from their beginning."""
    if not content:
        return Refusal("spreadsheet.empty_file")
    if len(content) > MAX_BYTES:
        return Refusal("spreadsheet.too_large", facts={"limit": MAX_BYTES // 1024 // 1024})
    if content.startswith(_OLE):
        return Refusal("spreadsheet.encrypted" if _ENCRYPTED in content else "spreadsheet.old_format")
    if not content.startswith(b"PK"):
        return Refusal("spreadsheet.not_a_workbook")
    return None


def _grids(parts: Mapping[str, bytes], measures: Mapping[str, Part]) -> tuple[Grid, ...]:
    where = _sheet_parts(parts)
    with CalamineWorkbook.from_filelike(_repacked(parts)) as workbook:
        names = [
            meta.name
            for meta in workbook.sheets_metadata
            if meta.typ is SheetTypeEnum.WorkSheet and meta.visible is SheetVisibleEnum.Visible
        ]
        fits(measures[where[name]] for name in names)
        return tuple(_grid(workbook.get_sheet_by_name(name), measures[where[name]].broken) for name in names)


def _grid(sheet: CalamineSheet, broken: Mapping[Place, Refusal]) -> Grid:
    rows = tuple(tuple(row) for row in sheet.to_python(skip_empty_area=False))
    merged = {
        (row, column): (top + 1, bottom + 1)
        for (top, left), (bottom, right) in sheet.merged_cell_ranges or ()
        if top < bottom
        for row in range(top + 1, bottom + 2)
        for column in range(left + 1, right + 2)
    }
    return Grid(sheet.name, rows, merged, broken)


def _repacked(parts: Mapping[str, bytes]) -> BytesIO:
    """The measured parts alone, stored flat: the reader behind it has nothing left to inflate."""
    packed = BytesIO()
    with ZipFile(packed, "w", ZIP_STORED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    packed.seek(0)
    return packed


def _sheet_parts(parts: Mapping[str, bytes]) -> dict[str, str]:
    """Which part of the archive holds the sheet of which name."""
    relations = ElementTree.fromstring(parts["xl/_rels/workbook.xml.rels"])
    target = {relation.get("Id"): relation.get("Target", "") for relation in relations}
    book = ElementTree.fromstring(parts["xl/workbook.xml"])
    return {
        sheet.get("name", ""): _part_of(target[sheet.get(_RELATION)])
        for sheet in book.iter(f"{_SHEETS}sheet")
    }


def _part_of(target: str) -> str:
    """The part a relation of the workbook names. Raises `KeyError` where two readers might find two parts."""
    name = target.removeprefix("/xl/")
    if name.startswith(("/", "xl/")) or ".." in name:
        raise KeyError(target)
    return f"xl/{name}"
