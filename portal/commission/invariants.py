"""What must always hold of commissions, and SQL cannot say. Each check returns the broken rows in words."""

from collections.abc import Iterator

from sqlalchemy import select

from portal.commission.lifecycle import CommissionState
from portal.commission.models import Commission, CommissionSubject, Edition, QualityTerms
from portal.kernel.hashing import digest
from tenants.db import db


def invariants() -> Iterator[str]:
    """The broken rows of the tenant in scope; nothing where all is well."""
    yield from _editions_match_their_digests()
    yield from _approved_commissions_stand_on_frozen_terms()
    yield from _live_commissions_have_subjects()


def _editions_match_their_digests() -> Iterator[str]:
    for edition in db.session.scalars(select(Edition)):
        if digest(edition.content).hex() != edition.digest:
            yield f"委托版本 {edition.id}：内容与批准时的摘要不符"


def _approved_commissions_stand_on_frozen_terms() -> Iterator[str]:
    approved = db.session.execute(
        select(Commission, QualityTerms, Edition)
        .join(QualityTerms, QualityTerms.id == Commission.terms_id)
        .outerjoin(Edition, (Edition.commission_id == Commission.id) & Edition.ended_at.is_(None))
        .where(Commission.state == CommissionState.APPROVED.value)
    )
    for commission, terms, edition in approved:
        if terms.frozen_at is None:
            yield f"委托 {commission.id}：已批准，质量约定却没有冻结"
        if edition is None:
            yield f"委托 {commission.id}：已批准，却没有有效的版本"
        elif digest(commission.snapshot()).hex() != edition.digest:
            yield f"委托 {commission.id}：批准后内容被改动，与第 {edition.number} 版不符"


def _live_commissions_have_subjects() -> Iterator[str]:
    empty = db.session.scalars(
        select(Commission.id)
        .outerjoin(CommissionSubject, CommissionSubject.commission_id == Commission.id)
        .where(
            Commission.state.in_((CommissionState.SUBMITTED.value, CommissionState.APPROVED.value)),
            CommissionSubject.id.is_(None),
        )
    )
    for row_id in empty:
        yield f"委托 {row_id}：没有评价对象"
