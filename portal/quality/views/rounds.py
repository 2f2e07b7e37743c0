"""The pages of a round: list, the round itself, candidates and matches, result, objection."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Blueprint, g, jsonify, redirect, request, url_for
from werkzeug.datastructures import CombinedMultiDict
from werkzeug.wrappers import Response

from portal import document, draw, file
from portal.access import STAFF, may
from portal.access import Permission as P
from portal.audit import moments
from portal.kernel.errors import Invalid, NotFound, Refused
from portal.kernel.hashing import plain
from portal.quality import actions, queries
from portal.quality.forms import MatchForm, ObjectionForm, ReasonForm, ReopenForm
from portal.quality.lifecycle import ROUND, ROUND_LABELS, SHOWN, RoundState
from portal.quality.models import Round, Seat
from portal.quality.rules import BODY_LABELS, STAGE_LABELS, Stage, Verdict
from portal.spreadsheet import handed_out
from portal.web.forms import SelectChoice, as_shown, put_errors
from portal.web.guard import allow, current_actor, show_refusal
from portal.web.pages import done, page
from portal.wording import say, sentence, verb_label

bp = Blueprint("round", __name__, url_prefix="/t/<tenant>/rounds")
ASKED = frozenset({"veto", "dismiss", "uphold", "reopen", "object", "concur", "notify"})
GRAVE = frozenset({"veto"})
CONSEQUENCES = frozenset({"drawn", "redraw"})
SUGGESTED = "尚未写明理由"


def _url(endpoint: str, **arguments: Any) -> str:
    return url_for(f"round.{endpoint}", tenant=g.seat.tenant_code, **arguments)


@bp.get("")
@allow(P.ROUND_READ)
def rounds() -> str:
    """The list; a firm sees those it was told of."""
    return page(
        "quality/rounds.html",
        listing=queries.page_of(request.args, path=_url("rounds"), export_url=_url("export")),
        states=[(state.value, label) for state, (label, _) in ROUND_LABELS.items()],
        chosen=request.args,
        inside=current_actor().role in STAFF,
    )


@bp.post("/export")
@allow(P.ROUND_READ)
def export() -> Response:
    """The list as a workbook, under the same filters."""
    return handed_out(
        ("合同", "年度", "第三方机构", "专家人数", "状态", "实施方案平均分", "评价报告平均分", "质量得分"),
        (
            (
                row.name,
                row.year,
                row.firm_name,
                row.places,
                row.state_label[0],
                row.plan_mean,
                row.report_mean,
                row.quality_score,
            )
            for row in queries.everything(request.args)
        ),
        "会审清单",
    )


@bp.get("/<uuid:row_id>")
@allow(P.ROUND_READ, queries.round_)
def one(row: Round) -> str:
    """One round: what is missing, who was asked, what can be done, what came out."""
    actor = current_actor()
    inside = actor.role in STAFF
    state = RoundState(row.state)
    begun = row.draw_id is not None
    seats = queries.seats_of(row.id) if inside and begun else []
    draws = draw.draws_of(row.id) if inside and begun else []
    kept = row.objection_file_id
    return page(
        "quality/round.html",
        row=row,
        inside=inside,
        seats=[_seat(each, state) for each in seats],
        draws=draws,
        missing=queries.missing(row) if inside and state is RoundState.PLANNED else [],
        verbs=_verbs(row, seats, draws),
        may_match=may(actor, P.ROUND_MATCH, row) and state in {RoundState.PLANNED, RoundState.SCORING},
        may_seat=may(actor, P.SEAT_RECUSE),
        shown=state in SHOWN,
        said=queries.said,
        stages=STAGE_LABELS,
        objection_file=file.files([kept]).get(kept) if kept else None,
        documents=document.documents_of(row.id) if row.is_told else [],
        moments=moments(row.id) if inside else [],
    )


def _seat(row: Seat, state: RoundState) -> dict[str, Any]:
    """A seat as the organiser sees it: how many sheets are in, never what they say."""
    scoring = state in {RoundState.SCORING, RoundState.SUPPLEMENTING}
    return {
        "row": row,
        "recuse": scoring and (row.is_live or row.is_offered),
        "extend": scoring and row.is_live and not row.is_done,
        "past": bool(row.is_offered and g.now > row.offer_until),
        "late": bool(row.is_live and not row.is_done and row.score_by and g.now > row.score_by),
    }


def _verbs(row: Round, seats: list[Seat], draws: list[draw.Draw]) -> list[dict[str, Any]]:
    """What this actor may do here, each with the ruling of the moment."""
    actor = current_actor()
    state = RoundState(row.state)
    mine = [
        verb
        for verb in ROUND.verbs
        if verb not in CONSEQUENCES
        and (move := ROUND.move(verb, state))
        and not move.due
        and may(actor, P(f"round:{verb}"), row)
    ]
    if row.to_sample and "draw" in mine:
        mine.remove("draw")
    elif "sample" in mine:
        mine.remove("sample")
    if not row.reports_of_veto:
        mine = [verb for verb in mine if verb not in {"veto", "dismiss"}]
    if not mine:
        return []
    facts = queries.facts(
        row,
        now=g.now,
        reason=SUGGESTED,
        seats=seats if row.draw_id else None,
        draws=draws if row.draw_id else None,
    )
    return [
        {
            "label": verb_label(f"round.{verb}"),
            "url": _url(f"ask_{verb}" if verb in ASKED else verb, row_id=row.id),
            "page": verb in ASKED,
            "version": row.version,
            "ruling": ROUND.judge(verb, state, facts),
            "weight": "grave" if verb in GRAVE else None,
        }
        for verb in mine
    ]


def _commitment(verb: str, action: Callable[..., draw.Draw]) -> Callable[[Round], Response]:
    """A verb that commits to a list and waits for a second officer's number."""

    def view(row: Round) -> Response:
        made = action(as_shown(row, queries.hold), by=current_actor(), now=g.now)
        return done(f"round.{verb}", to=_url("one", row_id=row.id), number=made.number)

    return view


