"""One function per verb of a bid: seal, replace, withdraw; freeze, confirm, open. None commits."""

from portal.bid.actions.attachments import Attachment
from portal.bid.actions.opening import confirm_opening, freeze, open_, unseal
from portal.bid.actions.sealing import Member, Offer, replace_, submit, unnamed, withdraw

__all__ = [
    "Attachment",
    "Member",
    "Offer",
    "confirm_opening",
    "freeze",
    "open_",
    "replace_",
    "submit",
    "unnamed",
    "unseal",
    "withdraw",
]
