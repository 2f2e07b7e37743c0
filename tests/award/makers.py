"""Awards by actions, built on the signed report."""

from datetime import datetime
from typing import Any
from uuid import UUID

from portal import award
from portal.award import Award
from tests.panel.makers import Opened, Travel, a_ranked_tender
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
