"""Uploaded workbooks between preview and confirmation: sealed in the database, one for each register."""

from datetime import datetime
from uuid import UUID, uuid4

from flask import current_app
from sqlalchemy import delete, select

from portal.access import Actor
from portal.kernel.errors import NotFound
from portal.kernel.seal import Sealer
from portal.spreadsheet.models import Upload
from tenants.db import db, tenant_of_session


def _sealer() -> Sealer:
    return Sealer(current_app.config["SETTINGS"].master_key)


def keep_upload(register: str, filename: str, content: bytes, *, by: Actor, now: datetime) -> Upload:
    """Keep what was just uploaded, in place of the same person's earlier upload for the same register."""
    tenant_id = tenant_of_session()
    db.session.execute(
        delete(Upload).where(
            Upload.account_id == by.account_id, Upload.tenant_id == tenant_id, Upload.register == register
        )
    )
    upload_id = uuid4()
    upload = Upload(
        id=upload_id,
        account_id=by.account_id,
        tenant_id=tenant_id,
        register=register,
        filename=filename,
        sealed=_sealer().seal(content, context=upload_id.bytes),
        uploaded_at=now,
    )
    db.session.add(upload)
    db.session.flush()
    return upload


def upload(row_id: UUID, register: str) -> Upload:
    """One's own upload for a register of this tenant. Raises `NotFound`."""
    found = db.session.scalar(
        select(Upload).where(
            Upload.id == row_id, Upload.tenant_id == tenant_of_session(), Upload.register == register
        )
    )
    if found is None:
        raise NotFound
    return found


def content_of(row: Upload) -> bytes:
    """The workbook as it was uploaded."""
    return _sealer().open(row.sealed, context=row.id.bytes)


def forget(row: Upload) -> None:
    """Drop an upload that has been imported."""
    db.session.delete(row)
