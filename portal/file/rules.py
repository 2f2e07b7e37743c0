"""What a file is, by its content, and what it may be called. Its extension decides nothing."""

import re
import unicodedata
import zipfile
from collections.abc import Collection
from enum import StrEnum
from typing import BinaryIO, Final

from portal.kernel.ruling import Ruling, unless

MEGABYTE: Final = 1024 * 1024
MOST: Final = 200 * MEGABYTE
LONGEST_NAME: Final = 180
MOST_MEMBERS: Final = 5_000
MOST_UNPACKED: Final = 600 * MEGABYTE
HEAD: Final = 1024


class Kind(StrEnum):
    """A kind of file that is taken; its value is the media type."""

    PDF = "application/pdf"
    DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


PDF, DOCX, XLSX = Kind.PDF, Kind.DOCX, Kind.XLSX
SUFFIXES: Final = {PDF: ".pdf", DOCX: ".docx", XLSX: ".xlsx"}
LABELS: Final = {PDF: "PDF", DOCX: "Word（.docx）", XLSX: "Excel（.xlsx）"}
OLD_OFFICE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # and what is locked by a password since 2007
_PARTS: Final = {"word/document.xml": DOCX, "xl/workbook.xml": XLSX}
_INVISIBLE: Final = re.compile(
    r"[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\uffff]"
)
_UNFIT: Final = re.compile(r'[<>:"|?*]')


def clean_name(sent: str, kind: Kind) -> str:
    """A name as a person gave it, without any path or invisible character, ending as its content asks."""
    name = _INVISIBLE.sub("", unicodedata.normalize("NFC", sent.encode("utf-8", "ignore").decode()))
    name = _UNFIT.sub("_", name.replace("\\", "/").rpartition("/")[2])
    suffix = SUFFIXES[kind]
    stem = name[: -len(suffix)] if name.lower().endswith(suffix) else name
    stem = " ".join(stem.split()).strip(" .")[:LONGEST_NAME].rstrip(" .")
    return f"{stem or '未命名'}{suffix}"


def kind_of(content: BinaryIO) -> tuple[Kind | None, str | None]:  # noqa: PLR0911 -- one answer per kind
    """What the content is, and the code of why it is refused though it is of a known kind."""
    content.seek(0)
    head = content.read(HEAD)
    if head.startswith(OLD_OFFICE):
        return None, "file.old_office"
    if b"%PDF-" in head:
        return PDF, None
    if not head.startswith(b"PK\x03\x04"):
        return None, None
    try:
        with zipfile.ZipFile(content) as packed:
            members = packed.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return None, "file.unreadable"
    names = {each.filename for each in members}
    kind = next((kind for part, kind in _PARTS.items() if part in names), None)
    if kind is None:
        return None, None
    if any(each.rpartition("/")[2].lower().startswith("vbaproject") for each in names):
        return kind, "file.has_macros"
    if any(each.flag_bits & 1 for each in members):
        return kind, "file.unreadable"
    unpacked = sum(each.file_size for each in members)
    if len(members) > MOST_MEMBERS or unpacked > MOST_UNPACKED:
        return kind, "file.swollen"
    return kind, None


def may_keep(
    *, size: int, most: int, kind: Kind | None, kinds: Collection[Kind], fault: str | None
) -> Ruling:
    """A file is kept that is not empty, not too large, of one of ``kinds`` and sound."""
    if size == 0:
        return unless(blocked=True, code="file.empty")
    if size > most:
        return unless(blocked=True, code="file.too_large", limit=f"{most // MEGABYTE} MB")
    return (
        unless(fault == "file.old_office", "file.old_office")
        & unless(fault == "file.has_macros", "file.has_macros")
        & unless(fault == "file.swollen", "file.swollen")
        & unless(fault == "file.unreadable", "file.unreadable")
        & unless(
            fault is None and kind not in kinds,
            "file.wrong_kind",
            kinds="、".join(LABELS[each] for each in kinds),
        )
    )
