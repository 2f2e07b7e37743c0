"""The pages of an award: the buyer's decision, and the letter each firm reads and acknowledges."""

from decimal import Decimal
from typing import Any

from flask import Blueprint, g, jsonify, redirect, request, url_for
from werkzeug.wrappers import Response

from portal import document, file, panel, tender
from portal.access import Permission as P
from portal.access import may
from portal.audit import moments
from portal.award import actions, queries, rules
from portal.award.forms import AwardForm, FailForm
from portal.award.lifecycle import AWARD_LABELS, AwardState, state_at
from portal.award.models import Award, AwardCandidate, AwardLetter
from portal.kernel.derivation import Derivation
from portal.kernel.errors import Invalid, Refused
from portal.kernel.hashing import plain
from portal.kernel.ruling import ALLOWED, Ruling
from portal.kernel.workdays import day_of, workdays_between
from portal.office import RulesInForce, rules_kept
from portal.tender.rules.moves import cited
from portal.web.forms import SelectChoice, put_errors
from portal.web.guard import allow, current_actor, show_refusal
from portal.web.pages import done, page
from portal.wording import sentence, verb_label
from tenants.calendar import calendar

bp = Blueprint("award", __name__, url_prefix="/t/<tenant>")
letters = Blueprint("award_letter", __name__, url_prefix="/t/<tenant>/award-letters")
LARGEST = 20 * 1024 * 1024


def _url(endpoint: str, **arguments: Any) -> str:
    return url_for(endpoint, tenant=g.seat.tenant_code, **arguments)


@bp.get("/awards/<uuid:row_id>")
@allow(P.AWARD_READ, queries.by_id)
def waiting(row: Award) -> Response:
    """From the inbox to the page of the tender's award."""
    return redirect(_url("award.award", row_id=row.tender_id), 303)


@bp.get("/tenders/<uuid:row_id>/award")
@allow(P.AWARD_READ, queries.award)
def award(row: Award) -> str:
    """The candidates, until when to decide, and after it what was sent to whom."""
    return _award_page(row)


def _form(row: Award, typed: Any) -> AwardForm:
    form = AwardForm(typed) if typed else AwardForm()
    form.bid_id.choices = [
        SelectChoice(str(each.bid_id), f"{_placed(each)}：{each.firm_name}，{each.price:,.2f} 元")
        for each in row.candidates
        if each.may_win
    ]
    return form


def _placed(each: AwardCandidate) -> str:
    return "排名第一" if each.place == 1 else f"第 {each.place} 名"


def _award_page(
    row: Award, form: AwardForm | None = None, *, failing: FailForm | None = None, ruling: Ruling = ALLOWED
) -> str:
    of = tender.tender(row.tender_id)
    force = rules_kept(of.rule_set_id)
    days = calendar(day_of(g.now))
    actor = current_actor()
    suspended = of.suspended_at is not None
    state = state_at(row, g.now, suspended=suspended)
    deciding = row.first_left and state is AwardState.PENDING and may(actor, P.AWARD_DECIDE, row)
    fails = row.is_pending and (row.is_refused or not row.first_left) and may(actor, P.AWARD_FAIL, row)
    return page(
        "award/award.html",
        row=row,
        of=of,
        label=AWARD_LABELS[state],
        form=(form or _form(row, {})) if deciding else None,
        failing=(failing or FailForm()) if fails else None,
        past=row.is_overdue(g.now),
        suspended=suspended,
        lapsed=row.is_pending and state is AwardState.AWARDED,
        rule=cited(rules.ORDER_74_49, statutory=row.statutory),
        workdays=workdays_between(day_of(g.now), day_of(row.award_by), days) if row.is_pending else None,
        due=queries.due(row, force.rules.procurement),
        how=_derivation(row, force),
        dissents=panel.dissents(row.tender_id),
        ruling=ruling,
        moments=moments(row.id),
    )


def _derivation(row: Award, force: RulesInForce) -> Derivation:
    return queries.derivation(row, force, now=g.now, json_url=_url("award.derived", row_id=row.tender_id))


@bp.get("/tenders/<uuid:row_id>/award/derivation.json")
@allow(P.AWARD_READ, queries.award)
def derived(row: Award) -> Response:
    """The awarded price with its inputs, for a stranger's script."""
    force = rules_kept(tender.tender(row.tender_id).rule_set_id)
    return jsonify(plain([_derivation(row, force).as_plain()]))


@bp.post("/tenders/<uuid:row_id>/award/decide")
@allow(P.AWARD_DECIDE, queries.award)
def decide(row: Award) -> Any:
    """Decide: letter, reasons and announcement follow at once."""
    form = _form(row, request.form)
    form.file.data = request.files.get("file")
    if form.validate():
        actor = current_actor()
        chosen = form.chosen_file()
        try:
            kept = file.keep(chosen, most=LARGEST, by=actor, now=g.now).id if chosen else None
            winner = actions.decide(
                row, form.chosen(), (form.ground.data or "").strip(), kept, by=actor, now=g.now
            )
            return done("award.decided", to=_url("award.award", row_id=row.tender_id), firm=winner.firm_name)
        except Invalid as error:
            put_errors(form, {error.field: sentence(error.code, error.facts)})
        except Refused as error:
            show_refusal(error.ruling)
            return _award_page(row, form, ruling=error.ruling), 409
    return _award_page(row, form), 422


@bp.post("/tenders/<uuid:row_id>/award/fail")
@allow(P.AWARD_FAIL, queries.award)
def fail(row: Award) -> Any:
    """End a purchase whose winner refused to sign, to begin anew."""
    form = FailForm(request.form)
    if not form.validate():
        return _award_page(row, failing=form), 422
    actions.fail(row, (form.reason.data or "").strip(), by=current_actor(), now=g.now)
    return done("award.failed", to=url_for("tender.tender", tenant=g.seat.tenant_code, row_id=row.tender_id))


@letters.get("/<uuid:row_id>")
@allow(P.AWARD_LETTER_READ, queries.letter)
def letter(row: AwardLetter) -> str:
    """A firm's own letter, and its acknowledgement."""
    waits = may(current_actor(), P.AWARD_LETTER_ACKNOWLEDGE, row) and bool(row.awaits())
    verbs = [
        {
            "label": verb_label("award_letter.acknowledge"),
            "url": _url("award_letter.acknowledge", row_id=row.id),
            "ruling": ALLOWED,
        }
    ]
    return page(
        "award/letter.html",
        row=row,
        price=_amount(row.content["price"]),
        winning_price=_amount(row.content["winning_price"]),
        verbs=verbs if waits else [],
        documents=[document.issued(row.document_id)],
    )


def _amount(kept: str | None) -> Decimal | None:
    return Decimal(kept) if kept is not None else None


@letters.post("/<uuid:row_id>/acknowledge")
@allow(P.AWARD_LETTER_ACKNOWLEDGE, queries.letter)
def acknowledge(row: AwardLetter) -> Response:
    """The firm has its letter."""
    actions.acknowledge(row, by=current_actor(), now=g.now)
    return done("award_letter.acknowledged", to=_url("award_letter.letter", row_id=row.id))
