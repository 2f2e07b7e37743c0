"""The pages of a 考评表: filling it in, signing, returning, locking, explaining a wide gap, print."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, g, jsonify, request, url_for
from werkzeug.wrappers import Response

from portal import deliverable
from portal.access import Permission as P
from portal.access import may
from portal.appraisal import actions, queries
from portal.appraisal.forms import LockForm, ReasonForm, SignForm
from portal.appraisal.lifecycle import SHEET, SheetState
from portal.appraisal.models import AppraisalSheet
from portal.kernel.errors import Invalid, Refused
from portal.scoresheet import Filled, Laid, draft_answer, entries_read, laid_out, typed_base
from portal.web.forms import put_errors
from portal.web.guard import allow, current_actor, show_refusal
from portal.web.pages import done, kept, page
from portal.wording import say, sentence, verb_label

bp = Blueprint("appraisal_sheet", __name__, url_prefix="/t/<tenant>/appraisal-sheets")


def _url(endpoint: str, **arguments: Any) -> str:
    return url_for(f"appraisal_sheet.{endpoint}", tenant=g.seat.tenant_code, **arguments)


def _laid(found: queries.Opened) -> Laid:
    return laid_out(found.form, found.content.entries, found.filled)


@bp.get("/<uuid:row_id>")
@allow(P.APPRAISAL_SHEET_READ, queries.sheet)
def sheet(row: AppraisalSheet) -> str:
    """The sheet: to be filled in by whoever fills it, to be read by whoever may."""
    actor = current_actor()
    found = queries.opened(row)
    fills = SheetState(row.state) is SheetState.OPEN and not row.appraisal.over
    supplements = (
        [each for each in row.appraisal.sheets if not each.is_main] if row.form_code == "KP_FIN" else []
    )
    return page(
        "appraisal/sheet.html",
        row=row,
        case=row.appraisal,
        content=found.content,
        sheet=_laid(found),
        fills=fills and may(actor, P.APPRAISAL_SHEET_FILL, row),
        told="told" in request.args,
        supplements=[(each, found.known[each.id]) for each in supplements if each.id in found.known],
        main=_main(row),
        facts_known=_facts(row),
        verbs=_verbs(row, found.filled),
    )


def _main(row: AppraisalSheet) -> AppraisalSheet | None:
    """The 考评表 a sheet gives its share to."""
    if row.is_main:
        return None
    return next((each for each in row.appraisal.sheets if each.form_code == "KP_FIN"), None)


def _facts(row: AppraisalSheet) -> list[tuple[str, str]]:
    """What the system knows of the work, beside the bureau's own sheets."""
    case = row.appraisal
    if case.contract_id is None or row.form_code not in {"KP_FIN", "QC_LEADER"} or current_actor().party_id:
        return []
    late = deliverable.late_workdays(case.contract_id)
    returned = deliverable.reports_returned(case.contract_id)
    return [
        ("口径", case.basis_label),
        ("主评人现场天数", f"{case.days_present or 0} 天，合同约定 {case.days_agreed} 天"),
        ("成果逾期", f"{late} 个工作日"),
        ("初稿、报告退回", f"{returned} 次"),
    ]


def _verbs(row: AppraisalSheet, made: Filled) -> list[dict[str, Any]]:
    """What this actor may do beside filling it in, each with the ruling of the moment."""
    actor = current_actor()
    if not row.is_main:
        return []
    facts = queries.sheet_facts(row, by=actor, missing=len(made.missing) + len(made.faults))
    offers = SHEET.offers(SheetState(row.state), facts)
    return [
        {
            "label": verb_label(f"appraisal_sheet.{offer.name}"),
            "url": _url(f"ask_{offer.name}", row_id=row.id),
            "page": True,
            "ruling": offer.ruling,
            "weight": "quiet" if offer.name == "return" else None,
        }
        for offer in sorted(offers, key=lambda each: each.name == "return")  # the way forward comes first
        if may(actor, P(f"appraisal_sheet:{offer.name}"), row)
        and (offer.name != "explain" or (row.appraisal.is_wide and row.explained_at is None))
    ]


@bp.get("/<uuid:row_id>/print")
@allow(P.APPRAISAL_SHEET_READ, queries.sheet)
def printed(row: AppraisalSheet) -> str:
    """The sheet on A4, as far as it is filled."""
    return page("appraisal/printed.html", row=row, case=row.appraisal, sheet=_laid(queries.opened(row)))


@bp.post("/<uuid:row_id>/fill")
@allow(P.APPRAISAL_SHEET_FILL, queries.sheet)
def fill(row: AppraisalSheet) -> Any:
    """Keep the draft: `sheet.js` every few seconds, or the button."""
    form = queries.form_of(row)
    mine = entries_read(form, request.form)
    by_script = request.accept_mimetypes.best == "application/json"
    saved = actions.fill(
        row, mine, typed_base(request.form), by=current_actor(), now=g.now, told=not by_script
    )
    if by_script:
        return jsonify(draft_answer(form, mine, saved.joined, saved.filled, at=g.now))
    return _after(row, request.form.get("next", ""), complete=saved.filled.complete)


