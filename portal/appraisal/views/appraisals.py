"""The pages of an appraisal: list, both sides side by side, the talk, a late party, the end."""

from typing import Any

from flask import Blueprint, g, jsonify, request, url_for
from werkzeug.wrappers import Response

from portal import document, file
from portal.access import STAFF, may
from portal.access import Permission as P
from portal.appraisal import actions, queries
from portal.appraisal.forms import ExtendForm, FinishForm, ReasonForm, TalkForm
from portal.appraisal.lifecycle import APPRAISAL, STATE_LABELS, AppraisalState
from portal.appraisal.models import Appraisal
from portal.audit import moments
from portal.kernel.errors import Invalid, Refused
from portal.kernel.hashing import plain
from portal.spreadsheet import handed_out
from portal.web.forms import put_errors
from portal.web.guard import allow, current_actor, show_refusal
from portal.web.pages import done, page
from portal.wording import say, sentence, verb_label

bp = Blueprint("appraisal", __name__, url_prefix="/t/<tenant>/appraisals")
FIELDS = {"appraisal.date_past": "new_on", "appraisal.veto_undecided": "upheld"}


def _url(endpoint: str, **arguments: Any) -> str:
    return url_for(f"appraisal.{endpoint}", tenant=g.seat.tenant_code, **arguments)


@bp.get("")
@allow(P.APPRAISAL_READ)
def appraisals() -> str:
    """The list; a unit or a firm sees its own."""
    return page(
        "appraisal/appraisals.html",
        listing=queries.page_of(request.args, path=_url("appraisals"), export_url=_url("export")),
        states=[(state.value, label) for state, (label, _) in STATE_LABELS.items()],
        chosen=request.args,
    )


@bp.post("/export")
@allow(P.APPRAISAL_READ)
def export() -> Response:
    """The list as a workbook, under the same filters."""
    return handed_out(
        ("合同", "年度", "第三方机构", "被评价单位评分", "财政部门评分", "考评得分", "状态"),
        (
            (
                row.contract_name,
                row.year,
                row.firm_name,
                row.unit_score,
                row.finance_score,
                row.score,
                row.state_label[0],
            )
            for row in queries.everything(request.args)
        ),
        "考评清单",
    )


@bp.get("/<uuid:row_id>")
@allow(P.APPRAISAL_READ, queries.appraisal)
def appraisal(row: Appraisal) -> str:
    """One appraisal, as far as this side may see it."""
    actor = current_actor()
    inside = actor.role in STAFF
    known = queries.contents(row)
    return page(
        "appraisal/appraisal.html",
        row=row,
        sheets=[
            {
                "row": each,
                "open": may(actor, P.APPRAISAL_SHEET_READ, each),
                "content": known.get(each.id) if row.released_at else None,
            }
            for each in row.sheets
        ],
        vetoes=queries.vetoes(row, known) if inside and row.released_at else {},
        verbs=_verbs(row),
        hows=queries.derivations(row, json_url=_url("derived", row_id=row.id), inside=inside),
        documents=document.documents_of(row.id),
        talk_file=file.files([row.talk_file_id]).get(row.talk_file_id) if row.talk_file_id else None,
        moments=moments(row.id) if inside else [],
        inside=inside,
    )


def _verbs(row: Appraisal) -> list[dict[str, Any]]:
    """What this actor may do here, each with the ruling of the moment."""
    actor = current_actor()
    facts = queries.facts(row, now=g.now)
    verbs = [
        {
            "label": verb_label(f"appraisal.{offer.name}"),
            "url": _url(f"ask_{offer.name}", row_id=row.id),
            "page": True,
            "ruling": offer.ruling,
            "weight": "grave" if offer.name == "close" else None,
        }
        for offer in APPRAISAL.offers(AppraisalState(row.state), facts)
        if may(actor, P(f"appraisal:{offer.name}"), row)
    ]
    verbs = [*_own_sheets(row), *verbs]
    if not row.over and may(actor, P.APPRAISAL_TALK, row):
        verbs.append(
            {
                "label": verb_label("appraisal.talk"),
                "url": _url("ask_talk", row_id=row.id),
                "page": True,
                "ruling": True,
            }
        )
    return verbs


def _own_sheets(row: Appraisal) -> list[dict[str, Any]]:
    """The sheets this actor is expected to do something about, as links."""
    actor = current_actor()
    return [
        {
            "label": verb_label(f"appraisal_sheet.{'fill' if verb == 'sign' else verb}"),
            "url": url_for("appraisal_sheet.sheet", tenant=g.seat.tenant_code, row_id=each.id),
            "page": True,
            "ruling": True,
        }
        for each in row.sheets
        for verb in each.awaits()
        if may(actor, P(f"appraisal_sheet:{verb}"), each)
    ]


