"""Submitting, replacing, withdrawing; the frozen list; the opening and what it refuses."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import Engine, text
from sqlalchemy.exc import ProgrammingError

from portal import bid, file, tender
from portal.bid import actions, queries
from portal.bid.rules import Fault, Part
from portal.kernel.envelope import commitment
from portal.kernel.errors import Invalid, Refused
from tenants import scope
from tenants.db import db
from tests.bid.makers import a_bid, an_attachment, an_offer, bids_in, closed, opened, openers, row_of
from tests.tender.makers import Issued, a_firm, an_issued_tender, doing

RELEASE = text("SELECT portal_release_key(:id)")
Travel = Callable[[timedelta], int]
pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def issued(app: Flask) -> Issued:
    """A tender that is out."""
    assert app
    return an_issued_tender()


def _count(issued: Issued) -> int:
    with scope.entered(issued.market.buyer.scope):
        return bid.count(issued.id)


def test_submit_seals_and_gives_the_whole_receipt_once(issued: Issued) -> None:
    firm = issued.firms[0]
    receipt = a_bid(issued, firm, "175000")

    for part in Part:
        nonce = bytes.fromhex(receipt["nonces"][part.value])
        made = commitment(nonce, receipt["content"][part.value]).hex()
        assert made == receipt["commitments"][part.value]
    assert receipt["content"]["price"] == "175000"
    with scope.entered(firm.handler.scope):
        own = bid.own(issued.id, firm.id)
        assert own is not None
        again = queries.receipt(own, row_of(issued))
    assert "content" not in again
    assert again == {key: receipt[key] for key in again}


def test_before_the_opening_the_bureau_sees_the_number_alone(issued: Issued) -> None:
    bids_in(issued)

    assert _count(issued) == 3
    for person in issued.market.bureau.people.values():
        with scope.entered(person.scope):
            assert bid.bids_of(issued.id) == []
            assert db.session.execute(text("SELECT count(*) FROM bid")).scalar_one() == 0
            assert bid.commitments(row_of(issued), now=scope.now()) is None
    with scope.entered(issued.firms[1].handler.scope):
        seen = db.session.execute(text("SELECT firm_id FROM bid")).scalars().all()
        assert seen == [issued.firms[1].id]


def test_submit_again_replaces_what_was_submitted(issued: Issued) -> None:
    firm = issued.firms[0]
    first, second = a_bid(issued, firm, "175000"), a_bid(issued, firm, "174000")

    assert first["number"] != second["number"]
    assert _count(issued) == 1
    with scope.entered(firm.handler.scope):
        own = bid.own(issued.id, firm.id)
        assert own is not None
        assert own.number == second["number"]


def test_replace_needs_something_to_replace(issued: Issued) -> None:
    firm = issued.firms[0]

    def act(actor: object, now: object) -> object:
        return actions.replace_(row_of(issued), an_offer(firm), by=actor, now=now)  # type: ignore[arg-type]

    with pytest.raises(Refused) as refused:
        doing(firm.handler, act)
    assert refused.value.ruling.codes == ("bid.none",)
    a_bid(issued, firm)
    assert doing(firm.signatory, act)["number"]


def test_withdraw_ends_it_and_another_may_follow(issued: Issued) -> None:
    firm = issued.firms[0]
    a_bid(issued, firm)
    doing(firm.handler, lambda actor, now: bid.withdraw(row_of(issued), by=actor, now=now))

    assert _count(issued) == 0
    with pytest.raises(Refused) as refused:
        doing(firm.handler, lambda actor, now: bid.withdraw(row_of(issued), by=actor, now=now))
    assert refused.value.ruling.codes == ("bid.none",)
    a_bid(issued, firm)
    assert _count(issued) == 1


def test_submit_after_the_deadline_is_refused_with_both_times(issued: Issued, travel: Travel) -> None:
    firm = issued.firms[0]
    a_bid(issued, firm)
    closed(issued, travel)
    for act in (
        lambda actor, now: bid.submit(row_of(issued), an_offer(firm), by=actor, now=now),
        lambda actor, now: bid.withdraw(row_of(issued), by=actor, now=now),
    ):
        with pytest.raises(Refused) as refused:
            doing(firm.handler, act)
        (refusal,) = refused.value.ruling.refusals
        assert refusal.code == "bid.too_late"
        assert refusal.facts["now"] > refusal.facts["response_by"]  # type: ignore[operator]
    assert _count(issued) == 1


def test_submit_is_refused_to_a_firm_that_was_not_invited(issued: Issued) -> None:
    stranger = a_firm(issued.market.bureau)
    with pytest.raises(Exception, match=r"portal\.not_found"):
        doing(stranger.handler, lambda _actor, _now: row_of(issued))


def test_submit_takes_only_a_lead_evaluator_on_file(issued: Issued) -> None:
    one, other = issued.firms[:2]

    def act(actor: object, now: object) -> object:
        lead = queries.lead_choices(other.id)[0].id
        return bid.submit(row_of(issued), an_offer(one, lead_id=lead), by=actor, now=now)  # type: ignore[arg-type]

    with pytest.raises(Invalid) as invalid:
        doing(one.handler, act)
    assert (invalid.value.field, invalid.value.code) == ("lead", "bid.lead_unknown")


@pytest.mark.parametrize(
    ("content", "code"),
    ((b"GIF89a", "file.wrong_kind"), (b"", "file.empty"), (b"PK\x03\x04....", "file.unreadable")),
)
def test_submit_looks_into_attachments_before_they_are_kept(
    issued: Issued, content: bytes, code: str
) -> None:
    firm = issued.firms[0]
    with pytest.raises(Invalid) as invalid:
        a_bid(issued, firm, files=(an_attachment(content),))
    assert invalid.value.field == "files"
    assert invalid.value.code == code
    with pytest.raises(Invalid):
        a_bid(issued, firm, files=tuple(an_attachment() for _ in range(6)))
    assert _count(issued) == 0


def test_the_chain_says_a_pseudonym_until_the_opening(issued: Issued, travel: Travel, backup: Engine) -> None:
    firm = issued.firms[0]
    receipt = a_bid(issued, firm)
    asked = text("SELECT verb, body FROM audit_event WHERE tenant_id = :tenant AND verb LIKE 'bid.%'")
    with backup.connect() as connection:
        events = connection.execute(asked, {"tenant": issued.market.bureau.id}).all()
    (submitted,) = events
    assert json.loads(submitted.body)["pseudonym"] == receipt["number"]
    for secret in (firm.name, str(firm.id), firm.handler.name, str(firm.handler.account_id), "175000"):
        assert secret not in submitted.body

    opened(issued, travel)
    with backup.connect() as connection:
        told = connection.execute(asked, {"tenant": issued.market.bureau.id}).all()
    (revealed,) = (json.loads(each.body) for each in told if each.verb == "bid.open")
    assert revealed["pseudonym"] == receipt["number"]
    assert revealed["firm"] == firm.name
    assert revealed["submitted_by"] == firm.handler.name


def test_freeze_shows_the_same_list_to_all_and_only_after_the_deadline(
    issued: Issued, travel: Travel
) -> None:
    receipts = bids_in(issued)
    a_bid(issued, issued.firms[0], "149000")
    closed(issued, travel)
    seen = []
    for person in (issued.firms[0].handler, issued.firms[2].signatory, issued.market.buyer):
        with scope.entered(person.scope):
            lines = bid.commitments(row_of(issued), now=scope.now())
            assert lines is not None
            seen.append([(line.number, dict(line.commitments)) for line in lines])
    assert seen[0] == seen[1] == seen[2]
    assert len(seen[0]) == 3
    assert (receipts[1]["number"], receipts[1]["commitments"]) in seen[0]
    assert receipts[0]["number"] not in {number for number, _ in seen[0]}


def test_freeze_needs_no_job(issued: Issued, owner_url: str, travel: Travel) -> None:
    """Past its deadline the list is the same before the clock's job has run."""
    import psycopg  # noqa: PLC0415 -- the clock is moved without ringing what falls due

    bids_in(issued)
    left = doing(issued.market.buyer, lambda _actor, now: row_of(issued).response_by - now)
    with psycopg.connect(owner_url.replace("+psycopg", "")) as owner:
        owner.execute("INSERT INTO clock_shift VALUES (true, %s)", (left + timedelta(seconds=1),))
    with scope.entered(issued.firms[0].handler.scope):
        derived = bid.commitments(row_of(issued), now=scope.now())
    travel(timedelta(0))
    with scope.entered(issued.firms[0].handler.scope):
        assert row_of(issued).closed_at is not None
        assert bid.commitments(row_of(issued), now=scope.now()) == derived


