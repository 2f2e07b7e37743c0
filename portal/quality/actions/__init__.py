"""One function per verb of a round, a seat and a sheet."""

from portal.quality.actions.rounds import (
    concur,
    dismiss,
    draw_,
    drawn,
    finalise,
    match,
    notify,
    object_,
    plan,
    redraw,
    reopen,
    sample,
    supplement,
    uphold,
    veto,
)
from portal.quality.actions.seats import accept, decline, extend, lapse, overdue, recuse
from portal.quality.actions.sheets import hand_in, save
from portal.quality.actions.totals import score

__all__ = [
    "accept",
    "concur",
    "decline",
    "dismiss",
    "draw_",
    "drawn",
    "extend",
    "finalise",
    "hand_in",
    "lapse",
    "match",
    "notify",
    "object_",
    "overdue",
    "plan",
    "recuse",
    "redraw",
    "reopen",
    "sample",
    "save",
    "score",
    "supplement",
    "uphold",
    "veto",
]
