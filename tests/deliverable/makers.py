"""Work under a contract, brought to each state by the firm, the bureau and the unit."""

from datetime import date
from io import BytesIO
from itertools import count
from typing import Any
from uuid import UUID

from werkzeug.datastructures import FileStorage

from portal import contract, deliverable
from portal.access import Role
from portal.contract import DeliverableKind
from tests.contract.makers import Deal, an_effective_contract

_uploads = count(1)


def a_pdf(marker: str = "") -> bytes:
    """One page of PDF, different every time."""
    stamp = f"% {marker} {next(_uploads)}\n".encode()
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] >>",
    )
    made, places = b"%PDF-1.4\n" + stamp, []
    for number, content in enumerate(objects, 1):
        places.append(len(made))
        made += f"{number} 0 obj\n".encode() + content + b"\nendobj\n"
    start = len(made)
    lines = b"".join(f"{place:010d} 00000 n \n".encode() for place in places)
    made += b"xref\n0 4\n0000000000 65535 f \n" + lines
    return made + f"trailer\n<< /Size 4 /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n".encode()


def an_upload(name: str = "成果.pdf", content: bytes | None = None) -> FileStorage:
    """A file as a form brings it."""
    return FileStorage(BytesIO(a_pdf() if content is None else content), filename=name)


def row_id(deal: Deal, kind: str, subject: int = 0) -> UUID:
    """The deliverable of a kind on the n-th subject."""
    with deal.acting(Role.HANDLER):
        rows = deliverable.of_contract(deal.contract_id)
        return next(row.id for row in rows if row.kind == kind and row.subject_id == deal.subjects[subject])


def hand_in(deal: Deal, kind: str, subject: int = 0, **changed: Any) -> UUID:
    """The firm hands in a version."""
    found = row_id(deal, kind, subject)
    given = {"unclassified": True, "lead_confirmed": True, **changed}
    upload = given.pop("upload", None) or an_upload()
    with deal.acting(Role.FIRM_HANDLER) as (by, now):
        deliverable.submit(
            deliverable.deliverable(found), upload, given.pop("note", ""), by=by, now=now, **given
        )
    return found


def accepted(deal: Deal, kind: str, subject: int = 0) -> UUID:
    """Handed in and accepted."""
    found = hand_in(deal, kind, subject)
    with deal.acting(Role.HANDLER) as (by, now):
        deliverable.accept(deliverable.deliverable(found), by=by, now=now)
    return found


def consultation_id(deal: Deal, subject: int = 0) -> UUID:
    """The consultation on the accepted draft."""
    with deal.acting(Role.HANDLER):
        rows = deliverable.of_contract(deal.contract_id)
        draft = next(
            row
            for row in rows
            if row.kind == DeliverableKind.DRAFT and row.subject_id == deal.subjects[subject]
        )
        found = deliverable.consultation_of(draft)
        assert found is not None
        return found.id


def heard(deal: Deal, subject: int = 0) -> None:
    """The unit has no opinion on the draft."""
    found = consultation_id(deal, subject)
    with deal.acting(Role.UNIT_HANDLER) as (by, now):
        deliverable.agree(deliverable.consultation(found), by=by, now=now)


def with_opinions(deal: Deal, *texts: str, subject: int = 0) -> UUID:
    """The unit has written opinions and handed them in."""
    found = consultation_id(deal, subject)
    for text in texts:
        with deal.acting(Role.UNIT_HANDLER) as (by, now):
            deliverable.note(deliverable.consultation(found), "第三章", text, by=by, now=now)
    with deal.acting(Role.UNIT_HANDLER) as (by, now):
        deliverable.state(deliverable.consultation(found), by=by, now=now)
    return found


def visited(deal: Deal, first: date, last: date, *, lead: bool = True, subject: int = 0) -> None:
    """The firm records days on site."""
    with deal.acting(Role.FIRM_HANDLER) as (by, now):
        data = deliverable.Visited(deal.subjects[subject], first, last, "项目现场", "张三、李四", lead, "")
        deliverable.record_visit(contract.contract(deal.contract_id), data, by=by, now=now)


def delivered(deal: Deal | None = None, **changed: Any) -> Deal:
    """A contract whose every report is accepted."""
    deal = deal or an_effective_contract(**changed)
    for subject in range(len(deal.subjects)):
        accepted(deal, "plan", subject)
        accepted(deal, "draft", subject)
        heard(deal, subject)
        accepted(deal, "report", subject)
    return deal
