"""Awards by actions, built on the signed report."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from flask import Flask

from portal import award, contract
from portal.award import Award
from tests.panel.makers import Opened, Travel, a_ranked_tender
from tests.support.clock import travelling
from tests.support.world import Person
from tests.tender.makers import Issued, doing


def row_of(tender_id: UUID) -> Award:
    """The award, in the scope that is entered."""
    return award.award(tender_id)


def first_of(row: Award) -> UUID:
    """The bid of the first in the ranking."""
    return next(each.bid_id for each in row.candidates if each.place == 1)


def decided(ready: Opened) -> Opened:
    """The buyer awards the first."""

    def act(actor: Any, now: datetime) -> None:
        row = row_of(ready.id)
        award.decide(row, first_of(row), "", None, by=actor, now=now)

    doing(ready.buyer, act)
    return ready


def an_award(travel: Travel, **asked: Any) -> Opened:
    """From the bids to the letters."""
    return decided(a_ranked_tender(travel, **asked))


def letter_of(issued: Issued, person: Person) -> UUID:
    """The letter a person's firm got."""

    def read(_actor: Any, _now: datetime) -> UUID:
        row = next(each for each in award.letters(issued.id) if each.firm_id == person.party_id)
        return row.id

    found = doing(person, read)
    assert isinstance(found, UUID)
    return found


def award_by(ready: Opened) -> datetime:
    """The last instant at which the buyer is free to choose."""
    found = doing(ready.buyer, lambda _a, _n: row_of(ready.id).award_by)
    assert isinstance(found, datetime)
    return found


@contextmanager
def lapsed(ready: Opened, owner_url: str, app: Flask) -> Iterator[None]:
    """A minute after the buyer's last day, and the clock has not rung yet."""
    left = award_by(ready) - doing(ready.buyer, lambda _a, now: now)
    with travelling(owner_url, app, ringing=False) as go:
        go(left + timedelta(minutes=1))
        yield


def refused(ready: Opened, approver: Person) -> None:
    """The contract of whoever is awarded comes to nothing."""

    def act(actor: Any, now: datetime) -> None:
        made = contract.of_award(row_of(ready.id).id)
        assert made is not None
        contract.cancel(made, "成交机构书面拒绝签订", by=actor, now=now)

    doing(approver, act)
