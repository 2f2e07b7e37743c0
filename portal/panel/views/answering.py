"""The page on which a firm explains its abnormally low price."""

from typing import Any

from flask import g, request

from portal import file
from portal.access import Permission as P
from portal.access import may
from portal.kernel.errors import Invalid, Refused
from portal.kernel.ruling import ALLOWED, Ruling
from portal.panel import actions, queries
from portal.panel.forms import (
    AnswerForm,
)
from portal.panel.models import Explanation
from portal.panel.views.blueprint import LARGEST, bp, url
from portal.web.forms import put_errors
from portal.web.guard import allow, current_actor, show_refusal
from portal.web.pages import done, page
from portal.wording import sentence


@bp.get("/explanations/<uuid:row_id>")
@allow(P.EXPLANATION_READ, queries.explanation)
def explanation(row: Explanation) -> str:
    """What the firm is asked, until when, and what it said."""
    return _explanation_page(row, AnswerForm())


def _explanation_page(row: Explanation, form: AnswerForm, *, ruling: Ruling = ALLOWED) -> str:
    state = row.state_at(g.now)
    open_ = state.value == "asked" and may(current_actor(), P.EXPLANATION_ANSWER, row)
    kept = file.files([row.file_id]) if row.file_id else {}
    return page(
        "panel/explanation.html",
        row=row,
        form=form if open_ else None,
        label=row.label_at(g.now),
        hours=max(0, int((row.answer_by - g.now).total_seconds() // 3600)),
        past=g.now > row.answer_by,
        answer_file=next(iter(kept.values()), None),
        ruling=ruling,
    )


@bp.post("/explanations/<uuid:row_id>/answer")
@allow(P.EXPLANATION_ANSWER, queries.explanation)
def answer(row: Explanation) -> Any:
    """Explain the price, once."""
    form = AnswerForm(request.form)
    form.file.data = request.files.get("file")
    if form.validate():
        actor = current_actor()
        chosen = form.chosen()
        try:
            kept = file.keep(chosen, most=LARGEST, by=actor, now=g.now).id if chosen else None
            actions.answer(row, (form.text.data or "").strip(), kept, by=actor, now=g.now)
            return done("explanation.answered", to=url("explanation", row_id=row.id), at=row.answered_at)
        except Invalid as error:
            put_errors(form, {error.field: sentence(error.code, error.facts)})
        except Refused as error:
            show_refusal(error.ruling)
            return _explanation_page(row, form, ruling=error.ruling), 409
    return _explanation_page(row, form), 422
