"""A paper as a Word file (.docx), in the measures of GB/T 9704-2012; the same paper gives the same bytes."""

import io
import re
import zipfile
from collections.abc import Sequence
from datetime import datetime
from math import sqrt
from typing import Any, Final

import docx
from docx.enum.table import WD_ALIGN_VERTICAL, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from portal.document.models import Signature
from portal.document.rules import Block, Heading, Pairs, Paper, Table, Text, written_day
from portal.kernel.clock import SHANGHAI

TITLE_FONT: Final = "方正小标宋简体"
BODY_FONT: Final = "仿宋_GB2312"
HEADING_FONT: Final = "黑体"
NUMBER_FONT: Final = "宋体"
LATIN: Final = "Times New Roman"
LATIN_END: Final = 0x2E7F  # letters beyond are as wide as they are high
NUMBER: Final = Pt(14)
BODY: Final = Pt(16)
LINE: Final = Pt(29)
CELL: Final = Pt(12)
CELL_SPACE: Final = Pt(3)
CELL_LINE: Final = Pt(16)
TEXT_WIDTH: Final = Mm(210 - 28 - 26)
SHORT: Final = 6  # letters: a column of figures or single words
AGREES: Final = "无"
PADDING: Final = 1  # letters, on both sides of a cell together
_UNWRITABLE: Final = re.compile(r"[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # by XML 1.0
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)


def as_docx(
    paper: Paper, *, number: str, digest: str, issued_at: datetime, signatures: Sequence[Signature] = ()
) -> bytes:
    """The paper as .docx: title, number, addressee, what it says, who signed, and its digest."""
    made = docx.Document()
    _measures(made, digest)
    _line(made, paper.title, font=TITLE_FONT, size=Pt(22), align=WD_ALIGN_PARAGRAPH.CENTER)
    if number:
        _line(made, number, align=WD_ALIGN_PARAGRAPH.CENTER)
    _line(made, "")
    if paper.to:
        _line(made, f"{paper.to}：")
    for block in paper.blocks:
        _lay(made, block)
    made.paragraphs[-1].paragraph_format.keep_with_next = True  # no page with a name and a day alone
    _line(made, "").paragraph_format.keep_with_next = True
    _signed(made, paper.signed_by, written_day(paper.dated))
    if signatures:
        signed: list[tuple[str, ...]] = [
            (each.name, each.role_label, f"{each.signed_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}")
            for each in signatures
        ]
        columns: tuple[str, ...] = ("签名", "岗位", "时间")
        if any(each.dissent for each in signatures):
            columns += ("不同意见",)
            signed = [(*row, each.dissent or AGREES) for row, each in zip(signed, signatures, strict=True)]
        _table(made, columns, signed)
    core = made.core_properties
    core.author = core.last_modified_by = _plain(paper.signed_by)
    core.title, core.comments, core.revision = _plain(paper.title), "", 1
    core.created = core.modified = issued_at.replace(tzinfo=None)
    out = io.BytesIO()
    made.save(out)
    return _steady(out)


def _measures(made: Any, digest: str) -> None:
    page = made.sections[0]
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.top_margin, page.bottom_margin = Mm(37), Mm(35)
    page.left_margin, page.right_margin = Mm(28), Mm(26)
    normal = made.styles["Normal"]
    normal.font.name, normal.font.size = LATIN, BODY
    normal.element.rPr.rFonts.set(qn("w:eastAsia"), BODY_FONT)
    made.settings.odd_and_even_pages_header_footer = True
    for foot, outer in (
        (page.footer, WD_ALIGN_PARAGRAPH.RIGHT),
        (page.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT),
    ):
        number = foot.paragraphs[0]
        number.alignment = outer
        number.paragraph_format.left_indent = number.paragraph_format.right_indent = NUMBER
        _page_number(number)
        mark = foot.add_paragraph()
        mark.alignment = WD_ALIGN_PARAGRAPH.CENTER
        _run(mark, f"内容摘要（SM3）：{digest}", size=Pt(8))


def _page_number(paragraph: Any) -> None:
    """— 1 —, in 四号 宋体: outside on each leaf, one letter from the edge."""
    _run(paragraph, "— ", font=NUMBER_FONT, size=NUMBER)
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), "PAGE")
    _run(paragraph, "1", font=NUMBER_FONT, size=NUMBER)
    field.append(paragraph.runs[-1]._element)  # noqa: SLF001 -- python-docx knows no fields
    paragraph._p.append(field)  # noqa: SLF001
    _run(paragraph, " —", font=NUMBER_FONT, size=NUMBER)


