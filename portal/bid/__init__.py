"""响应文件: sealed by cryptography until the opening (令74 §15; design: nothing but the number shows before).

Downstream the panel calls `confirm_opening` for each of two officers, then `unseal`; afterwards `bids_of`.
"""

from portal.bid.actions import (
    Attachment,
    Member,
    Offer,
    confirm_opening,
    freeze,
    submit,
    unnamed,
    unseal,
    withdraw,
)
from portal.bid.invariants import invariants
from portal.bid.models import Bid
from portal.bid.queries import bids_of, commitments, count, has_submitted, own, sealed_digests, vault

__all__ = [
    "Attachment",
    "Bid",
    "Member",
    "Offer",
    "bids_of",
    "commitments",
    "confirm_opening",
    "count",
    "freeze",
    "has_submitted",
    "invariants",
    "own",
    "sealed_digests",
    "submit",
    "unnamed",
    "unseal",
    "vault",
    "withdraw",
]
