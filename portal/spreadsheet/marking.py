"""Handing a refused workbook back: the same file, its faulty cells coloured and explained."""

from collections import defaultdict
from io import BytesIO
from typing import Any, Final

from openpyxl import load_workbook
from openpyxl.cell import Cell, MergedCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from portal.spreadsheet.measuring import repacked
from portal.spreadsheet.reading import PROBLEMS
from portal.spreadsheet.rules.schema import Reading

AUTHOR: Final = "导入检查"
_FAULTY = PatternFill("solid", start_color="FFFFC7CE", end_color="FFFFC7CE")
_PLAIN = PatternFill()
_RED = Font(color="FF9C0006")
_WIDTH = 60


def mark(content: bytes, reading: Reading[Any]) -> bytes:
    """The workbook with its faults coloured, commented and told in a last column 导入问题; the rest stays.

    ``reading`` is what `read` made of the same bytes, and `markable`. Marks of an earlier round go.
    """
    book = load_workbook(repacked(content))
    sheet = book[reading.sheet]
    _unmark(sheet)
    _mark(sheet, reading)
    book.active = book.index(sheet)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _unmark(sheet: Worksheet) -> None:
    stale: set[int] = set()
    for cell in _cells(sheet):
        if isinstance(cell, Cell) and cell.comment and cell.comment.author == AUTHOR:
            cell.comment = None
            cell.fill = _PLAIN
        if str(cell.value).startswith(PROBLEMS):
            stale.add(int(cell.column or 0))
    for column in sorted(stale, reverse=True):
        sheet.delete_cols(column)


def _mark(sheet: Worksheet, reading: Reading[Any]) -> None:
    told: dict[int, list[str]] = defaultdict(list)
    for fault in reading.faults:
        cell = _writable(sheet, f"{fault.letter}{fault.row}")
        cell.fill = _FAULTY
        cell.comment = Comment(fault.cause, AUTHOR, height=90, width=280)
        told[fault.row].append(f"{fault.column}：{fault.cause}" if fault.column else fault.cause)
    filled = [each.column or 0 for each in _cells(sheet) if each.value is not None or each.comment]
    last = max(filled, default=0) + 1
    heading = "\n".join((PROBLEMS, *told.pop(reading.header, ())))
    for number, causes in (
        (reading.header, heading),
        *((row, "\n".join(each)) for row, each in told.items()),
    ):
        cell = sheet.cell(number, last, causes)
        cell.font = _RED
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    sheet.column_dimensions[get_column_letter(last)].width = _WIDTH


def _cells(sheet: Worksheet) -> list[Cell | MergedCell]:
    """The cells that are there. Walking row by row would make all up to the last corner, too."""
    return list(sheet._cells.values())  # noqa: SLF001 -- openpyxl has no door to them


def _writable(sheet: Worksheet, place: str) -> Cell:
    """The cell at ``place``, or the first of the merged range that covers it."""
    cell = sheet[place]
    if isinstance(cell, MergedCell):
        covering = next(each for each in sheet.merged_cells.ranges if place in each)
        cell = sheet[covering.coord.partition(":")[0]]
    assert isinstance(cell, Cell)  # noqa: S101 -- the first cell of a range, for the type checker
    return cell
