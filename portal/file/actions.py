"""Keeping a file, and who else reads it. None commits; bytes without a row do no harm."""

from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from uuid import UUID

from werkzeug.datastructures import FileStorage

from portal.access import OUTSIDE, Actor
from portal.audit import record
from portal.file import pdf, queries
from portal.file.models import StoredFile
from portal.file.rules import DOCX, MOST, PDF, Kind, clean_name, kind_of, may_keep
from portal.kernel.errors import Invalid
from tenants.db import db
from tenants.scope import elevated


def keep(
    upload: FileStorage | None,
    *,
    readers: Sequence[UUID] = (),
    kinds: Sequence[Kind] = (PDF, DOCX),
    most: int = MOST,
    by: Actor,
    now: datetime,
    field: str = "file",
    as_is: bool = False,
) -> StoredFile:
    """Keep what was uploaded; an outside party that brings a file reads it too.

    ``most`` in bytes. ``as_is`` keeps a PDF whose pages cannot be drawn too: it was promised to be kept when
    it was sealed. Raises `Invalid` for ``field``: nothing chosen, empty, too large, of a kind that is not
    taken, broken, with macros.
    """
    if upload is None or not upload.filename:
        raise Invalid(field, "file.none")
    store = queries.storage()
    with store.draft(upload.stream, most=most) as draft:
        with draft.path.open("rb") as content:
            kind, fault = kind_of(content)
        ruling = may_keep(size=draft.size, most=most, kind=kind, kinds=kinds, fault=fault)
        for refusal in ruling.refusals:
            raise Invalid(field, refusal.code, **refusal.facts)
        assert kind is not None  # noqa: S101 -- ruled out just above, for the type checker
        pages = None
        if kind is PDF:
            try:
                pages = pdf.count(draft.path)
            except pdf.Unreadable:
                if not as_is:
                    raise Invalid(field, "file.unreadable") from None
        store.settle(draft)
    own = [by.party_id] if by.role in OUTSIDE and by.party_id else []
    row = StoredFile(
        name=clean_name(upload.filename, kind),
        media_type=kind.value,
        size=draft.size,
        digest=draft.digest,
        pages=pages,
        readers=list(dict.fromkeys((*readers, *own))),
        kept_by=by.name,
        keeper_id=by.account_id,
        kept_at=now,
    )
    with _reach(by):
        db.session.add(row)
        db.session.flush()
    record("file.keep", by=by, now=now, subject_id=row.id, name=row.name, size=row.size, digest=row.digest)
    return row


def add_readers(file_id: UUID, parties: Collection[UUID]) -> None:
    """Let more outside parties read a file; whoever reads it already still does."""
    with elevated("file.share"):
        row = _held(file_id)
        row.readers = list(dict.fromkeys((*row.readers, *parties)))
        db.session.flush()


def remove_readers(file_id: UUID, parties: Collection[UUID]) -> None:
    """From now on these outside parties read a file no more; what they read before stays read."""
    with elevated("file.withhold"):
        row = _held(file_id)
        row.readers = [each for each in row.readers if each not in parties]
        db.session.flush()


def _held(file_id: UUID) -> StoredFile:
    """The file, locked: two who change its readers at once both count."""
    row = queries.stored(file_id)
    db.session.refresh(row, with_for_update=True)
    return row


def _reach(by: Actor) -> AbstractContextManager[None]:
    """An outside party writes nothing itself: what it brings is kept by the system."""
    return elevated("file.keep") if by.role in OUTSIDE else nullcontext()