def test_open_reads_every_bid_and_keeps_its_attachments(issued: Issued, travel: Travel) -> None:
    receipts = bids_in(issued, "175000", "168000.50", "171000", files=(an_attachment(),))
    assert sorted(opened(issued, travel)) == sorted(each["number"] for each in receipts)
    with scope.entered(issued.market.buyer.scope):
        found = bid.bids_of(issued.id)
        assert sorted(each.price for each in found if each.price) == [
            Decimal("168000.50"),
            Decimal(171000),
            Decimal(175000),
        ]
        for each in found:
            assert each.fault is None
            assert each.content is not None
            assert each.content["lead"].startswith("主评人")
            (kept,) = each.file_ids
            stored = file.stored(UUID(str(kept)))
            assert stored.name == "实施方案.pdf"
            assert stored.readers == [each.firm_id]
    with scope.entered(issued.firms[0].handler.scope):
        own = bid.own(issued.id, issued.firms[0].id)
        assert own is not None
        assert queries.receipt(own, row_of(issued))["content"]["price"] == "175000"
    with scope.entered(issued.market.bureau.system):
        assert list(bid.invariants()) == []


def test_open_names_what_was_tampered_with_and_goes_on(
    issued: Issued, travel: Travel, owner_url: str
) -> None:
    import psycopg  # noqa: PLC0415 -- somebody with the owner's rights changes what lies in the database

    bids_in(issued, files=(an_attachment(),))
    one, two, three = (each.id for each in issued.firms)
    with psycopg.connect(owner_url.replace("+psycopg", "")) as owner:
        owner.execute("ALTER TABLE bid DISABLE ROW LEVEL SECURITY")
        owner.execute("ALTER TABLE bid NO FORCE ROW LEVEL SECURITY")
        owner.execute("UPDATE bid SET envelope = set_byte(envelope, 60, 0) WHERE firm_id = %s", (one,))
        owner.execute(
            "UPDATE bid SET commitments = jsonb_set(commitments, '{price}', '\"00\"') WHERE firm_id = %s",
            (two,),
        )
        owner.execute("ALTER TABLE bid ENABLE ROW LEVEL SECURITY")
        owner.execute("ALTER TABLE bid FORCE ROW LEVEL SECURITY")
    with scope.entered(issued.firms[2].handler.scope):
        own = bid.own(issued.id, three)
        assert own is not None
        queries.vault().path(own.sealed_files[0]).write_bytes(b"x" * 400)
    opened(issued, travel)
    with scope.entered(issued.market.buyer.scope):
        faults = {each.firm_id: (each.fault, each.price) for each in bid.bids_of(issued.id)}
    assert faults == {
        one: (Fault.BROKEN, None),
        two: (Fault.COMMITMENT, None),
        three: (Fault.FILE, Decimal(152000)),
    }
    with scope.entered(issued.market.bureau.system):
        assert len(list(bid.invariants())) >= 2


