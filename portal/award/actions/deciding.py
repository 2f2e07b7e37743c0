"""成交: the report arrives, the buyer decides, everybody learns it at once, and each firm acknowledges."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from portal import document, draw, panel, tender
from portal.access import Actor
from portal.audit import announce, born, record, rewrite_inbox, take
from portal.award import queries, rules
from portal.award.actions import papers
from portal.award.lifecycle import AWARD, AWARD_LETTER, Awarded, AwardState, LetterState
from portal.award.models import Award, AwardCandidate, AwardLetter
from portal.award.rules import AwardFacts
from portal.commission.rules import Regime
from portal.document import Issued, Notice
from portal.kernel.errors import NotFound, Refused
from portal.kernel.hashing import plain
from portal.kernel.money import Yuan
from portal.kernel.workdays import day_of
from portal.office import rules_kept
from portal.panel import Reported
from portal.tender import Tender
from portal.tender.lifecycle import TenderState
from tenants.calendar import calendar
from tenants.db import db


def draft(of: Tender, report: Reported, *, by: Actor | None, now: datetime) -> Award:
    """The signed report reached the buyer, who decides within the rule set's working days."""
    workdays = rules_kept(of.rule_set_id).rules.procurement.award_workdays
    row = Award(
        state=AwardState.PENDING.value,
        tender_id=of.id,
        panel_id=report.panel_id,
        tender_name=of.name,
        statutory=of.regime == Regime.STATUTORY.value,
        report_digest=report.digest,
        ranked_at=report.ranked_at,
        award_by=rules.decide_by(report.ranked_at, workdays, calendar(day_of(now))),
        touched_at=now,
        candidates=[
            *(
                AwardCandidate(
                    bid_id=each.bid_id,
                    firm_id=each.firm_id,
                    firm_name=each.firm_name,
                    price=each.price,
                    place=each.place,
                )
                for each in report.candidates
            ),
            *(
                AwardCandidate(
                    bid_id=each.bid_id,
                    firm_id=each.firm_id,
                    firm_name=each.firm_name,
                    price=each.price,
                    reason=each.reason,
                )
                for each in report.rejected
            ),
        ],
    )
    born(AWARD, row, by=by, now=now)
    return row


def decide(
    row: Award, bid_id: UUID | None, ground: str, ground_file_id: UUID | None, *, by: Actor, now: datetime
) -> AwardCandidate:
    """确定成交: letter to the winner, reasons to the others, the public result, all by one act.

    Anybody but the first needs a ground in words and in a file. Raises `Refused`.
    """
    queries.lock(row)
    of = tender.tender(row.tender_id)
    facts = queries.facts(row, of, bid_id, ground, now=now, has_file=ground_file_id is not None)
    ruling = AWARD.judge("decide", AwardState(row.state), facts)
    if not ruling:
        raise Refused(ruling)
    winner = queries.candidate(row, bid_id)
    if winner is None:
        raise NotFound
    _pass_over(row, winner, ground)
    changes = {"ground": ground.strip() or None, "ground_file_id": ground_file_id, "decided_by": by.name}
    _award(row, of, winner, _Deed("decide", facts, changes, ground.strip() or None), by=by, now=now)
    return winner


def deem(row: Award, *, by: Actor | None, now: datetime) -> None:
    """视为确定: the buyer's days have passed, so the first in the ranking is awarded. Raises `Refused`."""
    queries.lock(row)
    of = tender.tender(row.tender_id)
    facts = queries.facts(row, of, now=now)
    ruling = AWARD.judge("deem", AwardState(row.state), facts)
    if not ruling:
        raise Refused(ruling)
    winner = row.first_left
    if winner is None:
        raise NotFound
    _award(row, of, winner, _Deed("deem", facts, {}, papers.DEEMED), by=by, now=now)


@dataclass(frozen=True, slots=True)
class _Deed:
    """By which move somebody wins: its facts, what it changes besides, and the reason kept with it."""

    verb: str
    facts: AwardFacts
    changes: Mapping[str, object]
    reason: str | None


def _award(
    row: Award, of: Tender, winner: AwardCandidate, deed: _Deed, *, by: Actor | None, now: datetime
) -> None:
    """Whichever way it was decided: everybody is told, and the contract drafts itself."""
    if winner.price is None:
        raise NotFound
    deemed = deed.verb == "deem"
    issued = _letters(row, of, winner, deemed=deemed, by=by, now=now)
    take(
        AWARD,
        row,
        deed.verb,
        deed.facts,
        by=by,
        now=now,
        changes={
            "bid_id": winner.bid_id,
            "firm_id": winner.firm_id,
            "firm_name": winner.firm_name,
            "price": winner.price,
            "place": winner.place,
            "letter_number": issued.number,
            "awarded_at": now,
            **deed.changes,
        },
        rule_set=of.rule_set_id,
        number=issued.number,
        reason=deed.reason,
    )
    _publish(row, of, winner, deemed=deemed, by=by, now=now)
    if of.state != TenderState.AWARDED.value:
        tender.awarded(of, by=by, now=now)
    announce(
        Awarded(row.tender_id, winner.bid_id, winner.firm_id, Yuan(winner.price), row.id), by=by, now=now
    )


