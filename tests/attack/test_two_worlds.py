"""Worlds that differ in one secret give equal pages, exports, counts, inboxes and errors to all others."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from portal.access import Role
from tests.attack.worlds import Ask, Secret, World, differences, pair, seen
from tests.bid.makers import a_bid, row_of
from tests.support.world import Person
from tests.tender.makers import Issued, a_market, an_issued_tender, doing

READERS = (
    Role.BUYER,
    Role.APPROVER,
    Role.OPENER,
    Role.PANEL_CHAIR,
    Role.COMPLAINT_OFFICER,
    Role.AUDIT_ADMIN,
)


def _a_tender_with_a_bid() -> Issued:
    """Out to four firms, one of which has answered in both worlds."""
    issued = an_issued_tender(a_market(firms=4))
    a_bid(issued, issued.firms[3], "166000")
    return issued


def _price(issued: Issued, price: str) -> None:
    a_bid(issued, issued.firms[0], price)


def _bidder(issued: Issued, place: str) -> None:
    a_bid(issued, issued.firms[int(place)], "171000")


def _others(issued: Issued) -> Sequence[Person | None]:
    """The bureau, the firms that have no part in it, everybody."""
    return [
        *(issued.market.bureau.people[role] for role in READERS),
        issued.firms[2].handler,
        issued.firms[3].signatory,
        None,
    ]


def _places(issued: Issued) -> Sequence[Ask]:
    code = issued.market.bureau.code
    home = f"/t/{code}"
    one = f"{home}/tenders/{issued.id}"
    wrong = {"price": "0", "plan": "", "lead": ""}
    return [
        *(Ask(url) for url in (f"{home}/", f"{home}/tenders", f"{home}/tenders?q=采购", one, f"{one}/print")),
        *(Ask(url) for url in (f"{one}/bid", f"{one}/bid/commitments.json", f"{one}/bid/receipt")),
        *(Ask(url) for url in (f"{one}/bid/withdraw", f"{one}/bid/submit", f"{one}/bid/replace")),
        *(Ask(url) for url in (f"{home}/invitations", f"{home}/inquiries", f"{home}/inquiries/{issued.id}")),
        *(
            Ask(url)
            for url in (f"{home}/audit", f"{home}/audit/chain", f"{home}/accounts", f"/public/{code}")
        ),
        Ask(f"{home}/tenders/export", {}),
        Ask(f"{one}/bid/submit", wrong, f"{one}/bid/submit"),
        Ask(f"{one}/bid/replace", wrong, f"{one}/bid/replace"),
        Ask(f"{one}/terminate", {"reason": "家数不足", "ground": "too_few"}),
    ]


def _deadline(world: World, issued: Issued) -> None:
    with world.app.app_context():
        left = doing(issued.market.buyer, lambda _actor, now: row_of(issued).response_by - now)
    world.travel(left + timedelta(seconds=1))


def _numbers(connection: psycopg.Connection, issued: Issued) -> Sequence[str]:
    """The pseudonyms are random in each world."""
    rows = connection.execute("SELECT number FROM bid WHERE tender_id = %s", (issued.id,)).fetchall()
    return [str(row[0]) for row in rows]


def _of_bids(name: str, tell: Any, values: tuple[str, str]) -> Secret:
    return Secret(
        name=name,
        prepare=_a_tender_with_a_bid,
        tell=tell,
        values=values,
        readers=_others,
        asks=_places,
        after=(_deadline,),
        hidden=_numbers,
    )


SECRETS = (
    _of_bids("price", _price, ("175000", "9.99")),
    _of_bids("bidder", _bidder, ("0", "1")),
)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("secret", SECRETS, ids=lambda each: each.name)
def test_nobody_else_can_tell_the_worlds_apart(secret: Secret, tmp_path: Path) -> None:
    with pair(secret, tmp_path) as (made, one, two):
        assert differences(seen(one, secret, made), seen(two, secret, made)) == {}
        for move in secret.after:
            for world in (one, two):
                move(world, made)
            assert differences(seen(one, secret, made), seen(two, secret, made)) == {}


def test_a_difference_would_be_seen(tmp_path: Path) -> None:
    """One bid more is no secret, and shows."""

    def one_more(issued: Issued, more: str) -> None:
        if more:
            a_bid(issued, issued.firms[0], "171000")

    secret = _of_bids("count", one_more, ("", "more"))
    with pair(secret, tmp_path) as (made, one, two):
        found = differences(seen(one, secret, made), seen(two, secret, made))
    assert any(where.startswith(Role.BUYER) for where in found)
