"""A list as .xlsx for an office: a title, the unit of its amounts, a header that stays in sight."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Final

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from portal.kernel.clock import SHANGHAI

Value = str | int | Decimal | date | datetime | bool | None

_HAIR = Side("thin", color="FFBFBFBF")
_BORDER = Border(_HAIR, _HAIR, _HAIR, _HAIR)
_HEADER = PatternFill("solid", start_color="FFF2F2F2", end_color="FFF2F2F2")
_CENTRED = Alignment(horizontal="center", vertical="center", wrap_text=True)
_UNNAMEABLE = re.compile(r"[\[\]:*?/\\']")
_UNWRITABLE: Final = re.compile(r"[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # by XML 1.0
_LONG: Final = 10**10
_NARROWEST, _WIDEST = 8, 50
_HEADING_POINTS = 28
_TITLE_LENGTH: Final = 31


def write(columns: Sequence[str], rows: Iterable[Sequence[Value]], title: str) -> bytes:
    """The workbook of a list. Amounts (``Decimal``) are in 元, right-aligned with separators.

    Text is text: long numbers keep every digit, and what begins like a formula is never computed.
    """
    listed = [tuple(row) for row in rows]
    has_amounts = any(isinstance(value, Decimal) for row in listed for value in row)
    return write_book([Table(title, columns, listed, "单位：元" if has_amounts else "")])


@dataclass(frozen=True, slots=True)
class Table:
    """One sheet of a workbook; ``unit`` stands below its title."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Value]]
    unit: str = ""


def write_book(tables: Iterable[Table]) -> bytes:
    """A workbook of several lists, a sheet for each, in the manner of `write`."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for table in tables:
        _fill(book.create_sheet(_UNNAMEABLE.sub("", table.title)[:_TITLE_LENGTH] or "Sheet1"), table)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _fill(sheet: Worksheet, table: Table) -> None:
    columns, listed = table.columns, table.rows
    heading = _put(sheet, 1, 1, table.title)
    heading.font, heading.alignment = Font(bold=True, size=14), _CENTRED
    sheet.row_dimensions[1].height = _HEADING_POINTS
    if table.unit:
        _put(sheet, 2, 1, table.unit)
    header = 3 if table.unit else 2
    for index, name in enumerate(columns, start=1):
        cell = _put(sheet, header, index, name)
        cell.font, cell.fill, cell.border, cell.alignment = Font(bold=True), _HEADER, _BORDER, _CENTRED
    for number, row in enumerate(listed, start=header + 1):
        for index, value in enumerate(row, start=1):
            _put(sheet, number, index, value).border = _BORDER
    for index, name in enumerate(columns, start=1):
        widest = max(map(_width, (name, *(row[index - 1] for row in listed))))
        sheet.column_dimensions[get_column_letter(index)].width = min(max(widest + 2, _NARROWEST), _WIDEST)
    _lay_out(sheet, header, header + len(listed), len(columns))


def _lay_out(sheet: Worksheet, header: int, last: int, width: int) -> None:
    """The header stays in sight and on every printed page; A4 landscape, as wide as the page."""
    sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=width)
    sheet.freeze_panes = f"A{header + 1}"
    sheet.auto_filter.ref = f"A{header}:{get_column_letter(width)}{last}"
    sheet.print_title_rows = f"{header}:{header}"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A4
    sheet.page_setup.fitToHeight = 0
    sheet.print_options.horizontalCentered = True
    sheet.oddFooter.center.text = "第 &P 页，共 &N 页"  # type: ignore[union-attr]
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)


def _put(sheet: Worksheet, row: int, column: int, value: Value) -> Cell:
    """Fill a cell by the type of its value; anything that is not a small number or a day is text."""
    cell = sheet.cell(row, column)
    assert isinstance(cell, Cell)  # noqa: S101 -- nothing is merged yet, for the type checker
    if isinstance(value, Decimal):
        cell.value, cell.number_format, cell.alignment = value, "#,##0.00", Alignment(horizontal="right")
    elif isinstance(value, int) and not isinstance(value, bool) and abs(value) < _LONG:
        cell.value = value
    elif isinstance(value, date) and not isinstance(value, datetime):
        cell.value, cell.number_format = value, "yyyy-mm-dd"
    elif value is not None:
        cell.value = _UNWRITABLE.sub("", _text(value))
        cell.data_type, cell.number_format, cell.quotePrefix = "s", "@", True
        if _width(value) + 2 > _WIDEST:
            cell.alignment = Alignment(vertical="center", wrap_text=True)
    return cell


def _text(value: Value) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, datetime):
        return f"{value.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"
    return str(value)


def _width(value: Value) -> int:
    """How many half-width columns a value takes; a Chinese character takes two."""
    text = f"{value:,.2f}" if isinstance(value, Decimal) else _text(value) if value is not None else ""
    return sum(2 if unicodedata.east_asian_width(letter) in "FW" else 1 for letter in text)
