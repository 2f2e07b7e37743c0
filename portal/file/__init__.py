"""文件: what people upload, kept by its digest, never overwritten, read by whom it was kept for.

A file that holds state secrets must not enter the system (保守国家秘密法): every form asks for that word.
"""

from portal.file.actions import add_readers, keep, remove_readers
from portal.file.invariants import invariants
from portal.file.jobs import sweep_drafts
from portal.file.models import StoredFile
from portal.file.queries import content_of, files, stored
from portal.file.rules import DOCX, MOST, PDF, XLSX
from portal.file.serving import download
from portal.file.storage import Storage

__all__ = [
    "DOCX",
    "MOST",
    "PDF",
    "XLSX",
    "Storage",
    "StoredFile",
    "add_readers",
    "content_of",
    "download",
    "files",
    "invariants",
    "keep",
    "remove_readers",
    "stored",
    "sweep_drafts",
]
