"""Each verb of a contract against the real database: the effect, the inbox, the chain."""

from datetime import timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from portal import contract, document
from portal.access import Role
from portal.audit import InboxRow, timeline
from portal.contract.rules import DeliverableKind
from portal.kernel.errors import Invalid, NotFound, Refused, Stale
from portal.kernel.workdays import day_of
from tenants import scope
from tenants.db import db
from tests.contract.makers import (
    Deal,
    a_confirmed_contract,
    a_draft_contract,
    an_effective_contract,
    an_offered_contract,
    confirm,
    filled,
)
from tests.support.world import PASSWORD

pytestmark = pytest.mark.usefixtures("app")


def waiting(deal: Deal) -> list[tuple[str, str]]:
    """(role, verb) of what waits for somebody on this contract."""
    with scope.entered(deal.bureau.system):
        rows = db.session.scalars(select(InboxRow).where(InboxRow.subject_id == deal.contract_id))
        return sorted((row.role, row.verb) for row in rows)


def sound(deal: Deal) -> bool:
    """Whether every invariant holds."""
    with scope.entered(deal.bureau.system):
        return list(contract.invariants()) == []


def test_a_draft_carries_the_award_and_the_frozen_terms() -> None:
    deal = a_draft_contract()

    with deal.acting(Role.HANDLER):
        row = contract.contract(deal.contract_id)
        assert (row.state, row.fee, row.awarded) == ("draft", Decimal(168000), Decimal(168000))
        assert [each["name"] for each in row.objects]
        assert any("80.00 分（含本数）" in line for line in row.quality["lines"])
        assert any("50,400.00 元" in line for line in row.payment_lines)
        assert day_of(row.sign_by) == day_of(row.awarded_at) + timedelta(days=30)
    assert waiting(deal) == [("buyer", "offer"), ("handler", "offer")]


def test_the_firm_reads_nothing_before_the_offer() -> None:
    deal = a_draft_contract()

    with deal.acting(Role.FIRM_HANDLER), pytest.raises(NotFound):
        contract.contract(deal.contract_id)


def test_both_sides_see_the_same_digest() -> None:
    deal = an_offered_contract()

    with deal.acting(Role.HANDLER):
        inside = contract.contract(deal.contract_id).content_digest
    with deal.acting(Role.FIRM_SIGNATORY):
        outside = contract.contract(deal.contract_id).content_digest

    assert inside == outside
    assert waiting(deal) == [("firm_signatory", "confirm")]


def test_from_offer_to_effect() -> None:
    deal = an_effective_contract()

    with deal.acting(Role.HANDLER):
        row = contract.contract(deal.contract_id)
        assert row.state == "effective"
        assert row.number
        assert row.firm_signer == deal.person(Role.FIRM_SIGNATORY).name
        assert row.signer == deal.person(Role.APPROVER).name
        assert [each.verb for each in timeline(row.id) if each.verb.startswith("contract.")] == [
            "contract.draft",
            "contract.offer",
            "contract.confirm",
            "contract.sign",
        ]
        assert contract.contracts_of(row.year) == [row]
        assert contract.of_commission(row.commission_id) == [row]
    assert waiting(deal) == []
    assert sound(deal)


def test_a_wrong_password_signs_nothing() -> None:
    deal = an_offered_contract()

    with pytest.raises(Invalid) as invalid, deal.acting(Role.FIRM_SIGNATORY) as (by, now):  # noqa: PT012 -- one deed
        row = contract.contract(deal.contract_id)
        contract.confirm(row, "Wrong-Horse-9", seen=row.content_digest, by=by, now=now)

    assert invalid.value.code == "identity.wrong_password"
    with deal.acting(Role.HANDLER):
        assert contract.contract(deal.contract_id).state == "offered"