def _pass_over(row: Award, winner: AwardCandidate, ground: str) -> None:
    """Whoever stood before the winner is told the ground."""
    for each in row.candidates:
        if each.may_win and each.place is not None and winner.place is not None and each.place < winner.place:
            each.reason = ground.strip()
    db.session.flush()


def _letters(
    row: Award, of: Tender, winner: AwardCandidate, *, deemed: bool, by: Actor | None, now: datetime
) -> Issued:
    """成交通知书 to the winner and its own result to each other firm; the winner's paper."""
    days = rules_kept(of.rule_set_id).rules.procurement.contract_days
    first = document.issue(
        "award.letter",
        papers.letter(of, winner, contract_days=days, deemed=deemed, now=now),
        subject_id=row.id,
        readers=[winner.firm_id],
        by=by,
        now=now,
    )
    _send(row, winner, winner, first, by=by, now=now)
    for own in row.candidates:
        if own.id != winner.id and own.refused_at is None:
            told = document.issue(
                "award.result",
                papers.result(of, own, winner, now=now),
                subject_id=row.id,
                readers=[own.firm_id],
                by=by,
                now=now,
                numbered=False,
            )
            _send(row, own, winner, told, by=by, now=now)
    return first


def _send(
    row: Award, own: AwardCandidate, winner: AwardCandidate, told: Issued, *, by: Actor | None, now: datetime
) -> None:
    """Lay a paper into one firm's inbox, to be acknowledged."""
    won = own.id == winner.id
    letter = AwardLetter(
        state=LetterState.SENT.value,
        award_id=row.id,
        tender_id=row.tender_id,
        tender_name=row.tender_name,
        firm_id=own.firm_id,
        firm_name=own.firm_name,
        is_winner=won,
        edition=row.edition,
        number=told.number,
        document_id=told.id,
        digest=told.digest,
        content=plain(
            {
                "price": own.price,
                "place": own.place,
                "reason": "" if won else papers.reasons(own, winner),
                "winner": winner.firm_name,
                "winning_price": winner.price,
            }
        ),
        sent_at=now,
        readers=[own.firm_id],
        touched_at=now,
    )
    row.letters.append(letter)
    born(AWARD_LETTER, letter, by=by, now=now)


def _publish(
    row: Award, of: Tender, winner: AwardCandidate, *, deemed: bool, by: Actor | None, now: datetime
) -> None:
    """成交结果公告; with it a draw among equal prices shows its names."""
    report = panel.reported(row.tender_id)
    subjects: Sequence[str] = [str(each["name"]) for each in of.subjects]
    document.publish_notice(
        Notice.RESULT,
        papers.announcement(of, winner, subjects, report.members, deemed=deemed, now=now),
        subject_id=row.tender_id,
        by=by,
        now=now,
    )
    if report.draw_id is not None:
        draw.release_names(report.draw_id, by=by, now=now)


def refuse(row: Award, reason: str, *, by: Actor, now: datetime) -> None:
    """拒绝签订: the award came to no contract; the buyer decides anew among the others. Raises `Refused`.

    Called by the contract that was not made; whoever refused does not win this purchase any more.
    """
    queries.lock(row)
    of = tender.tender(row.tender_id)
    workdays = rules_kept(of.rule_set_id).rules.procurement.award_workdays
    for each in row.candidates:
        if each.bid_id == row.bid_id:
            each.refused_at, each.refused_reason = now, reason
    db.session.flush()
    cleared = ("bid_id", "firm_id", "firm_name", "price", "place", "ground", "ground_file_id")
    take(
        AWARD,
        row,
        "refuse",
        None,
        by=by,
        now=now,
        changes={
            **dict.fromkeys((*cleared, "letter_number", "decided_by", "awarded_at")),
            "edition": row.edition + 1,
            "award_by": rules.decide_by(now, workdays, calendar(day_of(now))),
        },
        reason=reason,
    )


def fail(row: Award, reason: str, *, by: Actor, now: datetime) -> None:
    """不再确定: somebody refused to sign, so the purchase ends and may be begun anew. Raises `Refused`."""
    queries.lock(row)
    of = tender.tender(row.tender_id)
    facts = queries.facts(row, of, now=now, reason=reason)
    take(AWARD, row, "fail", facts, by=by, now=now, reason=reason)
    refused = [each.firm_id for each in row.candidates if each.refused_at is not None]
    tender.failed(of, reason, refused=refused, by=by, now=now)


def keep_days(row: Award, suspended_at: datetime, *, by: Actor | None, now: datetime) -> None:
    """The purchase stood still: the buyer keeps the working days that were left, and so does the clock."""
    old = row.award_by
    row.award_by = rules.after_suspension(old, suspended_at, now, calendar(day_of(now)))
    db.session.flush()
    record("award.keep_days", by=by, now=now, subject_id=row.id, moved_from=old, moved_to=row.award_by)
    rewrite_inbox(AWARD, row, now=now)


def end(row: Award, *, by: Actor | None, now: datetime) -> None:
    """The purchase ended before anybody was chosen. Raises `Refused`."""
    take(AWARD, row, "end", None, by=by, now=now)


def acknowledge(row: AwardLetter, *, by: Actor, now: datetime) -> None:
    """签收: the firm has its letter. Raises `Refused`."""
    take(
        AWARD_LETTER,
        row,
        "acknowledge",
        None,
        by=by,
        now=now,
        changes={"acknowledged_at": now, "acknowledged_by": by.name},
    )
