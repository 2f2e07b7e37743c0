"""The pages of a commission: list, draft, detail with what can be done, reasons, derivation, print."""

from collections.abc import Callable, Sequence
from typing import Any

from flask import Blueprint, g, jsonify, request, url_for
from werkzeug.wrappers import Response

from portal.access import Permission as P
from portal.access import may
from portal.audit import moments
from portal.commission import actions, queries
from portal.commission.forms import CommissionForm, ReasonForm
from portal.commission.lifecycle import COMMISSION, STATE_LABELS, CommissionState
from portal.commission.models import Commission
from portal.commission.rules import ServiceKind, inquiry_is_open, methods_of, regime_of
from portal.kernel.derivation import Derivation
from portal.kernel.errors import Invalid, Misconfigured
from portal.kernel.hashing import plain
from portal.kernel.money import NOTHING, Yuan
from portal.kernel.ruling import ALLOWED, Ruling
from portal.kernel.workdays import day_of
from portal.office import RulesInForce, rules_on
from portal.spreadsheet import handed_out
from portal.subject import CHOICE
from portal.web.forms import SelectChoice, as_shown, put_errors, shown_version
from portal.web.guard import allow, current_actor
from portal.web.pages import done, page
from portal.wording import sentence, verb_label

bp = Blueprint("commission", __name__, url_prefix="/t/<tenant>/commissions")
WITH_REASON = frozenset({"return", "correct", "withdraw"})
GRAVE = frozenset({"discard", "withdraw"})
LOOK = "look"  # the button that lists other subjects and keeps nothing


def _url(endpoint: str, **arguments: Any) -> str:
    return url_for(f"commission.{endpoint}", tenant=g.seat.tenant_code, **arguments)


@bp.get("")
@allow(P.COMMISSION_READ)
def commissions() -> str:
    """The list."""
    found = queries.page_of(request.args, path=_url("commissions"), export_url=_url("export"))
    return page(
        "commission/commissions.html",
        listing=found,
        states=[(state.value, label) for state, (label, _) in STATE_LABELS.items()],
        chosen=request.args,
        may_draft=may(current_actor(), P.COMMISSION_DRAFT),
        has_rules=_has_rules(),
    )


def _has_rules() -> bool:
    """Whether a rule set is in force today: without one nothing can be drafted, and the page says so."""
    try:
        rules_on(day_of(g.now))
    except Misconfigured:
        return False
    return True


@bp.post("/export")
@allow(P.COMMISSION_READ)
def export() -> Response:
    """The list as a workbook, under the same filters."""
    return handed_out(
        ("委托名称", "年度", "委托事项", "委托方", "最高限价（元）", "状态", "起草人", "批准人"),
        (
            (
                row.name,
                row.year,
                row.kind_label,
                row.commissioner_name,
                row.ceiling,
                row.state_label[0],
                row.drafter,
                row.approver or "",
            )
            for row in queries.everything(request.args)
        ),
        "委托清单",
    )


def _filled(form: CommissionForm, row: Commission | None = None) -> CommissionForm:
    """Give a form its choices: the units, and of the register those subjects ticked and those looked for."""
    form.commissioner_id.choices = [SelectChoice("", queries.bureau_name())] + [
        SelectChoice(str(each.id), each.name) for each in queries.all_units()
    ]
    taken = queries.taken_in(form.year.data or day_of(g.now).year, but=row.id if row else None)
    found = queries.choices(form.picked(), words=form.find.data.strip(), last=taken)
    form.subjects.choices = [
        SelectChoice(
            str(each.id), f"{each.name}（{each.unit_name}，{each.year}年）" + _taken(taken.get(each.id))
        )
        for each in found
    ]
    return form


def _taken(by: queries.Taken | None) -> str:
    """Where a subject is commissioned already: the free ones stand first, the others say so."""
    if by is None:
        return ""
    return f"，已在：{by.name}" + (f" 等 {by.count} 个委托" if by.count > 1 else "")


def _hint() -> str:
    cutoff = rules_on(day_of(g.now)).rules.qc.cutoff
    return f"本局规则集的参考值：{cutoff}" if cutoff is not None else ""


