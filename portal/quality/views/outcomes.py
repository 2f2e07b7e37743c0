"""What comes of a round: the veto, telling the firm, its objection, the answer, how the score came about."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import g, jsonify, request
from werkzeug.datastructures import CombinedMultiDict
from werkzeug.wrappers import Response

from portal.access import STAFF
from portal.access import Permission as P
from portal.kernel.errors import Invalid, NotFound, Refused
from portal.kernel.hashing import plain
from portal.quality import actions, queries
from portal.quality.forms import ObjectionForm, ReasonForm, ReopenForm
from portal.quality.models import Round
from portal.quality.rules import APART, FAR, MANY, STAGE_LABELS, Stage, tallies
from portal.quality.views.rounds import bp, round_url
from portal.web.forms import BaseForm, SelectChoice, as_shown, put_errors
from portal.web.guard import allow, current_actor, show_refusal
from portal.web.pages import done, page
from portal.wording import say, sentence


@bp.get("/<uuid:row_id>/notify")
@allow(P.ROUND_NOTIFY, queries.round_)
def ask_notify(row: Round) -> str:
    """What the firm will be told."""
    return page("quality/notify.html", form=BaseForm(), row=row, said=queries.said, stages=STAGE_LABELS)


@bp.post("/<uuid:row_id>/notify")
@allow(P.ROUND_NOTIFY, queries.round_)
def notify(row: Round) -> Response:
    """Tell the firm."""
    actions.notify(as_shown(row, queries.hold), by=current_actor(), now=g.now)
    code = "round.notify_again" if row.objected_at else "round.notify"
    facts = {"firm": row.firm_name, "objection_by": row.objection_by}
    return done(code, to=round_url("one", row_id=row.id), **facts)


@bp.get("/<uuid:row_id>/concur")
@allow(P.ROUND_CONCUR, queries.round_)
def ask_concur(row: Round) -> str:
    """Whether the firm gives up its days for an objection."""
    return page("quality/concur.html", form=BaseForm(), row=row, said=queries.said)


@bp.post("/<uuid:row_id>/concur")
@allow(P.ROUND_CONCUR, queries.round_)
def concur(row: Round) -> Response:
    """The firm has nothing to object to."""
    actions.concur(as_shown(row, queries.hold), by=current_actor(), now=g.now)
    return done("round.concur", to=round_url("one", row_id=row.id))


def _ask(verb: str) -> Callable[[Round], str]:
    """The page that asks why."""

    def view(row: Round) -> str:
        return page("quality/reason.html", form=ReasonForm(), row=row, verb=verb, stages=STAGE_LABELS)

    return view


def _explained(verb: str, action: Callable[..., None]) -> Callable[[Round], Any]:
    """A verb with a reason; what a rule says no to lands on the form."""

    def view(row: Round) -> Any:
        form = ReasonForm(request.form)
        if form.validate():
            try:
                action(
                    as_shown(row, queries.hold),
                    (form.reason.data or "").strip(),
                    by=current_actor(),
                    now=g.now,
                )
                return done(f"round.{verb}", to=round_url("one", row_id=row.id))
            except Refused as error:
                _lay(form, "reason", error)
        return page("quality/reason.html", form=form, row=row, verb=verb, stages=STAGE_LABELS), 422

    return view


def _lay(form: Any, field: str, error: Refused) -> None:
    """A refusal about what was typed is shown beside it; any other goes on. Raises `Refused`."""
    if set(error.ruling.codes) - {"quality.reason", "quality.unknown_sheet"}:
        raise error
    show_refusal(error.ruling)
    put_errors(form, {field: "；".join(say(each) for each in error.ruling.refusals)})


for _verb, _permission, _act in (
    ("veto", P.ROUND_VETO, actions.veto),
    ("dismiss", P.ROUND_DISMISS, actions.dismiss),
    ("uphold", P.ROUND_UPHOLD, actions.uphold),
):
    _guarded = allow(_permission, queries.round_)
    bp.get(f"/<uuid:row_id>/{_verb}", endpoint=f"ask_{_verb}")(_guarded(_ask(_verb)))
    bp.post(f"/<uuid:row_id>/{_verb}", endpoint=_verb)(_guarded(_explained(_verb, _act)))


@bp.get("/<uuid:row_id>/object")
@allow(P.ROUND_OBJECT, queries.round_)
def ask_object(row: Round) -> str:
    """The firm's one objection."""
    return page("quality/object.html", form=ObjectionForm(), row=row)


