"""What every invited firm is told after the issue, each with a receipt of its own."""

from datetime import datetime
from uuid import UUID

from portal.audit import rewrite_inbox
from portal.tender import queries
from portal.tender.lifecycle import TENDER
from portal.tender.models import Tender, TenderBulletin, TenderReceipt
from portal.tender.queries import Invited
from tenants.db import db


def hand_out(row: Tender, firms: list[Invited], bulletin_id: UUID | None, *, now: datetime) -> None:
    """One receipt for each firm, unseen as yet; for the issue itself where there is no bulletin."""
    db.session.add_all(
        TenderReceipt(
            tender_id=row.id,
            bulletin_id=bulletin_id,
            firm_id=each.firm_id,
            firm_name=each.name,
            told_at=now,
            readers=[each.firm_id],
        )
        for each in firms
    )


def tell(
    row: Tender,
    kind: str,
    words: str,
    *,
    by_name: str,
    now: datetime,
    question_id: UUID | None = None,
    moved: tuple[datetime, datetime] | None = None,
) -> None:
    """Tell every invited firm; ``moved`` holds the deadline before and after, where it moved."""
    if not row.readers:
        return
    bulletin = TenderBulletin(
        tender_id=row.id,
        kind=kind,
        text=words,
        question_id=question_id,
        moved_from=moved[0] if moved else None,
        moved_to=moved[1] if moved else None,
        told_at=now,
        told_by=by_name,
        readers=list(row.readers),
    )
    db.session.add(bulletin)
    db.session.flush()
    hand_out(row, queries.firms(row.id), bulletin.id, now=now)
    row.unseen = list(row.readers)
    db.session.flush()
    rewrite_inbox(TENDER, row, now=now)