for _verb, _permission, _action in (
    ("sample", P.ROUND_SAMPLE, actions.sample),
    ("draw", P.ROUND_DRAW, actions.draw_),
    ("supplement", P.ROUND_SUPPLEMENT, actions.supplement),
):
    bp.post(f"/<uuid:row_id>/{_verb}", endpoint=_verb)(
        allow(_permission, queries.round_)(_commitment(_verb, _action))
    )


@bp.post("/<uuid:row_id>/score")
@allow(P.ROUND_SCORE, queries.round_)
def score(row: Round) -> Response:
    """Add the round up by hand, where it did not add itself up."""
    actions.score(as_shown(row, queries.hold), by=current_actor(), now=g.now)
    return done("round.score", to=_url("one", row_id=row.id), score=queries.said(row.quality_score))


@bp.get("/<uuid:row_id>/candidates")
@allow(P.ROUND_MATCH, queries.round_)
def candidates(row: Round) -> str:
    """Everybody who might be drawn, with what was found about them."""
    people = queries.checked(row, accounts=True)
    return page(
        "quality/candidates.html",
        row=row,
        people=people,
        eligible=sum(not each.is_excluded for each in people),
        known=queries.found_matches([each.candidate.id for each in people]),
        bodies=BODY_LABELS,
    )


def _pair(row: Round) -> dict[str, Any] | None:
    """The expert and the body asked about by the URL; None where it names none."""
    try:
        expert_id, other_id = UUID(request.args.get("expert", "")), UUID(request.args.get("other", ""))
    except ValueError:
        return None
    person = next((each for each in queries.candidates() if each.id == expert_id), None)
    other = next((each for each in queries.others(row) if each.id == other_id), None)
    if person is None or other is None:
        return None
    return {"person": person, "other": other, "bodies": BODY_LABELS}


@bp.get("/<uuid:row_id>/match")
@allow(P.ROUND_MATCH, queries.round_)
def ask_match(row: Round) -> Any:
    """Whether an employer is the body of the like name; back to the list where nobody is named."""
    pair = _pair(row)
    if pair is None:
        return redirect(_url("candidates", row_id=row.id), 303)
    return page("quality/match.html", form=MatchForm(), row=row, **pair)