@bp.post("/<uuid:row_id>/object", endpoint="object")
@allow(P.ROUND_OBJECT, queries.round_)
def object_(row: Round) -> Any:
    """Keep the objection with its reason and file."""
    form = ObjectionForm(CombinedMultiDict((request.form, request.files)))
    if form.validate():
        reason, upload = (form.reason.data or "").strip(), request.files.get("file")
        try:
            actions.object_(as_shown(row, queries.hold), reason, upload, by=current_actor(), now=g.now)
            return done("round.object", to=round_url("one", row_id=row.id))
        except Invalid as error:
            put_errors(form, {"file": sentence(error.code, error.facts)})
        except Refused as error:
            _lay(form, "reason", error)
    return page("quality/object.html", form=form, row=row), 422


def _reopening(row: Round, data: Any = None) -> ReopenForm:
    form = ReopenForm(data)
    form.sheets.choices = [
        SelectChoice(
            str(each.id), f"{each.subject_name} {each.stage_label}　{each.expert_name}　{each.total}"
        )
        for each in queries.sheets_of(row.id)
        if each.counts
    ]
    return form


@bp.get("/<uuid:row_id>/reopen")
@allow(P.ROUND_REOPEN, queries.round_)
def ask_reopen(row: Round) -> str:
    """Which sheets go back to their experts."""
    return page("quality/reopen.html", form=_reopening(row), row=row)


@bp.post("/<uuid:row_id>/reopen")
@allow(P.ROUND_REOPEN, queries.round_)
def reopen(row: Round) -> Any:
    """Send sheets back; the old ones are kept."""
    form = _reopening(row, request.form)
    if form.validate():
        reason = (form.reason.data or "").strip()
        try:
            chosen = [UUID(each) for each in form.sheets.data or ()]
            actions.reopen(as_shown(row, queries.hold), chosen, reason, by=current_actor(), now=g.now)
            return done("round.reopen", to=round_url("one", row_id=row.id), count=len(chosen))
        except Refused as error:
            _lay(form, "reason", error)
    return page("quality/reopen.html", form=form, row=row), 422


@bp.get("/<uuid:row_id>/result")
@allow(P.ROUND_READ, queries.round_)
def result(row: Round) -> str:
    """How the score came about: totals, items, reasons, no name. Raises `NotFound` before it is there."""
    if row.result is None:
        raise NotFound
    inside = current_actor().role in STAFF
    sheets = queries.sheets_of(row.id) if inside else []
    return page(
        "quality/result.html",
        row=row,
        sheets=sheets,
        apart=queries.apart(row, sheets),
        names={each.seat_id: each.expert_name for each in sheets},
        subjects={each["id"]: each["name"] for each in row.sampled},
        far=FAR,
        many=MANY,
        share=APART,
        hows=queries.derivations(row, json_url=round_url("derived", row_id=row.id)),
        said=queries.said,
        tallies=tallies,
        stages=STAGE_LABELS,
        order=tuple(Stage),
    )


@bp.get("/<uuid:row_id>/derivation.json")
@allow(P.ROUND_READ, queries.round_)
def derived(row: Round) -> Response:
    """The figures with their inputs, for a stranger's script. Raises `NotFound` before there are any."""
    if row.result is None:
        raise NotFound
    hows = queries.derivations(row, json_url=round_url("derived", row_id=row.id))
    return jsonify(plain({"result": row.result, "figures": [each.as_plain() for each in hows]}))
