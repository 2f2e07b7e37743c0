"""开启与评审: two officers open the bids, the panel examines and signs its report (令74; 财库〔2026〕2号)."""

from portal.panel.actions import (
    Verdict,
    answer,
    ask,
    conclude,
    declare,
    draw_lots,
    examine,
    judge,
    open_,
    recuse,
    reopen,
    replace,
    sign,
    terminate,
)
from portal.panel.invariants import invariants
from portal.panel.models import Explanation, Panel, PanelFinding
from portal.panel.queries import Candidate, Rejected, Reported, dissents, explanation, panel, reported

__all__ = [
    "Candidate",
    "Explanation",
    "Panel",
    "PanelFinding",
    "Rejected",
    "Reported",
    "Verdict",
    "answer",
    "ask",
    "conclude",
    "declare",
    "dissents",
    "draw_lots",
    "examine",
    "explanation",
    "invariants",
    "judge",
    "open_",
    "panel",
    "recuse",
    "reopen",
    "replace",
    "reported",
    "sign",
    "terminate",
]
