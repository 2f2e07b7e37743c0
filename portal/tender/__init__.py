"""采购: one purchase, from the approved commission to the opening of its bids (政府采购法; 令74; 214号).

Downstream asks `tender`, `members`, `firms`, takes the tender's lock by `contest`, and reports back by
`opened`, `awarded`, `terminated` and `failed`; bids are counted by whoever `count_bids_with` was given.
"""

from portal.tender.actions import Draft, private_key
from portal.tender.actions import award as awarded
from portal.tender.actions import fail as failed
from portal.tender.actions import open_ as opened
from portal.tender.actions import terminate as terminated
from portal.tender.actions.ending import catch_up
from portal.tender.invariants import invariants
from portal.tender.models import Tender
from portal.tender.queries import (
    Invited,
    Seated,
    answers_with,
    bids,
    contest,
    count_bids_with,
    counts,
    firms,
    members,
    of_commission,
    pseudonym,
    tender,
)

__all__ = [
    "Draft",
    "Invited",
    "Seated",
    "Tender",
    "answers_with",
    "awarded",
    "bids",
    "catch_up",
    "contest",
    "count_bids_with",
    "counts",
    "failed",
    "firms",
    "invariants",
    "members",
    "of_commission",
    "opened",
    "private_key",
    "pseudonym",
    "tender",
    "terminated",
]
