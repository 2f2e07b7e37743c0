"""The pages of the consultation of a unit: the list, one with its opinions and answers, on paper too."""

from typing import Any

from flask import g, request
from werkzeug.wrappers import Response

from portal import file
from portal.access import Permission as P
from portal.access import may
from portal.audit import moments
from portal.deliverable import actions, queries
from portal.deliverable.forms import WHY_NOT, OpinionForm, answer_form, answers_of
from portal.deliverable.lifecycle import CONSULTATION, CONSULTATION_LABELS, ConsultationState
from portal.deliverable.models import Consultation, Opinion
from portal.deliverable.views.door import bp, here, is_staff, verbs_of
from portal.kernel.errors import Refused
from portal.web.forms import as_shown, put_errors
from portal.web.guard import allow, current_actor, show_refusal
from portal.web.pages import done, page

ASKED = frozenset({"answer"})


@bp.get("/consultations")
@allow(P.CONSULTATION_READ)
def consultations() -> str:
    """The consultations: a unit sees those on itself, a firm its own."""
    found = queries.consultations(request.args, path=here("consultations"))
    return page(
        "deliverable/consultations.html",
        listing=found,
        lapsed={row.id for row in found.rows if queries.has_lapsed(row, g.now)},
        states=[(state.value, label) for state, (label, _) in CONSULTATION_LABELS.items()],
        chosen=request.args,
    )


def _shown(row: Consultation) -> list[Opinion]:
    """What is being written is the unit's own until it hands it in."""
    writing = row.state == ConsultationState.OPEN.value and not row.is_unit(current_actor())
    return [] if writing else row.opinions


def _page(row: Consultation, form: OpinionForm) -> str:
    verbs = verbs_of(CONSULTATION, row, queries.consultation_facts(row, now=g.now), asked=ASKED)
    for verb in verbs:
        verb["ruling"] = verb["page"] or verb["ruling"]
        verb["weight"] = "quiet" if verb["url"].endswith("/agree") else None
    return page(
        "deliverable/consultation.html",
        row=row,
        draft=file.stored(row.file_id),
        form=form,
        opinions=_shown(row),
        may_note=row.state == ConsultationState.OPEN.value and may(current_actor(), P.CONSULTATION_NOTE, row),
        lapsed=queries.has_lapsed(row, g.now),
        verbs=verbs,
        moments=moments(row.id) if is_staff() else [],
        inside=is_staff(),
        is_unit=row.is_unit(current_actor()),
    )


@bp.get("/consultations/<uuid:row_id>")
@allow(P.CONSULTATION_READ, queries.consultation)
def consultation(row: Consultation) -> str:
    """One consultation: the draft, each opinion with its answer, and what can be done."""
    return _page(row, OpinionForm())


@bp.post("/consultations/<uuid:row_id>/note")
@allow(P.CONSULTATION_NOTE, queries.consultation)
def note(row: Consultation) -> Any:
    """One more opinion."""
    form = OpinionForm(request.form)
    if not form.validate():
        return _page(row, form), 422
    actions.note(
        row,
        (form.place.data or "").strip(),
        (form.text.data or "").strip(),
        by=current_actor(),
        now=g.now,
    )
    return done("consultation.note", to=here("consultation", row_id=row.id))


@bp.post("/consultations/<uuid:row_id>/strike")
@allow(P.CONSULTATION_NOTE, queries.consultation)
def strike(row: Consultation) -> Response:
    """One opinion less."""
    actions.strike(row, request.form.get("number", 0, int), by=current_actor(), now=g.now)
    return done("consultation.strike", to=here("consultation", row_id=row.id))


@bp.post("/consultations/<uuid:row_id>/state")
@allow(P.CONSULTATION_STATE, queries.consultation)
def state(row: Consultation) -> Response:
    """The opinions go to the firm."""
    actions.state(row, by=current_actor(), now=g.now)
    return done("consultation.state", to=here("consultation", row_id=row.id))


@bp.post("/consultations/<uuid:row_id>/agree")
@allow(P.CONSULTATION_AGREE, queries.consultation)
def agree(row: Consultation) -> Response:
    """The unit has no opinion."""
    actions.agree(row, by=current_actor(), now=g.now)
    return done("consultation.agree", to=here("consultation", row_id=row.id))


@bp.post("/consultations/<uuid:row_id>/lapse")
@allow(P.CONSULTATION_LAPSE, queries.consultation)
def lapse(row: Consultation) -> Response:
    """The unit's time is over."""
    actions.lapse(as_shown(row, queries.lock), by=current_actor(), now=g.now)
    return done("consultation.lapse", to=here("consultation", row_id=row.id))


def _answer_page(form: Any, row: Consultation) -> str:
    return page("deliverable/answer.html", form=form, row=row, opinions=row.opinions)


@bp.get("/consultations/<uuid:row_id>/answer")
@allow(P.CONSULTATION_ANSWER, queries.consultation)
def ask_answer(row: Consultation) -> str:
    """Where the firm answers each opinion."""
    return _answer_page(answer_form(None, row.opinions), row)


@bp.post("/consultations/<uuid:row_id>/answer")
@allow(P.CONSULTATION_ANSWER, queries.consultation)
def answer(row: Consultation) -> Any:
    """Keep the answers, all at once."""
    form = answer_form(request.form, row.opinions)
    if form.validate():
        answers = answers_of(form, row.opinions)
        try:
            actions.answer(row, answers, by=current_actor(), now=g.now)
            return done("consultation.answer", to=here("consultation", row_id=row.id))
        except Refused as error:
            if "consultation.unreasoned" not in error.ruling.codes:
                raise
            show_refusal(error.ruling)
            for number, (adopted, text) in answers.items():
                if adopted is False and not text:
                    put_errors(form, {f"answer_{number}": WHY_NOT})
    return _answer_page(form, row), 422


@bp.get("/consultations/<uuid:row_id>/print")
@allow(P.CONSULTATION_READ, queries.consultation)
def printed(row: Consultation) -> str:
    """Opinions and answers on paper."""
    return page("deliverable/consulted.html", row=row, opinions=_shown(row))
