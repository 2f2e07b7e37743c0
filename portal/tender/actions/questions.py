"""询问与答复: asked under a pseudonym, answered to all; and that firms saw what they were told."""

from datetime import datetime
from typing import Final

from sqlalchemy import func, select, update

from portal.access import Actor
from portal.audit import record, rewrite_inbox
from portal.kernel.errors import Invalid, Refused
from portal.kernel.ruling import unless
from portal.kernel.workdays import add_workdays, day_of, end_of
from portal.tender import queries
from portal.tender.actions.issuing import held, move_deadline
from portal.tender.actions.telling import tell
from portal.tender.lifecycle import TENDER, T, state_at
from portal.tender.models import Tender, TenderQuestion, TenderReceipt
from portal.tender.rules.deadlines import after_change
from portal.tender.rules.moves import may_amend
from tenants import scope
from tenants.calendar import calendar
from tenants.db import db

UNANSWERED: Final = TenderQuestion.answer.is_(None)


def ask(row: Tender, words: str, *, by: Actor, now: datetime) -> None:
    """提出询问 as an invited firm; neither the chain nor the row says which.

    Raises `Invalid`, never `Refused`: a refusal would stay in the chain with the asker's name.
    """
    if by.party_id is None:
        raise Invalid("text", "tender.asking_ended")
    now = held(row, now)
    state = state_at(row, now)
    if state is T.CLOSED:
        raise Invalid("text", "tender.asking_over", response_by=row.response_by)
    if state is not T.ISSUED:
        raise Invalid("text", "tender.asking_ended")
    if queries.firm_name(by.party_id) in words:
        raise Invalid("text", "tender.asking_names_firm")
    days = calendar(day_of(now))
    due_by = end_of(add_workdays(day_of(now), row.answer_workdays, days))
    if row.suspended_at is None:
        due_by = min(due_by, row.response_by)
    asker = queries.pseudonym(row.id, by.party_id)
    with scope.elevated("tender.ask"):
        last = db.session.scalar(
            select(func.max(TenderQuestion.number)).where(TenderQuestion.tender_id == row.id)
        )
        asked = TenderQuestion(
            tender_id=row.id,
            number=(last or 0) + 1,
            text=words,
            asker=asker,
            asked_at=now,
            due_by=due_by,
            readers=[],
        )
        db.session.add(asked)
        row.answer_by = min(row.answer_by or due_by, due_by)
        db.session.flush()
        record(
            "tender.ask",
            by=None,
            now=now,
            subject_id=row.id,
            tenant_id=row.tenant_id,
            asker=asker,
            question=asked.number,
        )
        rewrite_inbox(TENDER, row, now=now)


def answer(
    asked: TenderQuestion,
    published: str,
    words: str,
    *,
    affects: bool,
    by: Actor,
    now: datetime,
) -> datetime:
    """答复 to every invited firm; the deadline as it is then, moved where the answer may affect responses.

    ``published`` is the question as all read it. Raises `Refused` when it was answered or is over.
    """
    row = queries.tender(asked.tender_id)
    now = held(row, now)
    db.session.refresh(asked, with_for_update=True)
    days = calendar(day_of(now))
    facts = queries.plain_facts(row, by=by.account_id, now=now, days=days, reason=words)
    ruling = unless(asked.answer is not None, "tender.answered") & may_amend(facts)
    if not ruling:
        raise Refused(ruling)
    old = row.response_by
    new = after_change(old, now, row.change_workdays, days) if affects else old
    asked.published, asked.answer = published, words
    asked.answered_at, asked.answered_by = now, by.name
    asked.readers = list(row.readers)
    db.session.flush()
    if new != old:
        move_deadline(row, words, new, by=by, now=now)
    row.answer_by = db.session.scalar(
        select(func.min(TenderQuestion.due_by)).where(TenderQuestion.tender_id == row.id, UNANSWERED)
    )
    record("tender.answer", by=by, now=now, subject_id=row.id, asker=asked.asker, question=asked.number)
    rewrite_inbox(TENDER, row, now=now)
    tell(
        row,
        "answer",
        words,
        by_name=by.name,
        now=now,
        question_id=asked.id,
        moved=(old, new) if new != old else None,
    )
    return new


def acknowledge(row: Tender, *, by: Actor, now: datetime) -> None:
    """确认已阅: the firm has seen all it was told until now."""
    now = held(row, now)
    with scope.elevated("tender.acknowledge"):
        seen = db.session.execute(
            update(TenderReceipt)
            .where(
                TenderReceipt.tender_id == row.id,
                TenderReceipt.firm_id == by.party_id,
                TenderReceipt.seen_at.is_(None),
            )
            .values(seen_at=now, seen_by=by.name)
            .returning(TenderReceipt.id)
        ).all()
        if not seen:
            return
        row.unseen = [each for each in row.unseen if each != by.party_id]
        db.session.flush()
        rewrite_inbox(TENDER, row, now=now)
        record(
            "tender.acknowledge", by=by, now=now, subject_id=row.id, tenant_id=row.tenant_id, seen=len(seen)
        )
