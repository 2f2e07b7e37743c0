"""Opening and review: the panel and who sits on it, what was found, asked, answered and reported."""

from portal.panel.models.explanations import Explanation
from portal.panel.models.members import PanelMember
from portal.panel.models.reviews import Panel, PanelFinding, PanelReport

__all__ = ["Explanation", "Panel", "PanelFinding", "PanelMember", "PanelReport"]
