"""The pages of a seat: what an expert is asked, accepts or declines; what the organiser does about it."""

from typing import Any

from flask import Blueprint, g, request, url_for
from werkzeug.wrappers import Response

from portal.access import Permission as P
from portal.kernel.errors import Invalid, Refused
from portal.quality import actions, queries
from portal.quality.forms import AcceptForm, DeclineForm, ExtendForm, ReasonForm
from portal.quality.models import Seat
from portal.quality.rules import DECLARED, SHEETS_PER_SUBJECT
from portal.web.forms import put_errors
from portal.web.guard import allow, current_actor, show_refusal
from portal.web.pages import done, page
from portal.wording import say, sentence

bp = Blueprint("seat", __name__, url_prefix="/t/<tenant>/seats")


def _url(endpoint: str, **arguments: Any) -> str:
    return url_for(f"seat.{endpoint}", tenant=g.seat.tenant_code, **arguments)


def _home(row: Seat) -> str:
    return url_for("round.one", tenant=g.seat.tenant_code, row_id=row.round_id)


@bp.get("")
@allow(P.SEAT_READ)
def seats() -> str:
    """我的评审: everything this expert was asked to do here."""
    rows = queries.own_seats(current_actor())
    return page("quality/seats.html", rows=[(row, _is_over(row)) for row in rows])


def _is_over(row: Seat) -> bool:
    """Whether an offer has lapsed, also where the clock has not said so yet."""
    return row.is_offered and g.now > row.offer_until


@bp.get("/<uuid:row_id>")
@allow(P.SEAT_READ, queries.seat)
def one(row: Seat) -> str:
    """One seat: the offer, or the sheets."""
    sheets = queries.sheets_of_seat(row.id)
    return page(
        "quality/seat.html",
        row=row,
        over=_is_over(row),
        sheets=sheets,
        each_sheets=len(row.work) * SHEETS_PER_SUBJECT,
        progress=queries.progress(row),
        outcome=queries.outcome(row) if row.is_done else None,
        said=queries.said,
    )


@bp.get("/<uuid:row_id>/accept")
@allow(P.SEAT_ACCEPT, queries.seat)
def ask_accept(row: Seat) -> str:
    """The declaration."""
    return page("quality/accept.html", form=AcceptForm(), row=row, declared=DECLARED)


@bp.post("/<uuid:row_id>/accept")
@allow(P.SEAT_ACCEPT, queries.seat)
def accept(row: Seat) -> Any:
    """Sign the declaration and take the seat."""
    form = AcceptForm(request.form)
    if form.validate():
        try:
            declared, password = bool(form.declared.data), form.password.data
            actions.accept(row, declared=declared, password=password, by=current_actor(), now=g.now)
            return done("seat.accept", to=_url("one", row_id=row.id), score_by=row.score_by)
        except Invalid as error:
            put_errors(form, {error.field: sentence(error.code, error.facts)})
    return page("quality/accept.html", form=form, row=row, declared=DECLARED), 422


@bp.get("/<uuid:row_id>/decline")
@allow(P.SEAT_DECLINE, queries.seat)
def ask_decline(row: Seat) -> str:
    """Why not."""
    return page("quality/decline.html", form=DeclineForm(), row=row)


@bp.post("/<uuid:row_id>/decline")
@allow(P.SEAT_DECLINE, queries.seat)
def decline(row: Seat) -> Any:
    """Say no; the next of the order is asked."""
    form = DeclineForm(request.form)
    if form.validate():
        reason = (form.reason.data or "").strip()
        try:
            actions.decline(row, form.declining.data, reason, by=current_actor(), now=g.now)
            return done("seat.decline", to=_url("seats"))
        except Refused as error:
            _lay(form, error)
    return page("quality/decline.html", form=form, row=row), 422


def _lay(form: Any, error: Refused) -> None:
    """A refusal about the reason is shown beside it; any other goes on. Raises `Refused`."""
    if error.ruling.codes != ("quality.reason",):
        raise error
    show_refusal(error.ruling)
    put_errors(form, {"reason": "；".join(say(each) for each in error.ruling.refusals)})


@bp.get("/<uuid:row_id>/recuse")
@allow(P.SEAT_RECUSE, queries.seat)
def ask_recuse(row: Seat) -> str:
    """Why the expert must leave."""
    return page("quality/recuse.html", form=ReasonForm(), row=row, home=_home(row))


@bp.post("/<uuid:row_id>/recuse")
@allow(P.SEAT_RECUSE, queries.seat)
def recuse(row: Seat) -> Any:
    """End the seat; its sheets are kept as void, the next of the order is asked."""
    form = ReasonForm(request.form)
    if form.validate():
        try:
            actions.recuse(row, (form.reason.data or "").strip(), by=current_actor(), now=g.now)
            return done("seat.recuse", to=_home(row))
        except Refused as error:
            _lay(form, error)
    return page("quality/recuse.html", form=form, row=row, home=_home(row)), 422


@bp.get("/<uuid:row_id>/extend")
@allow(P.SEAT_EXTEND, queries.seat)
def ask_extend(row: Seat) -> str:
    """How much longer, and why."""
    return page("quality/extend.html", form=ExtendForm(data={"days": 3}), row=row, home=_home(row))


@bp.post("/<uuid:row_id>/extend")
@allow(P.SEAT_EXTEND, queries.seat)
def extend(row: Seat) -> Any:
    """Give one expert more working days."""
    form = ExtendForm(request.form)
    if form.validate():
        days, reason = form.days.data or 0, (form.reason.data or "").strip()
        try:
            actions.extend(row, days, reason, by=current_actor(), now=g.now)
            return _extended(row)
        except Refused as error:
            _lay(form, error)
    return page("quality/extend.html", form=form, row=row, home=_home(row)), 422


def _extended(row: Seat) -> Response:
    return done("seat.extend", to=_home(row), score_by=row.score_by)
