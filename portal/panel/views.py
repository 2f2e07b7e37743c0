"""The pages of opening and review: one for the whole, one for each bid, one for the firm that is asked."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Blueprint, g, jsonify, redirect, request, url_for
from werkzeug.wrappers import Response

from portal import bid, document, file, tender
from portal.access import Permission as P
from portal.access import may
from portal.audit import moments
from portal.kernel.errors import Invalid, NotFound, Refused, Stale
from portal.kernel.hashing import plain
from portal.kernel.ruling import ALLOWED, Ruling
from portal.panel import actions, queries, rules
from portal.panel.forms import (
    MET,
    NOT_MET,
    AnswerForm,
    DeclarationForm,
    JudgementForm,
    PasswordForm,
    ReasonForm,
    SignForm,
    SubstituteForm,
    verdict_form,
)
from portal.panel.lifecycle import PanelState
from portal.panel.models import Explanation, Panel, PanelFinding
from portal.tender import Tender
from portal.web.forms import BaseForm, SelectChoice, put_errors
from portal.web.guard import allow, current_actor, show_refusal
from portal.web.pages import done, page
from portal.wording import sentence, verb_label

bp = Blueprint("panel", __name__, url_prefix="/t/<tenant>")
LARGEST = 20 * 1024 * 1024


def _url(endpoint: str, **arguments: Any) -> str:
    return url_for(f"panel.{endpoint}", tenant=g.seat.tenant_code, **arguments)


def _review(row: Panel) -> str:
    return _url("review", row_id=row.tender_id)


@bp.get("/panels/<uuid:row_id>")
@allow(P.PANEL_READ, queries.by_id)
def panel(row: Panel) -> Response:
    """From the inbox to the page of the tender's review."""
    return redirect(_review(row), 303)


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
        verbs=_verbs(row, facts),
        lines=_lines(row, facts),
        may_see=_may_see(row),
        hows=queries.derivations(row, of, force, now=g.now, json_url=_url("ranking", row_id=row.tender_id)),
        documents=document.documents_of(row.id),
        moments=moments(row.id, without=("document.sign",)),
    )


def _lines(row: Panel, facts: rules.PanelFacts) -> list[dict[str, Any]]:
    """Each opened bid as the page lists it."""
    ranked = facts.result.ranked if facts.result else ()
    places = {each.quote.firm: place for place, each in enumerate(ranked, 1)}
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


def _verdict(each: PanelFinding) -> tuple[str, str]:
    """What was found so far, in words, and its tone."""
    if not each.intact:
        return "无效", "stopped"
    if each.conforming is None:
        return "待认定", "waiting"
    if each.justified is False:
        return "低价不合理，无效", "stopped"
    return ("符合", "done") if each.conforming else ("不符合", "stopped")


def _may_see(row: Panel) -> bool:
    """Contents are for members who declared; for everybody of the bureau once the report is signed."""
    if row.state == PanelState.RANKED.value:
        return True
    own = row.member(current_actor())
    return own is not None and own.declared_at is not None


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
            "url": _url(f"ask_{verb}" if is_page else f"do_{verb}", row_id=row.tender_id),
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


def _asked(row: Panel, verb: str, form: BaseForm, status: int = 200, **more: Any) -> tuple[str, int]:
    """A page that asks for what a verb needs."""
    return page("panel/act.html", row=row, verb=verb, form=form, place=_review(row), **more), status


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
        return done("panel.attended", to=_review(row))
    return done("panel.opened", to=_review(row), count=count)


def _declare(row: Panel, form: DeclarationForm) -> Response:
    actions.declare(row, form.password.data, by=current_actor(), now=g.now)
    return done("panel.declared", to=_review(row))


def _recuse(row: Panel, form: ReasonForm) -> Response:
    actions.recuse(row, (form.reason.data or "").strip(), by=current_actor(), now=g.now)
    return done("panel.recused", to=_review(row))


def _reopen(row: Panel, form: ReasonForm) -> Response:
    actions.reopen(row, (form.reason.data or "").strip(), by=current_actor(), now=g.now)
    return done("panel.reopened", to=_review(row))


def _terminate(row: Panel, form: ReasonForm) -> Response:
    actions.terminate(row, (form.reason.data or "").strip(), by=current_actor(), now=g.now)
    return done("panel.terminated", to=_review(row))


def _replace(row: Panel, form: SubstituteForm) -> Response:
    name = actions.replace(row, form.post(), by=current_actor(), now=g.now)
    return done("panel.replaced", to=_review(row), name=name)


def _sign(row: Panel, form: SignForm) -> Response:
    report = row.report
    if report is not None and request.form.get("digest") != report.digest:
        raise Stale
    whole = actions.sign(row, form.password.data, form.dissent.data or "", by=current_actor(), now=g.now)
    return done("panel.ranked" if whole else "panel.signed", to=_review(row))


def _substitutes(row: Panel, typed: Any) -> SubstituteForm:
    form = SubstituteForm(typed)
    form.post_id.choices = [
        SelectChoice(str(each.post_id), f"{each.name}（{'组长' if each.is_chair else '成员'}岗位）")
        for each in queries.substitutes(row, tender.tender(row.tender_id))
    ]
    return form


