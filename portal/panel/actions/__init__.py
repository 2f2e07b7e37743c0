"""One function per verb of opening and review. None commits."""

from portal.panel.actions.opening import close, draft, end, open_, terminate
from portal.panel.actions.prices import answer, ask, draw_lots, judge, lapse, order_drawn, undraw
from portal.panel.actions.reporting import conclude, reopen, sign
from portal.panel.actions.seats import declare, recuse, replace
from portal.panel.actions.verdicts import Verdict, examine

__all__ = [
    "Verdict",
    "answer",
    "ask",
    "close",
    "conclude",
    "declare",
    "draft",
    "draw_lots",
    "end",
    "examine",
    "judge",
    "lapse",
    "open_",
    "order_drawn",
    "recuse",
    "reopen",
    "replace",
    "sign",
    "terminate",
    "undraw",
]
