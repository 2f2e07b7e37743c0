"""The pages of a sheet: the deliverable beside it, drafts that keep themselves, handing in, print."""

from typing import Any

from flask import Blueprint, g, jsonify, request, url_for
from werkzeug.wrappers import Response

from portal import file
from portal.access import Permission as P
from portal.quality import actions, queries
from portal.quality.forms import ReasonForm
from portal.quality.models import Sheet
from portal.scoresheet import Laid, draft_answer, entries_read, laid_out, typed_base
from portal.web.forms import shown_version
from portal.web.guard import allow, current_actor
from portal.web.pages import done, page

bp = Blueprint("sheet", __name__, url_prefix="/t/<tenant>/sheets")


def _url(endpoint: str, **arguments: Any) -> str:
    return url_for(f"sheet.{endpoint}", tenant=g.seat.tenant_code, **arguments)


def _laid(row: Sheet) -> Laid:
    form = queries.form_of(row)
    return laid_out(form, row.entries, queries.filled(row, form))


@bp.get("/<uuid:row_id>")
@allow(P.SHEET_READ, queries.sheet)
def one(row: Sheet) -> str:
    """The sheet beside the deliverable; to be filled in while it is open, to be read when it is in."""
    fills = row.is_open and row.is_expert(current_actor())
    return page(
        "quality/sheet.html",
        row=row,
        sheet=_laid(row),
        fills=fills and g.now <= row.score_by,
        over=fills and g.now > row.score_by,
        told=bool(request.args.get("told")),
        stored=file.files([row.file_id]).get(row.file_id),
        own=row.is_expert(current_actor()),
    )


@bp.post("/<uuid:row_id>/save")
@allow(P.SHEET_SAVE, queries.sheet)
def save(row: Sheet) -> Any:
    """Keep the draft: `sheet.js` every few seconds, or the button."""
    form = queries.form_of(row)
    mine = entries_read(form, request.form)
    joined = actions.save(row, mine, typed_base(request.form), by=current_actor(), now=g.now)
    worth = queries.filled(row, form)
    if request.accept_mimetypes.best == "application/json":
        return jsonify(draft_answer(form, mine, joined, worth, at=g.now))
    if request.form.get("next") == "hand-in" and worth.complete:
        return done("sheet.save", to=_url("ask_hand_in", row_id=row.id))
    told = {"told": 1} if request.form.get("next") else {}
    return done("sheet.save", to=_url("one", row_id=row.id, **told))


@bp.get("/<uuid:row_id>/hand-in")
@allow(P.SHEET_HAND_IN, queries.sheet)
def ask_hand_in(row: Sheet) -> str:
    """The whole sheet once more, before it is locked."""
    return page("quality/hand_in.html", form=ReasonForm(), row=row, sheet=_laid(row))


@bp.post("/<uuid:row_id>/hand-in")
@allow(P.SHEET_HAND_IN, queries.sheet)
def hand_in(row: Sheet) -> Response:
    """Hand the sheet in. Raises `Stale` where it changed since it was shown."""
    queries.hold(row, version=shown_version())
    actions.hand_in(row, by=current_actor(), now=g.now)
    return done("sheet.hand_in", to=url_for("seat.one", tenant=g.seat.tenant_code, row_id=row.seat_id))


@bp.get("/<uuid:row_id>/print")
@allow(P.SHEET_READ, queries.sheet)
def printed(row: Sheet) -> str:
    """The sheet on A4."""
    return page("quality/printed.html", row=row, sheet=_laid(row))
