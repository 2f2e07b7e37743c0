"""Issuing a paper under a number, signing, and telling the public. None commits."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import date, datetime
from uuid import UUID

from portal import office
from portal.access import OUTSIDE, Actor
from portal.audit import record
from portal.document import queries
from portal.document import rules as r
from portal.document.models import Announcement, Issued, Signature
from portal.document.rules import Notice, Paper
from portal.identity import attest
from portal.kernel.workdays import day_of
from tenants.db import db
from tenants.scope import elevated


def issue(
    kind: str,
    paper: Paper,
    *,
    subject_id: UUID,
    readers: Sequence[UUID] = (),
    by: Actor | None,
    now: datetime,
    code: str | None = None,
    numbered: bool = True,
) -> Issued:
    """制发: keep the paper whole, under the next number of ``code`` or of the 代字 for its kind.

    ``kind`` is ``slice.what``; the outside parties in ``readers`` read it too. Raises `Refused`, `Invalid`.
    """
    with _reach(by):
        number = _number(kind, code, paper.title, by, now) if numbered else ""
        content = r.spelled(paper)
        row = Issued(
            kind=kind,
            number=number,
            title=paper.title,
            content=content,
            digest=r.paper_digest(kind, number, content),
            subject_id=subject_id,
            readers=list(dict.fromkeys(readers)),
            issued_by=by.name if by else "系统",
            issued_at=now,
        )
        db.session.add(row)
        db.session.flush()
    record(
        "document.issue",
        by=by,
        now=now,
        subject_id=row.id,
        tenant_id=row.tenant_id,
        title=paper.title,
        number=number or None,
        digest=row.digest,
    )
    return row


def _number(kind: str, code: str | None, title: str, by: Actor | None, now: datetime) -> str:
    if code is None:
        bureau, matter = queries.bureau().name, r.matter_of(kind)
        known = {each.code: each.closed_at is None for each, _ in office.codes()}
        code = r.choose_stem(bureau, matter, [each for each, in_use in known.items() if in_use])
        if code is None:
            code = r.default_stem(bureau, matter)
            if code not in known:
                office.open_code(code, None, by=by, now=now)
    return office.take_number(code, day_of(now).year, title, by, now).written


def sign(
    subject_kind: str,
    subject_id: UUID,
    digest: str,
    *,
    password: str,
    by: Actor,
    now: datetime,
    readers: Sequence[UUID] = (),
    dissent: str = "",
) -> Signature:
    """签名: put one's name, and one's dissent, to the content of ``digest`` (hexadecimal).

    The password is asked again.

    Raises `Invalid` for ``password``, `Refused` while the account is locked.
    """
    attest(password, by=by, now=now)
    own = [by.party_id] if by.role in OUTSIDE and by.party_id else []
    row = Signature(
        subject_kind=subject_kind,
        subject_id=subject_id,
        digest=digest,
        account_id=by.account_id,
        post_id=by.post_id,
        name=by.name,
        role=by.role.value,
        place=by.place,
        dissent=dissent,
        readers=list(dict.fromkeys((*readers, *own))),
        signed_at=now,
    )
    with _reach(by):
        db.session.add(row)
        db.session.flush()
    record("document.sign", by=by, now=now, subject_id=subject_id, kind=subject_kind, digest=digest)
    return row


def publish_notice(
    kind: Notice | str,
    paper: Paper,
    *,
    subject_id: UUID,
    by: Actor | None,
    now: datetime,
    until: date | None = None,
) -> Announcement:
    """公告: show a paper to everybody; ``until`` is the last day of a publicity period."""
    kind = Notice(kind)
    content = r.spelled(paper)
    with _reach(by):
        bureau = queries.bureau()
        row = Announcement(
            bureau_code=bureau.code,
            bureau_name=bureau.name,
            is_demo=bureau.is_demo,
            kind=kind.value,
            title=paper.title,
            content=content,
            digest=r.paper_digest(f"notice.{kind.value}", "", content),
            subject_id=subject_id,
            published_at=now,
            until=until,
        )
        db.session.add(row)
        db.session.flush()
        record(
            "document.publish",
            by=by,
            now=now,
            subject_id=row.id,
            tenant_id=row.tenant_id,
            title=paper.title,
            digest=row.digest,
        )
    return row


def _reach(by: Actor | None) -> AbstractContextManager[None]:
    """An outside party writes nothing itself: what follows from its deed is written by the system."""
    return elevated("document.issue") if by is not None and by.role in OUTSIDE else nullcontext()
