"""The page of one bid: what the firm offers, and what the panel found."""

from typing import Any
from uuid import UUID

from flask import g, request

from portal import bid, file, tender
from portal.access import Permission as P
from portal.access import may
from portal.kernel.errors import Stale
from portal.panel import actions, queries, rules
from portal.panel.forms import (
    MET,
    NOT_MET,
    JudgementForm,
    verdict_form,
)
from portal.panel.models import Explanation, PanelFinding
from portal.panel.views.blueprint import bp, may_see, review_of
from portal.tender import Tender
from portal.web.forms import BaseForm
from portal.web.guard import allow, current_actor
from portal.web.pages import done, page
from portal.wording import sentence


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
    seen = may_see(row.panel)
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
        seen=row.stamp,
        place=review_of(row.panel),
    )


def _is_answer(asked: Explanation | None, file_id: UUID) -> bool:
    return asked is not None and asked.file_id == file_id


def _examining(row: PanelFinding, of: Tender) -> BaseForm | None:
    """The form of the verdicts, filled with what was found before; None for whoever may not examine now."""
    free = row.panel.is_reviewing and row.intact and not row.panel.explanations
    if not free or not may(current_actor(), P.PANEL_EXAMINE, row) or not may_see(row.panel):
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
            seen = request.form.get("seen")
            found = actions.examine(
                row.panel, row.bid_id, form.given(), by=current_actor(), now=g.now, seen=seen
            )
            return done("panel.examined", to=review_of(row.panel), firm=found.firm_name)
        except Stale:  # what was typed stays, beside what was saved meanwhile
            form.form_errors = [sentence("panel.examined_meanwhile")]
            return _bid_page(row, examining=form), 409
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
        return done("panel.judged", to=review_of(row.panel), firm=found.firm_name)
    return _bid_page(row, judging=form), 422
