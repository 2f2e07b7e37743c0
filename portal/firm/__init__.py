"""第三方机构与主评人: firms registered once and accepted by each bureau (财监〔2021〕4号)."""

from portal.firm.actions import FIRM_REGISTER, LEAD_REGISTER
from portal.firm.models import Firm
from portal.firm.queries import known_firms, lead_counts, registered

__all__ = ["FIRM_REGISTER", "LEAD_REGISTER", "Firm", "known_firms", "lead_counts", "registered"]
