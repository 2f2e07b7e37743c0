"""公文: papers the bureau issues under a number (GB/T 9704-2012), signatures, and public announcements.

A paper is kept whole with its digest; what was issued never changes, and a correction is a paper of its own.
"""

from portal.document.actions import issue, publish_notice, sign
from portal.document.models import Announcement, Issued, Signature
from portal.document.queries import (
    documents_of,
    documents_of_all,
    issued,
    notices_of,
    publishers,
    signatures_of,
)
from portal.document.rules import (
    Block,
    Heading,
    Matter,
    Notice,
    Pairs,
    Paper,
    Table,
    Text,
    default_stem,
    written_day,
)
from portal.document.word import as_docx

__all__ = [
    "Announcement",
    "Block",
    "Heading",
    "Issued",
    "Matter",
    "Notice",
    "Pairs",
    "Paper",
    "Signature",
    "Table",
    "Text",
    "as_docx",
    "default_stem",
    "documents_of",
    "documents_of_all",
    "issue",
    "issued",
    "notices_of",
    "publish_notice",
    "publishers",
    "sign",
    "signatures_of",
    "written_day",
]