def test_open_keeps_an_attachment_whose_pages_cannot_be_drawn(issued: Issued, travel: Travel) -> None:
    """Damage is a fault; what the firm itself sent is not judged by a program."""
    a_bid(issued, issued.firms[0], files=(an_attachment(b"%PDF-1.7 locked by a password"),))
    opened(issued, travel)
    with scope.entered(issued.market.buyer.scope):
        (found,) = bid.bids_of(issued.id)
        assert found.fault is None
        assert file.stored(UUID(str(found.file_ids[0]))).pages is None


def test_open_needs_the_deadline_and_two_officers(issued: Issued, travel: Travel) -> None:
    bids_in(issued)
    first, second = openers(issued)

    def unseal(actor: object, now: object) -> object:
        return bid.unseal(issued.id, by=actor, now=now)  # type: ignore[arg-type]

    def confirm(actor: object, now: object) -> object:
        return bid.confirm_opening(issued.id, by=actor, now=now)  # type: ignore[arg-type]

    for act in (unseal, confirm):
        with pytest.raises(Refused) as refused:
            doing(first, act)
        assert "bid.still_sealed" in refused.value.ruling.codes
    closed(issued, travel)
    assert doing(first, confirm) == 1
    assert doing(first, confirm) == 1
    with pytest.raises(Refused) as refused:
        doing(first, unseal)
    assert refused.value.ruling.codes == ("bid.officers_missing",)
    assert doing(second, confirm) == 2
    assert (
        len(doing(second, lambda actor, now: [each.id for each in bid.unseal(issued.id, by=actor, now=now)]))
        == 3
    )


