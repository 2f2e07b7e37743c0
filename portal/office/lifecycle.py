"""The table of moves of a rule set: a draft is published once, and from then on never changes."""

from enum import StrEnum
from typing import Final

from portal.kernel.machine import Machine, Move
from portal.office.rules import rulesets as r
from portal.wording import STATES


class RuleSetState(StrEnum):
    """Where a version of the rules stands."""

    DRAFT = "draft"
    PUBLISHED = "published"


S = RuleSetState
STATE_LABELS: Final[dict[RuleSetState, tuple[str, str]]] = {
    S.DRAFT: (STATES["ruleset.draft"], "draft"),
    S.PUBLISHED: (STATES["ruleset.published"], "done"),
}

# fmt: off
MOVES = (
    Move("draft",   (S.DRAFT,), S.DRAFT,     r.free),
    Move("publish", (S.DRAFT,), S.PUBLISHED, r.may_publish),
)
# fmt: on
RULESET: Final = Machine("ruleset", RuleSetState, start=S.DRAFT, moves=MOVES)
