"""The pages of opening and review: one for the whole, one for each deed and bid, one for the firm asked."""

from portal.panel.views import answering, deeds, findings, reading
from portal.panel.views.blueprint import bp

__all__ = ["answering", "bp", "deeds", "findings", "reading"]
