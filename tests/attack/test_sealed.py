"""What a bid says is nowhere before the opening: no table, dump, file, log, page or export has it."""

import base64
import hashlib
import io
import secrets
import subprocess
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest
from psycopg import sql

from portal import bid
from portal.bid import queries
from portal.kernel.hashing import sm3
from tenants import scope, server
from tests.attack.ground import Ground
from tests.bid.makers import PDF, openers, row_of
from tests.support.live import Visitor, multipart, receipt_in
from tests.tender.makers import Issued, a_market, an_issued_tender, doing

ODD = 3
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Marker:
    """A price and words that stand nowhere else, and every way they could be written down."""

    yuan: int
    word: str

    @property
    def price(self) -> str:
        """As it is typed."""
        return f"{self.yuan}.27"

    def needles(self) -> Iterator[bytes]:
        """Spellings, encodings and bare digests."""
        grouped = f"{self.yuan:,}.27"
        spellings = [self.price, grouped, f"{self.yuan}27", self.word]
        for each in spellings:
            yield from (each.encode(), each.encode("utf-16-le"), each.encode("utf-16-be"))
            yield from _in_base64(each.encode())
            yield each.encode().hex().encode()
        for each in (self.price, f'"{self.price}"', f"{self.price}0", grouped, self.word):
            for digest in (
                sm3(each.encode()),
                hashlib.sha256(each.encode()).digest(),
                hashlib.md5(each.encode(), usedforsecurity=False).digest(),
            ):
                yield from (digest, digest.hex().encode(), digest.hex().upper().encode())
                yield base64.b64encode(digest).rstrip(b"=")


