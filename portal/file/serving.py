"""A file on its way out: to be kept, never rendered from our own origin; and its pages as pictures."""

from flask import send_file
from werkzeug.wrappers import Response

from portal.file import pdf, queries
from portal.file.models import StoredFile
from portal.kernel.errors import NotFound


def download(row: StoredFile) -> Response:
    """The file under its own name, streamed from the disk."""
    path = queries.storage().path(row.digest)
    if not path.is_file():
        raise NotFound
    return send_file(
        path,
        mimetype=row.media_type,
        as_attachment=True,
        download_name=row.name,
        conditional=False,
        etag=False,
    )


def picture(row: StoredFile, number: int) -> Response:
    """Page ``number`` of a PDF as a picture, drawn once. Raises `NotFound` where there is no such page."""
    if row.pages is None or not 1 <= number <= row.pages:
        raise NotFound
    image = queries.image_path(row, number)
    try:
        pdf.draw(queries.storage().path(row.digest), number, image)
    except pdf.Unreadable:
        raise NotFound from None
    return send_file(image, mimetype="image/png", conditional=False, etag=False)
