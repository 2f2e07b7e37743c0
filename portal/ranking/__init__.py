"""年度排名: firms of a tenant by the engagements of a year, with grades; never an entry barrier.

Public for objections before it is final; what is final is recorded with the firms as their standing.
"""

from portal.ranking.actions import (
    acknowledge,
    answer,
    correct,
    draft,
    finalise,
    object_to,
    publish,
    refresh,
)
from portal.ranking.invariants import invariants
from portal.ranking.models import Ranking, RankingRow
from portal.ranking.queries import (
    contracts_of,
    objections_to,
    of_year,
    ranking,
    rows_of,
    rules_pinned,
    work_of,
)

__all__ = [
    "Ranking",
    "RankingRow",
    "acknowledge",
    "answer",
    "contracts_of",
    "correct",
    "draft",
    "finalise",
    "invariants",
    "object_to",
    "objections_to",
    "of_year",
    "publish",
    "ranking",
    "refresh",
    "rows_of",
    "rules_pinned",
    "work_of",
]
