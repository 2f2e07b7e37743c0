"""电子表格: an office's .xlsx read without guessing, handed back with its faults, and written from lists."""

from portal.spreadsheet.importing import Masked, Prepared, Register, adopt, as_seen, prepare
from portal.spreadsheet.marking import mark
from portal.spreadsheet.reading import read
from portal.spreadsheet.views import handed_out, import_views
from portal.spreadsheet.writing import Table, Value, write, write_book

__all__ = [
    "Masked",
    "Prepared",
    "Register",
    "Table",
    "Value",
    "adopt",
    "as_seen",
    "handed_out",
    "import_views",
    "mark",
    "prepare",
    "read",
    "write",
    "write_book",
]
