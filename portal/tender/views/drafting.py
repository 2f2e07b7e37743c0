"""The pages of a draft: its terms, whom it invites, who will examine."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from flask import g, request
from werkzeug.wrappers import Response

from portal import commission
from portal.access import Permission as P
from portal.commission import Basis, Commission
from portal.kernel.errors import Invalid, Refused
from portal.kernel.workdays import day_of
from portal.tender import actions, queries
from portal.tender.forms import DEFAULT_REQUIREMENTS, ChoiceForm, PanelForm, TenderForm
from portal.tender.models import Tender
from portal.tender.queries import Prospect
from portal.tender.rules.deadlines import earliest
from portal.tender.rules.moves import BasisFacts, may_draft, splitting_warns
from portal.tender.rules.prospects import VERDICT_LABELS, Kin
from portal.tender.views.blueprint import bp, refused, url
from portal.web.forms import SelectChoice, as_shown, put_errors, shown_version
from portal.web.guard import allow, current_actor
from portal.web.pages import done, page
from portal.web.search import by_sound
from portal.wording import sentence
from tenants.calendar import calendar


def _proposed(basis: Basis) -> datetime:
    """The earliest deadline without doubt, were the notice issued today."""
    day = day_of(g.now)
    return earliest(day, basis.inquiry_workdays, calendar(day))


def _open_basis(row: Commission) -> tuple[Basis, BasisFacts]:
    """The commission a purchase may begin from. Raises `Refused`."""
    basis = commission.basis_of(row, now=g.now)
    facts = queries.basis_facts(basis)
    ruling = may_draft(facts)
    if not ruling:
        raise Refused(ruling)
    return basis, facts


@bp.get("/commissions/<uuid:row_id>/tender")
@allow(P.COMMISSION_BUY, commission.commission)
def new(row: Commission) -> str:
    """A draft proposed from the commission; refused at once where the law leaves no 询价."""
    basis, facts = _open_basis(row)
    proposed = _proposed(basis)
    form = TenderForm(
        data={
            "name": f"{row.name}采购",
            "ceiling": row.ceiling,
            "response_by": proposed,
            "requirements": "\n".join(DEFAULT_REQUIREMENTS),
            "needs": row.requirements,
        }
    )
    return _draft_page(form, basis, facts, proposed)


def _draft_page(
    form: TenderForm, basis: Basis, facts: BasisFacts, proposed: datetime, row: Tender | None = None
) -> str:
    return page(
        "tender/draft.html",
        form=form,
        basis=basis,
        row=row,
        proposed=proposed,
        warning=splitting_warns(facts, basis.threshold_procure),
        version=request.form.get("version") or (row.version if row else ""),
        cancel=url("tender", row_id=row.id) if row else None,
    )


def _again(form: TenderForm, row: Tender) -> str:
    basis = commission.basis(row.commission_id, now=g.now)
    return _draft_page(form, basis, queries.basis_facts(basis, row_id=row.id), _proposed(basis), row)


@bp.post("/commissions/<uuid:row_id>/tender")
@allow(P.COMMISSION_BUY, commission.commission)
def draft(row: Commission) -> Any:
    """Keep a new draft."""
    form = TenderForm(request.form)
    if not form.validate():
        basis, facts = _open_basis(row)
        return _draft_page(form, basis, facts, _proposed(basis)), 422
    made = actions.draft(row.id, form.draft(), by=current_actor(), now=g.now)
    return done("tender.drafted", to=url("tender", row_id=made.id))


@bp.get("/tenders/<uuid:row_id>/edit")
@allow(P.TENDER_DRAFT, queries.tender)
def editing(row: Tender) -> str:
    """The draft again."""
    data = {name: getattr(row, name) for name in ("name", "ceiling", "response_by", "needs")}
    form = TenderForm(data={**data, "requirements": "\n".join(row.requirements)})
    return _again(form, row)


@bp.post("/tenders/<uuid:row_id>/edit")
@allow(P.TENDER_DRAFT, queries.tender)
def edit(row: Tender) -> Any:
    """Keep the changes of a draft."""
    form = TenderForm(request.form)
    if not form.validate():
        return _again(form, row), 422
    actions.edit(row, form.draft(), version=shown_version(), by=current_actor(), now=g.now)
    return done("tender.edited", to=url("tender", row_id=row.id))


_SORTS: Final[Mapping[str, Callable[[Prospect], Any]]] = {
    "": lambda each: each.rank,
    "name": lambda _: (),
    "load": lambda each: each.profile.load,
}


def _matching(found: Sequence[Prospect], words: str, sort: str) -> list[Prospect]:
    """The firms a search keeps, in the order asked for, else by rank; those that may be invited first."""
    asked = words.strip().lower()
    kept = [
        each
        for each in found
        if not asked
        or asked in each.profile.name.lower()
        or asked in each.profile.initials.lower()
        or asked in each.profile.credit_code.lower()
    ]
    key = _SORTS.get(sort, _SORTS[""])
    return sorted(kept, key=lambda each: (not each.ruling, key(each), by_sound(each.profile.name)))


def _choice_page(row: Tender, form: ChoiceForm, ticked: Sequence[UUID], **more: Any) -> str:
    return page("tender/choose.html", form=form, row=row, **_choice(row, ticked), **more)


def _choice(row: Tender, ticked: Sequence[UUID]) -> dict[str, Any]:
    found = queries.verdicts(row, chosen=ticked, now=g.now)
    words, sort = request.args.get("q", ""), request.args.get("sort", "")
    shown = _matching(found, words, sort)
    on_page = {each.profile.firm_id for each in shown}
    unrated = any(each.ruling and not each.standing for each in found)
    return {
        "prospects": shown,
        "elsewhere": [each for each in found if each.chosen and each.profile.firm_id not in on_page],
        "picked": sum(each.chosen for each in found),
        "able": sum(bool(each.ruling) for each in found),
        "total": len(found),
        "unknown": sum(any(of.is_open and of.kin is Kin.UNIT for of in each.namesakes) for each in found),
        "verdict_labels": VERDICT_LABELS,
        "words": words,
        "sort": sort,
        "unrated": unrated and not any(each.chosen and not each.standing for each in found),
        "version": request.form.get("version") or row.version,
    }


@bp.get("/tenders/<uuid:row_id>/choose")
@allow(P.TENDER_DRAFT, queries.tender)
def choosing(row: Tender) -> str:
    """Every accepted firm with its verdict."""
    ticked = [each.firm_id for each in queries.firms(row.id)]
    return _choice_page(row, ChoiceForm(data={"reason": row.invitation_reason}), ticked)


def _ticked() -> list[UUID]:
    found = []
    for typed in request.form.getlist("firms"):
        try:
            found.append(UUID(typed))
        except ValueError as error:
            raise Invalid("reason", "tender.firm_unknown") from error
    return list(dict.fromkeys(found))


@bp.post("/tenders/<uuid:row_id>/choose")
@allow(P.TENDER_DRAFT, queries.tender)
def choose(row: Tender) -> Any:
    """Keep whom the purchase invites, and why."""
    form = ChoiceForm(request.form)
    ticked: list[UUID] = []
    if form.validate():
        try:
            ticked = _ticked()
            actions.choose(
                row,
                ticked,
                (form.reason.data or "").strip(),
                version=shown_version(),
                by=current_actor(),
                now=g.now,
            )
            return done("tender.chosen", to=url("tender", row_id=row.id), count=len(ticked))
        except Invalid as error:
            put_errors(form, {"reason": sentence(error.code, error.facts)})
        except Refused as error:
            return refused("tender/choose.html", error.ruling, form=form, row=row, **_choice(row, ticked))
    return _choice_page(row, form, ticked or _safely_ticked()), 422


def _safely_ticked() -> list[UUID]:
    try:
        return _ticked()
    except Invalid:
        return []


def _panel_form(row: Tender, form: PanelForm) -> PanelForm:
    """Give a form its choices: who holds a post of the panel now."""
    posts = queries.choices_of_panel()
    buying = {row.drafted_by, current_actor().account_id}
    able = [each for each in posts if each.account_id not in buying]
    form.chair.choices = [SelectChoice("", "请选择")] + [
        SelectChoice(str(each.post_id), each.name) for each in able if each.is_chair
    ]
    form.members.choices = [SelectChoice(str(each.post_id), each.name) for each in able if not each.is_chair]
    return form


@bp.get("/tenders/<uuid:row_id>/seat")
@allow(P.TENDER_DRAFT, queries.tender)
def seating(row: Tender) -> str:
    """Who may sit on the panel."""
    seated = queries.members(row.id)
    chair = next((str(each.post_id) for each in seated if each.is_chair), "")
    others = [str(each.post_id) for each in seated if not each.is_chair]
    form = _panel_form(row, PanelForm(data={"chair": chair, "members": others}))
    return page("tender/seat.html", form=form, row=row, version=row.version)


@bp.post("/tenders/<uuid:row_id>/seat")
@allow(P.TENDER_DRAFT, queries.tender)
def seat(row: Tender) -> Response | Any:
    """Keep the panel."""
    form = _panel_form(row, PanelForm(request.form))
    version = request.form.get("version") or row.version
    if form.validate():
        try:
            chair, others = form.posts()
            actions.seat(
                as_shown(row, queries.lock),
                chair,
                others,
                version=shown_version(),
                by=current_actor(),
                now=g.now,
            )
            return done("tender.seated", to=url("tender", row_id=row.id))
        except ValueError:
            put_errors(form, {"chair": sentence("tender.panel_unknown")})
        except Invalid as error:
            put_errors(form, {error.field: sentence(error.code, error.facts)})
        except Refused as error:
            return refused("tender/seat.html", error.ruling, form=form, row=row, version=version)
    return page("tender/seat.html", form=form, row=row, version=version), 422
