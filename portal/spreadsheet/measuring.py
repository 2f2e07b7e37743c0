"""How large a workbook becomes, measured part by part before anything unfolds it.

Nothing a file says of itself is believed: neither the size of its parts nor where its cells end. What is read
is a stream, so no tree is built of what may be millions of elements.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from io import BytesIO
from typing import Final
from xml.parsers import expat
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from openpyxl.utils import column_index_from_string

from portal.kernel.ruling import Refusal

MAX_UNPACKED: Final = 100 * 1024 * 1024
MAX_PARTS: Final = 1_000
MAX_ROWS: Final = 20_000
MAX_COLUMNS: Final = 200
MAX_MERGED: Final = 200_000
MAX_ELEMENTS: Final = 10_000_000
MAX_TEXT: Final = 20_000_000
MAX_DEPTH: Final = 200
SHARED_WORDS: Final = "xl/sharedstrings.xml"
_METHODS: Final = frozenset({ZIP_STORED, ZIP_DEFLATED})
_PLACE: Final = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")
_CORRUPT: Final = Refusal("spreadsheet.corrupt")
_SWOLLEN: Final = Refusal("spreadsheet.too_large_unpacked", facts={"limit": MAX_UNPACKED // 1024 // 1024})
_TOO_WIDE: Final = Refusal("spreadsheet.too_many_cells", facts={"rows": MAX_ROWS, "columns": MAX_COLUMNS})

# Row and column, counted from 1.
Place = tuple[int, int]


class NotOpened(Exception):
    """A workbook is not opened; ``refusal`` says why."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.code)
        self.refusal = refusal


def unpacked(archive: ZipFile) -> dict[str, bytes]:
    """The XML parts of a workbook by name. Raises `NotOpened` for what is foreign, locked or swollen."""
    parts = archive.infolist()
    names = {part.filename for part in parts}
    if any(part.flag_bits & 1 for part in parts):
        raise NotOpened(Refusal("spreadsheet.encrypted"))
    if "xl/vbaProject.bin" in names:
        raise NotOpened(Refusal("spreadsheet.macros"))
    if "xl/workbook.xml" not in names:
        raise NotOpened(Refusal("spreadsheet.not_a_workbook"))
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
        raise NotOpened(_SWOLLEN)
    twice = len({name.casefold() for name in names}) < len(parts)  # two readers would read two books
    if twice or any(part.compress_type not in _METHODS for part in parts):
        raise NotOpened(_CORRUPT)
    return {
        part.filename: _content(archive, part) for part in parts if part.filename.endswith((".xml", ".rels"))
    }


def repacked(content: bytes) -> BytesIO:
    """The same workbook, each part as large as it says: for a reader that inflates without counting."""
    packed = BytesIO()
    with ZipFile(BytesIO(content)) as archive, ZipFile(packed, "w", ZIP_STORED) as flat:
        for part in archive.infolist():
            flat.writestr(part.filename, _content(archive, part))
    packed.seek(0)
    return packed


def _content(archive: ZipFile, part: ZipInfo) -> bytes:
    """One part, inflated no further than it declares."""
    with archive.open(part) as packed:
        return packed.read(part.file_size + 1)


def measured(parts: Mapping[str, bytes]) -> dict[str, "Part"]:
    """What each part would unfold into. Raises `NotOpened` for more words than fit, and for no plain XML."""
    found = {name: _measured(content) for name, content in parts.items()}
    lengths = next((part.lengths for name, part in found.items() if name.casefold() == SHARED_WORDS), [])
    if sum(part.words(lengths) for part in found.values()) > MAX_TEXT:
        raise NotOpened(_SWOLLEN)
    return found


def fits(sheets: Iterable["Part"]) -> None:
    """Raises `NotOpened` where the grids of ``sheets`` together have more cells than one may have."""
    if sum(sheet.area for sheet in sheets) > MAX_ROWS * MAX_COLUMNS:
        raise NotOpened(_TOO_WIDE)


def _measured(content: bytes) -> "Part":
    part = Part()
    try:
        part.read(content)
    except (expat.ExpatError, ValueError) as error:
        raise NotOpened(_CORRUPT) from error
    return part


