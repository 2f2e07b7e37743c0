"""A paper on its page and as a Word file; and what everybody may read without signing in."""

from uuid import UUID

from flask import Blueprint, current_app, request, url_for
from werkzeug.wrappers import Response

from portal.access import Permission as P
from portal.document import queries
from portal.document.models import Announcement, Issued
from portal.document.rules import NOTICE_LABELS, written_day
from portal.document.word import as_docx
from portal.web.guard import allow, public
from portal.web.pages import attachment, page

bp = Blueprint("document", __name__, url_prefix="/t/<tenant>/documents")
board = Blueprint("public", __name__, url_prefix="/public")


@bp.get("/<uuid:row_id>")
@allow(P.DOCUMENT_READ, queries.issued)
def document(row: Issued) -> str:
    """The paper, ready to be printed."""
    return page("document/document.html", row=row, signatures=queries.signatures_on(row))


@bp.get("/<uuid:row_id>/word")
@allow(P.DOCUMENT_READ, queries.issued)
def word(row: Issued) -> Response:
    """The paper as a Word file."""
    content = as_docx(
        row.paper,
        number=row.number,
        digest=row.digest,
        issued_at=row.issued_at,
        signatures=queries.signatures_on(row),
    )
    return attachment(content, f"{row.title}{row.number}.docx")


@board.get("")
@public
def bureaus() -> str:
    """The bureaus that have told the public something."""
    return page("document/bureaus.html", publishers=queries.publishers())


@board.get("/<bureau>")
@public
def announcements(bureau: str) -> str:
    """One bureau's announcements, the newest first."""
    name = queries.publisher_named(bureau)
    found = queries.page_of_announcements(
        bureau, request.args, path=url_for("public.announcements", bureau=bureau)
    )
    kinds = [(kind.value, label) for kind, label in NOTICE_LABELS.items()]
    return page(
        "document/announcements.html",
        name=name,
        listing=found,
        kinds=kinds,
        chosen=request.args,
        tabs=_tabs(bureau),
    )


@board.get("/<bureau>/notices/<uuid:row_id>")
@public
def announcement(bureau: str, row_id: UUID) -> str:
    """One announcement, ready to be printed."""
    row: Announcement = queries.announcement(bureau, row_id)
    return page("document/announcement.html", row=row)


bp.add_app_template_filter(written_day, "written_day")


def _tabs(bureau: str) -> list[tuple[str, str]]:
    """The other public lists of a bureau, which slices downstream make (`create_app` names them)."""
    lists = current_app.extensions["portal_public_lists"]
    return [(label, url_for(endpoint, bureau=bureau)) for label, endpoint in lists]
