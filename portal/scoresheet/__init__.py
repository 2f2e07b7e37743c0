"""评分表模板: the forms every score is entered on, versioned and inherited from the bureau above.

Nine forms are shipped (``forms.json``); a commission pins the versions it will be scored by.
"""

from portal.scoresheet.actions import provide
from portal.scoresheet.queries import Template, shipped, template, templates, versions_in_force
from portal.scoresheet.rules import (
    EMPTY,
    Deduction,
    Entries,
    Fault,
    Filled,
    Form,
    Item,
    ItemKind,
    Laid,
    Merge,
    Row,
    draft_answer,
    entries_read,
    fill,
    laid_out,
    lead_days_points,
    merge,
    typed_base,
)

__all__ = [
    "EMPTY",
    "Deduction",
    "Entries",
    "Fault",
    "Filled",
    "Form",
    "Item",
    "ItemKind",
    "Laid",
    "Merge",
    "Row",
    "Template",
    "draft_answer",
    "entries_read",
    "fill",
    "laid_out",
    "lead_days_points",
    "merge",
    "provide",
    "shipped",
    "template",
    "templates",
    "typed_base",
    "versions_in_force",
]
