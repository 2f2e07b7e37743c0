"""The words of a Word file, whatever else is in it."""

import io
import zipfile
from pathlib import Path

import docx
import pytest
from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from portal.file import reading, words
from portal.file.reading import Outline, Part


@pytest.fixture
def report(tmp_path: Path) -> Path:
    """A report with a heading, a paragraph, a table and a picture of 40 MB."""
    made = docx.Document()
    made.add_heading("一、项目概况", 1)
    made.add_paragraph("资金总额 100 万元。")
    made.add_paragraph("   ")
    table = made.add_table(rows=1, cols=2)
    for cell, text in zip(table.rows[0].cells, ("指标", "得分"), strict=True):
        cell.text = text
    out = io.BytesIO()
    made.save(out)
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("word/media/image1.png", b"x" * (40 * 1024 * 1024))
    path = tmp_path / "report.docx"
    path.write_bytes(out.getvalue())
    return path


def _read(path: Path) -> Outline | None:
    kept = path.with_suffix(".json")
    kept.unlink(missing_ok=True)
    said = reading._read(path, kept)  # noqa: SLF001 -- the row is not what is tested
    assert kept.read_text() == said
    return reading._laid_out(said)  # noqa: SLF001 -- the same


def test_headings_paragraphs_and_tables_come_in_their_order(report: Path) -> None:
    assert _read(report) == Outline(
        (
            Part("一、项目概况", 1),
            Part("资金总额 100 万元。"),
            Part(rows=(("指标", "得分"),)),
        )
    )


def test_the_end_of_a_very_long_file_is_left_out(report: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(words, "MOST_BLOCKS", 1)
    assert words.read(report) == {"parts": [("一、项目概况", 1, [])], "cut": True}

    monkeypatch.setattr(words, "MOST_BLOCKS", 10)
    monkeypatch.setattr(words, "MOST_SHOWN", 10)
    assert words.read(report) == {
        "parts": [("一、项目概况", 1, []), ("资金总额", 0, [])],
        "cut": True,
    }


def test_a_file_of_too_many_words_is_to_be_downloaded(report: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(words, "MOST_WORDS", 100)

    assert words.read(report) is None


@pytest.mark.parametrize(
    ("mark", "value", "lines"), (("w:gridSpan", "2000000000", 1), ("w:vMerge", None, 2_000))
)
def test_a_cell_is_shown_once_however_many_it_says_it_spans(
    tmp_path: Path, mark: str, value: str | None, lines: int
) -> None:
    made = docx.Document()
    table = made.add_table(rows=lines, cols=1)
    table.cell(0, 0).text = "甲"
    for line in table._tbl.tr_lst:  # noqa: SLF001 -- what an adversary writes, not what the library offers
        spans = OxmlElement(mark)
        if value:
            spans.set(qn("w:val"), value)
        line.tc_lst[0].get_or_add_tcPr().append(spans)
    path = tmp_path / "bomb.docx"
    made.save(str(path))

    found = _read(path)

    assert found is not None
    assert found.parts[0].rows == (("甲",), *[("",)] * (lines - 1))


def test_a_file_that_is_no_word_file_is_to_be_downloaded(tmp_path: Path) -> None:
    path = tmp_path / "broken.docx"
    for content in (b"", b"no zip"):
        path.write_bytes(content)
        assert _read(path) is None
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("word/document.xml", b"<w:document")
    assert _read(path) is None
