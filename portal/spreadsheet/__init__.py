"""电子表格: an office's .xlsx read without guessing, handed back with its faults, and written from lists."""

from portal.spreadsheet.marking import mark
from portal.spreadsheet.reading import read
from portal.spreadsheet.writing import write

__all__ = ["mark", "read", "write"]
