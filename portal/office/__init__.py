"""本局: sections, document numbers, rule sets, calendar, grants of the expert library, opening of bureaus.

What the bureau is and by which numbers it works; every later slice asks here. GB/T 9704-2012 (文号).
"""

from portal.office.actions.calendars import fill_known
from portal.office.actions.calendars import load as load_calendar
from portal.office.actions.libraries import share_library
from portal.office.actions.numbers import open_code, register_number, take_number
from portal.office.actions.rulesets import Typed, draft, publish, seen
from portal.office.actions.sections import open_section
from portal.office.actions.tenants import NewAdministrator, Opened, open_tenant, when_opened
from portal.office.queries.house import sections, tenant_coded
from portal.office.queries.numbers import codes
from portal.office.queries.numbers import everything as numbers
from portal.office.queries.rulesets import RulesInForce, lineage, rules_kept, rules_on
from portal.office.queries.rulesets import draft as own_draft
from portal.office.rules.numbers import read_number

__all__ = [
    "NewAdministrator",
    "Opened",
    "RulesInForce",
    "Typed",
    "codes",
    "draft",
    "fill_known",
    "lineage",
    "load_calendar",
    "numbers",
    "open_code",
    "open_section",
    "open_tenant",
    "own_draft",
    "publish",
    "read_number",
    "register_number",
    "rules_kept",
    "rules_on",
    "sections",
    "seen",
    "share_library",
    "take_number",
    "tenant_coded",
    "when_opened",
]
