"""Issuing, signing, announcing."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from portal import audit, document, office
from portal.access import Role
from portal.document import Notice
from portal.kernel.errors import Invalid, NotFound
from tenants import scope
from tenants.db import db
from tests.document.makers import PAPER, a_notice, an_issued_paper
from tests.support.world import PASSWORD, Bureau, a_bureau, a_person


def test_numbers_of_issued_papers_run_without_a_gap(bureau: Bureau) -> None:
    subject_id, buyer = uuid4(), bureau.people[Role.BUYER]
    for _ in range(2):
        an_issued_paper(bureau, subject_id=subject_id)

    with scope.unit_of_work(buyer.scope):
        papers = document.documents_of(subject_id)
        year = scope.now().year
        assert [each.number for each in papers] == [f"示财采〔{year}〕1号", f"示财采〔{year}〕2号"]
        assert papers[0].paper == PAPER
        assert papers[0].digest != papers[1].digest
        assert [each.verb for each in audit.timeline(papers[0].id)] == ["document.issue"]


def test_a_paper_that_is_not_kept_takes_no_number(bureau: Bureau) -> None:
    buyer = bureau.people[Role.BUYER]
    with scope.unit_of_work(buyer.scope):
        document.issue("tender.invitation", PAPER, subject_id=uuid4(), by=buyer.actor, now=scope.now())
        scope.give_up()
    row_id = an_issued_paper(bureau)

    with scope.unit_of_work(buyer.scope):
        assert document.issued(row_id).number.endswith("〕1号")


def test_a_paper_is_numbered_under_the_stem_the_bureau_uses(bureau: Bureau) -> None:
    buyer = bureau.people[Role.BUYER]
    with scope.unit_of_work(bureau.system):
        office.open_code("曲财绩", None, by=buyer.actor, now=scope.now())
    row_id = an_issued_paper(bureau, kind="contract.contract")

    with scope.unit_of_work(buyer.scope):
        assert document.issued(row_id).number.startswith("曲财绩〔")


def test_a_paper_may_bear_no_number(bureau: Bureau) -> None:
    buyer = bureau.people[Role.BUYER]
    with scope.unit_of_work(buyer.scope):
        now = scope.now()
        row = document.issue(
            "panel.record", PAPER, subject_id=uuid4(), by=buyer.actor, now=now, numbered=False
        )

        assert row.number == ""
        assert office.numbers({}) == []


def test_its_readers_read_a_paper_and_nobody_else_outside(bureau: Bureau) -> None:
    ours = uuid4()
    reader = a_person(bureau, Role.FIRM_HANDLER, party_id=ours)
    stranger = a_person(bureau, Role.FIRM_HANDLER, party_id=uuid4())
    foreigner = a_bureau(roles=[Role.BUYER]).people[Role.BUYER]
    row_id = an_issued_paper(bureau, readers=(ours,))

    with scope.unit_of_work(reader.scope):
        assert document.issued(row_id).paper == PAPER
    for other in (stranger, foreigner):
        with scope.unit_of_work(other.scope), pytest.raises(NotFound):
            document.issued(row_id)


def test_a_deed_of_an_outside_party_may_issue_a_paper(bureau: Bureau) -> None:
    firm_id = uuid4()
    firm = a_person(bureau, Role.FIRM_SIGNATORY, party_id=firm_id)
    with scope.unit_of_work(firm.scope):
        row = document.issue(
            "contract.contract", PAPER, subject_id=uuid4(), readers=(firm_id,), by=firm.actor, now=scope.now()
        )
        row_id = row.id

    with scope.unit_of_work(firm.scope):
        assert document.issued(row_id).number.endswith("〕1号")


@pytest.mark.parametrize("table", ("issued_document", "signature", "announcement"))
def test_what_was_issued_signed_or_announced_is_only_added_to(bureau: Bureau, table: str) -> None:
    with scope.entered(bureau.system), pytest.raises(DBAPIError, match="permission denied"):
        db.session.execute(text(f"UPDATE {table} SET digest = digest"))  # noqa: S608 -- our own names


def test_a_signature_asks_for_the_password(bureau: Bureau) -> None:
    approver, row_id = bureau.people[Role.APPROVER], an_issued_paper(bureau)
    with scope.unit_of_work(approver.scope):
        now, digest = scope.now(), document.issued(row_id).digest
        with pytest.raises(Invalid, match="wrong_password"):
            document.sign("document", row_id, digest, password="no", by=approver.actor, now=now)  # noqa: S106
        document.sign("document", row_id, digest, password=PASSWORD, by=approver.actor, now=now)

    with scope.unit_of_work(approver.scope):
        (made,) = document.signatures_of(row_id)
        assert (made.name, made.role, made.digest) == (approver.name, Role.APPROVER, digest)


def test_an_outside_party_signs_and_reads_what_is_shared_with_it(bureau: Bureau) -> None:
    firm_id, subject_id = uuid4(), uuid4()
    firm, approver = a_person(bureau, Role.FIRM_SIGNATORY, party_id=firm_id), bureau.people[Role.APPROVER]
    for person, readers in ((firm, ()), (approver, (firm_id,)), (approver, ())):
        with scope.unit_of_work(person.scope):
            document.sign(
                "contract",
                subject_id,
                "0" * 64,
                password=PASSWORD,
                by=person.actor,
                now=scope.now(),
                readers=readers,
            )

    for person, count in ((firm, 2), (approver, 3)):
        with scope.unit_of_work(person.scope):
            assert len(document.signatures_of(subject_id)) == count


def test_an_announcement_carries_its_bureau_and_is_read_by_everybody(bureau: Bureau) -> None:
    notice_id = a_notice(bureau, kind=Notice.RANKING)
    with scope.entered(scope.anonymous()):
        row = document.queries.announcement(bureau.code, notice_id)
        assert (row.bureau_name, row.kind_label) == (f"{bureau.marker}财政局", "排名公示")


def test_the_clock_may_announce(bureau: Bureau) -> None:
    with scope.unit_of_work(bureau.system):
        now, subject_id = scope.now(), uuid4()
        document.publish_notice(
            Notice.TERMINATION,
            PAPER,
            subject_id=subject_id,
            by=None,
            now=now,
            until=(now + timedelta(days=7)).date(),
        )
        assert [each.kind for each in document.notices_of(subject_id)] == ["termination"]
