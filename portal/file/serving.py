"""A file on its way out: to be kept, never rendered from our own origin; and its pages as pictures."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from werkzeug.wrappers import Response

from portal.file import pdf, queries
from portal.file.models import StoredFile
from portal.file.rules import SUFFIXES
from portal.file.storage import CHUNK
from portal.kernel.errors import NotFound


def download(row: StoredFile) -> Response:
    """The file under its own name, streamed from the disk. Raises `NotFound` where its content is gone."""
    path = queries.storage().path(row.digest)
    if not path.is_file():
        raise NotFound
    answer = Response(_chunks(path), mimetype=row.media_type, direct_passthrough=True)
    answer.content_length = row.size
    suffix = SUFFIXES[row.kind]
    answer.headers["Content-Disposition"] = (
        f"attachment; filename=file{suffix}; filename*=UTF-8''{quote(row.name, safe='')}"
    )
    return answer


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as content:
        while chunk := content.read(CHUNK):
            yield chunk


def picture(row: StoredFile, number: int) -> Response:
    """Page ``number`` of a PDF as a picture, drawn once. Raises `NotFound` where there is no such page."""
    if row.pages is None or not 1 <= number <= row.pages:
        raise NotFound
    image = queries.image_path(row, number)
    try:
        pdf.draw(queries.storage().path(row.digest), number, image)
    except pdf.Unreadable:
        raise NotFound from None
    return Response(image.read_bytes(), mimetype="image/png")
