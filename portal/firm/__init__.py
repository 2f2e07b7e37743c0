"""第三方机构与主评人: firms registered once and accepted by each bureau (财监〔2021〕4号)."""

from portal.firm.actions import FIRM_REGISTER, LEAD_REGISTER, count_load
from portal.firm.models import Firm
from portal.firm.queries import Profile, known_firms, lead_counts, open_load, profiles, registered

__all__ = [
    "FIRM_REGISTER",
    "LEAD_REGISTER",
    "Firm",
    "Profile",
    "count_load",
    "known_firms",
    "lead_counts",
    "open_load",
    "profiles",
    "registered",
]
