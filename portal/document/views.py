"""A paper on its page and as a Word file; and what everybody may read without signing in."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from flask import Blueprint, current_app, g, request, url_for
from werkzeug.wrappers import Response

from portal.access import Permission as P
from portal.document import queries
from portal.document.models import Announcement, Issued
from portal.document.rules import NOTICE_LABELS, written_day
from portal.document.word import as_docx
from portal.file.rules import DOCX, clean_name
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
    return attachment(content, clean_name(f"{row.title}{row.number}", DOCX))


@board.get("")
@public
def bureaus() -> str:
    """The bureaus that have told the public something."""
    publishers = _publishers()
    g.shows_demo = any(each.is_demo for each in publishers)
    return page("document/bureaus.html", publishers=publishers)


@board.get("/<bureau>")
@public
def announcements(bureau: str) -> str | tuple[str, int]:
    """One bureau's announcements, the newest first; of one that never told anything nothing is known."""
    publisher = next((each for each in _publishers() if each.code == bureau), None)
    if publisher is None:
        return page("document/silent.html", code=bureau), 404
    g.shows_demo = publisher.is_demo
    here = url_for("public.announcements", bureau=bureau)
    return page(
        "document/announcements.html",
        name=publisher.name,
        listing=queries.page_of_announcements(bureau, request.args, path=here),
        years=[(each, each) for each in queries.years_of_announcements(bureau)],
        kinds=[(kind.value, label) for kind, label in NOTICE_LABELS.items()],
        chosen=request.args,
        tabs=[(each.label, url_for(each.endpoint, bureau=bureau)) for each in _lists()],
    )


@board.get("/<bureau>/notices/<uuid:row_id>")
@public
def announcement(bureau: str, row_id: UUID) -> str:
    """One announcement, ready to be printed."""
    row: Announcement = queries.announcement(bureau, row_id)
    g.shows_demo = row.is_demo
    return page("document/announcement.html", row=row)


bp.add_app_template_filter(written_day, "written_day")


@dataclass(frozen=True, slots=True)
class PublicList:
    """What a slice downstream shows everybody beside the announcements (`create_app` names them).

    ``endpoint`` takes ``bureau``; ``publishers`` are the bureaus with something on the list, code → name.
    """

    label: str
    endpoint: str
    publishers: Callable[[], Mapping[str, str]]


def _lists() -> Sequence[PublicList]:
    lists: Sequence[PublicList] = current_app.extensions["portal_public_lists"]
    return lists


def _publishers() -> list[queries.Publisher]:
    """Those with announcements, and those that are on another list alone."""
    found = {each.code: each for each in queries.publishers()}
    for each in _lists():
        for code, name in each.publishers().items():
            found.setdefault(code, queries.Publisher(code, name, 0))
    return sorted(found.values(), key=lambda each: each.code)
