"""Opening an uploaded workbook without trusting it: what it is, how large it becomes, what its cells hold.

Answers grids of raw cells; which of them is a header or an amount is the reader's business.
"""

import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from posixpath import join, normpath
from typing import Final
from zipfile import ZIP_STORED, BadZipFile, LargeZipFile, ZipFile

from defusedxml import ElementTree
from openpyxl.utils import column_index_from_string
from openpyxl.utils.cell import coordinate_from_string
from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from portal.kernel.ruling import Refusal
from portal.spreadsheet.rules import cells

MAX_BYTES: Final = 10 * 1024 * 1024
MAX_UNPACKED: Final = 100 * 1024 * 1024
MAX_PARTS: Final = 1_000
MAX_ROWS: Final = 20_000
MAX_COLUMNS: Final = 200

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
_FILLED = re.compile(rb'<(?:\w+:)?c\s(?:[^>]*\s)?r="([A-Z]{1,3})([1-9][0-9]{0,6})"(?:\s[^>]*)?(?<!/)>')
_SHEETS = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


@dataclass(frozen=True, slots=True)
class Grid:
    """One visible sheet: its cells from A1 on, the merged ranges, and the cells that hold no value to read.

    Ranges are (first row, first column, last row, last column); rows and columns count from 1.
    """

    name: str
    rows: tuple[tuple[cells.Raw, ...], ...]
    merged: tuple[tuple[int, int, int, int], ...]
    broken: Mapping[tuple[int, int], Refusal]

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
            parts = _unpacked(archive)
            if isinstance(parts, Refusal):
                return parts
            return _grids(parts)
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


def _unpacked(archive: ZipFile) -> dict[str, bytes] | Refusal:
    """The XML parts of a workbook, each counted while it is unpacked: a declared size is not believed."""
    parts = archive.infolist()
    names = {part.filename for part in parts}
    if any(part.flag_bits & 1 for part in parts):
        return Refusal("spreadsheet.encrypted")
    if "xl/vbaProject.bin" in names:
        return Refusal("spreadsheet.macros")
    if "xl/workbook.xml" not in names:
        return Refusal("spreadsheet.not_a_workbook")
    bomb = Refusal("spreadsheet.too_large_unpacked", facts={"limit": MAX_UNPACKED // 1024 // 1024})
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
        return bomb
    unpacked: dict[str, bytes] = {}
    for part in parts:
        if part.filename.endswith((".xml", ".rels")):
            unpacked[part.filename] = archive.read(part)
    if any(b"<!DOCTYPE" in text or b"<!ENTITY" in text for text in unpacked.values()):
        return Refusal("spreadsheet.corrupt")
    return unpacked


def _grids(parts: Mapping[str, bytes]) -> tuple[Grid, ...] | Refusal:
    refusal = _too_wide(parts)
    if refusal:
        return refusal
    where = _sheet_parts(parts)
    made: list[Grid] = []
    with CalamineWorkbook.from_filelike(_repacked(parts)) as workbook:
        for meta in workbook.sheets_metadata:
            if meta.typ is SheetTypeEnum.WorkSheet and meta.visible is SheetVisibleEnum.Visible:
                sheet = workbook.get_sheet_by_name(meta.name)
                made.append(_grid(sheet, dict(_broken(parts[where[meta.name]]))))
    return tuple(made)


def _grid(sheet: CalamineSheet, broken: Mapping[tuple[int, int], Refusal]) -> Grid:
    rows = tuple(tuple(row) for row in sheet.to_python(skip_empty_area=False))
    merged = tuple(
        (top + 1, left + 1, bottom + 1, right + 1)
        for (top, left), (bottom, right) in sheet.merged_cell_ranges or ()
    )
    return Grid(sheet.name, rows, merged, broken)


def _repacked(parts: Mapping[str, bytes]) -> BytesIO:
    """The measured parts alone, stored flat: the reader behind it has nothing left to inflate."""
    packed = BytesIO()
    with ZipFile(packed, "w", ZIP_STORED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    packed.seek(0)
    return packed


def _too_wide(parts: Mapping[str, bytes]) -> Refusal | None:
    """One stray cell in the last corner would make a grid of seventeen thousand million cells."""
    for name, text in parts.items():
        if name.startswith("xl/worksheets/"):
            for letters, number in _FILLED.findall(text):
                if int(number) > MAX_ROWS or column_index_from_string(letters.decode()) > MAX_COLUMNS:
                    return Refusal(
                        "spreadsheet.too_many_cells", facts={"rows": MAX_ROWS, "columns": MAX_COLUMNS}
                    )
    return None


def _sheet_parts(parts: Mapping[str, bytes]) -> dict[str, str]:
    """Which part of the archive holds the sheet of which name."""
    relations = ElementTree.fromstring(parts["xl/_rels/workbook.xml.rels"])
    target = {relation.get("Id"): relation.get("Target", "") for relation in relations}
    book = ElementTree.fromstring(parts["xl/workbook.xml"])
    return {
        sheet.get("name", ""): normpath(join("/xl", target[sheet.get(_RELATION)])).lstrip("/")
        for sheet in book.iter(f"{_SHEETS}sheet")
    }


def _broken(text: bytes) -> Iterator[tuple[tuple[int, int], Refusal]]:
    """Cells that show an error, and formulas never computed: a plain reader sees both as empty.

    Raises `ParseError` where the part is cut or torn, which a plain reader would take for its end.
    """
    for _, cell in ElementTree.iterparse(BytesIO(text)):
        if cell.tag != f"{_SHEETS}c":
            continue
        value = cell.findtext(f"{_SHEETS}v")
        if cell.get("t") == "e":
            refusal = Refusal("spreadsheet.formula_error", facts={"error": value or ""})
        elif cell.find(f"{_SHEETS}f") is not None and not value:
            refusal = Refusal("spreadsheet.formula_without_value")
        else:
            cell.clear()
            continue
        letters, number = coordinate_from_string(cell.get("r"))
        yield (number, column_index_from_string(letters)), refusal
        cell.clear()
