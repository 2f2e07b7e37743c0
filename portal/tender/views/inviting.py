"""What an invited firm sees and does: its invitations, the terms, questions and answers, its receipts."""

from typing import Any

from flask import g, redirect, request, url_for
from werkzeug.wrappers import Response

from portal.access import Permission as P
from portal.access import may
from portal.document import documents_of
from portal.kernel.errors import Invalid
from portal.kernel.workdays import day_of
from portal.tender import actions, queries
from portal.tender.forms import QuestionForm
from portal.tender.models import Tender
from portal.tender.rules.told import CHECKED_TOLD, terms_told
from portal.tender.views.blueprint import bp, due, invited, is_open, url
from portal.tender.views.reading import BULLETINS, how_it_ended
from portal.web.forms import put_errors
from portal.web.guard import allow, current_actor
from portal.web.pages import done, page
from portal.wording import sentence
from tenants.calendar import calendar


@bp.get("/inquiries")
@allow(P.INVITATION_READ)
def invitations() -> str:
    """What the firm is invited to; row security leaves it nothing else."""
    return page(
        "tender/invitations.html",
        listing=queries.page_of(request.args, path=url("invitations")),
        answered=queries.answered(current_actor().party_id),
        chosen=request.args,
        now=g.now,
    )


@bp.get("/inquiries/<uuid:row_id>")
@allow(P.INVITATION_READ, invited)
def invitation(row: Tender) -> str:
    """The purchase as the firm sees it: no panel, no other firm, nobody's name at a question."""
    actor = current_actor()
    days = calendar(day_of(g.now))
    told = queries.lines(row)
    mine = queries.own_open_questions(row, actor.party_id) if actor.party_id else []
    running = is_open(row, g.now)
    return page(
        "tender/invitation.html",
        row=row,
        told=told,
        due=due(row, days, g.now),
        state=row.label_at(g.now),
        terms=terms_told(row.terms),
        checked=CHECKED_TOLD,
        mine=mine,
        answered=row.id in queries.answered(actor.party_id),
        unseen=sum(each.seen_at is None for each in told.receipts),
        documents=documents_of(row.id),
        ended=how_it_ended(row),
        may_ask=running and may(actor, P.TENDER_ASK, row),
        may_respond=running and row.suspended_at is None and may(actor, P.TENDER_RESPOND, row),
        may_acknowledge=may(actor, P.TENDER_ACKNOWLEDGE, row),
        bulletin_words=BULLETINS,
    )


@bp.get("/inquiries/<uuid:row_id>/ask")
@allow(P.TENDER_ASK, invited)
def ask_ask(row: Tender) -> str:
    """What one would like to know."""
    return _question_page(row, QuestionForm())


def _question_page(row: Tender, form: QuestionForm) -> str:
    days = calendar(day_of(g.now))
    return page("tender/ask.html", form=form, row=row, due=due(row, days, g.now))


@bp.post("/inquiries/<uuid:row_id>/ask")
@allow(P.TENDER_ASK, invited)
def ask(row: Tender) -> Any:
    """Ask; nobody learns who."""
    form = QuestionForm(request.form)
    if form.validate():
        try:
            actions.ask(row, (form.text.data or "").strip(), by=current_actor(), now=g.now)
            return done("tender.ask", to=url("invitation", row_id=row.id))
        except Invalid as error:
            put_errors(form, {error.field: sentence(error.code, error.facts)})
    return _question_page(row, form), 422


@bp.post("/inquiries/<uuid:row_id>/respond")
@allow(P.TENDER_RESPOND, invited)
def respond(row: Tender) -> Response:
    """To the firm's bid. Who goes there has seen what it was told; that it went there is kept nowhere."""
    actions.acknowledge(row, by=current_actor(), now=g.now)
    return redirect(url_for("bid.bid", tenant=g.seat.tenant_code, row_id=row.id), 303)


@bp.post("/inquiries/<uuid:row_id>/acknowledge")
@allow(P.TENDER_ACKNOWLEDGE, invited)
def acknowledge(row: Tender) -> Response:
    """The firm's word that it saw what it was told."""
    actions.acknowledge(row, by=current_actor(), now=g.now)
    return done("tender.acknowledge", to=url("invitation", row_id=row.id))
