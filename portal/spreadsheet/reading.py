"""Reading an office's workbook against a schema: title rows, unit line, header, data, totals row.

Nothing is guessed: what cannot be read exactly is a fault with its row, column, value and cause.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, TypeVar

from openpyxl.utils import get_column_letter

from portal.kernel.ruling import Refusal
from portal.spreadsheet.opening import Grid, grids
from portal.spreadsheet.rules.cells import UNITS, Cell, Raw, amount, folded, shown, tidy
from portal.spreadsheet.rules.schema import Column, Fault, Line, Reading, Row, Schema
from portal.wording import say

T = TypeVar("T")

PROBLEMS: Final = "导入问题"
HEADER_WITHIN: Final = 30
_COVERED: Final = object()
_TOTALS = frozenset({"合计", "总计", "共计", "总合计"})
_SUBTOTAL = "小计"
_UNREAD = frozenset({"序号", "编号", "no", "no."})
_FOOTNOTE = re.compile(
    r"(注|备注|说明|(填表|制表|填报|审核|复核|经办|单位负责|负责)人?|(填表|制表|填报)?日期):"
)
_UNIT_LINE = re.compile(r"(?:^|(?<=[\s(]))(?:金额|货币|计量)?单位:\s*(?:人民币)?\s*(\S{0,2}元)(?=$|[\s)])")
_UNIT_IN_HEADER = re.compile(r"\((?:单位:)?(\S{0,2}元)\)$")


@dataclass(frozen=True, slots=True)
class _Place:
    """A column of the schema in this sheet: where (counted from 1), under which header, in which unit."""

    column: Column
    index: int
    header: str
    factor: Decimal


class _Faults:
    """The faults of one sheet, at most one for each cell: the first reason found is the one to mend first."""

    def __init__(self, grid: Grid) -> None:
        self.grid = grid
        self.by_cell: dict[tuple[int, int], Fault] = {}

    def add(self, row: int, index: int, header: str, refusal: Refusal) -> None:
        value = shown(_at(self.grid, row, index)).strip()
        letter = get_column_letter(index)
        fault = Fault(row, header, value, say(refusal), letter)
        self.by_cell.setdefault((row, index), fault)

    def add_at(self, row: int, place: _Place, refusal: Refusal) -> None:
        self.add(row, place.index, place.header, refusal)

    def in_column(self, place: _Place) -> bool:
        return any(index == place.index for _, index in self.by_cell)

    def in_row(self, row: int) -> bool:
        return any(number == row for number, _ in self.by_cell)

    def ordered(self) -> tuple[Fault, ...]:
        return tuple(self.by_cell[cell] for cell in sorted(self.by_cell))


def read(content: bytes, schema: Schema[T]) -> Reading[T]:
    """What the workbook says, or every fault in it. A file that cannot be opened is a fault, not an error."""
    opened = grids(content)
    if isinstance(opened, Refusal):
        return _refused(opened)
    found = [(grid, row) for grid in opened if (row := _header_row(grid, schema))]
    if len(found) == 1:
        return _reading(*found[0], schema)
    if found:
        names = "、".join(grid.name for grid, _ in found)
        return _refused(Refusal("spreadsheet.several_sheets", facts={"sheets": names}))
    if all(grid.empty for grid in opened):
        return _refused(Refusal("spreadsheet.no_content"))
    expected = "、".join(column.name for column in schema.columns if column.required)
    return _refused(Refusal("spreadsheet.no_header", facts={"expected": expected}))


def _refused(refusal: Refusal) -> Reading[T]:
    return Reading(faults=(Fault(0, "", "", say(refusal)),))


def _at(grid: Grid, row: int, index: int) -> Raw:
    cells = grid.rows[row - 1] if row <= len(grid.rows) else ()
    return cells[index - 1] if index <= len(cells) else ""


def _header(raw: Raw) -> str:
    """A header without its unit and without the stars of a form, folded."""
    return _UNIT_IN_HEADER.sub("", folded(shown(raw))).strip("*:")


def _header_row(grid: Grid, schema: Schema[T]) -> int:
    """The row that names most columns of the schema, and half of those required; 0 where none does."""
    best, most = 0, max(2, (sum(column.required for column in schema.columns) + 1) // 2) - 1
    for number, row in enumerate(grid.rows[:HEADER_WITHIN], start=1):
        texts = {_header(raw) for raw in row}
        hits = sum(not column.headers.isdisjoint(texts) for column in schema.columns)
        if hits > most:
            best, most = number, hits
    return best


def _reading(grid: Grid, header: int, schema: Schema[T]) -> Reading[T]:
    faults = _Faults(grid)
    stated = _unit(grid, header, faults)
    unit = stated or "元"
    places, ignored = _places(grid, header, schema, UNITS[unit], faults)
    if faults.by_cell:
        return Reading(faults=faults.ordered(), sheet=grid.name, header=header, ignored=ignored)
    lines: list[Line] = []
    totals: list[int] = []
    for row in range(header + 1, len(grid.rows) + 1):
        index, label = _label(grid, row)
        if label in _TOTALS:
            totals.append(row)
        elif label == _SUBTOTAL:
            faults.add(row, index, shown(_at(grid, header, index)), Refusal("spreadsheet.subtotal"))
        elif _is_data(grid, row, places):
            lines.append(_line(grid, row, schema, places, faults))
    for row in totals:
        _check_total(grid, row, lines, places, faults)
    for finding in schema.findings(lines):
        faults.add_at(finding.line, places[finding.field], finding.refusal)
    if not lines:
        faults.add(header, 1, "", Refusal("spreadsheet.no_rows"))
    whole = (line for line in lines if len(line.values) == len(schema.columns))
    rows = tuple(
        Row(line.number, schema.record(**line.values)) for line in whole if not faults.in_row(line.number)
    )
    return Reading(
        rows,
        faults.ordered(),
        grid.name,
        header,
        unit,
        unit_stated=stated is not None,
        has_amounts=any(place.column.parse is amount for place in places.values()),
        ignored=ignored,
    )


def _unit(grid: Grid, header: int, faults: _Faults) -> str | None:
    """The unit that a line above the header states (``单位：万元``), if one does."""
    for row, raws in enumerate(grid.rows[: header - 1], start=1):
        for index, raw in enumerate(raws, start=1):
            match = _UNIT_LINE.search(unicodedata.normalize("NFKC", shown(raw)))
            if match and match[1] in UNITS:
                return match[1]
            if match:
                faults.add(row, index, "", Refusal("spreadsheet.unknown_unit", facts={"unit": match[1]}))
    return None


def _places(
    grid: Grid, header: int, schema: Schema[T], factor: Decimal, faults: _Faults
) -> tuple[dict[str, _Place], tuple[str, ...]]:
    """Where each field stands, and headers that are not read; a missing or repeated one is a fault."""
    places: dict[str, _Place] = {}
    ignored: list[str] = []
    width = max(map(len, grid.rows))
    for index in range(1, width + 1):
        text = tidy(shown(_at(grid, header, index)))
        column = next((column for column in schema.columns if _header(text) in column.headers), None)
        if column is None:
            if text and _header(text) not in _UNREAD and not text.startswith(PROBLEMS):
                ignored.append(text)
            elif not text and any(
                shown(_at(grid, row, index)).strip() for row in range(header + 1, len(grid.rows) + 1)
            ):
                ignored.append(f"{get_column_letter(index)}列")
        elif column.field in places:
            letter = get_column_letter(places[column.field].index)
            faults.add(header, index, text, Refusal("spreadsheet.header_repeated", facts={"letter": letter}))
        else:
            own = _UNIT_IN_HEADER.search(folded(text))
            if own and own[1] not in UNITS:
                faults.add(header, index, text, Refusal("spreadsheet.unknown_unit", facts={"unit": own[1]}))
            places[column.field] = _Place(column, index, text, UNITS.get(own[1], factor) if own else factor)
    absent = (column for column in schema.columns if column.required and column.field not in places)
    for index, column in enumerate(absent, start=width + 1):
        faults.add(header, index, column.name, Refusal("spreadsheet.header_missing"))
    return places, tuple(ignored)


def _label(grid: Grid, row: int) -> tuple[int, str]:
    """The first filled cell of a row: its column and its text, folded."""
    texts = ((index, folded(shown(raw))) for index, raw in enumerate(grid.rows[row - 1], start=1))
    return next(((index, text) for index, text in texts if text), (1, ""))


def _is_data(grid: Grid, row: int, places: Mapping[str, _Place]) -> bool:
    """A row with something in a column that is read, and no footnote (``注：…``, ``制表人：…``)."""
    filled = [text for raw in grid.rows[row - 1] if (text := folded(shown(raw)))]
    if len(filled) == 1 and _FOOTNOTE.match(filled[0]):
        return False
    return any(_filled(grid, row, place) for place in places.values())


def _filled(grid: Grid, row: int, place: _Place) -> bool:
    return bool(folded(shown(_at(grid, row, place.index)))) or (row, place.index) in grid.broken


def _line(grid: Grid, row: int, schema: Schema[T], places: Mapping[str, _Place], faults: _Faults) -> Line:
    values: dict[str, object] = {}
    for column in schema.columns:
        place = places.get(column.field)
        read = _cell(grid, row, place) if place else column.blank
        if isinstance(read, Refusal) and place:
            faults.add_at(row, place, read)
        elif read is not _COVERED:
            values[column.field] = read
    return Line(row, values)


def _cell(grid: Grid, row: int, place: _Place) -> object:
    """What one cell means: a value, `_COVERED` under a merged cell above it, or why it cannot be read."""
    broken = grid.broken.get((row, place.index))
    if broken:
        return broken
    span = grid.merged.get((row, place.index))
    if span:
        top, bottom = span
        return Refusal("spreadsheet.merged", facts={"last": bottom}) if row == top else _COVERED
    raw = _at(grid, row, place.index)
    if not folded(shown(raw)):
        return Refusal("spreadsheet.missing") if place.column.required else place.column.blank
    return place.column.parse(Cell(raw, place.factor))


def _check_total(
    grid: Grid, row: int, lines: Sequence[Line], places: Mapping[str, _Place], faults: _Faults
) -> None:
    """A total that is not the sum of its column is a fault, once every cell of the column could be read."""
    for field, place in places.items():
        parts = [value for line in lines if isinstance(value := line.values.get(field), Decimal)]
        stated = _cell(grid, row, place) if parts and _filled(grid, row, place) else None
        if isinstance(stated, Refusal):
            faults.add_at(row, place, stated)
        elif isinstance(stated, Decimal) and not faults.in_column(place) and stated != sum(parts):
            faults.add_at(
                row, place, Refusal("spreadsheet.total_differs", facts={"sum": sum(parts) / place.factor})
            )
