"""The last minute before a deadline: 300 firms, each one bid with a 1 MB attachment, on the product's own server.

Alone: ``python -m bench.deadline``. The floor inserts the same rows by bare psycopg, one transaction each,
with neither sealing nor chain.
"""

import math
import sys
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from time import perf_counter
from typing import Final

import psycopg
from psycopg.types.json import Jsonb

from portal.app import create_app
from portal.audit import ring_due
from portal.bid import queries
from portal.config import DatabaseUrls, Settings
from tenants import scope
from tenants.db import db
from tests.bid.makers import PDF, row_of
from tests.support import cluster
from tests.support.live import Site, Visitor, environment, receipt_in, running
from tests.tender.makers import FirmPeople, Issued, a_market, an_issued_tender, doing

FIRMS: Final = 300
LATE: Final = 5
SECONDS: Final = 60
HANDS: Final = 32
ATTACHMENT: Final = PDF.replace(b"trailer", b"%" + b"0123456789abcdef" * 65_536 + b"\ntrailer")
OK, REFUSED = 200, 409


@dataclass(frozen=True, slots=True)
class Try:
    """One bid as its firm lived it: the answer's status, the number it was given, and how long it took."""

    status: int
    number: str
    seconds: float


def measure() -> dict[str, float]:
    """Everything, on a database and a server of its own."""
    with cluster.fresh_database() as urls, tempfile.TemporaryDirectory() as folder:
        settings = environment(urls, Path(folder) / "var")
        app = create_app(Settings.from_environment(settings))
        with app.app_context():
            issued = an_issued_tender(a_market(firms=FIRMS))
            leads = [_lead(each) for each in issued.firms]
            db.engine.dispose()
        with running(settings, Path(folder) / "web.log") as site:
            path = f"/t/{issued.market.bureau.code}/tenders/{issued.id}/bid/submit"
            with ThreadPoolExecutor(HANDS) as hands:
                seated = list(hands.map(lambda each: _seated(site, each, path), issued.firms))
            with app.app_context():
                _ahead(urls, issued, timedelta(seconds=SECONDS))
            began = perf_counter()
            with ThreadPoolExecutor(HANDS) as hands:
                places = range(len(issued.firms))
                tries = list(hands.map(lambda at: _submitted(*seated[at], path, leads[at]), places))
            took = perf_counter() - began
            with app.app_context():
                _ahead(urls, issued, timedelta(seconds=-1))
                late = [_submitted(*seated[at], path, leads[at]) for at in range(LATE)]
                ring_due()
                db.engine.dispose()
        return _judged(urls, issued, tries, late) | _rates(urls, tries, took)


def _lead(firm: FirmPeople) -> str:
    with scope.entered(firm.handler.scope):
        return str(queries.lead_choices(firm.id)[0].id)


def _seated(site: Site, firm: FirmPeople, path: str) -> tuple[Visitor, dict[str, str]]:
    """Somebody of the firm, signed in, with the form open."""
    visitor = Visitor(site, firm.handler.username)
    return visitor, visitor.hidden(path)


def _ahead(urls: DatabaseUrls, issued: Issued, left: timedelta) -> None:
    """Put the clock so that ``left`` is left until the deadline."""
    more = doing(issued.market.buyer, lambda _actor, now: row_of(issued).response_by - now) - left
    with psycopg.connect(urls.owner) as owner:
        owner.execute(
            "INSERT INTO clock_shift VALUES (true, %s) ON CONFLICT (one)"
            " DO UPDATE SET ahead = clock_shift.ahead + EXCLUDED.ahead",
            (more,),
        )


def _submitted(visitor: Visitor, hidden: dict[str, str], path: str, lead: str) -> Try:
    fields = {
        **hidden,
        "price": "175000",
        "lead": lead,
        "onsite_days": "5",
        "members-0-name": "甲",
        "members-0-title": "会计师",
        "plan": "先核资料，再到现场，最后访谈。",
        "independent": "y",
        "declared": "y",
    }
    began = perf_counter()
    status, page = visitor.post(path, fields, files=(("files", "方案.pdf", ATTACHMENT),))
    took = perf_counter() - began
    return Try(status, str(receipt_in(page)["number"]) if status == OK else "", took)


def _judged(urls: DatabaseUrls, issued: Issued, tries: list[Try], late: list[Try]) -> dict[str, float]:
    """Every bid that was acknowledged stands and is in the frozen list; who was late was told so."""
    with psycopg.connect(urls.backup) as backup:
        standing = {
            number
            for (number,) in backup.execute(
                "SELECT b.number FROM bid b JOIN bid_commitment c ON c.number = b.number"
                " AND c.tender_id = b.tender_id WHERE b.tender_id = %s AND b.state = 'submitted'",
                (issued.id,),
            )
        }
    taken = {each.number for each in tries if each.status == OK}
    return {
        "deadline bids accepted": len(taken),
        "deadline bids refused as late": sum(each.status == REFUSED for each in (*tries, *late)),
        "deadline bids lost": len(taken - standing) + len(standing - taken),
        "deadline bids wrongly decided": sum(each.status != OK for each in tries)
        + sum(each.status != REFUSED for each in late),
    }


def _rates(urls: DatabaseUrls, tries: list[Try], took: float) -> dict[str, float]:
    ordered = sorted(each.seconds for each in tries)
    found = {
        f"deadline p{share} ms": round(1000 * ordered[math.ceil(len(ordered) * share / 100) - 1], 1)
        for share in (50, 95, 99)
    }
    bare = _bare(urls)
    rate = len(tries) / took
    return {
        **found,
        "deadline seconds for all": round(took, 1),
        "deadline bids per second": round(rate, 1),
        "deadline bare inserts per second": round(bare, 1),
        "deadline share of bare inserts": round(rate / bare, 4),
    }


def _bare(urls: DatabaseUrls) -> float:
    """How many of the same rows plain connections insert per second, one transaction each."""
    with psycopg.connect(urls.owner) as owner:
        owner.execute("CREATE TABLE bench_bid AS SELECT * FROM bid WITH NO DATA")
    with psycopg.connect(urls.backup) as backup:
        rows = backup.execute("SELECT * FROM bid ORDER BY submitted_at").fetchall()
        names = [each.name for each in backup.execute("SELECT * FROM bid LIMIT 0").description or ()]
    kinds = {"commitments", "sealed_files", "content", "nonces", "file_ids"}
    marks = ", ".join("%s::jsonb" if name in kinds else "%s" for name in names)
    own = threading.local()

    def insert(row: tuple[object, ...]) -> None:
        if not hasattr(own, "line"):
            own.line = psycopg.connect(urls.owner, autocommit=True)
        own.line.execute(f"INSERT INTO bench_bid ({', '.join(names)}) VALUES ({marks})", row)

    plain = [
        tuple(Jsonb(value) if name in kinds else value for name, value in zip(names, row, strict=True))
        for row in rows
    ]
    began = perf_counter()
    with ThreadPoolExecutor(HANDS) as hands:
        list(hands.map(insert, plain))
    return len(plain) / (perf_counter() - began)


def main() -> int:
    """Run alone; 1 where a bid was lost or wrongly decided."""
    cluster.name_cluster()
    try:
        figures = measure()
    finally:
        cluster.remove_cluster()
    for name, figure in figures.items():
        print(f"{name}: {figure:g}")
    return bool(figures["deadline bids lost"] or figures["deadline bids wrongly decided"])


if __name__ == "__main__":
    sys.exit(main())