@bp.get("/new")
@allow(P.COMMISSION_DRAFT)
def new() -> str:
    """An empty draft."""
    form = _filled(
        CommissionForm(
            data={"year": day_of(g.now).year, "service_kind": ServiceKind.EVALUATION.value, "experts": 3}
        )
    )
    return _draft_page(form)


@bp.post("/new")
@allow(P.COMMISSION_DRAFT)
def draft() -> Any:
    """Keep a new draft."""
    form = _filled(CommissionForm(request.form))
    if LOOK in request.form:
        return _draft_page(form)
    if form.validate():
        try:
            row = actions.draft(form.draft(), by=current_actor(), now=g.now)
            return done("commission.drafted", to=_url("commission", row_id=row.id))
        except Invalid as error:
            put_errors(form, {error.field: sentence(error.code, error.facts)})
    return _draft_page(form), 422


@bp.get("/<uuid:row_id>")
@allow(P.COMMISSION_READ, queries.shown)
def commission(row: Commission) -> str:
    """One commission: what it is, what can be done with it, and everything that happened."""
    subjects, force = queries.subjects_of(row), rules_on(day_of(g.now))
    return page(
        "commission/commission.html",
        row=row,
        subjects=subjects,
        verbs=_verbs(row, subjects, force),
        caution=_caution(row, force),
        moments=moments(row.id),
        editions=queries.editions(row),
        hows=_derivations(row, subjects),
    )


def _derivations(row: Commission, subjects: Sequence[queries.Choice]) -> list[Derivation]:
    return queries.derivations(row, subjects, now=g.now, json_url=_url("derived", row_id=row.id))


def _verbs(row: Commission, subjects: Sequence[queries.Choice], force: RulesInForce) -> list[dict[str, Any]]:
    """What this actor may do here, each with the ruling of the moment."""
    actor = current_actor()
    facts = queries.facts(row, by=actor, now=g.now, reason="…", subjects=subjects, force=force)
    offers = COMMISSION.offers(CommissionState(row.state), facts)
    verbs = [
        {
            "label": verb_label(f"commission.{offer.name}"),
            "url": _url(f"ask_{offer.name}" if offer.name in WITH_REASON else offer.name, row_id=row.id),
            "page": offer.name in WITH_REASON,
            "version": row.version,
            "ruling": offer.ruling,
            "weight": "grave" if offer.name in GRAVE else None,
        }
        for offer in offers
        if may(actor, P(f"commission:{offer.name}"), row)
    ]
    if row.state == CommissionState.DRAFT.value and may(actor, P.COMMISSION_DRAFT, row):
        verbs.insert(
            1, {"label": "修改", "url": _url("editing", row_id=row.id), "page": True, "ruling": True}
        )
    if "buy" in row.awaits() and may(actor, P.COMMISSION_BUY, row):
        begin = url_for("tender.new", tenant=g.seat.tenant_code, row_id=row.id)
        label = verb_label("commission.buy")
        verbs.insert(0, {"label": label, "url": begin, "page": True, "ruling": _by_inquiry(row, force)})
    return verbs


def _caution(row: Commission, force: RulesInForce) -> Ruling:
    """What the buyer will run into, told to others from the draft on; the buyer reads it at the button."""
    if (
        not row.ceiling
        or row.in_purchase
        or ("buy" in row.awaits() and may(current_actor(), P.COMMISSION_BUY, row))
    ):
        return ALLOWED
    return _by_inquiry(row, force)


def _by_inquiry(row: Commission, force: RulesInForce) -> Ruling:
    """Whether its ceiling leaves it to 询价, by the rules of the day."""
    procurement = force.rules.procurement
    ceiling = Yuan(row.ceiling or NOTHING)
    regime = regime_of(ceiling, procurement.threshold_procure)
    return inquiry_is_open(regime, methods_of(regime, ceiling, procurement.threshold_open))


