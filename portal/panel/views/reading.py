"""The page of the whole: where it stands, what was found, who sits, what to do next."""

from collections.abc import Callable
from typing import Any

from flask import g, jsonify, redirect
from werkzeug.wrappers import Response

from portal import document, tender
from portal.access import Permission as P
from portal.access import may
from portal.audit import moments
from portal.kernel.errors import NotFound
from portal.kernel.hashing import plain
from portal.kernel.ruling import ALLOWED, Ruling
from portal.panel import queries, rules
from portal.panel.lifecycle import PanelState
from portal.panel.models import Panel, PanelFinding
from portal.panel.views.blueprint import bp, may_see, review_of, url
from portal.panel.views.next_step import Step, in_review, in_signing
from portal.tender.lifecycle import TenderState, state_at
from portal.tender.rules import Finding
from portal.web.guard import allow, current_actor
from portal.web.pages import page
from portal.wording import verb_label


@bp.get("/panels/<uuid:row_id>")
@allow(P.PANEL_READ, queries.by_id)
def panel(row: Panel) -> Response:
    """From the inbox to the page of the tender's review."""
    return redirect(review_of(row), 303)


@bp.get("/tenders/<uuid:row_id>/review")
@allow(P.PANEL_READ, queries.shown)
def review(row: Panel) -> str:
    """Opening and review: where it stands, what was found, who sits, what was signed."""
    of = tender.tender(row.tender_id)
    force = queries.rules_of(of)
    facts = queries.facts(row, of, force, by=current_actor(), now=g.now)
    return page(
        "panel/review.html",
        row=row,
        of=of,
        facts=facts,
        received=facts.received,
        receiving=state_at(of, g.now) is TenderState.ISSUED,
        verbs=_verbs(row, facts),
        step=_step(row, facts),
        lines=_lines(row, facts),
        may_see=may_see(row),
        hows=queries.derivations(row, of, force, now=g.now, json_url=url("ranking", row_id=row.tender_id)),
        documents=document.documents_of(row.id),
        moments=moments(row.id, without=("document.sign",)),
    )


def _lines(row: Panel, facts: rules.PanelFacts) -> list[dict[str, Any]]:
    """Each opened bid as the page lists it."""
    ranked = facts.result.ranked if facts.result else ()
    tied = facts.result is not None and facts.result.finding is Finding.TIED
    equal = rules.tied_firms(facts.result) if facts.result and tied else ()
    places = {each.quote.firm: str(place) for place, each in enumerate(ranked, 1)} | dict.fromkeys(
        equal, "并列，待抽签"
    )
    return [
        {
            "finding": each,
            "place": places.get(str(each.firm_id)),
            "is_low": str(each.firm_id) in facts.alerts,
            "asked": row.explanation_of(each),
            "verdict": _verdict(each),
        }
        for each in row.findings
    ]


def _step(row: Panel, facts: rules.PanelFacts) -> Step | None:
    """What the actor does next, where they sit on this panel and it is at work."""
    own = row.member(current_actor())
    if own is None:
        return None
    if row.state == PanelState.CONCLUDED.value:
        return in_signing(facts, signed=own.signed_at is not None)
    if row.state != PanelState.REVIEWING.value:
        return None
    drawing = row.draw_id is not None and not row.tie_order
    return in_review(facts, chair=own.is_chair, declared=own.declared_at is not None, drawing=drawing)


def _verdict(each: PanelFinding) -> tuple[str, str]:
    """What was found so far, in words, and its tone."""
    if not each.intact:
        return "无效", "stopped"
    if each.conforming is None:
        return "待认定", "waiting"
    if each.justified is False:
        return "低价不合理，无效", "stopped"
    return ("符合", "done") if each.conforming else ("不符合", "stopped")


BUTTONS: tuple[tuple[str, bool, Callable[[rules.PanelFacts], Ruling]], ...] = (
    ("declare", True, rules.may_declare),
    ("ask", False, rules.may_ask),
    ("draw", False, rules.may_draw),
    ("conclude", False, rules.may_conclude),
)


def _verbs(row: Panel, facts: rules.PanelFacts) -> list[dict[str, Any]]:
    """What this actor may do here, each with the ruling of the moment."""
    state = PanelState(row.state)
    offered: list[tuple[str, bool, Ruling]] = []
    if state is PanelState.AWAITING:
        first = row.first_officer_id is None
        offered.append(("open", True, rules.may_attend(facts) if first else rules.may_open(facts)))
    elif state is PanelState.REVIEWING:
        offered += [
            (verb, is_page, judge(facts)) for verb, is_page, judge in BUTTONS if _due(verb, row, facts)
        ]
        offered.append(("recuse", True, ALLOWED))
        if sum(each.sits for each in row.members) < row.seats:
            offered.append(("replace", True, ALLOWED))
    elif state is PanelState.CONCLUDED:
        offered.append(("sign", True, rules.may_put_name(facts)))
        offered.append(("reopen", True, rules.not_suspended(facts)))
    if row.too_few and state in {PanelState.AWAITING, PanelState.REVIEWING}:
        offered.append(("terminate", True, ALLOWED))
    return [
        {
            "label": verb_label(f"panel.{verb}"),
            "url": url(f"ask_{verb}" if is_page else f"do_{verb}", row_id=row.tender_id),
            "page": is_page,
            "ruling": ruling,
            "weight": "grave" if verb == "terminate" else "quiet" if verb in {"recuse", "reopen"} else None,
        }
        for verb, is_page, ruling in offered
        if may(current_actor(), P(f"panel:{verb}"), row)
    ]


def _due(verb: str, row: Panel, facts: rules.PanelFacts) -> bool:
    """Whether a verb is worth a button: nobody is shown lots where no price is equal."""
    if verb == "declare":
        own = row.member(current_actor())
        return own is not None and own.declared_at is None
    if verb == "ask":
        return any(each.firm in facts.alerts and not each.asked for each in facts.bids)
    if verb == "draw":
        return row.draw_id is None and bool(rules.may_draw(facts))
    return True


@bp.get("/tenders/<uuid:row_id>/review/ranking.json")
@allow(P.PANEL_READ, queries.panel)
def ranking(row: Panel) -> Response:
    """The ranking with its inputs, for a stranger's script. Raises `NotFound` before all were examined."""
    of = tender.tender(row.tender_id)
    found = queries.derivations(row, of, queries.rules_of(of), now=g.now, json_url="")
    if not found:
        raise NotFound
    return jsonify(plain([each.as_plain() for each in found]))