class Part:
    """One part of the archive as far as it has been read.

    ``broken``: the cells that hold no value to read, errors and formulas never computed.
    ``lengths``: how long each of its shared words is.
    """

    def __init__(self) -> None:
        self.broken: dict[Place, Refusal] = {}
        self.lengths: list[int] = []
        self._references: Counter[int] = Counter()
        self._elements = self._depth = self._merged = 0
        self._row = self._column = self._last_row = self._last_column = 0
        self._cell: dict[str, str] | None = None
        self._has_formula = self._in_value = self._in_words = False
        self._value = ""

    def read(self, content: bytes) -> None:
        """Read it whole. Raises `NotOpened`, and `ExpatError` where it is cut or torn."""
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._words
        parser.Parse(content, True)

    @property
    def area(self) -> int:
        """How many cells the grid has that reaches from A1 to its last filled row and column."""
        return self._last_row * self._last_column

    def words(self, lengths: list[int]) -> int:
        """How many characters its cells show of the shared words, of which each may stand in many cells."""
        return sum(
            lengths[place] * often for place, often in self._references.items() if place < len(lengths)
        )

    def _doctype(self, *_declared: object) -> None:
        raise NotOpened(_CORRUPT)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._elements += 1
        self._depth += 1
        if self._elements > MAX_ELEMENTS:
            raise NotOpened(_TOO_WIDE)
        if self._depth > MAX_DEPTH:
            raise NotOpened(_CORRUPT)
        tag = name.rpartition(":")[2]
        if tag == "row":
            self._row, self._column = int(attributes.get("r", self._row + 1)), 0
        elif tag == "c":
            self._begin_cell(attributes)
        elif tag == "mergeCell":
            self._merge(attributes.get("ref", ""))
        elif tag == "si":
            self._in_words = True
            self.lengths.append(0)
        elif self._cell is not None:
            self._fill_cell(tag)

    def _begin_cell(self, attributes: dict[str, str]) -> None:
        self._cell, self._has_formula, self._value = attributes, False, ""
        if "r" in attributes:
            self._row, self._column = _place(attributes["r"])
        else:
            self._column += 1

    def _fill_cell(self, tag: str) -> None:
        """An empty cell far away is common and costs nothing; a filled one makes a grid that reaches it."""
        if self._row > MAX_ROWS or self._column > MAX_COLUMNS:
            raise NotOpened(_TOO_WIDE)
        self._last_row = max(self._last_row, self._row)
        self._last_column = max(self._last_column, self._column)
        self._has_formula = self._has_formula or tag == "f"
        self._in_value = tag == "v"

    def _merge(self, ref: str) -> None:
        first, _, last = ref.partition(":")
        (top, left), (bottom, right) = _place(first), _place(last or first)
        self._merged += (abs(bottom - top) + 1) * (abs(right - left) + 1)
        if self._merged > MAX_MERGED:
            raise NotOpened(_TOO_WIDE)

    def _words(self, text: str) -> None:
        if self._in_words:
            self.lengths[-1] += len(text)
        elif self._in_value:
            self._value += text

    def _end(self, name: str) -> None:
        self._depth -= 1
        tag = name.rpartition(":")[2]
        if tag == "si":
            self._in_words = False
        elif tag == "v":
            self._in_value = False
        elif tag == "c" and self._cell is not None:
            self._end_cell(self._cell.get("t"))
            self._cell = None

    def _end_cell(self, kind: str | None) -> None:
        """What a plain reader sees as empty is noted; words of the shared table are counted where shown."""
        if kind == "e":
            self.broken[self._row, self._column] = Refusal(
                "spreadsheet.formula_error", facts={"error": self._value}
            )
        elif self._has_formula and not self._value:
            self.broken[self._row, self._column] = Refusal("spreadsheet.formula_without_value")
        elif kind == "s":
            self._references[int(self._value or 0)] += 1


def _place(ref: str) -> Place:
    """Row and column of a cell's name. Raises `ValueError`."""
    match = _PLACE.fullmatch(ref.upper())
    if match is None:
        raise ValueError(ref)
    return int(match[2]), column_index_from_string(match[1])
