"""Workbooks of a few kilobytes that unfold into more than the machine has: each is refused before it does.

Each of them, opened, would take gigabytes or hours; that is why they are read here with a limit on both.
"""

import resource
import zlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZipFile

import pytest

from portal.spreadsheet import mark, read
from portal.spreadsheet.rules import Column, Schema, cells
from tests.spreadsheet.books import a_book, opened, rewritten

SHEET = "xl/worksheets/sheet1.xml"
RELATIONS = "xl/_rels/workbook.xml.rels"
ROOM = 2 * 1024**3
MEGABYTE = 1024**2
SCHEMA: Schema[Any] = Schema(
    "项目",
    (
        Column("名称", "name", cells.words(), required=True),
        Column("金额", "total", cells.amount, required=True),
    ),
    dict,
)
BOOK = a_book(("名称", "金额"), ("甲", 1))
WIDE = "表格范围过大：最多 20000 行、200 列。请删去表格以外的零散内容。"
SWOLLEN = "文件展开后过大（超过 100 MB），不予接收。"
CORRUPT = "文件已损坏，无法打开。请用表格软件打开并重新另存为 .xlsx 后再导入。"


@pytest.fixture(autouse=True)
def limited() -> Iterator[None]:
    """What goes wrong here goes wrong soon: the process may grow by two gigabytes, and no further."""
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + ROOM, hard))
    yield
    resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def with_cells(xml: str) -> bytes:
    """A workbook whose sheet ends in other rows than it was saved with."""
    return rewritten(BOOK, SHEET, b"</sheetData>", f"{xml}</sheetData>".encode())


def with_merges(*ranges: str) -> bytes:
    """A workbook with merged cells."""
    merges = "".join(f'<mergeCell ref="{each}"/>' for each in ranges)
    return rewritten(BOOK, SHEET, b"</sheetData>", f"</sheetData><mergeCells>{merges}</mergeCells>".encode())


def moved(target: str, part: str, content: bytes) -> bytes:
    """A workbook whose sheet is said to be somewhere else."""
    book = rewritten(BOOK, RELATIONS, b"/xl/worksheets/sheet1.xml", target.encode())
    out = BytesIO(book)
    with ZipFile(out, "a", ZIP_DEFLATED) as archive:
        archive.writestr(part, content)
    return out.getvalue()


def words_shown_often(length: int, times: int) -> bytes:
    """One long text, kept once and shown in many cells."""
    rows = "".join(f'<row r="{row}"><c r="A{row}" t="s"><v>0</v></c></row>' for row in range(3, times + 3))
    out = BytesIO(with_cells(rows))
    with ZipFile(out, "a", ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings.xml", f"<sst><si><t>{'a' * length}</t></si></sst>")
    return out.getvalue()


def lying(declared: int) -> bytes:
    """A part that says it is small, with a checksum to match, and goes on for gigabytes."""
    out = BytesIO(BOOK)
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    one = packer.compress(bytes(MEGABYTE)) + packer.flush(zlib.Z_FULL_FLUSH)
    body = one * 4096 + packer.flush()
    with ZipFile(out, "a") as archive:
        archive.writestr("xl/more.xml", b"")
        entry = archive.infolist()[-1]
        archive.fp.seek(archive.start_dir)  # type: ignore[union-attr]
        archive.fp.write(body)  # type: ignore[union-attr]
        archive.start_dir += len(body)
        entry.compress_type, entry.compress_size = ZIP_DEFLATED, len(body)
        entry.file_size, entry.CRC = declared, zlib.crc32(bytes(declared))
    return out.getvalue()


def packed_otherwise() -> bytes:
    """A method of packing that no office writes and that cannot be stopped half-way."""
    out = BytesIO(BOOK)
    with ZipFile(out, "a", ZIP_BZIP2) as archive:
        archive.writestr("xl/more.xml", bytes(5 * MEGABYTE))
    return out.getvalue()


VALUE = "<v>1</v></c></row>"


@pytest.mark.parametrize(
    ("content", "cause"),
    (
        pytest.param(with_cells(f"<row r='1048576'><c r='XFD1048576'>{VALUE}"), WIDE, id="other quotes"),
        pytest.param(with_cells(f'<row r="1048576"><c r = "XFD1048576">{VALUE}'), WIDE, id="blanks"),
        pytest.param(with_cells(f'<row r="1048576"><c>{VALUE}'), WIDE, id="a cell without a name"),
        pytest.param(with_cells(f'<row r="3"><c r="xfd3">{VALUE}'), WIDE, id="small letters"),
        pytest.param(with_merges("A1:XFD1048576"), WIDE, id="merged over all"),
        pytest.param(with_merges(*(f"A{row}:J{row}" for row in range(2, 20_200))), WIDE, id="merged often"),
        pytest.param(
            moved("evil.xml", "xl/evil.xml", b'<a><c r="XFD1048576"><v>1</v></c></a>'),
            WIDE,
            id="elsewhere",
        ),
        pytest.param(moved("xl/evil.xml", "xl/evil.xml", b"<a/>"), CORRUPT, id="in two places"),
        pytest.param(
            moved("worksheets/sheet1.xml", "XL/worksheets/sheet1.xml", b"<a/>"), CORRUPT, id="twice"
        ),
        pytest.param(words_shown_often(1_000_000, 10_000), SWOLLEN, id="words"),
        pytest.param(lying(64), CORRUPT, id="a lie about a size"),
        pytest.param(packed_otherwise(), CORRUPT, id="bzip2"),
        pytest.param(with_cells("<a>" * 5_000 + "</a>" * 5_000), CORRUPT, id="depth"),
        pytest.param(
            moved("evil.xml", "xl/evil.xml", "<!DOCTYPE a><a/>".encode("utf-16")),
            CORRUPT,
            id="utf-16",
        ),
    ),
)
def test_a_small_file_does_not_fill_the_memory(content: bytes, cause: str) -> None:
    assert len(content) < 5 * MEGABYTE
    assert [fault.cause for fault in read(content, SCHEMA).faults] == [cause]


def test_an_empty_cell_in_the_last_corner_is_no_fault_and_the_book_is_marked_as_it_is() -> None:
    far = with_cells(
        '<row r="3"><c r="A3" t="inlineStr"><is><t>乙</t></is></c></row>'
        '<row r="1048576"><c r="XFD1048576" s="0"/></row>'
    )
    reading = read(far, SCHEMA)
    assert [fault.cause for fault in reading.faults] == ["必填，这里是空的。"]
    assert opened(mark(far, reading))["C3"].value == "金额：必填，这里是空的。"
