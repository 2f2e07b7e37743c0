"""Reading awards and their letters, and the facts the buyer's decision is asked with."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select

from portal.award.lifecycle import LetterState
from portal.award.models import AWARDED_FIRST, Award, AwardCandidate, AwardLetter
from portal.award.rules import AwardFacts
from portal.kernel.derivation import Derivation
from portal.kernel.errors import NotFound
from portal.kernel.workdays import add_workdays, day_of, end_of
from portal.office import RulesInForce
from portal.tender import Tender
from tenants.calendar import calendar
from tenants.db import db
from tenants.ruleset import ProcurementRules


def award(row_id: UUID) -> Award:
    """The award of the tender with this id. Raises `NotFound` before the report is signed."""
    return _found(db.session.scalars(select(Award).where(Award.tender_id == row_id)).first())


def by_id(row_id: UUID) -> Award:
    """The award by its own id. Raises `NotFound`."""
    return _found(db.session.scalars(select(Award).where(Award.id == row_id)).first())


def _found(row: Award | None) -> Award:
    if row is None:
        raise NotFound
    return row


def letter(row_id: UUID) -> AwardLetter:
    """A firm's own letter. Raises `NotFound`."""
    found = db.session.scalar(select(AwardLetter).where(AwardLetter.id == row_id))
    if found is None:
        raise NotFound
    return found


def letters(tender_id: UUID) -> list[AwardLetter]:
    """The letters of a tender that this scope may read: a firm's own, or all of them by their place."""
    return list(
        db.session.scalars(
            select(AwardLetter).where(AwardLetter.tender_id == tender_id).order_by(*AWARDED_FIRST)
        )
    )


def lock(row: Award) -> None:
    """Lock the row, and read it and what hangs on it anew."""
    db.session.flush()
    db.session.refresh(row, with_for_update=True)


def candidate(row: Award, bid_id: UUID | None) -> AwardCandidate | None:
    """A candidate of the report by their bid; one found invalid is none, nor one who refused to sign."""
    return next((each for each in row.candidates if each.bid_id == bid_id and each.may_win), None)


def facts(
    row: Award,
    of: Tender,
    bid_id: UUID | None = None,
    ground: str = "",
    *,
    now: datetime,
    has_file: bool = False,
    reason: str | None = None,
) -> AwardFacts:
    """Everything the decision is asked with."""
    chosen = candidate(row, bid_id)
    return AwardFacts(
        now=now,
        lapses_at=row.lapses_at,
        suspended=of.suspended_at is not None,
        place=chosen.place if chosen else None,
        first=row.first_left.place if row.first_left else None,
        refused=row.is_refused,
        ground=ground,
        has_file=has_file,
        statutory=row.statutory,
        reason=reason,
    )


@dataclass(frozen=True, slots=True)
class Due:
    """Until when what follows an award has to be done, inclusive."""

    announce_by: datetime
    sign_by: datetime


def due(row: Award, force: ProcurementRules) -> Due | None:
    """When letter and announcement, and the contract, are due; None before the award."""
    if row.awarded_at is None:
        return None
    day = day_of(row.awarded_at)
    return Due(
        announce_by=end_of(add_workdays(day, force.announce_workdays, calendar(day))),
        sign_by=end_of(day + timedelta(days=force.contract_days)),
    )


@dataclass(frozen=True, slots=True)
class Unsigned:
    """An award whose letters ``firms`` of the firms have not acknowledged, the first sent at ``since``."""

    tender_id: UUID
    tender_name: str
    firms: int
    since: datetime


def unsigned(limit: int = 20) -> list[Unsigned]:
    """The awards that wait for receipts, the latest first; each once, however many firms it waits for."""
    since = func.min(AwardLetter.sent_at)
    rows = (
        select(AwardLetter.tender_id, AwardLetter.tender_name, func.count(), since)
        .join(Award, (Award.id == AwardLetter.award_id) & (Award.edition == AwardLetter.edition))
        .where(AwardLetter.state == LetterState.SENT.value)
        .group_by(AwardLetter.tender_id, AwardLetter.tender_name)
        .order_by(since.desc(), AwardLetter.tender_id)
        .limit(limit)
    )
    return [Unsigned(*each) for each in db.session.execute(rows)]


def derivation(row: Award, force: RulesInForce, *, now: datetime, json_url: str) -> Derivation:
    """How the awarded price and its place came about."""
    first = row.first_left.place if row.first_left else None
    chosen = row.place or first
    winner = next((each for each in row.candidates if each.place == chosen), None)
    return Derivation(
        name="成交价",
        result=f"{winner.price:,.2f} 元" if winner and winner.price is not None else "—",
        formula="成交价 = 成交机构开启时的报价（评审不改变报价）",
        inputs=[
            (f"第 {each.place} 名 {each.firm_name}", f"{each.price:,.2f} 元", "小组评审报告")
            for each in row.candidates
            if each.place is not None
        ],
        values={
            "report": row.report_digest,
            "candidates": [
                {"place": each.place, "firm": each.firm_id, "price": each.price}
                for each in row.candidates
                if each.place is not None
            ],
            "place": row.place,
            "ground": row.ground,
        },
        rule_set=force.label,
        by=row.decided_by or ("期满未确定，视为确定" if row.is_deemed else "待采购人确定"),
        at=row.awarded_at or now,
        json_url=json_url,
    )
