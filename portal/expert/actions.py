"""Keeping a bureau's expert library: one import, whole."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import uuid4

from sqlalchemy import func, select

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


def _index(row: ExpertRow) -> bytes:
    return blind_index(IDENTITY, row.identity_number)


def _seen(row: ExpertRow) -> Fields:
    return as_seen(
        row,
        identity_number=Masked(_index(row), masked(row.identity_number)),
        mobile=Masked(blind_index(MOBILE, row.mobile), masked(row.mobile)),
    )


def _plan(rows: Sequence[ExpertRow]) -> Plan[ExpertRow]:
    return compare(rows, queries.present(), _index, _seen)


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
        db.session.add(each)
        db.session.flush()
        keep_personal(each.id, IDENTITY, row.identity_number)
        keep_personal(each.id, MOBILE, row.mobile)


EXPERT_REGISTER: Final[Register[ExpertRow]] = Register(
    name="experts",
    title="评审专家",
    permission=Permission.EXPERT_IMPORT,
    schema=lambda: EXPERTS,
    plan=_plan,
    keep=_keep,
    key=(IDENTITY, "name"),
    labels={"sex": SEX_LABELS, "classes": CLASS_LABELS, "domains": DOMAIN_LABELS},
    private=frozenset({IDENTITY, MOBILE}),
)