@bp.get("/<uuid:row_id>/edit")
@allow(P.COMMISSION_DRAFT, queries.commission)
def editing(row: Commission) -> str:
    """The draft again."""
    data = {
        **{name: getattr(row, name) for name in CommissionForm.PLAIN},
        "commissioner_id": str(row.commissioner_id or ""),
        "subjects": [str(line.subject_id) for line in row.lines],
        "ceiling": row.ceiling,
        "cutoff": row.terms.cutoff,
        "experts": row.terms.experts,
        "sample_size": row.terms.sample_size,
    }
    form = _filled(CommissionForm(data=data), row)
    return _draft_page(form, row, row.version)


@bp.post("/<uuid:row_id>/edit")
@allow(P.COMMISSION_DRAFT, queries.commission)
def edit(row: Commission) -> Any:
    """Keep the changes of a draft."""
    form = _filled(CommissionForm(request.form), row)
    shown = request.form.get("version", "")
    if LOOK in request.form:
        return _draft_page(form, row, shown)
    if form.validate():
        try:
            actions.edit(
                row,
                form.draft(),
                version=shown_version(),
                by=current_actor(),
                now=g.now,
            )
            return done("commission.edited", to=_url("commission", row_id=row.id))
        except Invalid as error:
            put_errors(form, {error.field: sentence(error.code, error.facts)})
    return _draft_page(form, row, shown), 422


def _draft_page(form: CommissionForm, row: Commission | None = None, version: object = None) -> str:
    return page(
        "commission/draft.html",
        form=form,
        row=row,
        version=version,
        looked=LOOK in request.form,
        most=CHOICE,
        hint=_hint(),
        cancel=_url("commission", row_id=row.id) if row else _url("commissions"),
    )


def _deed(verb: str) -> Callable[[Commission], Response]:
    """A verb that needs no more than its button."""

    def view(row: Commission) -> Response:
        getattr(actions, verb)(as_shown(row, queries.lock), by=current_actor(), now=g.now)
        return done(f"commission.{verb}", to=_url("commission", row_id=row.id), name=row.name)

    return view


def _ask(verb: str) -> Callable[[Commission], str]:
    """The page that asks why."""

    def view(row: Commission) -> str:
        return page("commission/reason.html", form=ReasonForm(), row=row, verb=verb)

    return view


def _explained(verb: str, action: Callable[..., None]) -> Callable[[Commission], Any]:
    """A verb with a reason."""

    def view(row: Commission) -> Any:
        form = ReasonForm(request.form)
        if not form.validate():
            return page("commission/reason.html", form=form, row=row, verb=verb), 422
        action(as_shown(row, queries.lock), (form.reason.data or "").strip(), by=current_actor(), now=g.now)
        return done(f"commission.{verb}", to=_url("commission", row_id=row.id), name=row.name)

    return view


for _verb, _permission in (
    ("submit", P.COMMISSION_SUBMIT),
    ("approve", P.COMMISSION_APPROVE),
    ("discard", P.COMMISSION_DISCARD),
):
    bp.post(f"/<uuid:row_id>/{_verb}", endpoint=_verb)(allow(_permission, queries.commission)(_deed(_verb)))
for _verb, _permission, _action in (
    ("return", P.COMMISSION_RETURN, actions.return_),
    ("correct", P.COMMISSION_CORRECT, actions.correct),
    ("withdraw", P.COMMISSION_WITHDRAW, actions.withdraw),
):
    _guarded = allow(_permission, queries.commission)
    bp.get(f"/<uuid:row_id>/{_verb}", endpoint=f"ask_{_verb}")(_guarded(_ask(_verb)))
    bp.post(f"/<uuid:row_id>/{_verb}", endpoint=_verb)(_guarded(_explained(_verb, _action)))


@bp.get("/<uuid:row_id>/derivation.json")
@allow(P.COMMISSION_READ, queries.commission)
def derived(row: Commission) -> Response:
    """The figures of a commission with their inputs, for a stranger's script."""
    return jsonify(plain([each.as_plain() for each in _derivations(row, queries.subjects_of(row))]))


@bp.get("/<uuid:row_id>/print")
@allow(P.COMMISSION_READ, queries.commission)
def printed(row: Commission) -> str:
    """The commission on paper: what was approved, on which terms."""
    return page(
        "commission/printed.html",
        row=row,
        subjects=queries.subjects_of(row),
        edition=next(iter(queries.editions(row)), None),
    )
