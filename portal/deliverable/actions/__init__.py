"""One function per verb of the work under a contract. Each goes through the setter of moves; none commits."""

from portal.deliverable.actions.consultations import agree, answer, lapse, note, overdue, state, strike
from portal.deliverable.actions.deliverables import (
    accept,
    close_to,
    open_for,
    open_to,
    put_off,
    return_,
    submit,
)
from portal.deliverable.actions.field import (
    Visited,
    ask,
    give_back,
    hand_over,
    receive,
    record_visit,
    strike_visit,
    withdraw,
)

__all__ = [
    "Visited",
    "accept",
    "agree",
    "answer",
    "ask",
    "close_to",
    "give_back",
    "hand_over",
    "lapse",
    "note",
    "open_for",
    "open_to",
    "overdue",
    "put_off",
    "receive",
    "record_visit",
    "return_",
    "state",
    "strike",
    "strike_visit",
    "submit",
    "withdraw",
]
