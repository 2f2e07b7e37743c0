"""Who may be drawn for a round: conflicts, and whether an employer is the body of the like name."""

from typing import Any
from uuid import UUID

from flask import g, redirect, request

from portal.access import Permission as P
from portal.kernel.errors import Invalid, NotFound
from portal.quality import actions, queries
from portal.quality.forms import MatchForm
from portal.quality.models import Round
from portal.quality.rules import BODY_LABELS, Verdict
from portal.quality.views.rounds import bp, round_url
from portal.web.forms import put_errors
from portal.web.guard import allow, current_actor
from portal.web.pages import done, page
from portal.wording import sentence

SHOWN_AT_ONCE = 30


@bp.get("/<uuid:row_id>/candidates")
@allow(P.ROUND_MATCH, queries.round_)
def candidates(row: Round) -> str:
    """Everybody who might be drawn, with what was found about them."""
    people = sorted(
        queries.checked(row, accounts=True), key=lambda each: (not each.is_open, not each.findings)
    )
    words = request.args.get("q", "").strip()
    return page(
        "quality/candidates.html",
        row=row,
        people=people,
        found=[each for each in people if words in each.candidate.name or words in each.candidate.employer],
        words=words,
        first=SHOWN_AT_ONCE,
        eligible=sum(not each.is_excluded for each in people),
        unknown=sum(each.is_open for each in people),
        known=queries.found_matches([each.candidate.id for each in people]),
        bodies=BODY_LABELS,
    )


def _pair(row: Round) -> dict[str, Any] | None:
    """The expert and the body asked about by the URL; None where it names none."""
    try:
        expert_id, other_id = UUID(request.args.get("expert", "")), UUID(request.args.get("other", ""))
    except ValueError:
        return None
    person = next((each for each in queries.candidates() if each.id == expert_id), None)
    other = next((each for each in queries.others(row) if each.id == other_id), None)
    if person is None or other is None:
        return None
    return {"person": person, "other": other, "bodies": BODY_LABELS}


@bp.get("/<uuid:row_id>/match")
@allow(P.ROUND_MATCH, queries.round_)
def ask_match(row: Round) -> Any:
    """Whether an employer is the body of the like name; back to the list where nobody is named."""
    pair = _pair(row)
    if pair is None:
        return redirect(round_url("candidates", row_id=row.id), 303)
    return page("quality/match.html", form=MatchForm(), row=row, **pair)


@bp.post("/<uuid:row_id>/match")
@allow(P.ROUND_MATCH, queries.round_)
def match(row: Round) -> Any:
    """Keep what a person found, and on what evidence."""
    form, pair = MatchForm(request.form), _pair(row)
    if pair is None:
        raise NotFound
    if form.validate():
        try:
            actions.match(
                row,
                pair["person"].id,
                pair["other"].id,
                Verdict(form.verdict.data),
                (form.reason.data or "").strip(),
                by=current_actor(),
                now=g.now,
            )
            return done(
                "round.match", to=round_url("candidates", row_id=row.id), employer=pair["person"].employer
            )
        except Invalid as error:
            field = error.field if error.field in form else "verdict"
            put_errors(form, {field: sentence(error.code, error.facts)})
    return page("quality/match.html", form=form, row=row, **pair), 422