def test_the_firm_signs_only_the_text_it_saw() -> None:
    deal = an_offered_contract()

    with pytest.raises(Refused) as refused, deal.acting(Role.FIRM_SIGNATORY) as (by, now):  # noqa: PT012 -- one deed
        row = contract.contract(deal.contract_id)
        contract.confirm(row, PASSWORD, seen="0" * 64, by=by, now=now)

    assert refused.value.ruling.codes == ("contract.changed",)


def test_the_firm_returns_it_with_remarks() -> None:
    deal = an_offered_contract()
    with pytest.raises(Refused), deal.acting(Role.FIRM_HANDLER) as (by, now):
        contract.return_(contract.contract(deal.contract_id), " ", by=by, now=now)

    with deal.acting(Role.FIRM_HANDLER) as (by, now):
        contract.return_(contract.contract(deal.contract_id), "第七条请补充资料清单", by=by, now=now)

    with deal.acting(Role.HANDLER):
        row = contract.contract(deal.contract_id)
        assert (row.state, row.last_reason) == ("draft", "第七条请补充资料清单")
    assert waiting(deal) == [("buyer", "offer"), ("handler", "offer")]


def test_a_change_after_the_firm_signed_voids_its_signature() -> None:
    deal = a_confirmed_contract()
    with deal.acting(Role.HANDLER) as (by, now):
        contract.revise(contract.contract(deal.contract_id), "付款期限写错", by=by, now=now)

    data = filled(deal, payment_days=45)
    with deal.acting(Role.HANDLER) as (by, now):
        row = contract.contract(deal.contract_id)
        assert (row.firm_digest, row.firm_signer, row.firm_signed_at) == (None, None, None)
        contract.edit(row, data, version=row.version, by=by, now=now)
        contract.offer(row, by=by, now=now)
    with pytest.raises(Refused) as refused, deal.acting(Role.APPROVER) as (by, now):
        contract.sign(contract.contract(deal.contract_id), PASSWORD, by=by, now=now)

    assert refused.value.ruling.codes == ("machine.out_of_turn",)
    assert sound(deal)


def test_a_text_changed_past_the_actions_is_not_signed() -> None:
    deal = a_confirmed_contract()
    with scope.unit_of_work(deal.bureau.system):
        db.session.execute(
            text("UPDATE contract SET payment_days = 60 WHERE id = :id"), {"id": deal.contract_id}
        )

    assert not sound(deal)
    with pytest.raises(Refused) as refused, deal.acting(Role.APPROVER) as (by, now):
        contract.sign(contract.contract(deal.contract_id), PASSWORD, by=by, now=now)
    assert refused.value.ruling.codes == ("contract.other_text",)


def test_without_the_tendered_quality_terms_nothing_is_offered() -> None:
    deal = a_draft_contract(tendered_terms_id=uuid4())

    with pytest.raises(Refused) as refused, deal.acting(Role.HANDLER) as (by, now):
        contract.offer(contract.contract(deal.contract_id), by=by, now=now)

    assert refused.value.ruling.codes == ("contract.no_quality",)


def test_the_database_refuses_a_fee_that_was_not_awarded() -> None:
    deal = a_draft_contract()

    with pytest.raises(DBAPIError, match="fee_is_awarded"), scope.unit_of_work(deal.bureau.system):
        db.session.execute(text("UPDATE contract SET fee = 1 WHERE id = :id"), {"id": deal.contract_id})


def test_an_edit_on_a_stale_page_is_refused() -> None:
    deal = a_draft_contract()
    data = filled(deal)
    with deal.acting(Role.HANDLER) as (by, now):
        contract.edit(contract.contract(deal.contract_id), data, version=1, by=by, now=now)

    with pytest.raises(Stale), deal.acting(Role.HANDLER) as (by, now):
        contract.edit(contract.contract(deal.contract_id), data, version=1, by=by, now=now)


def test_an_offered_contract_cannot_be_edited() -> None:
    deal = an_offered_contract()
    data = filled(deal)

    with pytest.raises(Refused) as refused, deal.acting(Role.HANDLER) as (by, now):  # noqa: PT012 -- one deed
        row = contract.contract(deal.contract_id)
        contract.edit(row, data, version=row.version, by=by, now=now)

    assert refused.value.ruling.codes == ("contract.not_draft",)


