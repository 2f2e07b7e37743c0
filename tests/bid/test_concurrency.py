"""The last second: many bids at once across the deadline; none is lost and none decided wrongly."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest
from flask import Flask
from sqlalchemy import Engine, text

from portal import bid
from portal.audit import ring_due
from portal.kernel.errors import Refused
from tenants import scope
from tests.bid.makers import a_bid, an_offer, row_of
from tests.tender.makers import FirmPeople, Issued, a_market, an_issued_tender, doing

FIRMS, EACH, HANDS = 40, 6, 20


@dataclass(frozen=True)
class Answer:
    """What one try was told: its number, or only the instants that decided."""

    firm: FirmPeople
    number: str | None
    at: datetime
    response_by: datetime


def _tried(application: Flask, issued: Issued, firm: FirmPeople, price: int) -> Answer:
    with application.app_context():
        try:
            receipt = a_bid(issued, firm, str(price))
        except Refused as refused:
            (refusal,) = refused.ruling.refusals
            assert refusal.code == "bid.too_late"
            return Answer(firm, None, _instant(refusal.facts["now"]), _instant(refusal.facts["response_by"]))
        at, until = (datetime.fromisoformat(receipt[key]) for key in ("submitted_at", "response_by"))
        return Answer(firm, receipt["number"], at, until)


def _instant(value: object) -> datetime:
    assert isinstance(value, datetime)
    return value


@contextmanager
def _ahead(owner_url: str, more: timedelta) -> Iterator[None]:
    """The clock put ahead without ringing what falls due."""
    with psycopg.connect(owner_url.replace("+psycopg", "")) as owner:
        owner.execute("INSERT INTO clock_shift VALUES (true, %s)", (more,))
    try:
        yield
    finally:
        with psycopg.connect(owner_url.replace("+psycopg", "")) as owner:
            owner.execute("DELETE FROM clock_shift")


@contextmanager
def _ringing(application: Flask) -> Iterator[None]:
    """The clock's job, as often as it can."""
    done = threading.Event()

    def ring() -> None:
        while not done.is_set():
            with application.app_context():
                ring_due()
            time.sleep(0.02)

    thread = threading.Thread(target=ring)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


@pytest.mark.timeout(120)
def test_submit_in_the_last_second(application: Flask, app: Flask, owner_url: str, backup: Engine) -> None:
    assert app
    issued = an_issued_tender(a_market(firms=FIRMS))
    left = doing(issued.market.buyer, lambda _actor, now: row_of(issued).response_by - now)
    tries = [
        (firm, 150000 + 10 * round_ + place)
        for round_ in range(EACH)
        for place, firm in enumerate(issued.firms)
    ]
    with (
        _ahead(owner_url, left - timedelta(seconds=1.6)),
        _ringing(application),
        ThreadPoolExecutor(HANDS) as hands,
    ):
        answers = list(hands.map(lambda each: _tried(application, issued, *each), tries))
        time.sleep(0.2)
        answers += [_tried(application, issued, firm, 1) for firm in issued.firms[:3]]

    taken = [each for each in answers if each.number]
    late = [each for each in answers if not each.number]
    assert taken
    assert len(late) >= 3
    assert all(each.at <= each.response_by for each in taken)
    assert all(each.at > each.response_by for each in late)
    asked = text("SELECT number, state, firm_id FROM bid WHERE tender_id = :tender")
    with backup.connect() as connection:
        rows = connection.execute(asked, {"tender": issued.id}).all()
    assert {row.number for row in rows} == {each.number for each in taken}
    last = {each.firm.id: each.number for each in sorted(taken, key=lambda each: each.at)}
    assert {row.firm_id: row.number for row in rows if row.state == "submitted"} == last
    with scope.entered(issued.firms[0].handler.scope):
        tender = row_of(issued)
        assert tender.closed_at is not None
        lines = bid.commitments(tender, now=scope.now())
    assert lines is not None
    assert {line.number for line in lines} == set(last.values())


def test_submit_under_way_is_waited_for_by_the_close(application: Flask, app: Flask, owner_url: str) -> None:
    """A bid whose instant was in time is in the frozen list, though the deadline passed before its commit."""
    assert app
    issued = an_issued_tender()
    firm = issued.firms[0]
    a_bid(issued, firm, "175000")
    left = doing(issued.market.buyer, lambda _actor, now: row_of(issued).response_by - now)
    sealed, go_on = threading.Event(), threading.Event()
    numbers: list[str] = []

    def submit() -> None:
        with application.app_context():
            doing(firm.handler, slowly)

    def slowly(actor: Any, now: datetime) -> None:
        numbers.append(bid.submit(row_of(issued), an_offer(firm, "170000"), by=actor, now=now)["number"])
        sealed.set()
        go_on.wait(10)

    def close() -> None:
        with application.app_context():
            ring_due()

    with _ahead(owner_url, left - timedelta(seconds=1)):
        hands: list[threading.Thread] = [_begun(submit)]
        assert sealed.wait(10)
        time.sleep(1.1)
        hands.append(_begun(close))
        time.sleep(0.3)
        assert hands[1].is_alive()
        go_on.set()
        for hand in hands:
            hand.join(20)
    with scope.entered(firm.handler.scope):
        lines = bid.commitments(row_of(issued), now=scope.now())
    assert lines is not None
    assert [line.number for line in lines] == numbers


def _begun(work: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=work)
    thread.start()
    return thread