def _report(row: Panel) -> dict[str, Any]:
    return {"report": row.report}


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
    return done("panel.asked", to=_review(row), count=len(asked), answer_by=asked[0].answer_by)


@bp.post("/tenders/<uuid:row_id>/review/draw", endpoint="do_draw")
@allow(P.PANEL_DRAW, queries.panel)
def draw(row: Panel) -> Response:
    """Commit to the tied firms; the draw's own page takes the number."""
    actions.draw_lots(row, by=current_actor(), now=g.now)
    return done("panel.drawn", to=_review(row))


@bp.post("/tenders/<uuid:row_id>/review/conclude", endpoint="do_conclude")
@allow(P.PANEL_CONCLUDE, queries.panel)
def conclude(row: Panel) -> Response:
    """Draw up the report."""
    actions.conclude(row, by=current_actor(), now=g.now)
    return done("panel.concluded", to=_review(row))


@bp.get("/findings/<uuid:row_id>")
@allow(P.PANEL_READ, queries.finding_by_id)
def finding(row: PanelFinding) -> str:
    """One bid: what the firm offers, and what the panel found."""
    return _bid_page(row)


def _bid_page(
    row: PanelFinding, examining: BaseForm | None = None, judging: JudgementForm | None = None
) -> str:
    of = tender.tender(row.panel.tender_id)
    opened = next(each for each in bid.bids_of(of.id) if each.id == row.bid_id)
    seen = _may_see(row.panel)
    asked = row.panel.explanation_of(row)
    wanted = [UUID(each) for each in opened.file_ids if each]
    if asked is not None and asked.file_id is not None:
        wanted.append(asked.file_id)
    files = file.files(wanted) if seen else {}
    return page(
        "panel/finding.html",
        row=row,
        of=of,
        content=(opened.content or {}) if seen else None,
        files=[files[each] for each in wanted if each in files and not _is_answer(asked, each)],
        asked=asked,
        asked_state=asked.label_at(g.now) if asked else None,
        answer_file=files.get(asked.file_id) if asked and asked.file_id else None,
        examining=examining or _examining(row, of),
        judging=judging or _judging(row, asked),
        place=_review(row.panel),
    )


def _is_answer(asked: Explanation | None, file_id: UUID) -> bool:
    return asked is not None and asked.file_id == file_id


def _examining(row: PanelFinding, of: Tender) -> BaseForm | None:
    """The form of the verdicts, filled with what was found before; None for whoever may not examine now."""
    free = row.panel.is_reviewing and row.intact and not row.panel.explanations
    if not free or not may(current_actor(), P.PANEL_EXAMINE, row) or not _may_see(row.panel):
        return None
    kept: dict[str, Any] = {}
    for n, each in enumerate(row.results[: len(of.requirements)]):
        kept |= {f"verdict_{n}": MET if each["met"] else NOT_MET, f"reason_{n}": each["reason"]}
    return verdict_form(of.requirements)(data=kept)


def _judging(row: PanelFinding, asked: Explanation | None) -> JudgementForm | None:
    """The form of the judgement; None for whoever may not judge now, or while the firm has still time."""
    if asked is None or not row.panel.is_reviewing or not may(current_actor(), P.PANEL_JUDGE, row):
        return None
    moment = queries.explanation_facts(asked, now=g.now)
    if not rules.may_judge_bid(moment, answered=asked.answered_at is not None):
        return None
    told = {True: "yes", False: "no"}
    kept = (
        {"justified": told[row.justified], "reason": row.justified_reason}
        if row.justified is not None
        else {}
    )
    return JudgementForm(data=kept)


@bp.post("/findings/<uuid:row_id>/examine")
@allow(P.PANEL_EXAMINE, queries.finding_by_id)
def examine(row: PanelFinding) -> Any:
    """Record the verdicts on one bid."""
    form: Any = verdict_form(tender.tender(row.panel.tender_id).requirements)(request.form)
    if form.validate():
        try:
            found = actions.examine(row.panel, row.bid_id, form.given(), by=current_actor(), now=g.now)
            return done("panel.examined", to=_review(row.panel), firm=found.firm_name)
        except Invalid as error:
            form.lay(sentence(error.code, error.facts))
    return _bid_page(row, examining=form), 422


@bp.post("/findings/<uuid:row_id>/judge")
@allow(P.PANEL_JUDGE, queries.finding_by_id)
def judge(row: PanelFinding) -> Any:
    """Record whether the low price was explained."""
    form = JudgementForm(request.form)
    if form.validate():
        found = actions.judge(
            row.panel,
            row.bid_id,
            form.reason.data or "",
            justified=form.justified.data == "yes",
            by=current_actor(),
            now=g.now,
        )
        return done("panel.judged", to=_review(row.panel), firm=found.firm_name)
    return _bid_page(row, judging=form), 422


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
        kept=next(iter(kept.values()), None),
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
            return done("explanation.answered", to=_url("explanation", row_id=row.id), at=row.answered_at)
        except Invalid as error:
            put_errors(form, {error.field: sentence(error.code, error.facts)})
        except Refused as error:
            show_refusal(error.ruling)
            return _explanation_page(row, form, ruling=error.ruling), 409
    return _explanation_page(row, form), 422