@bp.get("/<uuid:row_id>/derivation.json")
@allow(P.APPRAISAL_READ, queries.appraisal)
def derived(row: Appraisal) -> Response:
    """考评得分 with its inputs, for a stranger's script; a firm gets the totals, never a unit's sheet."""
    hows = queries.derivations(row, json_url="", inside=current_actor().role in STAFF)
    return jsonify(plain([each.as_plain() for each in hows]))


def _lay(form: Any, error: Refused) -> None:
    """A refusal lands on the field that caused it."""
    show_refusal(error.ruling)
    put_errors(form, {FIELDS.get(each.code, "reason"): say(each) for each in error.ruling.refusals})


@bp.get("/<uuid:row_id>/extend")
@allow(P.APPRAISAL_EXTEND, queries.appraisal)
def ask_extend(row: Appraisal) -> str:
    """Until when, and why."""
    return page("appraisal/extend.html", form=ExtendForm(), row=row)


@bp.post("/<uuid:row_id>/extend")
@allow(P.APPRAISAL_EXTEND, queries.appraisal)
def extend(row: Appraisal) -> Any:
    """Give a late party more time."""
    form = ExtendForm(request.form)
    if form.validate() and form.new_on.data:
        try:
            actions.extend(
                row, form.new_on.data, (form.reason.data or "").strip(), by=current_actor(), now=g.now
            )
            return done("appraisal.extended", to=_url("appraisal", row_id=row.id))
        except Refused as error:
            _lay(form, error)
    return page("appraisal/extend.html", form=form, row=row), 422


@bp.get("/<uuid:row_id>/close")
@allow(P.APPRAISAL_CLOSE, queries.appraisal)
def ask_close(row: Appraisal) -> str:
    """Why it ends without a score."""
    return page("appraisal/close.html", form=ReasonForm(), row=row)


@bp.post("/<uuid:row_id>/close")
@allow(P.APPRAISAL_CLOSE, queries.appraisal)
def close(row: Appraisal) -> Any:
    """End it without a score."""
    form = ReasonForm(request.form)
    if form.validate():
        try:
            actions.close(row, (form.reason.data or "").strip(), by=current_actor(), now=g.now)
            return done("appraisal.closed", to=_url("appraisal", row_id=row.id))
        except Refused as error:
            _lay(form, error)
    return page("appraisal/close.html", form=form, row=row), 422


def _finish_page(form: FinishForm, row: Appraisal) -> str:
    vetoes = queries.vetoes(row, queries.contents(row)) if row.released_at else {}
    return page(
        "appraisal/finish.html", form=form, row=row, vetoes=vetoes, score=queries.score_of(row, vetoed=False)
    )


@bp.get("/<uuid:row_id>/finish")
@allow(P.APPRAISAL_FINISH, queries.appraisal)
def ask_finish(row: Appraisal) -> str:
    """Both sides side by side, and what a ticked veto rests on."""
    return _finish_page(FinishForm(), row)


@bp.post("/<uuid:row_id>/finish")
@allow(P.APPRAISAL_FINISH, queries.appraisal)
def finish(row: Appraisal) -> Any:
    """The score stands; papers are issued."""
    form = FinishForm(request.form)
    if form.validate():
        try:
            reason = (form.reason.data or "").strip()
            actions.finish(row, form.decided(), reason, by=current_actor(), now=g.now)
            return done("appraisal.finished", to=_url("appraisal", row_id=row.id))
        except Refused as error:
            _lay(form, error)
    return _finish_page(form, row), 422


@bp.get("/<uuid:row_id>/talk")
@allow(P.APPRAISAL_TALK, queries.appraisal)
def ask_talk(row: Appraisal) -> str:
    """When the bureau talked with the units, and what was said."""
    form = TalkForm(data={"on": row.talked_on, "text": row.talk})
    return page("appraisal/talk.html", form=form, row=row)


@bp.post("/<uuid:row_id>/talk")
@allow(P.APPRAISAL_TALK, queries.appraisal)
def talk(row: Appraisal) -> Any:
    """Keep the note of the talk."""
    form = TalkForm(request.form, file=request.files.get("file"))
    if form.validate() and form.on.data:
        try:
            text = (form.text.data or "").strip()
            actions.talk(row, form.on.data, text, form.chosen(), by=current_actor(), now=g.now)
            return done("appraisal.talked", to=_url("appraisal", row_id=row.id))
        except Invalid as error:
            put_errors(form, {error.field: sentence(error.code, error.facts)})
    return page("appraisal/talk.html", form=form, row=row), 422
