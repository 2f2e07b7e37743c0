"""What a file is and what it may be called."""

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.file.rules import (
    DOCX,
    LONGEST_NAME,
    MOST,
    PDF,
    SUFFIXES,
    XLSX,
    Kind,
    clean_name,
    kind_of,
    may_keep,
)
from tests.file.makers import a_docx, a_pdf, a_workbook


def _packed(*names: str, encrypted: bool = False) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        for each in names:
            packed.writestr(each, b"<x/>")
    content = bytearray(out.getvalue())
    if encrypted:
        for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
            content[content.index(mark) + offset] |= 1
    return bytes(content)


@pytest.mark.parametrize(
    ("content", "kind", "fault"),
    (
        (a_pdf(), PDF, None),
        (b"\r\n" + a_pdf(), PDF, None),
        (a_docx(), DOCX, None),
        (a_workbook(), XLSX, None),
        (_packed("word/document.xml", "word/vbaProject.bin"), DOCX, "file.has_macros"),
        (_packed("word/document.xml", encrypted=True), DOCX, "file.unreadable"),
        (a_docx()[:300], None, "file.unreadable"),
        (_packed("readme.txt"), None, None),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), None, "file.old_office"),
        (b"MZ\x90\x00 program", None, None),
        (b"<html><script>alert(1)</script></html>", None, None),
        ("评价报告".encode(), None, None),
    ),
)
def test_the_content_says_what_a_file_is(content: bytes, kind: Kind | None, fault: str | None) -> None:
    assert kind_of(io.BytesIO(content)) == (kind, fault)


def test_a_file_that_would_swell_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("word/document.xml", b"<x/>")
        for number in range(5_001):
            packed.writestr(f"word/media/{number}", b"")

    assert kind_of(io.BytesIO(out.getvalue())) == (DOCX, "file.swollen")


@pytest.mark.parametrize(
    ("given_", "code"),
    (
        ({}, None),
        ({"size": 0}, "file.empty"),
        ({"size": MOST}, None),
        ({"size": MOST + 1}, "file.too_large"),
        ({"kind": None}, "file.wrong_kind"),
        ({"kind": XLSX}, "file.wrong_kind"),
        ({"fault": "file.has_macros"}, "file.has_macros"),
        ({"fault": "file.swollen"}, "file.swollen"),
        ({"kind": None, "fault": "file.unreadable"}, "file.unreadable"),
    ),
)
def test_what_is_kept(given_: dict[str, object], code: str | None) -> None:
    facts: dict[str, object] = {"size": 10, "most": MOST, "kind": PDF, "kinds": (PDF, DOCX), "fault": None}
    ruling = may_keep(**{**facts, **given_})  # type: ignore[arg-type]

    assert ruling.codes == ((code,) if code else ())


@pytest.mark.parametrize(
    ("sent", "name"),
    (
        ("评价报告.pdf", "评价报告.pdf"),
        ("C:\\资料\\评价 报告.PDF", "评价 报告.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("报告.exe", "报告.exe.pdf"),
        ("a\u202efdp.exe.pdf", "afdp.exe.pdf"),
        ("  .pdf", "未命名.pdf"),
        ("", "未命名.pdf"),
        ('报告"；attachment.pdf', "报告_；attachment.pdf"),
        ("\ud800报告.pdf", "报告.pdf"),
    ),
)
def test_a_name_is_cleaned(sent: str, name: str) -> None:
    assert clean_name(sent, PDF) == name


def test_a_long_chinese_name_keeps_its_beginning_and_its_suffix() -> None:
    name = clean_name("绩效评价报告" * 100 + ".docx", DOCX)

    assert name == ("绩效评价报告" * 100)[:LONGEST_NAME] + ".docx"


@given(st.text(), st.sampled_from(Kind))
def test_a_cleaned_name_is_one_step_of_a_path_and_stays_so(sent: str, kind: Kind) -> None:
    name = clean_name(sent, kind)

    assert not set(name) & set('/\\\0<>:"|?*\r\n')
    assert name.endswith(SUFFIXES[kind])
    assert len(name) <= LONGEST_NAME + len(SUFFIXES[kind])
    assert clean_name(name, kind) == name


@given(st.binary(max_size=400))
def test_no_bytes_break_the_reading_of_their_kind(content: bytes) -> None:
    for start in (b"", b"PK\x03\x04"):
        kind, _ = kind_of(io.BytesIO(start + content))

        assert kind is None or b"%PDF-" in content
