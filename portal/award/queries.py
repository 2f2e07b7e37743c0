"""Reading awards and their letters, and the facts the buyer's decision is asked with."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from portal.award.models import Award, AwardCandidate, AwardLetter
from portal.award.rules import AwardFacts
from portal.kernel.derivation import Derivation
from portal.kernel.errors import NotFound
from portal.office import RulesInForce
from portal.tender import Tender
from tenants.db import db


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
    """The letters of a tender that this scope may read: a firm's own, or all of them."""
    return list(
        db.session.scalars(
            select(AwardLetter)
            .where(AwardLetter.tender_id == tender_id)
            .order_by(AwardLetter.edition.desc(), AwardLetter.is_winner.desc(), AwardLetter.firm_name)
        )
    )


def lock(row: Award) -> None:
    """Lock the row, and read it and what hangs on it anew."""
    db.session.flush()
    db.session.refresh(row, with_for_update=True)


def candidate(row: Award, bid_id: UUID | None) -> AwardCandidate | None:
    """A candidate of the report by their bid; one found invalid is none, nor one who refused to sign."""
    return next((each for each in row.candidates if each.bid_id == bid_id and each.may_win), None)


def first_left(row: Award) -> int | None:
    """The best rank of those who may still win."""
    return min((each.place for each in row.candidates if each.may_win and each.place), default=None)


def facts(row: Award, of: Tender, bid_id: UUID | None, ground: str, *, has_file: bool) -> AwardFacts:
    """Everything the decision is asked with."""
    chosen = candidate(row, bid_id)
    return AwardFacts(
        suspended=of.suspended_at is not None,
        place=chosen.place if chosen else None,
        first=first_left(row),
        ground=ground,
        has_file=has_file,
    )


def derivation(row: Award, force: RulesInForce, *, now: datetime, json_url: str) -> Derivation:
    """How the awarded price and its place came about."""
    chosen = row.place or first_left(row)
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
        by=row.decided_by or "待采购人确定",
        at=row.awarded_at or now,
        json_url=json_url,
    )
