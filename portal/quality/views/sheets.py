"""The pages of a sheet: the deliverable beside it, drafts that keep themselves, handing in, print."""

from typing import Any

from flask import Blueprint, g, jsonify, request, url_for

from portal import file
from portal.access import Permission as P
from portal.kernel.errors import Refused
from portal.quality import actions, queries
from portal.quality.forms import HandInForm
from portal.quality.models import Sheet
from portal.quality.rules import Stage
from portal.scoresheet import draft_answer, entries_read, laid_out, typed_base
from portal.web.filters import percent
from portal.web.forms import put_errors, shown_version
from portal.web.guard import allow, current_actor, show_refusal
from portal.web.pages import done, kept, page
from portal.wording import say

bp = Blueprint("sheet", __name__, url_prefix="/t/<tenant>/sheets")


def _url(endpoint: str, **arguments: Any) -> str:
    return url_for(f"sheet.{endpoint}", tenant=g.seat.tenant_code, **arguments)


def _shown(row: Sheet) -> dict[str, Any]:
    """A sheet laid out, and what it is about, with the share of the score that the contract gives it."""
    form, seat = queries.form_of(row), queries.seat(row.seat_id)
    share = {Stage.PLAN: seat.weight_plan, Stage.REPORT: seat.weight_report}[Stage(row.stage)]
    target = form.target_with(f"占质量得分 {percent(share)}")
    return {
        "row": row,
        "sheet": laid_out(form, row.entries, queries.filled(row, form)),
        "target": target,
        "heads": [
            ("评价项目", row.round_name),
            ("第三方机构", row.firm_name),
            ("评价对象", row.subject_name),
            ("被评价单位", row.unit_name),
            ("评分对象", target),
        ],
    }


@bp.get("/<uuid:row_id>")
@allow(P.SHEET_READ, queries.sheet)
def one(row: Sheet) -> str:
    """The sheet beside the deliverable; to be filled in while it is open, to be read when it is in."""
    fills = row.is_open and row.is_expert(current_actor())
    return page(
        "quality/sheet.html",
        **_shown(row),
        asked_again=queries.asked_again(row) if fills else "",
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
        return kept(to=_url("ask_hand_in", row_id=row.id))
    if request.form.get("next"):
        return kept(to=_url("one", row_id=row.id, told=1))
    return done("sheet.save", to=_url("one", row_id=row.id))


@bp.get("/<uuid:row_id>/hand-in")
@allow(P.SHEET_HAND_IN, queries.sheet)
def ask_hand_in(row: Sheet) -> str:
    """The whole sheet once more, before it is locked."""
    return page("quality/hand_in.html", form=HandInForm(), **_shown(row))


@bp.post("/<uuid:row_id>/hand-in")
@allow(P.SHEET_HAND_IN, queries.sheet)
def hand_in(row: Sheet) -> Any:
    """Hand the sheet in. Raises `Stale` where it changed since it was shown."""
    queries.hold(row, version=shown_version())
    form = HandInForm(request.form)
    try:
        actions.hand_in(row, confirmed=bool(form.confirmed.data), by=current_actor(), now=g.now)
    except Refused as error:
        if error.ruling.codes != ("quality.items_silent",):
            raise
        show_refusal(error.ruling)
        put_errors(form, {"confirmed": "；".join(say(each) for each in error.ruling.refusals)})
        return page("quality/hand_in.html", form=form, **_shown(row)), 422
    seat = queries.seat(row.seat_id)
    code = "sheet.hand_in_last" if seat.is_done else "sheet.hand_in"
    place = url_for("seat.one", tenant=g.seat.tenant_code, row_id=seat.id)
    return done(code, to=place, left=seat.sheets - seat.handed_in)


@bp.get("/<uuid:row_id>/print")
@allow(P.SHEET_READ, queries.sheet)
def printed(row: Sheet) -> str:
    """The sheet on A4."""
    return page("quality/printed.html", **_shown(row))
