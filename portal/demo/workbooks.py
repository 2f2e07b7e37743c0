"""The workbooks the demo takes in: where they lie, and what a column of one says."""

from contextlib import closing
from pathlib import Path
from typing import Final

from openpyxl import load_workbook

DATA: Final = Path(__file__).parent / "data"
HEADS: Final = 2  # the row of a workbook that names its columns


def column(register: str, head: str) -> list[str]:
    """A column of a workbook by its head, in the workbook's order."""
    with closing(load_workbook(DATA / f"{register}.xlsx", read_only=True)) as book:
        rows = book.worksheets[0].iter_rows(min_row=HEADS, values_only=True)
        place = next(rows).index(head)
        return [str(row[place]) for row in rows if row[place]]
