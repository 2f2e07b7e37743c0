"""Keeping a bureau's expert library: one import, whole."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import func, select, text

from portal.access import Permission
from portal.expert import queries
from portal.expert.models import Membership
from portal.expert.queries import PLAIN
from portal.expert.rules import CLASS_LABELS, DOMAIN_LABELS, EXPERTS, SEX_LABELS, ExpertRow
from portal.identity import blind_index, keep_personal, masked
from portal.spreadsheet import Masked, Register, as_seen
from portal.spreadsheet.rules import Fields, Plan, compare
from portal.web.search import initials
from tenants.db import db

IDENTITY: Final = "identity_number"
MOBILE: Final = "mobile"
BANK: Final = "bank_account"


def _index(row: ExpertRow) -> bytes:
    return blind_index(IDENTITY, row.identity_number)


def _seen(row: ExpertRow) -> Fields:
    return as_seen(
        row,
        identity_number=Masked(_index(row), masked(row.identity_number)),
        mobile=Masked(blind_index(MOBILE, row.mobile), masked(row.mobile)),
        bank_account=Masked(blind_index(BANK, row.bank_account), masked(row.bank_account))
        if row.bank_account
        else "",
    )


def _plan(rows: Sequence[ExpertRow]) -> Plan[ExpertRow]:
    """A list without a bank account leaves the one on file: most lists have no such column."""
    present = queries.present()

    def seen(row: ExpertRow) -> Fields:
        kept = present.get(_index(row))
        return _seen(row) if row.bank_account or kept is None else {**_seen(row), BANK: kept[BANK]}

    return compare(rows, present, _index, seen)


def _keep(plan: Plan[ExpertRow], now: datetime) -> None:
    """Register persons the platform does not know, and write the bureau's memberships."""
    members = queries.own_members()
    for row in (*plan.added, *(change.after for change in plan.changed)):
        index = _index(row)
        each = members.get(index)
        if each is None:
            person = db.session.scalar(select(func.portal_register_expert(index)))
            each = Membership(id=uuid4(), expert_id=person, identity_index=index, joined_at=now)
        for name in PLAIN:
            setattr(each, name, getattr(row, name))
        each.initials = initials(row.name)
        each.classes, each.domains = sorted(row.classes), sorted(row.domains)
        each.identity_masked, each.mobile_masked = masked(row.identity_number), masked(row.mobile)
        each.mobile_index = blind_index(MOBILE, row.mobile)
        if row.bank_account:
            each.bank_masked = masked(row.bank_account)
            each.bank_index = blind_index(BANK, row.bank_account)
        db.session.add(each)
        db.session.flush()
        keep_personal(each.id, IDENTITY, row.identity_number)
        keep_personal(each.id, MOBILE, row.mobile)
        if row.bank_account:
            keep_personal(each.id, BANK, row.bank_account)


EXPERT_REGISTER: Final[Register[ExpertRow]] = Register(
    name="experts",
    title="评审专家",
    permission=Permission.EXPERT_IMPORT,
    schema=lambda: EXPERTS,
    plan=_plan,
    keep=_keep,
    key=(IDENTITY, "name"),
    labels={"sex": SEX_LABELS, "classes": CLASS_LABELS, "domains": DOMAIN_LABELS},
    private=frozenset({IDENTITY, MOBILE, BANK}),
)


def take_load(row_id: UUID, *, most: int) -> bool:
    """One more seat is open for an expert of a library open to this bureau; False where ``most`` are already.

    Counted on the membership and locked there to the transaction's end: the one lock above a tenant.
    """
    taken = db.session.scalar(
        text("SELECT portal_take_load(:member, :most)"), {"member": row_id, "most": most}
    )
    _read_anew(row_id)
    return bool(taken)


def give_back(row_id: UUID) -> None:
    """One seat fewer is open for an expert."""
    db.session.execute(text("SELECT portal_give_back_load(:member)"), {"member": row_id})
    _read_anew(row_id)


def _read_anew(row_id: UUID) -> None:
    known = db.session.get(Membership, row_id)
    if known is not None:
        db.session.refresh(known, ["open_load"])
