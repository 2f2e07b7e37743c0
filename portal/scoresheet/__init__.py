"""评分表模板: the forms every score is entered on, versioned and inherited from the bureau above.

Nine forms are shipped (``forms.json``); a commission pins the versions it will be scored by.
"""

from portal.scoresheet.actions import provide
from portal.scoresheet.queries import Template, shipped, template, templates, versions_in_force
from portal.scoresheet.rules import Deduction, Form, Item, ItemKind

__all__ = [
    "Deduction",
    "Form",
    "Item",
    "ItemKind",
    "Template",
    "provide",
    "shipped",
    "template",
    "templates",
    "versions_in_force",
]