def test_a_key_that_is_kept_back_says_so(app: Flask, issued: Issued, travel: Travel) -> None:
    """What the database refuses within a step of the system is told as it is."""

    def ask() -> tuple[str, ...]:
        with pytest.raises(Refused) as refused:
            doing(issued.market.buyer, lambda _actor, _now: tender.private_key(issued.id))
        return refused.value.ruling.codes

    assert ask() == ("tender.key_withheld",)
    closed(issued, travel)
    for officer in openers(issued):
        doing(officer, lambda actor, now: bid.confirm_opening(issued.id, by=actor, now=now))
    settings = app.config["SETTINGS"]
    app.config["SETTINGS"] = replace(settings, master_key=bytes(16))
    try:
        assert ask() == ("tender.key_lost",)
    finally:
        app.config["SETTINGS"] = settings


def test_the_database_itself_keeps_the_key_back(issued: Issued, travel: Travel) -> None:
    """Code of ours with a bug asks for the key: the function refuses before deadline and officers."""
    first, second = openers(issued)
    with scope.entered(issued.market.bureau.system), pytest.raises(ProgrammingError, match="are sealed"):
        db.session.execute(RELEASE, {"id": issued.id})
    with scope.entered(first.scope), pytest.raises(ProgrammingError, match="are sealed"):
        db.session.execute(text("SELECT portal_confirm_opening(:id)"), {"id": issued.id})
    closed(issued, travel)
    with scope.entered(issued.market.bureau.system), pytest.raises(ProgrammingError, match="are sealed"):
        db.session.execute(RELEASE, {"id": issued.id})
    for stranger in (issued.market.buyer.scope, issued.firms[0].handler.scope, issued.market.bureau.system):
        with scope.entered(stranger), pytest.raises(ProgrammingError, match=r"not an opener|not this scope"):
            db.session.execute(text("SELECT portal_confirm_opening(:id)"), {"id": issued.id})
    with scope.entered(first.scope), pytest.raises(ProgrammingError, match="not this scope"):
        db.session.execute(RELEASE, {"id": issued.id})
    for officer in (first, second):
        doing(officer, lambda actor, now: bid.confirm_opening(issued.id, by=actor, now=now))
    with scope.entered(issued.market.bureau.system):
        assert len(tender.private_key(issued.id)) == 32
