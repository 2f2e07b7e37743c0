"""The staff's pages of draws, and what everybody may read and recompute without signing in."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, current_app, g, jsonify, request, url_for
from werkzeug.wrappers import Response

from portal import document
from portal.access import Permission as P
from portal.access import may
from portal.audit import moments
from portal.draw import actions, queries
from portal.draw.forms import EndForm, SeedForm
from portal.draw.lifecycle import DRAW, DrawState
from portal.draw.models import Draw
from portal.draw.rules import DrawFacts, Outcome
from portal.kernel.errors import Invalid
from portal.web.forms import put_errors
from portal.web.guard import allow, current_actor, public
from portal.web.pages import done, page
from portal.wording import sentence, verb_label

SHOWN_AT_ONCE = 20

bp = Blueprint("draw", __name__, url_prefix="/t/<tenant>/draws")
board = Blueprint("public_draw", __name__, url_prefix="/public/<bureau>/draws")


def _url(endpoint: str, **arguments: Any) -> str:
    return url_for(f"draw.{endpoint}", tenant=g.seat.tenant_code, **arguments)


@bp.get("")
@allow(P.DRAW_READ)
def draws() -> str:
    """The bureau's draws, void ones too."""
    return page("draw/draws.html", rows=queries.listed())


@bp.get("/<uuid:row_id>")
@allow(P.DRAW_READ, queries.draw)
def draw(row: Draw) -> str:
    """One draw: the list, who did what, the order, and what the public sees."""
    return _draw_page(row, SeedForm())


def _draw_page(row: Draw, form: SeedForm) -> str:
    actor = current_actor()
    facts = DrawFacts(g.now, actor.account_id, row.committed_by, outcome=Outcome.VOID, reason="…")
    offers = {each.name: each.ruling for each in DRAW.offers(DrawState(row.state), facts)}
    seeding = offers.get("seed") if may(actor, P.DRAW_SEED, row) else None
    papers = document.documents_of(row.id)
    verbs = []
    if "end" in offers and may(actor, P.DRAW_END, row):
        verbs.append(
            {
                "label": "作废这次抽取",
                "url": _url("ask_end", row_id=row.id),
                "page": True,
                "ruling": offers["end"],
                "weight": "grave",
            }
        )
    if row.ended_at and not papers and may(actor, P.DRAW_MINUTES, row):
        verbs.append(
            {"label": verb_label("draw.minutes"), "url": _url("minutes", row_id=row.id), "ruling": True}
        )
    words = request.args.get("q", "").strip()
    return page(
        "draw/draw.html",
        row=row,
        form=form,
        seeding=seeding,
        verbs=verbs,
        papers=papers,
        words=words,
        first=SHOWN_AT_ONCE,
        drawn=[each for each in queries.drawn_labels(row) if words in each.label],
        excluded=[each for each in queries.excluded_of(row) if words in each.label],
        quotas=queries.quotas_said(row),
        subject_url=_subject_url(row),
        public_url=url_for("public_draw.draw", bureau=g.seat.tenant_code, number=row.number),
        moments=moments(row.id),
    )


def _subject_url(row: Draw) -> str | None:
    """The page of what asked for the draw, where its slice named one (`create_app` lists them)."""
    pages: Mapping[str, str] = current_app.extensions["portal_draw_subjects"]
    endpoint = pages.get(row.subject_kind)
    return url_for(endpoint, tenant=g.seat.tenant_code, row_id=row.subject_id) if endpoint else None


@bp.post("/<uuid:row_id>/seed")
@allow(P.DRAW_SEED, queries.draw)
def seed(row: Draw) -> Any:
    """The second officer's number: the order is known from here on."""
    form = SeedForm(request.form)
    if form.validate():
        try:
            actions.seed(row, form.typed.data, by=current_actor(), now=g.now)
            return done("draw.seeded", to=_url("draw", row_id=row.id), number=row.number)
        except Invalid as error:
            put_errors(form, {error.field: sentence(error.code, error.facts)})
    return _draw_page(row, form), 422


@bp.get("/<uuid:row_id>/end")
@allow(P.DRAW_END, queries.draw)
def ask_end(row: Draw) -> str:
    """The page that asks why it is given up."""
    return page("draw/end.html", form=EndForm(), row=row)


@bp.post("/<uuid:row_id>/end")
@allow(P.DRAW_END, queries.draw)
def end(row: Draw) -> Any:
    """Void: the number stays, and everybody reads why."""
    form = EndForm(request.form)
    if not form.validate():
        return page("draw/end.html", form=form, row=row), 422
    actions.end(row.id, Outcome.VOID, by=current_actor(), now=g.now, reason=form.reason.data or "")
    return done("draw.ended", to=_url("draw", row_id=row.id), number=row.number)


@bp.post("/<uuid:row_id>/minutes")
@allow(P.DRAW_MINUTES, queries.draw)
def minutes(row: Draw) -> Response:
    """抽取记录 as a paper under a number."""
    actions.issue_minutes(row, by=current_actor(), now=g.now)
    return done("draw.minutes", to=_url("draw", row_id=row.id), number=row.number)


@board.get("")
@public
def draws_of_bureau(bureau: str) -> str:
    """Every draw a bureau ever began; a gap in the numbers would show."""
    _tell_if_demo(bureau)
    rows = queries.published(bureau)
    return page("draw/public_draws.html", rows=rows, bureau=bureau, name=rows[0].bureau if rows else "")


def _tell_if_demo(bureau: str) -> None:
    g.shows_demo = any(each.is_demo for each in document.publishers() if each.code == bureau)


@board.get("/<number>", endpoint="draw")
@public
def public_draw(bureau: str, number: str) -> str:
    """One draw, computed again before the reader's eyes."""
    _tell_if_demo(bureau)
    row = queries.published_one(bureau, number)
    return page(
        "draw/public_draw.html",
        row=row,
        steps=queries.steps_of(row),
        listed=queries.list_holds(row),
        quotas=queries.quotas_said(row),
        first=SHOWN_AT_ONCE,
    )


@board.get("/<number>/draw.json")
@public
def published(bureau: str, number: str) -> Response:
    """The draw as data, for `recompute.py` or any other script."""
    answer = jsonify(queries.as_published(queries.published_one(bureau, number)))
    answer.headers["Content-Disposition"] = "attachment; filename=draw.json"
    return answer
