"""What must always hold of the work under contracts, and SQL cannot say."""

from collections.abc import Iterator

from sqlalchemy import func, select

from portal.deliverable.models import Consultation, Deliverable, Opinion, Version
from tenants.db import db


def invariants() -> Iterator[str]:
    """The broken rows of the tenant in scope; nothing where all is well."""
    counted = select(Version.deliverable_id, func.count().label("many")).group_by(Version.deliverable_id)
    held = {row.deliverable_id: row.many for row in db.session.execute(counted)}
    for row in db.session.scalars(select(Deliverable)):
        if row.versions_count != held.get(row.id, 0):
            yield f"成果 {row.id}：版本数与存档不符"
    decided = (
        select(Deliverable.id, Deliverable.accepted_file_id, Version.file_id)
        .join(Version, (Version.deliverable_id == Deliverable.id) & (Version.decision == "accepted"))
        .where(Deliverable.accepted_file_id != Version.file_id)
    )
    yield from (f"成果 {row.id}：认可的版本与文件不符" for row in db.session.execute(decided))
    open_answers = (
        select(Consultation.id)
        .join(Opinion, Opinion.consultation_id == Consultation.id)
        .where(Consultation.state == "answered", Opinion.adopted.is_(None))
    )
    yield from (f"征求意见 {row.id}：还有意见没有答复" for row in db.session.execute(open_answers))
