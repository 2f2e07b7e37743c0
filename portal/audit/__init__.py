"""审计与待办: the one setter of moves, the chained record of what happened, and what waits for whom.

网络安全法 §21(3) asks for logs of at least six months; ours are never deleted.
"""

from portal.audit.actions import announce, born, record, record_own, refused, rewrite_inbox, take
from portal.audit.jobs import ring_due
from portal.audit.models import InboxRow, Moved
from portal.audit.queries import (
    Happening,
    OwnWait,
    happening,
    head,
    links,
    moments,
    moving_elsewhere,
    own_events,
    own_waits,
    timeline,
    waiting,
    waiting_counts,
)

__all__ = [
    "Happening",
    "InboxRow",
    "Moved",
    "OwnWait",
    "announce",
    "born",
    "happening",
    "head",
    "links",
    "moments",
    "moving_elsewhere",
    "own_events",
    "own_waits",
    "record",
    "record_own",
    "refused",
    "rewrite_inbox",
    "ring_due",
    "take",
    "timeline",
    "waiting",
    "waiting_counts",
]
