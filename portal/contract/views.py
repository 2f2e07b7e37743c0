"""The pages of a contract: list, text, filling in, signatures on both sides, extension, print."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, g, request, url_for
from werkzeug.wrappers import Response

from portal import document, tender
from portal.access import STAFF, may
from portal.access import Permission as P
from portal.audit import moments
from portal.contract import actions, queries
from portal.contract.forms import ContractForm, ExtensionForm, FilingForm, ReasonForm, SignForm
from portal.contract.lifecycle import CONTRACT, STATE_LABELS, ContractState
from portal.contract.models import Contract
from portal.contract.rules import CLAUSES, DELIVERABLES
from portal.kernel.errors import Invalid, Refused
from portal.office import rules_kept
from portal.spreadsheet import handed_out
from portal.web.forms import as_shown, put_errors, shown_version
from portal.web.guard import allow, current_actor, show_refusal
from portal.web.pages import done, page
from portal.wording import say, sentence, verb_label

bp = Blueprint("contract", __name__, url_prefix="/t/<tenant>/contracts")
ASKED = frozenset({"return", "revise", "cancel", "confirm", "sign", "extend", "file"})
WEIGHTS = {"cancel": "grave", "extend": "quiet", "file": "quiet", "revise": "quiet"}
BESIDE = frozenset({"document.sign"})  # the verb that asked for the signature says as much


def _url(endpoint: str, **arguments: Any) -> str:
    return url_for(f"contract.{endpoint}", tenant=g.seat.tenant_code, **arguments)


@bp.get("")
@allow(P.CONTRACT_READ)
def contracts() -> str:
    """The list; a firm sees its own."""
    found = queries.page_of(request.args, path=_url("contracts"), export_url=_url("export"))
    return page(
        "contract/contracts.html",
        listing=found,
        overdue={row.id for row in found.rows if queries.overdue(row, g.now)},
        states=[(state.value, label) for state, (label, _) in STATE_LABELS.items()],
        chosen=request.args,
        inside=current_actor().role in STAFF,
    )


@bp.post("/export")
@allow(P.CONTRACT_READ)
def export() -> Response:
    """The list as a workbook, under the same filters."""
    return handed_out(
        ("合同编号", "项目名称", "年度", "第三方机构", "合同价款（元）", "主评人", "状态", "签订日期"),
        (
            (
                row.number or "",
                row.name,
                row.year,
                row.firm_name,
                row.fee,
                row.lead_evaluator,
                row.state_label[0],
                row.signed_at.date() if row.signed_at else "",
            )
            for row in queries.everything(request.args)
        ),
        "合同清单",
    )


@bp.get("/<uuid:row_id>")
@allow(P.CONTRACT_READ, queries.contract)
def contract(row: Contract) -> str:
    """One contract: its text, who signed, what can be done, and everything that happened."""
    inside = current_actor().role in STAFF
    return page(
        "contract/contract.html",
        row=row,
        clauses=CLAUSES,
        due=_due(row),
        overdue=queries.overdue(row, g.now),
        verbs=_verbs(row),
        documents=document.documents_of(row.id),
        moments=moments(row.id, without=BESIDE) if inside else [],
        inside=inside,
        after=_after(row) if inside and row.signed_at else None,
    )


def _after(row: Contract) -> queries.AfterSigning | None:
    """What the purchase's rules ask for after the signatures."""
    force = rules_kept(tender.tender(row.tender_id).rule_set_id)
    return queries.after_signing(row, force.rules.procurement)


def _due(row: Contract) -> list[dict[str, Any]]:
    """Each deliverable: its name, the signed date, and the date in force."""
    return [
        {"label": DELIVERABLES[kind], "signed": day, "now": row.due_on(kind)}
        for kind, day in row.due_signed.items()
    ]