def _after(row: AppraisalSheet, wanted: str, *, complete: bool) -> Response:
    main = _main(row)
    if wanted == "sign" and complete:
        return kept(to=_url("ask_sign", row_id=row.id))
    if wanted == "back" and complete and main is not None:
        return done("appraisal.saved", to=_url("sheet", row_id=main.id))
    if wanted:
        return kept(to=_url("sheet", row_id=row.id, told=1))
    return done("appraisal.saved", to=_url("sheet", row_id=row.id))


@dataclass(frozen=True, slots=True)
class Signature:
    """A sheet once more before it is signed, and where in it and those signed with it nobody wrote."""

    sheet: Laid
    silent: Sequence[tuple[AppraisalSheet, Laid]]


def _signature(row: AppraisalSheet, verb: str) -> Signature:
    together = [(each, _laid(found)) for each, found in queries.opened_together(row)]
    return Signature(
        together[0][1], [(each, laid) for each, laid in together if laid.filled.silent and verb == "sign"]
    )


def _form_for(shown: Signature) -> LockForm:
    """Who signs what was left untouched confirms that it was looked at."""
    return (SignForm if shown.silent else LockForm)(request.form)


def _sign_page(form: LockForm, row: AppraisalSheet, verb: str, shown: Signature) -> str:
    return page("appraisal/sign.html", form=form, row=row, case=row.appraisal, verb=verb, shown=shown)


def _ask_sign(verb: str) -> Callable[[AppraisalSheet], str]:
    """The sheet once more, and the password."""

    def view(row: AppraisalSheet) -> str:
        shown = _signature(row, verb)
        return _sign_page(_form_for(shown), row, verb, shown)

    return view


def _signed(verb: str, action: Callable[..., None], notice: str) -> Callable[[AppraisalSheet], Any]:
    """A verb that is a signature."""

    def view(row: AppraisalSheet) -> Any:
        shown = _signature(row, verb)
        form = _form_for(shown)
        if form.validate():
            told = {"confirmed": bool(shown.silent)} if verb == "sign" else {}
            try:
                action(row, form.password.data, **told, by=current_actor(), now=g.now)
                return done(notice, to=_url("sheet", row_id=row.id))
            except Invalid as error:
                put_errors(form, {error.field: sentence(error.code, error.facts)})
            except Refused as error:
                show_refusal(error.ruling)
                put_errors(form, {"password": "；".join(map(say, error.ruling.refusals))})
        return _sign_page(form, row, verb, shown), 422

    return view


def _ask_why(verb: str) -> Callable[[AppraisalSheet], str]:
    """The page that asks why."""

    def view(row: AppraisalSheet) -> str:
        return page("appraisal/reason.html", form=ReasonForm(), row=row, case=row.appraisal, verb=verb)

    return view


def _explained(verb: str, action: Callable[..., None], notice: str) -> Callable[[AppraisalSheet], Any]:
    """A verb with a reason."""

    def view(row: AppraisalSheet) -> Any:
        form = ReasonForm(request.form)
        if form.validate():
            try:
                action(row, (form.reason.data or "").strip(), by=current_actor(), now=g.now)
                return done(notice, to=_url("sheet", row_id=row.id))
            except Refused as error:
                show_refusal(error.ruling)
                put_errors(form, {"reason": "；".join(map(say, error.ruling.refusals))})
        return page("appraisal/reason.html", form=form, row=row, case=row.appraisal, verb=verb), 422

    return view


_signatures: tuple[tuple[str, P, Callable[..., None], str], ...] = (
    ("sign", P.APPRAISAL_SHEET_SIGN, actions.sign, "appraisal.sheet_signed"),
    ("lock", P.APPRAISAL_SHEET_LOCK, actions.lock, "appraisal.sheet_locked"),
)
_reasons: tuple[tuple[str, P, Callable[..., None], str], ...] = (
    ("return", P.APPRAISAL_SHEET_RETURN, actions.return_, "appraisal.sheet_returned"),
    ("explain", P.APPRAISAL_SHEET_EXPLAIN, actions.explain, "appraisal.sheet_explained"),
)
for _verb, _permission, _action, _notice in _signatures:
    _guarded = allow(_permission, queries.sheet)
    bp.get(f"/<uuid:row_id>/{_verb}", endpoint=f"ask_{_verb}")(_guarded(_ask_sign(_verb)))
    bp.post(f"/<uuid:row_id>/{_verb}", endpoint=_verb)(_guarded(_signed(_verb, _action, _notice)))
for _verb, _permission, _action, _notice in _reasons:
    _guarded = allow(_permission, queries.sheet)
    bp.get(f"/<uuid:row_id>/{_verb}", endpoint=f"ask_{_verb}")(_guarded(_ask_why(_verb)))
    bp.post(f"/<uuid:row_id>/{_verb}", endpoint=_verb)(_guarded(_explained(_verb, _action, _notice)))
