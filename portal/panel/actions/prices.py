"""异常低价 asked, answered and judged; and lots drawn where the lowest prices are equal."""

from datetime import datetime
from uuid import UUID

from portal import draw
from portal.access import Actor
from portal.audit import born, take
from portal.draw import Candidate, Outcome, Purpose
from portal.kernel.errors import Invalid
from portal.kernel.ruling import unless
from portal.panel import queries, rules
from portal.panel.actions.keeping import hold, in_review, keep, require
from portal.panel.lifecycle import EXPLANATION, ExplanationState
from portal.panel.models import Explanation, Panel, PanelFinding
from tenants import scope


def ask(row: Panel, *, by: Actor, now: datetime) -> list[Explanation]:
    """发出低价说明通知 to each firm whose price is abnormally low, each with its time. Raises `Refused`."""
    held = hold(row)
    facts = held.facts(by=by, now=now)
    require(in_review(held) & rules.may_ask(facts))
    until = rules.answer_by(now, held.force.rules.lowprice.explain_minutes)
    asked = []
    for each in row.findings:
        if str(each.firm_id) not in facts.alerts or row.explanation_of(each) is not None:
            continue
        question = Explanation(
            state=ExplanationState.ASKED.value,
            panel_id=row.id,
            tender_id=row.tender_id,
            tender_name=row.tender_name,
            statutory=row.statutory,
            finding_id=each.id,
            firm_id=each.firm_id,
            firm_name=each.firm_name,
            price=each.price,
            asked_at=now,
            asked_by=by.name,
            answer_by=until,
            readers=[each.firm_id],
            touched_at=now,
        )
        born(EXPLANATION, question, by=by, now=now)
        row.explanations.append(question)
        asked.append(question)
    names = "、".join(each.firm_name for each in asked)
    keep(held, "panel.ask", by=by, now=now, firm=names, answer_by=until)
    return asked


def answer(row: Explanation, text: str, file_id: UUID | None, *, by: Actor, now: datetime) -> None:
    """提交说明: in writing, once, until its time is over. Raises `Refused`."""
    now = max(scope.instant(), now)
    take(
        EXPLANATION,
        row,
        "answer",
        queries.explanation_facts(row, now=now, text=text),
        by=by,
        now=now,
        changes={"text": text, "file_id": file_id, "answered_at": now, "answered_by": by.name},
    )


def lapse(row: Explanation, *, by: Actor | None, now: datetime) -> None:
    """The clock's move: its time passed without an answer. Raises `Refused`."""
    take(EXPLANATION, row, "lapse", queries.explanation_facts(row, now=now), by=by, now=now)


def judge(
    row: Panel, bid_id: UUID, reason: str, *, justified: bool, by: Actor, now: datetime
) -> PanelFinding:
    """认定报价是否合理, for a reason; one that is not makes the bid invalid. Raises `Refused`, `Invalid`."""
    held = hold(row)
    found = queries.finding(row, bid_id)
    asked = row.explanation_of(found)
    require(
        in_review(held)
        & rules.may_judge(held.facts(by=by, now=now))
        & unless(asked is None, "panel.not_asked")
    )
    if asked is not None:
        moment = queries.explanation_facts(asked, now=now)
        require(rules.may_judge_bid(moment, answered=asked.answered_at is not None))
    if not reason.strip():
        raise Invalid("reason", "panel.no_reason")
    found.justified, found.justified_reason, found.judged_at = justified, reason.strip(), now
    row.tie_order = []
    row.draw_id = None
    verdict = f"{'合理' if justified else '不合理，响应无效'}。{found.justified_reason}"
    keep(held, "panel.judge", by=by, now=now, firm=found.firm_name, justified=justified, reason=verdict)
    return found


def draw_lots(row: Panel, *, by: Actor, now: datetime) -> UUID:
    """抽签: commit to the tied firms; a second officer's number gives their order. Raises `Refused`."""
    held = hold(row)
    facts = held.facts(by=by, now=now)
    require(in_review(held) & rules.may_draw(facts) & unless(row.draw_id is not None, "panel.draw_begun"))
    tied = set(rules.tied_firms(facts.result)) if facts.result else set()
    made = draw.commit(
        Purpose.TIE,
        "panel",
        row.id,
        f"{row.tender_name}：并列报价抽签",
        [
            Candidate(each.firm_id, each.firm_name)
            for each in sorted(row.findings, key=lambda each: each.number)
            if str(each.firm_id) in tied
        ],
        by=by,
        now=now,
    )
    row.draw_id = made.id
    keep(held, "panel.draw", by=by, now=now, draw=made.number)
    return made.id


def order_drawn(row: Panel, draw_id: UUID, *, by: Actor, now: datetime) -> None:
    """The number was typed: the tied firms stand in the order drawn, and the draw ends."""
    held = hold(row)
    if row.draw_id != draw_id:
        draw.end(draw_id, Outcome.VOID, by=by, now=now, reason="认定已改变，抽签不再适用")
        return
    row.tie_order = [str(each) for each in draw.order(draw_id)]
    keep(held, "panel.order", by=by, now=now, draw=draw.draw(draw_id).number)
    draw.end(draw_id, Outcome.FILLED, by=by, now=now)


def undraw(row: Panel, draw_id: UUID, *, by: Actor, now: datetime) -> None:
    """A draw ended void before its order was used: lots may be drawn anew."""
    held = hold(row)
    if row.draw_id != draw_id or row.tie_order:
        return
    row.draw_id = None
    keep(held, "panel.undraw", by=by, now=now)
