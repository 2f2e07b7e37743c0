"""One function per verb of a tender. Each goes through the setter of moves; none commits."""

from portal.tender.actions.drafting import (
    Draft,
    approve,
    choose,
    discard,
    draft,
    edit,
    return_,
    seat,
    submit,
)
from portal.tender.actions.ending import award, cancel, close, fail, open_, terminate
from portal.tender.actions.issuing import amend, issue, resume, suspend
from portal.tender.actions.keys import private_key
from portal.tender.actions.matching import match
from portal.tender.actions.questions import acknowledge, answer, ask

__all__ = [
    "Draft",
    "acknowledge",
    "amend",
    "answer",
    "approve",
    "ask",
    "award",
    "cancel",
    "choose",
    "close",
    "discard",
    "draft",
    "edit",
    "fail",
    "issue",
    "match",
    "open_",
    "private_key",
    "resume",
    "return_",
    "seat",
    "submit",
    "suspend",
    "terminate",
]
