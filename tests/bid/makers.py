"""Bids by actions: submitted, replaced, closed, opened by two officers."""

import io
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from portal import bid, tender
from portal.access import Role
from portal.bid import Attachment, Member, Offer, queries
from portal.kernel.envelope import FileKey, SealingStream
from portal.kernel.money import yuan
from portal.tender import Tender
from tests.support.world import Person, a_person
from tests.tender.makers import FirmPeople, Issued, doing

PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
)


def an_attachment(content: bytes = PDF, name: str = "实施方案.pdf") -> Attachment:
    """A file as it arrives: sealed while it is written."""
    stream = SealingStream(io.BytesIO(), FileKey.fresh())
    stream.write(content)
    return Attachment(name, stream)


def an_offer(firm: FirmPeople, price: str = "175000", **changed: Any) -> Offer:
    """What a firm would type; call it in the firm's scope."""
    lead = queries.lead_choices(firm.id)[0]
    whole: dict[str, Any] = {
        "price": yuan(price),
        "plan": "先核资料，再到现场，最后访谈。",
        "lead_id": lead.id,
        "members": (Member("甲", "高级会计师", 20), Member("乙", "评价师", 15)),
        "onsite_days": 6,
        "files": (),
    }
    return Offer(**{**whole, **changed})


def row_of(issued: Issued) -> Tender:
    """The tender, in the scope that is entered."""
    return tender.tender(issued.id)


def a_bid(issued: Issued, firm: FirmPeople, price: str = "175000", **changed: Any) -> dict[str, Any]:
    """The firm's handler submits (again); the whole receipt comes back."""

    def act(actor: Any, now: datetime) -> dict[str, Any]:
        return bid.submit(row_of(issued), an_offer(firm, price, **changed), by=actor, now=now)

    receipt = doing(firm.handler, act)
    assert isinstance(receipt, dict)
    return receipt


def bids_in(issued: Issued, *prices: str, **changed: Any) -> list[dict[str, Any]]:
    """One bid from each invited firm, at ``prices`` or from 150000 up by thousands."""
    asked = prices or tuple(str(150000 + 1000 * place) for place in range(len(issued.firms)))
    return [a_bid(issued, firm, price, **changed) for firm, price in zip(issued.firms, asked, strict=False)]


def closed(issued: Issued, travel: Callable[[timedelta], int]) -> Issued:
    """The deadline passes, and the clock's job rings."""
    left = doing(issued.market.buyer, lambda _actor, now: row_of(issued).response_by - now)
    travel(left + timedelta(seconds=1))
    return issued


def openers(issued: Issued) -> tuple[Person, Person]:
    """Two officers who may open."""
    bureau = issued.market.bureau
    if Role.OPENER not in bureau.people:
        bureau.people[Role.OPENER] = a_person(bureau, Role.OPENER)
    return bureau.people[Role.OPENER], a_person(bureau, Role.OPENER)


def opened(issued: Issued, travel: Callable[[timedelta], int]) -> list[Any]:
    """Closed, confirmed by two officers, and unsealed by the second; the numbers of the bids."""
    closed(issued, travel)
    first, second = openers(issued)
    for officer in (first, second):
        doing(officer, lambda actor, now: bid.confirm_opening(issued.id, by=actor, now=now))
    numbers = doing(
        second, lambda actor, now: [each.number for each in bid.unseal(issued.id, by=actor, now=now)]
    )
    assert isinstance(numbers, list)
    return numbers