def _signed(made: Any, name: str, day: str) -> None:
    """The day four letters from the right edge, and the name centred above it."""
    widths = [_ems(text) for text in (name, day)]
    for text, width in zip((name, day), widths, strict=True):
        aside = max(0.0, 4 + (widths[1] - width) / 2)
        line = _line(made, text, align=WD_ALIGN_PARAGRAPH.RIGHT)
        line.paragraph_format.right_indent = int(BODY * aside)
        line.paragraph_format.keep_with_next = text == name


def _plain(text: str) -> str:
    """A property of the file: short, and such as XML can hold."""
    return _UNWRITABLE.sub("", text)[:255]


def _run(paragraph: Any, text: str, *, font: str = BODY_FONT, size: Any = BODY) -> None:
    run = paragraph.add_run(_UNWRITABLE.sub("", text))
    run.font.name, run.font.size = LATIN, size
    run._element.rPr.rFonts.set(qn("w:eastAsia"), font)  # noqa: SLF001 -- python-docx names no East Asian font


def _line(
    made: Any,
    text: str,
    *,
    font: str = BODY_FONT,
    size: Any = BODY,
    align: Any = WD_ALIGN_PARAGRAPH.LEFT,
    indent: bool = False,
) -> Any:
    paragraph = made.add_paragraph()
    paragraph.alignment = align
    shape = paragraph.paragraph_format
    shape.space_before = shape.space_after = Pt(0)
    shape.line_spacing = LINE if size == BODY else Pt(36)
    if indent:
        shape.first_line_indent = BODY * 2
    _run(paragraph, text, font=font, size=size)
    return paragraph


def _lay(made: Any, block: Block) -> None:
    match block:
        case Heading(text):
            _line(made, text, font=HEADING_FONT, indent=True)
        case Text(text):
            for line in text.splitlines():
                _line(made, line, indent=True, align=WD_ALIGN_PARAGRAPH.JUSTIFY)
        case Pairs(pairs):
            for label, value in pairs:
                _line(made, f"{label}：{value}", indent=True)
        case Table(columns, rows, caption):
            if caption:
                _line(made, caption, size=Pt(14), align=WD_ALIGN_PARAGRAPH.CENTER)
            _table(made, columns, rows)


def _table(made: Any, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Columns as wide as what stands in them asks; no row is cut by a page, the head stands on each."""
    made.paragraphs[-1].paragraph_format.space_after = CELL_SPACE * 2
    table = made.add_table(rows=0, cols=len(columns), style="Table Grid")
    table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    widest = [max(map(_ems, column)) for column in zip(columns, *rows, strict=True)]
    widths = shares(widest)
    for place, row in enumerate((columns, *rows)):
        added = table.add_row()
        properties = added._tr.get_or_add_trPr()  # noqa: SLF001 -- python-docx has no words for these
        properties.append(OxmlElement("w:cantSplit"))
        if not place:
            properties.append(OxmlElement("w:tblHeader"))
        for cell, text, width, most in zip(added.cells, row, widths, widest, strict=True):
            cell.width, cell.vertical_alignment = int(TEXT_WIDTH * width), WD_ALIGN_VERTICAL.CENTER
            shape = cell.paragraphs[0].paragraph_format
            shape.space_before, shape.space_after, shape.line_spacing = CELL_SPACE, CELL_SPACE, CELL_LINE
            if not place or most <= SHORT:
                shape.alignment = WD_ALIGN_PARAGRAPH.CENTER
            _run(cell.paragraphs[0], text, font=BODY_FONT if place else HEADING_FONT, size=CELL)
    for column, width in zip(table.columns, widths, strict=True):
        column.width = int(TEXT_WIDTH * width)


def _ems(text: str) -> float:
    """How wide a text is in letters that are as wide as they are high."""
    return sum(1.0 if ord(each) > LATIN_END else 0.5 for each in text)


def shares(widest: Sequence[float]) -> list[float]:
    """What share of the page each column of a table gets, 1 in all, by its widest text in letters.

    A column of single words or figures gets what it needs; those of sentences share the rest, the longer
    ones more, but less than in proportion, so that none is squeezed.
    """
    short = [each + PADDING if each <= SHORT else 0.0 for each in widest]
    long = [0.0 if each <= SHORT else sqrt(each) for each in widest]
    if not any(long):
        return [each / sum(short) for each in short]
    line = TEXT_WIDTH / CELL
    left = max(line - sum(short), line / 2)
    asked = [few or left * many / sum(long) for few, many in zip(short, long, strict=True)]
    return [each / sum(asked) for each in asked]


def _steady(made: io.BytesIO) -> bytes:
    """The same parts in the same order, without the time at which they were packed."""
    out = io.BytesIO()
    with zipfile.ZipFile(made) as packed, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as again:
        for name in packed.namelist():
            again.writestr(zipfile.ZipInfo(name, _EPOCH), packed.read(name), zipfile.ZIP_DEFLATED)
    return out.getvalue()
