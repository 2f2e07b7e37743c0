"""What is done to the whole: open, declare, step aside, ask, draw, conclude, sign, end."""

from collections.abc import Callable
from typing import Any

from flask import g, request
from werkzeug.wrappers import Response

from portal import tender
from portal.access import Permission as P
from portal.kernel.errors import Invalid, Stale
from portal.panel import actions, queries
from portal.panel.forms import (
    DeclarationForm,
    PasswordForm,
    ReasonForm,
    SignForm,
    SubstituteForm,
)
from portal.panel.models import Panel
from portal.panel.views.blueprint import bp, review_of
from portal.web.forms import BaseForm, SelectChoice, put_errors
from portal.web.guard import allow, current_actor
from portal.web.pages import done, page
from portal.wording import sentence


def _asked(row: Panel, verb: str, form: BaseForm, status: int = 200, **more: Any) -> tuple[str, int]:
    """A page that asks for what a verb needs."""
    return page("panel/act.html", row=row, verb=verb, form=form, place=review_of(row), **more), status


def _with(
    verb: str,
    make: Callable[..., Any],
    act: Callable[[Panel, Any], Response],
    more: Callable[[Panel], dict[str, Any]] = lambda _row: {},
) -> None:
    """The two doors of a verb that asks for something: the page, and the deed."""
    permission = P(f"panel:{verb}")

    def ask(row: Panel) -> tuple[str, int]:
        return _asked(row, verb, make(row, None), **more(row))

    def deed(row: Panel) -> Any:
        form = make(row, request.form)
        if form.validate():
            try:
                return act(row, form)
            except Invalid as error:
                put_errors(form, {error.field: sentence(error.code, error.facts)})
        return _asked(row, verb, form, 422, **more(row))

    guarded = allow(permission, queries.panel)
    bp.get(f"/tenders/<uuid:row_id>/review/{verb}", endpoint=f"ask_{verb}")(guarded(ask))
    bp.post(f"/tenders/<uuid:row_id>/review/{verb}", endpoint=f"do_{verb}")(guarded(deed))


def _open(row: Panel, form: PasswordForm) -> Response:
    count = actions.open_(row, form.password.data, by=current_actor(), now=g.now)
    if count is None:
        return done("panel.attended", to=review_of(row))
    return done("panel.opened", to=review_of(row), count=count)


def _declare(row: Panel, form: DeclarationForm) -> Response:
    actions.declare(row, form.password.data, by=current_actor(), now=g.now)
    return done("panel.declared", to=review_of(row))


def _recuse(row: Panel, form: ReasonForm) -> Response:
    actions.recuse(row, (form.reason.data or "").strip(), by=current_actor(), now=g.now)
    return done("panel.recused", to=review_of(row))


def _reopen(row: Panel, form: ReasonForm) -> Response:
    actions.reopen(row, (form.reason.data or "").strip(), by=current_actor(), now=g.now)
    return done("panel.reopened", to=review_of(row))


def _terminate(row: Panel, form: ReasonForm) -> Response:
    actions.terminate(row, (form.reason.data or "").strip(), by=current_actor(), now=g.now)
    return done("panel.terminated", to=review_of(row))


def _replace(row: Panel, form: SubstituteForm) -> Response:
    name = actions.replace(row, form.post(), by=current_actor(), now=g.now)
    return done("panel.replaced", to=review_of(row), name=name)


def _sign(row: Panel, form: SignForm) -> Response:
    report = row.report
    if report is not None and request.form.get("digest") != report.digest:
        raise Stale
    whole = actions.sign(row, form.password.data, form.dissent.data or "", by=current_actor(), now=g.now)
    return done("panel.ranked" if whole else "panel.signed", to=review_of(row))


def _substitutes(row: Panel, typed: Any) -> SubstituteForm:
    form = SubstituteForm(typed)
    form.post_id.choices = [
        SelectChoice(str(each.post_id), f"{each.name}（{'组长' if each.is_chair else '成员'}岗位）")
        for each in queries.substitutes(row, tender.tender(row.tender_id))
    ]
    return form


def _report(row: Panel) -> dict[str, Any]:
    """The report one signs, with what it comes to."""
    report = row.report
    if report is None:
        return {}
    ranked, rejected = queries.outcome(row, report)
    return {"report": report, "ranked": ranked, "rejected": rejected}


_with("open", lambda _row, typed: PasswordForm(typed), _open)
_with("declare", lambda _row, typed: DeclarationForm(typed), _declare)
_with("recuse", lambda _row, typed: ReasonForm(typed), _recuse)
_with("reopen", lambda _row, typed: ReasonForm(typed), _reopen)
_with("terminate", lambda _row, typed: ReasonForm(typed), _terminate)
_with("replace", _substitutes, _replace)
_with("sign", lambda _row, typed: SignForm(typed), _sign, _report)


@bp.post("/tenders/<uuid:row_id>/review/ask", endpoint="do_ask")
@allow(P.PANEL_ASK, queries.panel)
def ask(row: Panel) -> Response:
    """Ask every firm whose price is abnormally low."""
    asked = actions.ask(row, by=current_actor(), now=g.now)
    return done("panel.asked", to=review_of(row), count=len(asked), answer_by=asked[0].answer_by)


@bp.post("/tenders/<uuid:row_id>/review/draw", endpoint="do_draw")
@allow(P.PANEL_DRAW, queries.panel)
def draw(row: Panel) -> Response:
    """Commit to the tied firms; the draw's own page takes the number."""
    actions.draw_lots(row, by=current_actor(), now=g.now)
    return done("panel.drawn", to=review_of(row))


@bp.post("/tenders/<uuid:row_id>/review/conclude", endpoint="do_conclude")
@allow(P.PANEL_CONCLUDE, queries.panel)
def conclude(row: Panel) -> Response:
    """Draw up the report."""
    actions.conclude(row, by=current_actor(), now=g.now)
    return done("panel.concluded", to=review_of(row))
