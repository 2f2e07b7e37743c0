"""What the bureau does with a tender once it is drafted, and the pages that ask first."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import g, request
from werkzeug.wrappers import Response

from portal.access import Permission as P
from portal.kernel.errors import Invalid, Refused
from portal.kernel.workdays import day_of
from portal.tender import actions, queries
from portal.tender.forms import AmendmentForm, AnswerForm, IssueForm, ReasonForm, TerminationForm, ground_of
from portal.tender.models import Tender, TenderQuestion
from portal.tender.rules.deadlines import after_suspension, earliest
from portal.tender.views.blueprint import asked, bp, due, refused, url
from portal.web.forms import as_shown, put_errors
from portal.web.guard import allow, current_actor
from portal.web.pages import done, page
from portal.wording import sentence
from tenants.calendar import calendar


def _deed(verb: str) -> Callable[[Tender], Response]:
    """A verb that needs no more than its button."""

    def view(row: Tender) -> Response:
        getattr(actions, verb)(as_shown(row, queries.lock), by=current_actor(), now=g.now)
        return done(f"tender.{verb}", to=url("tender", row_id=row.id), name=row.name)

    return view


def _ask(verb: str) -> Callable[[Tender], str]:
    """The page that asks why."""

    def view(row: Tender) -> str:
        return page("tender/reason.html", form=ReasonForm(), row=row, verb=verb, would=_would_end(row))

    return view


def _would_end(row: Tender) -> datetime | None:
    """The deadline, were a suspended purchase to go on now."""
    if row.suspended_at is None or row.closed_at is not None:
        return None
    days = calendar(day_of(g.now))
    return after_suspension(row.response_by, row.suspended_at, g.now, row.change_workdays, days)


def _explained(verb: str, action: Callable[..., None]) -> Callable[[Tender], Any]:
    """A verb with a reason."""

    def view(row: Tender) -> Any:
        form = ReasonForm(request.form)
        if not form.validate():
            return page("tender/reason.html", form=form, row=row, verb=verb, would=_would_end(row)), 422
        action(as_shown(row, queries.lock), (form.reason.data or "").strip(), by=current_actor(), now=g.now)
        return done(f"tender.{verb}", to=url("tender", row_id=row.id), name=row.name)

    return view


for _verb, _permission in (
    ("submit", P.TENDER_SUBMIT),
    ("discard", P.TENDER_DISCARD),
    ("approve", P.TENDER_APPROVE),
):
    bp.post(f"/tenders/<uuid:row_id>/{_verb}", endpoint=_verb)(
        allow(_permission, queries.tender)(_deed(_verb))
    )
for _verb, _permission, _action in (
    ("return", P.TENDER_RETURN, actions.return_),
    ("suspend", P.TENDER_SUSPEND, actions.suspend),
    ("resume", P.TENDER_RESUME, actions.resume),
    ("cancel", P.TENDER_CANCEL, actions.cancel),
):
    _guarded = allow(_permission, queries.tender)
    bp.get(f"/tenders/<uuid:row_id>/{_verb}", endpoint=f"ask_{_verb}")(_guarded(_ask(_verb)))
    bp.post(f"/tenders/<uuid:row_id>/{_verb}", endpoint=_verb)(_guarded(_explained(_verb, _action)))


def _issue_page(row: Tender, form: IssueForm) -> str:
    day = day_of(g.now)
    days = calendar(day)
    return page(
        "tender/issue.html",
        form=form,
        row=row,
        firms=queries.firms(row.id),
        proposed=earliest(day, row.min_workdays, days),
        version=request.form.get("version") or row.version,
    )


@bp.get("/tenders/<uuid:row_id>/issue")
@allow(P.TENDER_ISSUE, queries.tender)
def ask_issue(row: Tender) -> str:
    """The last look before it goes out; the deadline as approved, or later where days have passed."""
    day = day_of(g.now)
    proposed = max(row.response_by, earliest(day, row.min_workdays, calendar(day)))
    return _issue_page(row, IssueForm(data={"response_by": proposed}))


@bp.post("/tenders/<uuid:row_id>/issue")
@allow(P.TENDER_ISSUE, queries.tender)
def issue(row: Tender) -> Any:
    """Send it to the firms."""
    form = IssueForm(request.form)
    response_by = form.response_by.instant() if form.validate() else None
    if response_by is None:
        return _issue_page(row, form), 422
    actions.issue(as_shown(row, queries.lock), response_by, by=current_actor(), now=g.now)
    return done("tender.issue", to=url("tender", row_id=row.id), number=row.number, count=len(row.readers))


def _amend_page(row: Tender, form: AmendmentForm) -> str:
    days = calendar(day_of(g.now))
    return page("tender/amend.html", form=form, row=row, due=due(row, days, g.now))


@bp.get("/tenders/<uuid:row_id>/amend")
@allow(P.TENDER_AMEND, queries.tender)
def ask_amend(row: Tender) -> str:
    """What changes."""
    return _amend_page(row, AmendmentForm())


@bp.post("/tenders/<uuid:row_id>/amend")
@allow(P.TENDER_AMEND, queries.tender)
def amend(row: Tender) -> Any:
    """Tell all what changed."""
    form = AmendmentForm(request.form)
    if form.validate():
        try:
            response_by = actions.amend(
                as_shown(row, queries.lock),
                (form.words.data or "").strip(),
                response_by=form.response_by.instant(),
                affects=bool(form.affects.data),
                by=current_actor(),
                now=g.now,
            )
            return done("tender.amend", to=url("tender", row_id=row.id), response_by=response_by)
        except Invalid as error:
            put_errors(form, {error.field: sentence(error.code, error.facts)})
    return _amend_page(row, form), 422


def _termination_page(row: Tender, form: TerminationForm) -> str:
    return page("tender/terminate.html", form=form, row=row, counted=queries.bids(row.id))


@bp.get("/tenders/<uuid:row_id>/terminate")
@allow(P.TENDER_TERMINATE, queries.tender)
def ask_terminate(row: Tender) -> str:
    """On which ground."""
    return _termination_page(row, TerminationForm())


@bp.post("/tenders/<uuid:row_id>/terminate")
@allow(P.TENDER_TERMINATE, queries.tender)
def terminate(row: Tender) -> Any:
    """End the purchase without an award."""
    form = TerminationForm(request.form)
    if not form.validate():
        return _termination_page(row, form), 422
    try:
        actions.terminate(
            as_shown(row, queries.lock),
            ground_of(form),
            (form.reason.data or "").strip(),
            by=current_actor(),
            now=g.now,
        )
    except Refused as error:
        return refused(
            "tender/terminate.html", error.ruling, form=form, row=row, counted=queries.bids(row.id)
        )
    return done("tender.terminate", to=url("tender", row_id=row.id), name=row.name)


def _answer_page(question: TenderQuestion, form: AnswerForm) -> str:
    row = queries.tender(question.tender_id)
    days = calendar(day_of(g.now))
    return page("tender/answer.html", form=form, question=question, row=row, due=due(row, days, g.now))


@bp.get("/tender-questions/<uuid:row_id>/answer")
@allow(P.TENDER_ANSWER, asked)
def ask_answer(question: TenderQuestion) -> str:
    """What was asked, and what all will read."""
    return _answer_page(question, AnswerForm(data={"published": question.text, "affects": True}))


@bp.post("/tender-questions/<uuid:row_id>/answer")
@allow(P.TENDER_ANSWER, asked)
def answer(question: TenderQuestion) -> Any:
    """Answer all."""
    form = AnswerForm(request.form)
    if not form.validate():
        return _answer_page(question, form), 422
    response_by = actions.answer(
        question,
        (form.published.data or "").strip(),
        (form.words.data or "").strip(),
        affects=bool(form.affects.data),
        by=current_actor(),
        now=g.now,
    )
    return done("tender.answer", to=url("tender", row_id=question.tender_id), response_by=response_by)
