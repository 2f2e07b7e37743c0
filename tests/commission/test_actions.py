"""Each verb of a commission against the real database: the effect, the inbox, the chain."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from portal import commission
from portal.access import Actor, Role
from portal.audit import InboxRow, timeline
from portal.commission import actions
from portal.commission.invariants import invariants
from portal.commission.models import Commission, CommissionSubject, Edition
from portal.commission.queries import editions
from portal.kernel.errors import Invalid, Refused, Stale
from tenants import scope
from tenants.db import db
from tests.commission.conftest import Office


@contextmanager
def acting(office: Office, role: Role) -> Iterator[tuple[Actor, datetime]]:
    """One deed in a transaction of its own."""
    person = office.bureau.people[role]
    with scope.unit_of_work(person.scope):
        yield person.actor, scope.now()


def drafted(office: Office, **changed: object) -> UUID:
    """A commission in draft."""
    with acting(office, Role.HANDLER) as (by, now):
        return commission.draft(office.a_draft(**changed), by=by, now=now).id


def submitted(office: Office, **changed: object) -> UUID:
    """A commission that waits for its approver."""
    row_id = drafted(office, **changed)
    with acting(office, Role.HANDLER) as (by, now):
        commission.submit(commission.commission(row_id), by=by, now=now)
    return row_id


def approved(office: Office) -> UUID:
    """A commission that was approved."""
    row_id = submitted(office)
    with acting(office, Role.APPROVER) as (by, now):
        commission.approve(commission.commission(row_id), by=by, now=now)
    return row_id


def waiting(office: Office) -> list[tuple[str, str]]:
    """(role, verb) of what waits for somebody."""
    with scope.entered(office.bureau.system):
        rows = db.session.scalars(select(InboxRow).where(InboxRow.kind == "commission"))
        return [(row.role, row.verb) for row in rows]


def sound(office: Office) -> bool:
    """Whether every invariant holds."""
    with scope.entered(office.bureau.system):
        return list(invariants()) == []


def test_a_draft_waits_for_its_own_section_to_submit(office: Office) -> None:
    row_id = drafted(office)

    with acting(office, Role.HANDLER):
        row = commission.commission(row_id)
        assert (row.state, row.edition, row.terms.cutoff) == ("draft", 1, Decimal(80))
        assert [line.subject_id for line in row.lines] == list(office.subjects)
        assert (row.terms.weight_plan, row.terms.weight_report) == (Decimal("0.4"), Decimal("0.6"))
    assert waiting(office) == [("handler", "submit")]


def test_submitting_moves_the_waiting_to_the_approver(office: Office) -> None:
    row_id = submitted(office)

    assert waiting(office) == [("approver", "approve")]
    with acting(office, Role.HANDLER):
        assert [each.verb for each in timeline(row_id)] == ["commission.draft", "commission.submit"]


def test_approving_freezes_the_terms_and_keeps_the_edition_whole(office: Office) -> None:
    row_id = approved(office)

    with acting(office, Role.APPROVER):
        row = commission.commission(row_id)
        (edition,) = editions(row)
        assert (row.state, row.approver) == ("approved", office.bureau.people[Role.APPROVER].name)
        assert row.terms.frozen_at is not None
        assert (edition.number, edition.ended_at) == (1, None)
        assert edition.content["terms"]["cutoff"] == "80"
        assert edition.content["ceiling"] == "180000"
    assert waiting(office) == [("buyer", "buy")]
    assert sound(office)


def test_the_drafter_cannot_approve_even_with_the_post(office: Office) -> None:
    row_id = submitted(office)

    with acting(office, Role.HANDLER) as (by, now), pytest.raises(Refused) as refused:
        commission.approve(commission.commission(row_id), by=by, now=now)

    assert refused.value.ruling.codes == ("commission.own_draft",)


def test_a_refused_submission_changes_nothing(office: Office) -> None:
    row_id = drafted(office, cutoff=None)

    with acting(office, Role.HANDLER) as (by, now), pytest.raises(Refused) as refused:
        commission.submit(commission.commission(row_id), by=by, now=now)

    assert refused.value.ruling.codes == ("commission.no_cutoff",)
    assert waiting(office) == [("handler", "submit")]


def test_a_unit_cannot_commission_its_own_evaluation(office: Office) -> None:
    row_id = drafted(office, commissioner_id=office.unit_id)

    with acting(office, Role.HANDLER) as (by, now), pytest.raises(Refused) as refused:
        commission.submit(commission.commission(row_id), by=by, now=now)

    assert refused.value.ruling.codes == ("commission.self_evaluation",)


def test_a_subject_is_commissioned_once_a_year(office: Office) -> None:
    submitted(office)
    second = drafted(office)

    with acting(office, Role.HANDLER) as (by, now), pytest.raises(Refused) as refused:
        commission.submit(commission.commission(second), by=by, now=now)

    assert refused.value.ruling.codes == ("commission.subject_taken",)


def test_returning_needs_a_reason_and_leads_back_to_the_draft(office: Office) -> None:
    row_id = submitted(office)
    with acting(office, Role.APPROVER) as (by, now), pytest.raises(Refused):
        commission.return_(commission.commission(row_id), "  ", by=by, now=now)

    with acting(office, Role.APPROVER) as (by, now):
        commission.return_(commission.commission(row_id), "分数线偏低", by=by, now=now)

    with acting(office, Role.HANDLER):
        row = commission.commission(row_id)
        assert (row.state, row.last_reason) == ("draft", "分数线偏低")
    assert waiting(office) == [("handler", "submit")]


def test_a_correction_is_a_new_edition_and_the_old_one_stays(office: Office) -> None:
    row_id = approved(office)
    with acting(office, Role.HANDLER) as (by, now):
        row = commission.commission(row_id)
        first_terms = row.terms_id
        commission.correct(row, "评价对象名称有误", by=by, now=now)
    with acting(office, Role.HANDLER) as (by, now):
        row = commission.commission(row_id)
        assert row.terms_id != first_terms
        data = office.a_draft(cutoff=Decimal("82.5"), subjects=office.subjects[:1])
        actions.edit(row, data, version=row.version, by=by, now=now)
        commission.submit(row, by=by, now=now)
    with acting(office, Role.APPROVER) as (by, now):
        commission.approve(commission.commission(row_id), by=by, now=now)

    with acting(office, Role.APPROVER):
        row = commission.commission(row_id)
        second, first = editions(row)
        assert (row.edition, first.number, second.number) == (2, 1, 2)
        assert first.ended_reason == "评价对象名称有误"
        assert first.content["terms"]["cutoff"] == "80"
        assert second.content["terms"]["cutoff"] == "82.5"
        assert len(row.lines) == 1
    assert sound(office)


def test_withdrawing_ends_the_commission_for_good(office: Office) -> None:
    row_id = approved(office)
    with acting(office, Role.APPROVER) as (by, now):
        commission.withdraw(commission.commission(row_id), "项目资金被收回", by=by, now=now)

    with acting(office, Role.HANDLER) as (by, now), pytest.raises(Refused) as refused:
        commission.correct(commission.commission(row_id), "再改", by=by, now=now)

    assert refused.value.ruling.codes == ("machine.out_of_turn",)
    assert waiting(office) == []


def test_an_edit_on_a_stale_page_is_refused(office: Office) -> None:
    row_id = drafted(office)
    with acting(office, Role.HANDLER) as (by, now):
        actions.edit(commission.commission(row_id), office.a_draft(), version=1, by=by, now=now)

    with acting(office, Role.HANDLER) as (by, now), pytest.raises(Stale):
        actions.edit(commission.commission(row_id), office.a_draft(), version=1, by=by, now=now)


def test_an_approved_commission_cannot_be_edited(office: Office) -> None:
    row_id = approved(office)

    with acting(office, Role.HANDLER) as (by, now):
        row = commission.commission(row_id)
        with pytest.raises(Refused) as refused:
            actions.edit(row, office.a_draft(), version=row.version, by=by, now=now)

    assert refused.value.ruling.codes == ("commission.not_draft",)


def test_another_bureaus_subject_is_unknown(make_office: object, office: Office) -> None:
    assert callable(make_office)
    other: Office = make_office()

    with acting(office, Role.HANDLER) as (by, now), pytest.raises(Invalid) as invalid:
        commission.draft(office.a_draft(subjects=other.subjects), by=by, now=now)

    assert invalid.value.code == "commission.unknown_subject"


def test_the_state_cannot_be_set_past_the_table(office: Office) -> None:
    row_id = drafted(office)

    with acting(office, Role.HANDLER):
        row = commission.commission(row_id)
        with pytest.raises(AttributeError):
            row.state = "approved"


def test_the_database_refuses_an_approved_row_without_its_time(office: Office) -> None:
    row_id = drafted(office)

    with pytest.raises(DBAPIError, match="approved_has_time"), acting(office, Role.HANDLER):
        db.session.execute(text("UPDATE commission SET state = 'approved' WHERE id = :id"), {"id": row_id})


def test_a_changed_approved_row_is_found_by_its_invariant(office: Office) -> None:
    row_id = approved(office)

    with scope.entered(office.bureau.system):
        db.session.execute(text("UPDATE commission SET ceiling = 1 WHERE id = :id"), {"id": row_id})
        (broken,) = invariants()
    assert "批准后内容被改动" in broken


def test_discarding_keeps_the_row(office: Office) -> None:
    row_id = drafted(office)

    with acting(office, Role.HANDLER) as (by, now):
        actions.discard(commission.commission(row_id), by=by, now=now)

    with acting(office, Role.HANDLER):
        assert commission.commission(row_id).state == "discarded"
        assert db.session.scalar(select(func.count()).select_from(Commission)) == 1
        assert db.session.scalar(select(func.count()).select_from(CommissionSubject)) == 2
        assert db.session.scalar(select(func.count()).select_from(Edition)) == 0
