"""The pages of field work: days on site under a contract, and material that changed hands."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import g, request
from werkzeug.wrappers import Response

from portal import contract
from portal.access import Permission as P
from portal.access import holds, may
from portal.deliverable import actions, queries
from portal.deliverable.forms import AskForm, DayForm, ReasonForm, VisitForm, choose_subjects
from portal.deliverable.lifecycle import MATERIAL, MATERIAL_LABELS
from portal.deliverable.models import Material, Visit
from portal.deliverable.views.door import bp, here, is_staff, lay, verbs_of
from portal.kernel.errors import Invalid, NotFound, Refused
from portal.kernel.workdays import day_of
from portal.spreadsheet import handed_out
from portal.web.forms import put_errors
from portal.web.guard import allow, current_actor, show_refusal
from portal.web.pages import done, page
from portal.wording import sentence

ASKED = frozenset({"hand_over", "give_back"})


@bp.get("/contracts/<uuid:row_id>/visits")
@allow(P.VISIT_READ, contract.contract)
def visits(row: contract.Contract) -> str:
    """Days on site under a contract, and what the firm promised."""
    actor = current_actor()
    return page(
        "deliverable/visits.html",
        row=row,
        visits=queries.visits_of(row.id),
        lead_days=queries.lead_days(row.id),
        may_record=may(actor, P.VISIT_RECORD, row),
    )


def _visit_page(form: VisitForm, row: contract.Contract) -> str:
    return page("deliverable/visit.html", form=choose_subjects(form, row.objects), row=row)


@bp.get("/contracts/<uuid:row_id>/visits/new")
@allow(P.VISIT_RECORD, contract.contract)
def ask_visit(row: contract.Contract) -> str:
    """Where the firm writes down a visit."""
    return _visit_page(VisitForm(), row)


@bp.post("/contracts/<uuid:row_id>/visits/new")
@allow(P.VISIT_RECORD, contract.contract)
def record_visit(row: contract.Contract) -> Any:
    """Keep a visit."""
    form = choose_subjects(VisitForm(request.form), row.objects)
    if form.validate():
        try:
            actions.record_visit(row, form.visited(), by=current_actor(), now=g.now)
            return done("visit.record", to=here("visits", row_id=row.id))
        except Invalid as error:
            put_errors(form, {error.field: sentence(error.code, error.facts)})
    return _visit_page(form, row), 422


@bp.get("/visits/<uuid:row_id>/strike")
@allow(P.VISIT_STRIKE, queries.visit)
def ask_strike_visit(row: Visit) -> str:
    """Why a visit counts no more."""
    return page("deliverable/strike.html", form=ReasonForm(), row=row)


@bp.post("/visits/<uuid:row_id>/strike")
@allow(P.VISIT_STRIKE, queries.visit)
def strike_visit(row: Visit) -> Any:
    """It stays readable and counts no more."""
    form = ReasonForm(request.form)
    if not form.validate():
        return page("deliverable/strike.html", form=form, row=row), 422
    actions.strike_visit(row, (form.reason.data or "").strip(), by=current_actor(), now=g.now)
    return done("visit.strike", to=here("visits", row_id=row.contract_id))


@bp.get("/materials")
@allow(P.MATERIAL_READ)
def materials() -> str:
    """Material asked of units: unit and firm see their own; of one contract where that is asked for."""
    origin = _contract_asked()
    return page(
        "deliverable/materials.html",
        origin=origin,
        may_ask=origin is not None and may(current_actor(), P.MATERIAL_ASK, origin),
        listing=queries.materials(request.args, path=here("materials"), export_url=here("export_materials")),
        states=[(state.value, label) for state, (label, _) in MATERIAL_LABELS.items()],
        chosen=request.args,
    )


def _contract_asked() -> contract.Contract | None:
    row_id = queries.id_typed(request.args.get("contract", ""))
    if row_id is None or not holds(current_actor(), P.CONTRACT_READ):
        return None
    try:
        return contract.contract(row_id)
    except NotFound:
        return None


@bp.post("/materials/export")
@allow(P.MATERIAL_READ)
def export_materials() -> Response:
    """The list as a workbook, under the same filters."""
    return handed_out(
        ("资料", "评价对象", "被评价单位", "索取日期", "提供日期", "返还日期", "确认收回", "状态"),
        (
            (
                row.item,
                row.subject_name,
                row.unit_name,
                row.asked_on,
                row.handed_on or "",
                row.returned_on or "",
                day_of(row.received_at) if row.received_at else "",
                row.state_label[0],
            )
            for row in queries.all_materials(request.args)
        ),
        "资料交接清单",
    )


def _ask_page(form: AskForm, row: contract.Contract) -> str:
    return page("deliverable/ask.html", form=choose_subjects(form, row.objects), row=row)


@bp.get("/contracts/<uuid:row_id>/materials/new")
@allow(P.MATERIAL_ASK, contract.contract)
def ask_material(row: contract.Contract) -> str:
    """Where the firm lists what it needs."""
    return _ask_page(AskForm(), row)


@bp.post("/contracts/<uuid:row_id>/materials/new")
@allow(P.MATERIAL_ASK, contract.contract)
def ask(row: contract.Contract) -> Any:
    """Each item waits for the unit."""
    form = choose_subjects(AskForm(request.form), row.objects)
    if form.validate():
        items = form.listed()
        actions.ask(
            row,
            UUID(form.subject_id.data),
            items,
            is_original=bool(form.is_original.data),
            by=current_actor(),
            now=g.now,
        )
        return done("material.ask", to=here("materials", contract=row.id), count=len(items))
    return _ask_page(form, row), 422


@bp.get("/materials/<uuid:row_id>")
@allow(P.MATERIAL_READ, queries.material)
def material(row: Material) -> str:
    """One item: who had it when, and what can be done."""
    return page(
        "deliverable/material.html",
        row=row,
        verbs=verbs_of(MATERIAL, row, queries.material_facts(row, now=g.now), asked=ASKED),
        inside=is_staff(),
    )


def _day_page(form: DayForm, row: Material, verb: str) -> str:
    return page("deliverable/day.html", form=form, row=row, verb=verb)


def _ask_day(verb: str) -> Callable[[Material], str]:
    """The page that asks on which day."""

    def view(row: Material) -> str:
        return _day_page(DayForm(data={"on": day_of(g.now)}), row, verb)

    return view


def _on_day(verb: str, action: Callable[..., None]) -> Callable[[Material], Any]:
    """A verb with a day."""

    def view(row: Material) -> Any:
        form = DayForm(request.form)
        if form.validate():
            try:
                action(row, form.on.data, by=current_actor(), now=g.now)
                return done(f"material.{verb}", to=here("material", row_id=row.id))
            except Refused as error:
                if error.ruling.codes != ("material.day",):
                    raise
                show_refusal(error.ruling)
                lay(form, error.ruling, {}, "on")
        return _day_page(form, row, verb), 422

    return view


for _verb, _permission, _action in (
    ("hand_over", P.MATERIAL_HAND_OVER, actions.hand_over),
    ("give_back", P.MATERIAL_GIVE_BACK, actions.give_back),
):
    _guarded = allow(_permission, queries.material)
    _path = f"/materials/<uuid:row_id>/{_verb.replace('_', '-')}"
    bp.get(_path, endpoint=f"ask_{_verb}")(_guarded(_ask_day(_verb)))
    bp.post(_path, endpoint=_verb)(_guarded(_on_day(_verb, _action)))


@bp.post("/materials/<uuid:row_id>/receive")
@allow(P.MATERIAL_RECEIVE, queries.material)
def receive(row: Material) -> Response:
    """The unit has it again."""
    actions.receive(row, by=current_actor(), now=g.now)
    return done("material.receive", to=here("material", row_id=row.id))


@bp.post("/materials/<uuid:row_id>/withdraw")
@allow(P.MATERIAL_WITHDRAW, queries.material)
def withdraw(row: Material) -> Response:
    """It is not needed any more."""
    actions.withdraw(row, by=current_actor(), now=g.now)
    return done("material.withdraw", to=here("material", row_id=row.id))
