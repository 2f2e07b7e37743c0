"""What broken-off work leaves on the disk, and what the sweep must never touch."""

import io
import os
from datetime import timedelta
from pathlib import Path

import pytest

from portal import bid
from portal.bid import queries
from portal.file.storage import Storage
from portal.kernel.clock import machine_now
from portal.report.leftovers import sweep
from tenants import scope
from tests.bid.makers import a_bid, an_attachment, an_offer, row_of
from tests.tender.makers import Issued, an_issued_tender

pytestmark = pytest.mark.usefixtures("app")


def _age(path: Path, **past: float) -> None:
    then = (machine_now() - timedelta(**past)).timestamp()
    os.utime(path, (then, then))


def _sealed_of(issued: Issued) -> set[str]:
    with scope.entered(issued.market.bureau.system):
        return queries.sealed_digests()


def test_sealed_files_of_a_bid_that_was_never_kept_go_after_a_day() -> None:
    issued = an_issued_tender()
    firm = issued.firms[0]
    vault = bid.vault()
    before = vault.untouched(before=machine_now() + timedelta(hours=1))
    with scope.unit_of_work(firm.handler.scope):
        now = scope.now()
        offer = an_offer(firm, files=(an_attachment(),))
        bid.submit(row_of(issued), offer, by=firm.handler.actor, now=now)
        scope.give_up()
    (lost,) = vault.untouched(before=machine_now() + timedelta(hours=1)) - before
    assert lost not in _sealed_of(issued)

    _age(vault.path(lost), hours=23)
    sweep()
    assert vault.size(lost) is not None
    _age(vault.path(lost), hours=25)
    sweep()
    assert vault.size(lost) is None


def test_sealed_files_of_every_bureaus_bids_stay_however_old() -> None:
    vault, kept = bid.vault(), set()
    for _ in range(2):
        issued = an_issued_tender()
        firm = issued.firms[0]
        a_bid(issued, firm, files=(an_attachment(),))
        a_bid(issued, firm, files=(an_attachment(),))
        kept |= _sealed_of(issued)
    assert len(kept) == 4
    for digest in kept:
        _age(vault.path(digest), days=400)

    sweep()

    assert {each for each in kept if vault.size(each) is None} == set()


def test_what_a_killed_process_was_writing_is_removed_from_both_stores() -> None:
    for store in (bid.vault(), Storage(bid.vault().root.parent / "files")):
        with store.draft(io.BytesIO(b"cut off"), most=100) as draft:
            left = store.incoming / "killed"
            left.hardlink_to(draft.path)
        _age(left, hours=2)
        sweep()
        assert not left.exists()
