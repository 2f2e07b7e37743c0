"""Handing out a file, and reading it page by page beside the work."""

from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from flask import Blueprint, request
from werkzeug.wrappers import Response

from portal.access import Permission as P
from portal.file import queries, serving
from portal.file.models import StoredFile
from portal.file.reading import Outline, outline
from portal.web.guard import allow, is_local
from portal.web.pages import page

bp = Blueprint("file", __name__, url_prefix="/t/<tenant>/files")


def _page_of(row_id: UUID, seq: int) -> tuple[StoredFile, int]:
    return queries.stored(row_id), seq


@bp.get("/<uuid:row_id>")
@allow(P.FILE_READ, queries.stored)
def download(row: StoredFile) -> Response:
    """The file, to be kept."""
    return serving.download(row)


@bp.get("/<uuid:row_id>/read")
@allow(P.FILE_READ, queries.stored)
def read(row: StoredFile) -> str:
    """The file, to be read here."""
    back = request.args.get("back", "")
    return page("file/read.html", row=row, back=back if is_local(back) else "")


@bp.get("/<uuid:row_id>/pages/<int:seq>.png")
@allow(P.FILE_READ, _page_of)
def picture(row: tuple[StoredFile, int]) -> Response:
    """One page of a PDF as a picture. Raises `NotFound` where there is none."""
    return serving.picture(*row)


@bp.app_template_global("file_outline")
def file_outline(row: StoredFile) -> Outline | None:
    """The words of a Word file for `parts/files.html`; None where it cannot be read."""
    return outline(row)


@dataclass(frozen=True, slots=True)
class Turn:
    """Where a reader is in a PDF, and the addresses of the pages beside."""

    number: int
    previous: str | None
    next: str | None


@bp.app_template_global("file_turn")
def file_turn(row: StoredFile, here: str) -> Turn:
    """The page of a file asked for by ``?page=``, the first where that is none; ``here`` shows the reader.

    What else was asked stays in the addresses.
    """
    last = row.pages or 1
    asked = request.args.get("page", "")
    number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 7 else 1  # noqa: PLR2004
    number = min(max(number, 1), last)
    rest = [(key, value) for key, value in request.args.items(multi=True) if key != "page"]

    def to(page_number: int) -> str:
        return f"{here}?{urlencode([*rest, ('page', str(page_number))])}#reader"

    return Turn(number, to(number - 1) if number > 1 else None, to(number + 1) if number < last else None)


@bp.app_template_global("size_label")
def size_label(size: int) -> str:
    """A size in words: KB below one MB."""
    kilobytes = max(1, round(size / 1024))
    return f"{kilobytes} KB" if kilobytes < 1024 else f"{size / 1024 / 1024:.1f} MB"  # noqa: PLR2004
