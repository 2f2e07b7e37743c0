"""What must always hold of appraisals, and SQL cannot say. Each check returns the broken rows in words."""

from collections.abc import Iterator

from sqlalchemy import select

from portal.appraisal import queries
from portal.appraisal.lifecycle import AppraisalState
from portal.appraisal.models import Appraisal, AppraisalContent
from portal.kernel.hashing import digest
from tenants.db import db


def invariants() -> Iterator[str]:
    """The broken rows of the tenant in scope; nothing where all is well."""
    yield from _locked_sheets_match_their_digests()
    yield from _scores_recompute()


def _locked_sheets_match_their_digests() -> Iterator[str]:
    locked = select(AppraisalContent).where(AppraisalContent.locked_at.is_not(None))
    for content in db.session.scalars(locked):
        if digest(content.said).hex() != content.digest:
            yield f"考评表 {content.sheet_id}：内容与签名时的摘要不符"
        made = queries.filled(queries.sheet(content.sheet_id), content)
        if (made.points, made.total) != (content.points, content.total):
            yield f"考评表 {content.sheet_id}：得分 {content.points} 与重新计算的 {made.points} 不符"


def _scores_recompute() -> Iterator[str]:
    for row in db.session.scalars(select(Appraisal).where(Appraisal.state == AppraisalState.FINAL.value)):
        if queries.score_of(row, vetoed=row.vetoed) != row.score:
            yield f"考评 {row.id}：考评得分 {row.score} 与重新计算的不符"
        if row.is_wide and any(each.is_main and each.explained_at is None for each in row.sheets):
            yield f"考评 {row.id}：分差超过 {row.gap_limit} 分，却有一方没有说明理由"
