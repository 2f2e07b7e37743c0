"""A paper as a Word file: the measures of GB/T 9704, and whatever people type."""

import io
import zipfile
from datetime import UTC, date, datetime

import docx
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.text.run import Run
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.document.rules import Heading, Pairs, Paper, Table, Text
from portal.document.word import BODY_FONT, HEADING_FONT, TEXT_WIDTH, TITLE_FONT, as_docx, shares
from tests.document.makers import PAPER

ISSUED = datetime(2026, 11, 20, 1, 2, 3, tzinfo=UTC)


def _made(paper: Paper, number: str = "师财采〔2026〕1号") -> bytes:
    return as_docx(paper, number=number, digest="0" * 64, issued_at=ISSUED)


def _font(run: Run) -> str:
    properties = run._element.rPr  # noqa: SLF001 -- python-docx names no East Asian font
    assert properties is not None
    assert properties.rFonts is not None
    return str(properties.rFonts.get(qn("w:eastAsia")))


def test_the_page_and_the_letters_are_those_of_the_standard() -> None:
    made = docx.Document(io.BytesIO(_made(PAPER)))
    page = made.sections[0]
    title, _, _, to, heading, first, *_ = made.paragraphs

    assert [round((each or 0) / Mm(1)) for each in (page.page_width, page.top_margin, page.left_margin)] == [
        210,
        37,
        28,
    ]
    assert [_font(each.runs[0]) for each in (title, to, heading, first)] == [
        TITLE_FONT,
        BODY_FONT,
        HEADING_FONT,
        BODY_FONT,
    ]
    assert [each.runs[0].font.size for each in (title, first)] == [Pt(22), Pt(16)]
    assert first.paragraph_format.first_line_indent == Pt(32)
    for foot in (page.footer, page.even_page_footer):
        number, mark = foot.paragraphs
        (field,) = number._p.iter(qn("w:fldSimple"))  # noqa: SLF001 -- python-docx knows no fields
        assert field.get(qn("w:instr")) == "PAGE"
        assert mark.text == f"内容摘要（SM3）：{'0' * 64}"


def test_the_name_stands_centred_above_the_day() -> None:
    for name, aside in (("师宗县财政局", 4.5), ("局", 7), ("红河哈尼族彝族自治州财政局预算绩效科", 0)):
        paper = Paper("通知", "", (Text("正文"),), name, date(2026, 11, 21))
        made = docx.Document(io.BytesIO(_made(paper, ""))).paragraphs
        signed, day = made[-2:]
        assert [each.text for each in (signed, day)] == [name, "2026年11月21日"]
        assert day.paragraph_format.right_indent == Pt(16) * 4
        assert signed.paragraph_format.right_indent == int(Pt(16) * aside)
        last, empty = made[-4:-2]
        assert last.text == "正文"
        assert last.paragraph_format.keep_with_next, "a name and a day do not stand on a page alone"
        assert empty.paragraph_format.keep_with_next


def test_a_table_has_borders_and_repeats_its_head() -> None:
    table = docx.Document(io.BytesIO(_made(PAPER))).tables[0]

    assert table.style is not None
    assert table.style.name == "Table Grid"
    head = table.rows[0]._tr.trPr  # noqa: SLF001 -- python-docx has no word for a repeated head
    assert head is not None
    assert head.find(qn("w:tblHeader")) is not None
    for row in table.rows:
        properties = row._tr.trPr  # noqa: SLF001 -- nor for a row that stays whole
        assert properties is not None
        assert properties.find(qn("w:cantSplit")) is not None


def test_columns_are_as_wide_as_what_stands_in_them_and_fill_the_line() -> None:
    group, name, points, why, got = shares([11, 7, 2, 60, 2])

    assert round(sum((group, name, points, why, got)), 6) == 1
    assert points == got < name < group < why
    assert points * (TEXT_WIDTH / Pt(12)) >= 3, "a figure is not broken"
    assert shares([2, 4]) == [3 / 8, 5 / 8]
    assert min(shares([6] * 5 + [80])) > 0.1, "many narrow columns leave half the line at most"
    table = docx.Document(io.BytesIO(_made(PAPER))).tables[0]
    widths = [column.width or 0 for column in table.columns]
    assert abs(sum(widths) - TEXT_WIDTH) < Mm(1)


def test_a_paper_without_number_and_addressee_has_no_empty_lines_for_them() -> None:
    paper = Paper("记录", "", (Text("正文"),), "局", date(2026, 1, 2))
    lines = [each.text for each in docx.Document(io.BytesIO(_made(paper, ""))).paragraphs]

    assert lines == ["记录", "", "正文", "", "局", "2026年1月2日"]


def test_the_file_says_nothing_about_when_it_was_packed() -> None:
    with zipfile.ZipFile(io.BytesIO(_made(PAPER))) as packed:
        assert {each.date_time for each in packed.infolist()} == {(1980, 1, 1, 0, 0, 0)}


@settings(max_examples=25, deadline=None)
@given(st.text(max_size=40))
def test_whatever_people_typed_makes_a_sound_file(typed: str) -> None:
    blocks = (Heading(typed), Text(typed), Pairs(((typed, typed),)), Table((typed,), ((typed,),), typed))
    made = docx.Document(io.BytesIO(_made(Paper(typed, typed, blocks, typed, date(2026, 1, 2)), typed)))

    assert len(made.tables) == 1
