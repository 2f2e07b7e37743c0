"""Handing out a file, and reading it page by page beside the work."""

from urllib.parse import urlencode
from uuid import UUID

from flask import Blueprint, request
from werkzeug.wrappers import Response

from portal.access import Permission as P
from portal.file import queries, serving
from portal.file.models import StoredFile
from portal.file.reading import Outline, outline
from portal.web.guard import allow
from portal.web.pages import page

bp = Blueprint("file", __name__, url_prefix="/t/<tenant>/files")


def _page_of(file_id: UUID, number: int) -> tuple[StoredFile, int]:
    return queries.stored(file_id), number


@bp.get("/<uuid:file_id>")
@allow(P.FILE_READ, queries.stored)
def download(row: StoredFile) -> Response:
    """The file, to be kept."""
    return serving.download(row)


@bp.get("/<uuid:file_id>/read")
@allow(P.FILE_READ, queries.stored)
def read(row: StoredFile) -> str:
    """The file, to be read here."""
    return page("file/read.html", row=row)


@bp.get("/<uuid:file_id>/pages/<int:number>.png")
@allow(P.FILE_READ, _page_of)
def picture(row: tuple[StoredFile, int]) -> Response:
    """One page of a PDF as a picture. Raises `NotFound` where there is none."""
    return serving.picture(*row)


@bp.app_template_global("file_outline")
def file_outline(row: StoredFile) -> Outline | None:
    """The words of a Word file for `parts/files.html`; None where it cannot be read."""
    return outline(row)


@bp.app_template_global("file_page")
def file_page(row: StoredFile) -> int:
    """Which page of a file is asked for by ``?page=``; the first where it is nonsense."""
    asked = request.args.get("page", "")
    number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 7 else 1  # noqa: PLR2004
    return min(max(number, 1), row.pages or 1)


@bp.app_template_global("page_url")
def page_url(here: str, number: int) -> str:
    """The page that shows the reader, turned to another page of the file; what else was asked stays."""
    asked = [(key, value) for key, value in request.args.items(multi=True) if key != "page"]
    return f"{here}?{urlencode([*asked, ('page', str(number))])}#reader"


@bp.app_template_global("size_label")
def size_label(size: int) -> str:
    """A size in words: KB below one MB."""
    kilobytes = max(1, round(size / 1024))
    return f"{kilobytes} KB" if kilobytes < 1024 else f"{size / 1024 / 1024:.1f} MB"  # noqa: PLR2004