def test_a_date_is_extended_for_a_reason_and_the_signed_one_stays() -> None:
    deal = an_effective_contract()
    with deal.acting(Role.HANDLER) as (by, now):
        row = contract.contract(deal.contract_id)
        signed = row.draft_due_on
        contract.extend(
            row, DeliverableKind.DRAFT, signed + timedelta(days=7), "单位资料晚交一周", by=by, now=now
        )
        assert row.due_on(DeliverableKind.DRAFT) == signed + timedelta(days=7)

    with deal.acting(Role.FIRM_HANDLER):
        row = contract.contract(deal.contract_id)
        (extension,) = row.extensions
        assert "成果延期确认单" in [each.title for each in document.documents_of(row.id)]
        assert (row.draft_due_on, extension.old_on, extension.new_on) == (
            signed,
            signed,
            signed + timedelta(days=7),
        )
    assert sound(deal)


@pytest.mark.parametrize(
    ("days", "reason", "code"),
    ((7, "晚", "contract.extension_reason"), (0, "单位资料晚交一周", "contract.not_later")),
)
def test_an_extension_without_reason_or_not_later_is_refused(days: int, reason: str, code: str) -> None:
    deal = an_effective_contract()

    with pytest.raises(Refused) as refused, deal.acting(Role.HANDLER) as (by, now):  # noqa: PT012 -- one deed
        row = contract.contract(deal.contract_id)
        contract.extend(
            row, DeliverableKind.PLAN, row.plan_due_on + timedelta(days=days), reason, by=by, now=now
        )

    assert refused.value.ruling.codes == (code,)


def test_the_last_of_settlement_and_appraisal_completes_it() -> None:
    deal = an_effective_contract()
    with pytest.raises(Refused) as refused, deal.acting(Role.HANDLER) as (by, now):
        contract.complete(contract.contract(deal.contract_id), by=by, now=now)
    assert refused.value.ruling.codes == ("contract.not_settled", "contract.not_appraised")

    with deal.acting(Role.APPROVER) as (by, now):
        contract.settled(deal.contract_id, by=by, now=now)
        assert contract.contract(deal.contract_id).state == "effective"
        contract.appraised(deal.contract_id, by=by, now=now)

    with deal.acting(Role.HANDLER):
        assert contract.contract(deal.contract_id).state == "completed"


def test_a_cancelled_award_may_be_drafted_again() -> None:
    deal = an_offered_contract()
    with deal.acting(Role.APPROVER) as (by, now):
        contract.cancel(contract.contract(deal.contract_id), "机构书面放弃签订", by=by, now=now)

    with deal.acting(Role.HANDLER):
        row = contract.contract(deal.contract_id)
        assert row.state == "cancelled"
        assert contract.of_award(row.award_id) is None


def test_another_firm_reads_nothing() -> None:
    deal, other = an_effective_contract(), an_offered_contract()

    with other.acting(Role.FIRM_SIGNATORY), pytest.raises(NotFound):
        contract.contract(deal.contract_id)
    with deal.acting(Role.UNIT_HANDLER), pytest.raises(NotFound):
        contract.contract(deal.contract_id)


def test_nobody_signs_what_they_offered() -> None:
    deal = an_offered_contract()
    confirm(deal)
    with scope.unit_of_work(deal.bureau.system):
        db.session.execute(
            text("UPDATE contract SET offered_by = :who WHERE id = :id"),
            {"who": deal.person(Role.APPROVER).account_id, "id": deal.contract_id},
        )

    with pytest.raises(Refused) as refused, deal.acting(Role.APPROVER) as (by, now):
        contract.sign(contract.contract(deal.contract_id), PASSWORD, by=by, now=now)

    assert refused.value.ruling.codes == ("contract.own_offer",)
    assert isinstance(deal.contract_id, UUID)