def _verbs(row: Contract) -> list[dict[str, Any]]:
    """What this actor may do here, each with the ruling of the moment."""
    actor = current_actor()
    facts = queries.facts(row, by=actor, now=g.now, reason="尚未写明理由")
    verbs = [
        {
            "label": verb_label(f"contract.{offer.name}"),
            "url": _url(f"ask_{offer.name}" if offer.name in ASKED else offer.name, row_id=row.id),
            "page": offer.name in ASKED,
            "version": row.version,
            "ruling": offer.ruling,
            "weight": WEIGHTS.get(offer.name),
        }
        for offer in CONTRACT.offers(ContractState(row.state), facts)
        if may(actor, P(f"contract:{offer.name}"), row) and not (offer.name == "file" and row.filed_on)
    ]
    if row.state == ContractState.DRAFT.value and may(actor, P.CONTRACT_DRAFT, row):
        verbs.insert(
            1, {"label": "填写合同", "url": _url("editing", row_id=row.id), "page": True, "ruling": True}
        )
    return verbs


@bp.get("/<uuid:row_id>/edit")
@allow(P.CONTRACT_DRAFT, queries.contract)
def editing(row: Contract) -> str:
    """What is open, to be filled in."""
    data = {**{name: getattr(row, name) for name in ContractForm.PLAIN}, **row.clauses}
    return _edit_page(ContractForm(data=data), row, row.version)


@bp.post("/<uuid:row_id>/edit")
@allow(P.CONTRACT_DRAFT, queries.contract)
def edit(row: Contract) -> Any:
    """Keep what was filled in."""
    form = ContractForm(request.form)
    shown = request.form.get("version", "")
    if form.validate():
        try:
            actions.edit(row, form.draft(), version=shown_version(), by=current_actor(), now=g.now)
            return done("contract.edited", to=_url("contract", row_id=row.id))
        except Invalid as error:
            put_errors(form, {error.field: sentence(error.code, error.facts)})
    return _edit_page(form, row, shown), 422


def _edit_page(form: ContractForm, row: Contract, version: object) -> str:
    return page("contract/edit.html", form=form, row=row, version=version)


@bp.post("/<uuid:row_id>/offer")
@allow(P.CONTRACT_OFFER, queries.contract)
def offer(row: Contract) -> Response:
    """Send it to the firm."""
    actions.offer(as_shown(row, queries.lock), by=current_actor(), now=g.now)
    return done("contract.offer", to=_url("contract", row_id=row.id), firm=row.firm_name)


@bp.post("/<uuid:row_id>/complete")
@allow(P.CONTRACT_COMPLETE, queries.contract)
def complete(row: Contract) -> Response:
    """Close it, once paid for and appraised."""
    actions.complete(as_shown(row, queries.lock), by=current_actor(), now=g.now)
    return done("contract.complete", to=_url("contract", row_id=row.id), name=row.name)


def _ask(verb: str) -> Callable[[Contract], str]:
    """The page that asks why."""

    def view(row: Contract) -> str:
        return page("contract/reason.html", form=ReasonForm(), row=row, verb=verb)

    return view


def _explained(verb: str, action: Callable[..., None]) -> Callable[[Contract], Any]:
    """A verb with a reason."""

    def view(row: Contract) -> Any:
        form = ReasonForm(request.form)
        if not form.validate():
            return page("contract/reason.html", form=form, row=row, verb=verb), 422
        action(as_shown(row, queries.lock), (form.reason.data or "").strip(), by=current_actor(), now=g.now)
        return done(f"contract.{verb}", to=_url("contract", row_id=row.id), name=row.name)

    return view


for _verb, _permission, _action in (
    ("return", P.CONTRACT_RETURN, actions.return_),
    ("revise", P.CONTRACT_REVISE, actions.revise),
    ("cancel", P.CONTRACT_CANCEL, actions.cancel),
):
    _guarded = allow(_permission, queries.contract)
    bp.get(f"/<uuid:row_id>/{_verb}", endpoint=f"ask_{_verb}")(_guarded(_ask(_verb)))
    bp.post(f"/<uuid:row_id>/{_verb}", endpoint=_verb)(_guarded(_explained(_verb, _action)))


def _sign_page(form: SignForm, row: Contract, verb: str) -> str:
    return page("contract/sign.html", form=form, row=row, verb=verb, clauses=CLAUSES, due=_due(row))


@bp.get("/<uuid:row_id>/confirm")
@allow(P.CONTRACT_CONFIRM, queries.contract)
def ask_confirm(row: Contract) -> str:
    """The firm reads once more and signs."""
    return _sign_page(SignForm(), row, "confirm")


