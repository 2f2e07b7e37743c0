"""One function per verb of an award and of its letters. None commits."""

from portal.award.actions.deciding import acknowledge, decide, draft, end, refuse

__all__ = ["acknowledge", "decide", "draft", "end", "refuse"]
