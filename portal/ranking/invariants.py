"""What must always hold of rankings, and SQL cannot say. Each check returns the broken rows in words."""

from collections.abc import Iterator
from decimal import Decimal

from sqlalchemy import select

from portal import firm
from portal.kernel.money import yuan
from portal.kernel.score import score
from portal.ranking import queries
from portal.ranking.models import Ranking, RankingRow
from portal.ranking.rules import Engagement, standings
from tenants.db import db


def invariants() -> Iterator[str]:
    """The broken rows of the tenant in scope; nothing where all is well."""
    for row in db.session.scalars(select(Ranking).order_by(Ranking.year)):
        rows = queries.rows_of(row)
        if not _recomputes(row, rows):
            yield f"{row.year} 年度排名：名次与合作得分重算的结果不符"
        if row.is_final and not _recorded(row, rows):
            yield f"{row.year} 年度排名：记入各机构的评级结果与定稿不符"


def _recomputes(row: Ranking, rows: list[RankingRow]) -> bool:
    engagements = [
        Engagement(
            str(each.place),
            yuan(work["fee"]),
            score(work["appraisal"]),
            None if work["quality"] is None else score(work["quality"]),
            bool(work["on_time"]),
        )
        for each in rows
        for work in each.works
    ]
    found = {each.firm: each for each in standings(engagements, queries.rules_pinned(row))}
    return all(
        (each.rank, each.score, each.grade)
        == ((one.rank, one.score, one.grade) if (one := found.get(str(each.place))) else (None, None, ""))
        for each in rows
    )


def _recorded(row: Ranking, rows: list[RankingRow]) -> bool:
    kept: dict[object, tuple[int | None, str, Decimal | None, int, int]] = {
        firm_id: (each.rank, each.grade, each.score, each.vetoed, each.edition)
        for firm_id, found in firm.standings_of([each.firm_id for each in rows]).items()
        for each in found
        if each.year == row.year
    }
    return kept == {
        each.firm_id: (each.rank, each.grade, each.score, each.vetoed, row.edition) for each in rows
    }
