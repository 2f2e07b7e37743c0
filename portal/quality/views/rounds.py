"""The pages of a round: list, the round itself, candidates and matches, result, objection."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Blueprint, g, request, url_for
from werkzeug.wrappers import Response

from portal import document, draw, file
from portal.access import STAFF, may
from portal.access import Permission as P
from portal.audit import moments
from portal.quality import actions, queries
from portal.quality.lifecycle import ROUND, ROUND_LABELS, SHOWN, TOLD, RoundState
from portal.quality.models import Round, Seat
from portal.quality.rules import STAGE_LABELS
from portal.spreadsheet import handed_out
from portal.web.forms import as_shown
from portal.web.guard import allow, current_actor
from portal.web.pages import done, page
from portal.wording import verb_label

bp = Blueprint("round", __name__, url_prefix="/t/<tenant>/rounds")
ASKED = frozenset({"veto", "dismiss", "uphold", "reopen", "object", "concur", "notify"})
GRAVE = frozenset({"veto"})
CONSEQUENCES = frozenset({"drawn", "redraw"})
ON_ITS_OWN = frozenset({"supplement", "score"})
SUGGESTED = "尚未写明理由"


def round_url(endpoint: str, **arguments: Any) -> str:
    return url_for(f"round.{endpoint}", tenant=g.seat.tenant_code, **arguments)


@bp.get("")
@allow(P.ROUND_READ)
def rounds() -> str:
    """The list; a firm sees those it was told of."""
    inside = current_actor().role in STAFF
    return page(
        "quality/rounds.html",
        listing=queries.page_of(request.args, path=round_url("rounds"), export_url=round_url("export")),
        states=[
            (state.value, label) for state, (label, _) in ROUND_LABELS.items() if inside or state in TOLD
        ],
        chosen=request.args,
        inside=inside,
    )


@bp.post("/export")
@allow(P.ROUND_READ)
def export() -> Response:
    """The list as a workbook, under the same filters."""
    return handed_out(
        ("合同", "年度", "第三方机构", "专家人数", "状态", "实施方案平均分", "评价报告平均分", "质量得分"),
        (
            (
                row.name,
                row.year,
                row.firm_name,
                row.places,
                row.state_label[0],
                row.plan_mean,
                row.report_mean,
                row.quality_score,
            )
            for row in queries.everything(request.args)
        ),
        "会审清单",
    )


@bp.get("/<uuid:row_id>")
@allow(P.ROUND_READ, queries.round_)
def one(row: Round) -> str:
    """One round: what is missing, who was asked, what can be done, what came out."""
    actor = current_actor()
    inside = actor.role in STAFF
    state = RoundState(row.state)
    begun = row.draw_id is not None
    seats = queries.seats_of(row.id) if inside and begun else []
    draws = draw.draws_of(row.id) if inside and begun else []
    g.opened_with = [each.id for each in draws]
    kept = row.objection_file_id
    handed_in = queries.handed_in_at(row.id) if seats else {}
    return page(
        "quality/round.html",
        row=row,
        inside=inside,
        seats=[_seat(each, state, handed_in.get(each.id)) for each in seats],
        draws=draws,
        missing=queries.missing(row) if inside and state is RoundState.PLANNED else [],
        pending=_pending(seats) if state is RoundState.SCORING else "",
        verbs=_verbs(row, seats, draws),
        may_match=may(actor, P.ROUND_MATCH, row) and state in {RoundState.PLANNED, RoundState.SCORING},
        may_seat=may(actor, P.SEAT_RECUSE),
        shown=state in SHOWN,
        said=queries.said,
        stages=STAGE_LABELS,
        objection_file=file.files([kept]).get(kept) if kept else None,
        documents=document.documents_of(row.id) if row.is_told else [],
        moments=moments(row.id) if inside else [],
    )


def _pending(seats: list[Seat]) -> str:
    """Whom a round in scoring waits for, in words: how many answers, how many sheets; nobody's name."""
    asked = sum(each.is_offered for each in seats)
    left = sum(each.sheets - each.handed_in for each in seats if each.is_live)
    told = (f"{asked} 位专家答复" if asked else "", f"专家交 {left} 张评分表" if left else "")
    return "，".join(filter(None, told))


def _seat(row: Seat, state: RoundState, handed_in_at: datetime | None) -> dict[str, Any]:
    """A seat as the organiser sees it: how many sheets are in, never what they say."""
    scoring = state in {RoundState.SCORING, RoundState.SUPPLEMENTING}
    return {
        "row": row,
        "handed_in_at": handed_in_at if row.is_live and row.is_done else None,
        "recuse": scoring and (row.is_live or row.is_offered),
        "extend": scoring and row.is_live and not row.is_done,
        "past": bool(row.is_offered and g.now > row.offer_until),
        "late": bool(row.is_live and not row.is_done and row.score_by and g.now > row.score_by),
    }


def _verbs(row: Round, seats: list[Seat], draws: list[draw.Draw]) -> list[dict[str, Any]]:
    """What this actor may do here, each with the ruling of the moment."""
    actor = current_actor()
    state = RoundState(row.state)
    mine = [
        verb
        for verb in ROUND.verbs
        if verb not in CONSEQUENCES
        and (move := ROUND.move(verb, state))
        and not move.due
        and may(actor, P(f"round:{verb}"), row)
    ]
    if row.to_sample and "draw" in mine:
        mine.remove("draw")
    elif "sample" in mine:
        mine.remove("sample")
    if not row.veto_open:
        mine = [verb for verb in mine if verb not in {"veto", "dismiss"}]
    if not mine:
        return []
    facts = queries.facts(
        row,
        now=g.now,
        reason=SUGGESTED,
        seats=seats if row.draw_id else None,
        draws=draws if row.draw_id else None,
    )
    rulings = {verb: ROUND.judge(verb, state, facts) for verb in mine}
    if _pending(seats):  # it goes on by itself: what cannot be done meanwhile only stands in the way
        rulings = {verb: ruling for verb, ruling in rulings.items() if ruling or verb not in ON_ITS_OWN}
    return [
        {
            "label": verb_label(f"round.{verb}"),
            "url": round_url(f"ask_{verb}" if verb in ASKED else verb, row_id=row.id),
            "page": verb in ASKED,
            "version": row.version,
            "ruling": ruling,
            "weight": "grave" if verb in GRAVE else None,
        }
        for verb, ruling in rulings.items()
    ]


def _commitment(verb: str, action: Callable[..., draw.Draw]) -> Callable[[Round], Response]:
    """A verb that commits to a list and waits for a second officer's number."""

    def view(row: Round) -> Response:
        made = action(as_shown(row, queries.hold), by=current_actor(), now=g.now)
        return done(f"round.{verb}", to=round_url("one", row_id=row.id), number=made.number)

    return view


for _verb, _permission, _action in (
    ("sample", P.ROUND_SAMPLE, actions.sample),
    ("draw", P.ROUND_DRAW, actions.draw_),
    ("supplement", P.ROUND_SUPPLEMENT, actions.supplement),
):
    bp.post(f"/<uuid:row_id>/{_verb}", endpoint=_verb)(
        allow(_permission, queries.round_)(_commitment(_verb, _action))
    )


@bp.post("/<uuid:row_id>/score")
@allow(P.ROUND_SCORE, queries.round_)
def score(row: Round) -> Response:
    """Add the round up by hand, where it did not add itself up."""
    actions.score(as_shown(row, queries.hold), by=current_actor(), now=g.now)
    return done("round.score", to=round_url("one", row_id=row.id), score=queries.said(row.quality_score))
