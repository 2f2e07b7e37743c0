"""Pure rules of spreadsheets: what a cell means, what a sheet must hold, what an import would do."""

from portal.spreadsheet.rules import cells
from portal.spreadsheet.rules.cells import Cell, Reader, folded, shown, tidy
from portal.spreadsheet.rules.plan import Change, Difference, Fields, Plan, compare
from portal.spreadsheet.rules.schema import Check, Column, Fault, Finding, Line, Reading, Row, Schema

__all__ = [
    "Cell",
    "Change",
    "Check",
    "Column",
    "Difference",
    "Fault",
    "Fields",
    "Finding",
    "Line",
    "Plan",
    "Reader",
    "Reading",
    "Row",
    "Schema",
    "cells",
    "compare",
    "folded",
    "shown",
    "tidy",
]
