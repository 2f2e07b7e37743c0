"""第三方机构与主评人: firms registered once and accepted by each bureau (财监〔2021〕4号)."""

from portal.firm.actions import FIRM_REGISTER, LEAD_REGISTER, Placed, count_load, record_standings
from portal.firm.models import Firm, Standing
from portal.firm.queries import (
    Lead,
    Profile,
    known_firms,
    lead_counts,
    leads,
    open_load,
    profiles,
    registered,
    standings_of,
)

__all__ = [
    "FIRM_REGISTER",
    "LEAD_REGISTER",
    "Firm",
    "Lead",
    "Placed",
    "Profile",
    "Standing",
    "count_load",
    "known_firms",
    "lead_counts",
    "leads",
    "open_load",
    "profiles",
    "record_standings",
    "registered",
    "standings_of",
]
