"""The power fails while bids are opened, sheets handed in, appraisals locked: each deed is whole or is not.

Every deed is sent once, all at the same time; afterwards what was acknowledged is there, nothing is there by
halves, and what was lost is done by sending it again.
"""

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from http.client import HTTPException
from uuid import UUID

import psycopg
import pytest

from portal import panel, quality
from portal.access import Role
from portal.quality.queries import form_of
from portal.report.invariants import broken
from tenants import scope
from tests.appraisal.makers import an_open_appraisal, fill, sheet_id, sign
from tests.attack.ground import Ground
from tests.panel.makers import a_closed_tender, at
from tests.quality.makers import a_seated_round, entries_for, write
from tests.support.live import Visitor
from tests.support.world import PASSWORD

Fault = Callable[[Ground], None]
FAULTS = pytest.mark.parametrize("fault", (Ground.kill_web, Ground.kill_database), ids=("web", "database"))
BEGUN_SECONDS = 0.25
SEEN = 303
NOT_YET, WHOLE = "not yet", "whole"


@dataclass
class Deed:
    """One POST of one person, and the SQL that says how far it went: its only answers are the two above."""

    visitor: Visitor
    path: str
    fields: dict[str, str]
    asked: str
    row_id: UUID

    def send(self) -> bool:
        """Whether it was acknowledged."""
        with suppress(OSError, HTTPException):
            return self.visitor.post(self.path, self.fields, page=self.path)[0] == SEEN
        return False

    def reached(self, ground: Ground) -> str:
        """How far it went."""
        with psycopg.connect(ground.urls.backup) as connection:
            row = connection.execute(self.asked, {"id": self.row_id}).fetchone()
        assert row is not None
        return str(row[0])


def _strike(ground: Ground, deeds: Sequence[Deed], fault: Fault) -> None:
    acknowledged: list[Deed] = []
    made_up = _broken(ground)  # contracts of the makers stand on purchases that were never made

    def go(deed: Deed) -> None:
        if deed.send():
            acknowledged.append(deed)

    hands = [threading.Thread(target=go, args=(deed,)) for deed in deeds]
    for hand in hands:
        hand.start()
    time.sleep(BEGUN_SECONDS)
    fault(ground)
    for hand in hands:
        hand.join(90)

    reached = {deed.row_id: deed.reached(ground) for deed in deeds}
    assert set(reached.values()) <= {NOT_YET, WHOLE}
    assert [reached[deed.row_id] for deed in acknowledged] == [WHOLE] * len(acknowledged)
    assert _broken(ground) == made_up
    for deed in deeds:
        if reached[deed.row_id] == NOT_YET:
            assert deed.send()
        assert deed.reached(ground) == WHOLE
    assert _broken(ground) == made_up


def _broken(ground: Ground) -> list[str]:
    with ground.app.app_context():
        return sorted(broken())


OPENED = """
SELECT CASE
  WHEN t.state = 'closed' AND p.state = 'awaiting' AND p.second_officer IS NULL
    AND NOT EXISTS (SELECT 1 FROM bid b
      WHERE b.tender_id = t.id AND (b.state = 'opened' OR b.price IS NOT NULL))
    THEN 'not yet'
  WHEN t.state = 'opened' AND p.state = 'reviewing' AND p.second_officer IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM bid b
      WHERE b.tender_id = t.id AND (b.state <> 'opened' OR b.price IS NULL))
    AND 1 = (SELECT count(*) FROM audit_event e WHERE e.subject_id = t.id AND e.verb = 'tender.open')
    THEN 'whole'
  ELSE 'half' END
FROM tender t JOIN panel p ON p.tender_id = t.id WHERE t.id = %(id)s
"""


@pytest.mark.timeout(240)
@FAULTS
def test_open_survives(ground: Ground, fault: Fault) -> None:
    deeds = []
    with ground.app.app_context():
        ready = [a_closed_tender(ground.travel) for _ in range(3)]
        for each in ready:
            at(each.officers[0], each.id, panel.open_, PASSWORD)
    for each in ready:
        path = f"/t/{each.issued.market.bureau.code}/tenders/{each.id}/review/open"
        visitor = Visitor(ground.site, each.officers[1].username)
        deeds.append(Deed(visitor, path, {"password": PASSWORD}, OPENED, each.id))

    _strike(ground, deeds, fault)


HANDED_IN = """
SELECT CASE
  WHEN s.state = 'open' AND s.total IS NULL AND s.handed_in_at IS NULL THEN 'not yet'
  WHEN s.state = 'handed_in' AND s.total IS NOT NULL
    AND 1 = (SELECT count(*) FROM audit_event e WHERE e.subject_id = s.id AND e.verb = 'sheet.hand_in')
    THEN 'whole'
  ELSE 'half' END
FROM sheet s WHERE s.id = %(id)s
"""


@pytest.mark.timeout(240)
@FAULTS
def test_hand_in_survives(ground: Ground, fault: Fault) -> None:
    deeds = []
    with ground.app.app_context():
        case = a_seated_round()
        for member in case.seats("accepted"):
            for one in case.sheet_ids(member):
                with case.acting(member):
                    form = form_of(quality.sheet(one))
                write(case, member, one, entries_for(form, Decimal(82)))
                with case.acting(member):
                    version = quality.sheet(one).version
                path = f"/t/{case.bureau.code}/sheets/{one}/hand-in"
                visitor = Visitor(ground.site, case.experts[member].username)
                typed = {"version": str(version), "confirmed": "y"}
                deeds.append(Deed(visitor, path, typed, HANDED_IN, one))

    _strike(ground, deeds, fault)

    with ground.app.app_context(), scope.entered(case.bureau.system):
        row = quality.round_(case.round_id)
        assert (row.state, row.quality_score) == ("scored", Decimal(82))


LOCKED = """
SELECT CASE
  WHEN s.state = 'signed' AND s.locked_at IS NULL THEN 'not yet'
  WHEN s.state = 'locked' AND s.locked_at IS NOT NULL
    AND 1 = (SELECT count(*) FROM audit_event e WHERE e.subject_id = s.id AND e.verb = 'appraisal_sheet.lock')
    THEN 'whole'
  ELSE 'half' END
FROM appraisal_sheet s WHERE s.id = %(id)s
"""


@pytest.mark.timeout(240)
@FAULTS
def test_lock_survives(ground: Ground, fault: Fault) -> None:
    deeds = []
    with ground.app.app_context():
        for _ in range(2):
            deal = an_open_appraisal()
            fill(deal, "KP_UNIT")
            sign(deal, "KP_UNIT")
            one = sheet_id(deal, "KP_UNIT")
            path = f"/t/{deal.bureau.code}/appraisal-sheets/{one}/lock"
            visitor = Visitor(ground.site, deal.bureau.people[Role.UNIT_HEAD].username)
            deeds.append(Deed(visitor, path, {"password": PASSWORD}, LOCKED, one))

    _strike(ground, deeds, fault)
