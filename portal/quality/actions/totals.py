"""Adding a round up, once nothing is missing any more. Runs as the system, which alone reads every sheet."""

from datetime import datetime
from uuid import UUID

from portal.access import Actor
from portal.audit import take
from portal.kernel.hashing import plain
from portal.quality import queries
from portal.quality.lifecycle import ROUND, RoundState
from portal.quality.models import Round
from tenants.db import db
from tenants.scope import elevated


def score(row: Round, *, by: Actor | None, now: datetime) -> None:
    """汇总: means and scores from the sheets that count, which are released. Raises `Refused`."""
    with elevated("quality.score"):
        whole = queries.round_(row.id)
        counted = queries.valid_sheets(whole)
        result, quality = queries.reckoned(whole, counted)
        take(
            ROUND,
            whole,
            "score",
            queries.facts(whole, now=now),
            by=by,
            now=now,
            changes={
                "scored_at": now,
                "result": plain(result),
                "quality_score": quality.score,
                "plan_mean": quality.plan,
                "report_mean": quality.report,
                "vetoed": None,
                "veto_reason": None,
                "veto_ruler": None,
                "readers": list(dict.fromkeys((*whole.readers, *(each.expert_id for each in counted)))),
            },
            quality_score=quality.score,
        )
        for each in counted:
            each.released_at = each.released_at or now
        db.session.flush()


def settle(round_id: UUID, *, now: datetime) -> None:
    """Add the round up where nothing is missing any more; for the system."""
    row = queries.round_(round_id)
    queries.lock(row)
    if RoundState(row.state) is RoundState.SCORING and ROUND.judge(
        "score", RoundState.SCORING, queries.facts(row, now=now)
    ):
        score(row, by=None, now=now)
