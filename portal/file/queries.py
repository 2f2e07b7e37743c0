"""Reading files: the rows, and the bytes behind them."""

from collections.abc import Collection
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from flask import current_app
from sqlalchemy import select

from portal.file.models import StoredFile
from portal.file.storage import Storage
from portal.kernel.errors import NotFound
from tenants.db import db


def storage() -> Storage:
    """The store of this installation."""
    return Storage(_var() / "files")


def stored(row_id: UUID) -> StoredFile:
    """One file that this scope may read. Raises `NotFound`."""
    found = db.session.scalar(select(StoredFile).where(StoredFile.id == row_id))
    if found is None:
        raise NotFound
    return found


def files(file_ids: Collection[UUID]) -> dict[UUID, StoredFile]:
    """Those of the files that this scope may read, by id; one statement."""
    if not file_ids:
        return {}
    found = db.session.scalars(select(StoredFile).where(StoredFile.id.in_(set(file_ids))))
    return {each.id: each for each in found}


def content_of(row: StoredFile) -> BinaryIO:
    """The bytes of a file, to be read and closed."""
    return storage().open(row.digest)


def everything() -> list[StoredFile]:
    """Every file of the tenant."""
    return list(db.session.scalars(select(StoredFile).order_by(StoredFile.kept_at)))


def pictures() -> Path:
    """Where the pictures of pages lie."""
    return _var() / "pages"


def image_path(row: StoredFile, number: int) -> Path:
    """Where the picture of a page is kept; it can be drawn again at any time."""
    return pictures() / row.digest[:2] / row.digest[2:4] / f"{row.digest}-{number}.png"


def words_path(row: StoredFile) -> Path:
    """Where the words of a Word file are kept; they can be read again at any time."""
    return pictures() / row.digest[:2] / row.digest[2:4] / f"{row.digest}.json"


def _var() -> Path:
    var = current_app.config["SETTINGS"].var
    assert isinstance(var, Path)  # noqa: S101 -- for the type checker
    return var