def _in_base64(value: bytes) -> Iterator[bytes]:
    """The value in base64 wherever it begins: what does not depend on its neighbours."""
    for place in range(ODD):
        coded = base64.b64encode(b"\0" * place + value + b"\0" * ODD)
        first, last = -(-place * 4 // 3), (place + len(value)) * 4 // 3
        yield coded[first + (1 if place else 0) : last - 1]


def _a_marker() -> Marker:
    return Marker(120_000 + secrets.randbelow(50_000), f"标记{secrets.token_hex(8)}")


def _leaks(needles: list[bytes], places: Iterator[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
    return [(name, needle) for name, content in places for needle in needles if needle in content]


def _on_disk(*folders: Path) -> Iterator[tuple[str, bytes]]:
    for folder in folders:
        for path in folder.rglob("*"):
            if path.is_file() and not path.is_symlink():
                try:
                    yield str(path), path.read_bytes()
                except FileNotFoundError:
                    continue


def _dumped(ground: Ground) -> bytes:
    """A full backup as text, taken as it is taken in production."""
    return subprocess.run(  # noqa: S603 -- our own program on our own database
        [str(server.program("pg_dump")), "--inserts", ground.urls.backup], capture_output=True, check=True
    ).stdout


def _tables(ground: Ground) -> bytes:
    """Every column of every table as text, as the owner would read it who lays down the walls."""
    with server.at(ground.place).connect("portal") as superuser:
        names = [
            row[0] for row in superuser.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        ]
        assert "bid" in names
        return b"\n".join(
            str(row[0]).encode()
            for name in names
            for row in superuser.execute(sql.SQL("SELECT t::text FROM {} t").format(sql.Identifier(name)))
        )


@dataclass
class Case:
    """A tender, and what one firm sends to it."""

    ground: Ground
    issued: Issued
    marker: Marker

    @property
    def path(self) -> str:
        """The bids' own address."""
        return f"/t/{self.issued.market.bureau.code}/tenders/{self.issued.id}/bid"

    def fields(self, place: int, **changed: str) -> dict[str, str]:
        """What the firm types: the marker everywhere."""
        firm = self.issued.firms[place]
        with self.ground.app.app_context(), scope.entered(firm.handler.scope):
            lead = str(queries.lead_choices(firm.id)[0].id)
        return {
            "price": self.marker.price,
            "lead": lead,
            "onsite_days": "5",
            "members-0-name": self.marker.word,
            "members-0-title": "会计师",
            "plan": f"先核资料，再到现场。{self.marker.word}",
            "independent": "y",
            "declared": "y",
            **changed,
        }

    def file(self, size: int = 300_000) -> tuple[str, str, bytes]:
        """An attachment with the marker on every line, larger than any buffer."""
        line = f"% {self.marker.word} {self.marker.price}\n".encode()
        body = PDF.replace(b"trailer", line * (size // len(line)) + b"trailer")
        return "files", f"{self.marker.word}.pdf", body


@pytest.fixture
def case(ground: Ground) -> Case:
    """A tender of a bureau of its own."""
    with ground.app.app_context():
        issued = an_issued_tender(a_market())
    return Case(ground, issued, _a_marker())


def _pages(case: Case) -> Iterator[tuple[str, bytes]]:
    """What everybody else sees and takes home, errors included."""
    bureau = case.issued.market.bureau
    home = f"/t/{bureau.code}"
    seen = (
        home + "/",
        f"{home}/tenders",
        f"{home}/tenders/{case.issued.id}",
        case.path,
        f"{case.path}/commitments.json",
        f"{home}/audit",
    )
    people = [*bureau.people.values(), case.issued.firms[1].handler, case.issued.firms[2].signatory]
    for person in people:
        visitor = Visitor(case.ground.site, person.username)
        for url in seen:
            yield f"{person.role} {url}", visitor.get(url)[1].encode()
        body = urlencode(visitor.hidden(f"{home}/")).encode()
        _, workbook = visitor.fetch("POST", f"{home}/tenders/export", body, FORM)
        yield from ((f"{person.role} export {name}", content) for name, content in _unpacked(workbook))
    stranger = Visitor(case.ground.site)
    for url in ("/", f"/public/{bureau.code}", case.path):
        yield f"public {url}", stranger.get(url)[1].encode()


def _unpacked(content: bytes) -> Iterator[tuple[str, bytes]]:
    """A workbook's parts, or whatever came instead of one."""
    if not content.startswith(b"PK"):
        yield "page", content
        return
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        yield from ((name, packed.read(name)) for name in packed.namelist())


def _incoming(ground: Ground) -> set[Path]:
    place = ground.folder / "var" / "sealed" / "incoming"
    return set(place.iterdir()) if place.exists() else set()


@pytest.mark.timeout(180)
def test_a_bid_leaves_no_trace_before_the_opening(case: Case) -> None:
    site, ground = case.ground.site, case.ground
    others = _incoming(ground)  # ciphertext that power cuts of other tests left half arrived
    firm, second, third = (Visitor(site, each.handler.username) for each in case.issued.firms)
    form = f"{case.path}/submit"

    status, page = firm.post(form, case.fields(0), page=form, files=(case.file(),))
    assert status == 200
    receipt = receipt_in(page)
    assert case.marker.word in page

    refused, page = third.post(form, case.fields(2, declared=""), page=form, files=(case.file(),))
    assert refused == 422
    assert case.marker.word in page  # nothing typed is lost; it goes back to the same person alone
    stale, _ = third.post(form, {**case.fields(2), "csrf_token": "00"}, files=(case.file(),))
    assert stale == 409
    gone = Visitor(site)
    carried, page = gone.post(form, {**case.fields(2), "csrf_token": "00"}, files=(case.file(3000),))
    assert carried in {200, 401, 413}
    kind, body = multipart({**second.hidden(form), **case.fields(1)}, (case.file(6_000_000),))
    line = second.half(form, body, kind, sent=4_000_000)
    time.sleep(0.5)
    at_work = list(_on_disk(ground.folder / "var", ground.folder / "tmp"))
    site.kill()
    line.close()
    site.start()

    needles = list(dict.fromkeys(case.marker.needles()))
    assert _leaks(needles, iter([("receipt", str(receipt).encode())]))
    assert _leaks(needles, iter(at_work)) == []
    assert _leaks(needles, iter([("tables", _tables(ground)), ("dump", _dumped(ground))])) == []
    assert _leaks(needles, _on_disk(ground.folder)) == []
    assert _leaks(needles, _pages(case)) == []
    assert _incoming(ground) == others

    _open(case)
    told = _leaks(needles, iter([("tables", _tables(ground))]))
    assert case.marker.price.encode() in {needle for _, needle in told}
    assert case.marker.word.encode() in {needle for _, needle in told}


def _open(case: Case) -> None:
    """The opening, after which the same search finds it all."""
    with case.ground.app.app_context():
        issued = case.issued
        left = doing(issued.market.buyer, lambda _actor, now: row_of(issued).response_by - now)
        case.ground.travel(left + timedelta(seconds=1))
        first, second = openers(issued)
        for officer in (first, second):
            doing(officer, lambda actor, now: bid.confirm_opening(issued.id, by=actor, now=now))
        found = doing(
            second, lambda actor, now: [each.fault for each in bid.unseal(issued.id, by=actor, now=now)]
        )
    assert found == [None]
