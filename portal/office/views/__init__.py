"""The pages of the house: the operator's, and each bureau's own."""

from portal.office.views import calendars, libraries, numbers, rulesets, sections, tenants
from portal.office.views.door import bp

__all__ = ["bp", "calendars", "libraries", "numbers", "rulesets", "sections", "tenants"]
