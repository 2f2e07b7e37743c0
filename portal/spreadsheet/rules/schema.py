"""What a register's spreadsheet must hold, and what reading one answers."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from portal.kernel.ruling import Refusal
from portal.spreadsheet.rules.cells import Reader, folded

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its header, the field it fills, how its cells are read, and other headers for it.

    ``required``: the header must be there and every cell filled; otherwise an empty cell means ``blank``.
    """

    name: str
    field: str
    parse: Reader
    required: bool = False
    unique: bool = False
    synonyms: tuple[str, ...] = ()
    blank: object = None

    @property
    def headers(self) -> frozenset[str]:
        """Every header that means this column, folded."""
        return frozenset(folded(header) for header in (self.name, *self.synonyms))


@dataclass(frozen=True, slots=True)
class Line:
    """The cells of one row that could be read, by field. ``number`` is the spreadsheet's own."""

    number: int
    values: Mapping[str, object]

    def key(self, fields: Iterable[str]) -> tuple[object, ...] | None:
        """The values of ``fields``, folded; ``None`` where one is unread or empty."""
        values = tuple(self.values.get(field) for field in fields)
        if any(value is None or value == "" for value in values):
            return None
        return tuple(folded(value) if isinstance(value, str) else value for value in values)


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule between cells says no: the row and the field to which the reason is written."""

    line: int
    field: str
    refusal: Refusal


Check = Callable[[Sequence[Line]], Iterable[Finding]]


@dataclass(frozen=True, slots=True)
class Schema(Generic[T]):
    """The columns of one register, the rules between them, and what a faultless row becomes.

    ``keys`` are groups of fields that together name a row once in a file.
    """

    title: str
    columns: tuple[Column, ...]
    record: Callable[..., T]
    keys: tuple[tuple[str, ...], ...] = ()
    checks: tuple[Check, ...] = ()

    def findings(self, lines: Sequence[Line]) -> Iterable[Finding]:
        """What the rules between cells and rows have against ``lines``."""
        singles = tuple((column.field,) for column in self.columns if column.unique)
        for fields in (*singles, *self.keys):
            yield from _repeated(lines, fields)
        for check in self.checks:
            yield from check(lines)


def _repeated(lines: Sequence[Line], fields: tuple[str, ...]) -> Iterable[Finding]:
    first: dict[tuple[object, ...], int] = {}
    for line in lines:
        key = line.key(fields)
        if key is None:
            continue
        if key in first:
            yield Finding(line.number, fields[0], Refusal("spreadsheet.repeated", facts={"row": first[key]}))
        first.setdefault(key, line.number)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing to mend: the row as the spreadsheet numbers it, its column's header, what stands there, why.

    ``row`` is 0 and ``column`` empty where the fault is the file's. ``letter`` is the column in the sheet.
    """

    row: int
    column: str
    value: str
    cause: str
    letter: str = ""

    def __str__(self) -> str:
        place = f"第{self.row}行" if self.row else "文件"
        return f"{place}\t{self.column or '—'}\t{self.value or '（空）'}\t{self.cause}"


@dataclass(frozen=True, slots=True)
class Row(Generic[T]):
    """A faultless row: its number in the spreadsheet and what it says."""

    number: int
    record: T


@dataclass(frozen=True, slots=True)
class Reading(Generic[T]):
    """What a workbook said. With any fault nothing of it may be kept.

    ``unit`` is the unit of its amounts; ``unit_stated`` tells whether the sheet says so itself. ``header`` is
    the number of its header row in ``sheet``, and ``ignored`` are headers that no column of the schema knows.
    """

    rows: tuple[Row[T], ...] = ()
    faults: tuple[Fault, ...] = ()
    sheet: str = ""
    header: int = 0
    unit: str = "元"
    unit_stated: bool = False
    has_amounts: bool = False
    ignored: tuple[str, ...] = ()

    @property
    def records(self) -> tuple[T, ...]:
        """What the rows say, in the order of the sheet."""
        return tuple(row.record for row in self.rows)

    @property
    def markable(self) -> bool:
        """Whether the workbook itself can be handed back with its faults marked."""
        return bool(self.sheet and self.faults)