@bp.post("/<uuid:row_id>/confirm")
@allow(P.CONTRACT_CONFIRM, queries.contract)
def confirm(row: Contract) -> Any:
    """The firm's signature."""
    form = SignForm(request.form)
    seen = request.form.get("digest", "")
    if form.validate():
        try:
            actions.confirm(row, form.password.data, seen=seen, by=current_actor(), now=g.now)
            return done("contract.confirm", to=_url("contract", row_id=row.id))
        except Invalid as error:
            put_errors(form, {error.field: sentence(error.code, error.facts)})
    return _sign_page(form, row, "confirm"), 422


@bp.get("/<uuid:row_id>/sign")
@allow(P.CONTRACT_SIGN, queries.contract)
def ask_sign(row: Contract) -> str:
    """The bureau reads once more and signs."""
    return _sign_page(SignForm(), row, "sign")


@bp.post("/<uuid:row_id>/sign")
@allow(P.CONTRACT_SIGN, queries.contract)
def sign(row: Contract) -> Any:
    """The bureau's signature: the contract takes effect."""
    form = SignForm(request.form)
    if form.validate():
        try:
            actions.sign(as_shown(row, queries.lock), form.password.data, by=current_actor(), now=g.now)
            return done("contract.sign", to=_url("contract", row_id=row.id), number=row.number or "")
        except Invalid as error:
            put_errors(form, {error.field: sentence(error.code, error.facts)})
    return _sign_page(form, row, "sign"), 422


def _extend_page(form: ExtensionForm, row: Contract) -> str:
    return page("contract/extend.html", form=form, row=row, due=_due(row))


@bp.get("/<uuid:row_id>/extend")
@allow(P.CONTRACT_EXTEND, queries.contract)
def ask_extend(row: Contract) -> str:
    """What is extended, until when, and why."""
    return _extend_page(ExtensionForm(), row)


@bp.post("/<uuid:row_id>/extend")
@allow(P.CONTRACT_EXTEND, queries.contract)
def extend(row: Contract) -> Any:
    """Keep the extension."""
    form = ExtensionForm(request.form)
    if form.validate() and form.new_on.data:
        try:
            actions.extend(
                as_shown(row, queries.lock),
                form.which(),
                form.new_on.data,
                form.reason.data or "",
                by=current_actor(),
                now=g.now,
            )
            return done("contract.extend", to=_url("contract", row_id=row.id), new_on=form.new_on.data)
        except Refused as error:
            show_refusal(error.ruling)
            fields = {
                "contract.extension_reason": "reason",
                "contract.not_later": "new_on",
                "contract.too_far": "new_on",
            }
            put_errors(form, {fields.get(each.code, "kind"): say(each) for each in error.ruling.refusals})
    return _extend_page(form, row), 422


def _file_page(form: FilingForm, row: Contract) -> str:
    after = _after(row) if row.signed_at else None
    return page("contract/file.html", form=form, row=row, after=after)


@bp.get("/<uuid:row_id>/file")
@allow(P.CONTRACT_FILE, queries.contract)
def ask_file(row: Contract) -> str:
    """Where the copy was filed, and when."""
    return _file_page(FilingForm(), row)


@bp.post("/<uuid:row_id>/file")
@allow(P.CONTRACT_FILE, queries.contract)
def file(row: Contract) -> Any:
    """Keep it."""
    form = FilingForm(request.form)
    if form.validate():
        try:
            actions.file(as_shown(row, queries.lock), form.filing(), by=current_actor(), now=g.now)
            return done("contract.file", to=_url("contract", row_id=row.id), where=row.filed_with or "")
        except Refused as error:
            show_refusal(error.ruling)
            put_errors(form, {"filed_on": "；".join(map(say, error.ruling.refusals))})
    return _file_page(form, row), 422


@bp.get("/<uuid:row_id>/print")
@allow(P.CONTRACT_READ, queries.contract)
def printed(row: Contract) -> str:
    """The text on paper, signed or not yet."""
    return page("contract/printed.html", row=row, clauses=CLAUSES, due=_due(row))
