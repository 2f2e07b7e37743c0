"""The power fails in the middle of a deed: what was acknowledged is there afterwards, and nothing by halves.

The web server and the database are processes of their own here, ended by SIGKILL (`tests.attack.ground`).
Other deeds join with a class like `Bidding`: what people do again and again, and what holds of it afterwards.
"""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from http.client import HTTPException

import psycopg
import pytest

from portal import bid
from portal.bid import queries
from portal.report.invariants import broken_in
from tenants import scope
from tests.attack.ground import Ground
from tests.bid.makers import PDF
from tests.support.live import Visitor, receipt_in
from tests.tender.makers import FirmPeople, Issued, a_market, an_issued_tender

BUSY_SECONDS = 1.5
FIRMS = 4


class Bidding:
    """Firms submit and replace their bids without a pause, each with an attachment."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        with ground.app.app_context():
            self.issued: Issued = an_issued_tender(a_market(firms=FIRMS))
            with scope.entered(self.issued.market.bureau.system):
                self._leads = {
                    each.id: str(queries.lead_choices(each.id)[0].id) for each in self.issued.firms
                }
        self._path = f"/t/{self.issued.market.bureau.code}/tenders/{self.issued.id}/bid"
        self.acknowledged: dict[str, list[str]] = {str(each.id): [] for each in self.issued.firms}
        self._visitors = {each.id: Visitor(ground.site, each.handler.username) for each in self.issued.firms}

    def again(self, firm: FirmPeople, turn: int) -> None:
        """One more bid of the firm; its number is noted when the receipt has come."""
        fields = {
            "price": str(150000 + turn),
            "lead": self._leads[firm.id],
            "onsite_days": "5",
            "members-0-name": "甲",
            "members-0-title": "会计师",
            "plan": "先核资料，再到现场。",
            "independent": "y",
            "declared": "y",
        }
        status, page = self._visitors[firm.id].post(
            f"{self._path}/submit", fields, page=f"{self._path}/submit", files=(("files", "a.pdf", PDF),)
        )
        if status == 200:
            self.acknowledged[str(firm.id)].append(str(receipt_in(page)["number"]))

    def holds(self) -> None:
        """Every acknowledged bid is there, one stands for each firm, and each has its event and its files."""
        with psycopg.connect(self._ground.urls.backup) as connection:
            rows = connection.execute(
                "SELECT firm_id::text, number, state FROM bid WHERE tender_id = %s ORDER BY submitted_at",
                (self.issued.id,),
            ).fetchall()
            told = connection.execute(
                "SELECT body::jsonb ->> 'pseudonym' FROM audit_event"
                " WHERE verb = 'bid.submit' AND tenant_id = %s",
                (self.issued.market.bureau.id,),
            ).fetchall()
        assert sorted(number for (number,) in told) == sorted(row[1] for row in rows)
        for firm_id, numbers in self.acknowledged.items():
            own = [(number, state) for firm, number, state in rows if firm == firm_id]
            kept = [number for number, _ in own]
            assert [number for number in kept if number in numbers] == numbers
            assert [state for _, state in own] == ["replaced"] * (len(own) - 1) + ["submitted"]
            assert kept.index(numbers[-1]) >= len(kept) - 2  # at most one whose receipt never arrived


def _busy(bidding: Bidding, firm: FirmPeople, over: threading.Event) -> None:
    turn = 0
    while not over.is_set():
        turn += 1
        with suppress(OSError, HTTPException):
            bidding.again(firm, turn)


@pytest.mark.timeout(180)
@pytest.mark.parametrize("fault", (Ground.kill_web, Ground.kill_database), ids=("web", "database"))
def test_submit_survives(ground: Ground, fault: Callable[[Ground], None]) -> None:
    bidding = Bidding(ground)
    over = threading.Event()
    hands = [threading.Thread(target=_busy, args=(bidding, firm, over)) for firm in bidding.issued.firms]
    for hand in hands:
        hand.start()
    time.sleep(BUSY_SECONDS)
    before = sum(len(numbers) for numbers in bidding.acknowledged.values())
    fault(ground)
    time.sleep(BUSY_SECONDS)
    over.set()
    for hand in hands:
        hand.join(60)

    assert before
    assert sum(len(numbers) for numbers in bidding.acknowledged.values()) > before
    bidding.holds()
    with ground.app.app_context():
        assert list(broken_in(bidding.issued.market.bureau.id)) == []
        with scope.entered(bidding.issued.market.buyer.scope):
            assert bid.count(bidding.issued.id) == FIRMS
