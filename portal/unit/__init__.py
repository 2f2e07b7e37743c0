"""预算单位: the bureau's register of units and their departments, whose money is evaluated."""

from portal.unit.actions import UNITS
from portal.unit.models import Unit
from portal.unit.queries import by_name, units

__all__ = ["UNITS", "Unit", "by_name", "units"]