@bp.post("/<uuid:row_id>/match")
@allow(P.ROUND_MATCH, queries.round_)
def match(row: Round) -> Any:
    """Keep what a person found, and on what evidence."""
    form, pair = MatchForm(request.form), _pair(row)
    if pair is None:
        raise NotFound
    if form.validate():
        try:
            actions.match(
                row,
                pair["person"].id,
                pair["other"].id,
                Verdict(form.verdict.data),
                (form.reason.data or "").strip(),
                by=current_actor(),
                now=g.now,
            )
            return done("round.match", to=_url("candidates", row_id=row.id), employer=pair["person"].employer)
        except Invalid as error:
            field = error.field if error.field in form else "verdict"
            put_errors(form, {field: sentence(error.code, error.facts)})
    return page("quality/match.html", form=form, row=row, **pair), 422


@bp.get("/<uuid:row_id>/notify")
@allow(P.ROUND_NOTIFY, queries.round_)
def ask_notify(row: Round) -> str:
    """What the firm will be told."""
    return page("quality/notify.html", form=ReasonForm(), row=row, said=queries.said, stages=STAGE_LABELS)


@bp.post("/<uuid:row_id>/notify")
@allow(P.ROUND_NOTIFY, queries.round_)
def notify(row: Round) -> Response:
    """Tell the firm."""
    actions.notify(as_shown(row, queries.hold), by=current_actor(), now=g.now)
    facts = {"firm": row.firm_name, "objection_by": row.objection_by}
    return done("round.notify", to=_url("one", row_id=row.id), **facts)


@bp.get("/<uuid:row_id>/concur")
@allow(P.ROUND_CONCUR, queries.round_)
def ask_concur(row: Round) -> str:
    """Whether the firm gives up its days for an objection."""
    return page("quality/concur.html", form=ReasonForm(), row=row, said=queries.said)


@bp.post("/<uuid:row_id>/concur")
@allow(P.ROUND_CONCUR, queries.round_)
def concur(row: Round) -> Response:
    """The firm has nothing to object to."""
    actions.concur(as_shown(row, queries.hold), by=current_actor(), now=g.now)
    return done("round.concur", to=_url("one", row_id=row.id))


def _ask(verb: str) -> Callable[[Round], str]:
    """The page that asks why."""

    def view(row: Round) -> str:
        return page("quality/reason.html", form=ReasonForm(), row=row, verb=verb)

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
                return done(f"round.{verb}", to=_url("one", row_id=row.id))
            except Refused as error:
                _lay(form, "reason", error)
        return page("quality/reason.html", form=form, row=row, verb=verb), 422

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
            return done("round.object", to=_url("one", row_id=row.id))
        except Invalid as error:
            put_errors(form, {"file": sentence(error.code, error.facts)})
        except Refused as error:
            _lay(form, "reason", error)
    return page("quality/object.html", form=form, row=row), 422


def _reopening(row: Round, data: Any = None) -> ReopenForm:
    form = ReopenForm(data)
    form.sheet.choices = [
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
    """Which sheet goes back to its expert."""
    return page("quality/reopen.html", form=_reopening(row), row=row)


@bp.post("/<uuid:row_id>/reopen")
@allow(P.ROUND_REOPEN, queries.round_)
def reopen(row: Round) -> Any:
    """Send one sheet back; the old one is kept."""
    form = _reopening(row, request.form)
    if form.validate():
        reason = (form.reason.data or "").strip()
        try:
            actions.reopen(
                as_shown(row, queries.hold), UUID(form.sheet.data), reason, by=current_actor(), now=g.now
            )
            return done("round.reopen", to=_url("one", row_id=row.id))
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
    return page(
        "quality/result.html",
        row=row,
        inside=inside,
        sheets=queries.sheets_of(row.id) if inside else [],
        hows=queries.derivations(row, json_url=_url("derived", row_id=row.id)),
        said=queries.said,
        stages=STAGE_LABELS,
        order=tuple(Stage),
    )


@bp.get("/<uuid:row_id>/derivation.json")
@allow(P.ROUND_READ, queries.round_)
def derived(row: Round) -> Response:
    """The figures with their inputs, for a stranger's script. Raises `NotFound` before there are any."""
    if row.result is None:
        raise NotFound
    hows = queries.derivations(row, json_url=_url("derived", row_id=row.id))
    return jsonify(plain({"result": row.result, "figures": [each.as_plain() for each in hows]}))
