"""Opening and review by actions: opened by two officers, declared, examined, asked, drawn, signed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from portal import draw, panel
from portal.panel import Panel, Verdict, queries
from tests.bid.makers import bids_in, closed, openers
from tests.support.world import PASSWORD, Person
from tests.tender.makers import Issued, Market, an_issued_tender, doing

Travel = Callable[[timedelta], int]
PRICES = ("175000", "168000", "171500")


@dataclass
class Opened:
    """A tender whose bids two officers opened."""

    issued: Issued
    officers: tuple[Person, Person]

    @property
    def id(self) -> UUID:
        """The tender's."""
        return self.issued.id

    @property
    def chair(self) -> Person:
        """组长."""
        return self.issued.market.panel[0]

    @property
    def members(self) -> list[Person]:
        """The chair and the others."""
        return self.issued.market.panel

    @property
    def buyer(self) -> Person:
        """采购人."""
        return self.issued.market.buyer


def row_of(tender_id: UUID) -> Panel:
    """The opening and review, in the scope that is entered."""
    return panel.panel(tender_id)


def at(person: Person, tender_id: UUID, act: Callable[..., Any], *given: Any, **named: Any) -> Any:
    """One deed of one person on the review of a tender; values come back."""

    def deed(actor: Any, now: datetime) -> Any:
        done = act(row_of(tender_id), *given, by=actor, now=now, **named)
        return done if isinstance(done, bool | int | str | UUID | None) else None

    return doing(person, deed)


def a_closed_tender(
    travel: Travel, *, market: Market | None = None, prices: Sequence[str] = PRICES, **changed: Any
) -> Opened:
    """Bids at ``prices``, and the deadline passed."""
    issued = an_issued_tender(market, **changed)
    bids_in(issued, *prices)
    return Opened(closed(issued, travel), openers(issued))


def opened(ready: Opened) -> Opened:
    """Both officers confirm."""
    for officer in ready.officers:
        at(officer, ready.id, panel.open_, PASSWORD)
    return ready


def an_opened_tender(
    travel: Travel, *, market: Market | None = None, prices: Sequence[str] = PRICES, **changed: Any
) -> Opened:
    """Bids at ``prices``, opened by two officers after the deadline."""
    return opened(a_closed_tender(travel, market=market, prices=prices, **changed))


def declared(ready: Opened) -> Opened:
    """Every member declares to have no interest."""
    for member in ready.members:
        at(member, ready.id, panel.declare, PASSWORD)
    return ready


def priced(ready: Opened) -> list[tuple[str, UUID]]:
    """Price and id of each bid, as opened."""

    def read(_actor: Any, _now: datetime) -> list[tuple[str, UUID]]:
        return [(f"{each.price:.0f}", each.bid_id) for each in row_of(ready.id).findings]

    found = doing(ready.chair, read)
    assert isinstance(found, list)
    return found


def bids_of(ready: Opened) -> dict[str, UUID]:
    """The bids by price, as opened."""
    return dict(priced(ready))


def examine(ready: Opened, bid_id: UUID, *, met: bool = True, reason: str = "未提交独立性声明") -> None:
    """The chair's verdicts on one bid; where it fails, on the second requirement."""
    verdicts = [Verdict(met=True), Verdict(met, "" if met else reason)]
    at(ready.chair, ready.id, panel.examine, bid_id, verdicts)


def examined(ready: Opened, *, failing: Sequence[str] = ()) -> Opened:
    """Every bid examined; those at the ``failing`` prices do not conform."""
    for price, bid_id in priced(ready):
        examine(ready, bid_id, met=price not in failing)
    return ready


def signed(ready: Opened) -> Opened:
    """The report drawn up, and signed by all."""
    at(ready.chair, ready.id, panel.conclude)
    for member in ready.members:
        at(member, ready.id, panel.sign, PASSWORD, "")
    return ready


def a_ranked_tender(
    travel: Travel,
    *,
    market: Market | None = None,
    prices: Sequence[str] = PRICES,
    failing: Sequence[str] = (),
    **changed: Any,
) -> Opened:
    """From the bids to the report all members signed."""
    ready = an_opened_tender(travel, market=market, prices=prices, **changed)
    return signed(examined(declared(ready), failing=failing))


def explanations(ready: Opened) -> dict[UUID, UUID]:
    """The questions asked, by firm."""

    def read(_actor: Any, _now: datetime) -> dict[UUID, UUID]:
        return {each.firm_id: each.id for each in row_of(ready.id).explanations}

    found = doing(ready.chair, read)
    assert isinstance(found, dict)
    return found


def answer(ready: Opened, firm_id: UUID, text: str = "团队常驻本县，无差旅费用") -> None:
    """The firm that was asked explains its price."""
    row_id = explanations(ready)[firm_id]
    firm = next(each for each in ready.issued.firms if each.id == firm_id)
    doing(
        firm.handler,
        lambda actor, now: panel.answer(queries.explanation(row_id), text, None, by=actor, now=now),
    )


def lots_drawn(ready: Opened) -> list[str]:
    """The chair commits to the tied firms, an officer types a number; the order of the firms."""
    draw_id = at(ready.chair, ready.id, panel.draw_lots)
    doing(
        ready.officers[0],
        lambda actor, now: draw.seed(draw.draw(draw_id), "20261121", by=actor, now=now),
    )

    def read(_actor: Any, _now: datetime) -> list[str]:
        return list(row_of(ready.id).tie_order)

    order = doing(ready.chair, read)
    assert isinstance(order, list)
    return order


def explained(ready: Opened, firm_id: UUID, price: str) -> Opened:
    """The low price is asked about, explained by its firm, and found justified."""
    at(ready.chair, ready.id, panel.ask)
    answer(ready, firm_id)
    at(ready.chair, ready.id, panel.judge, bids_of(ready)[price], "成本说明充分", justified=True)
    return ready
