"""What must always hold of tenders, and SQL cannot say. Each check returns the broken rows in words."""

from collections import defaultdict
from collections.abc import Iterator
from uuid import UUID

from sqlalchemy import select

from portal.kernel.errors import Misconfigured
from portal.kernel.workdays import day_of
from portal.tender.models import Tender, TenderBulletin, TenderPanelMember, TenderProspect, TenderReceipt
from portal.tender.rules.deadlines import Margin, margin
from portal.tender.rules.moves import LEAST_FIRMS, LEAST_MEMBERS
from tenants.calendar import calendar
from tenants.db import db


def invariants() -> Iterator[str]:
    """The broken rows of the tenant in scope; nothing where all is well."""
    issued = list(db.session.scalars(select(Tender).where(Tender.issued_at.is_not(None))))
    yield from _invited(issued)
    yield from _panels(issued)
    yield from _deadlines(issued)
    yield from _receipts(issued)


def _invited(issued: list[Tender]) -> Iterator[str]:
    chosen: dict[UUID, set[UUID]] = defaultdict(set)
    for each in db.session.scalars(select(TenderProspect).where(TenderProspect.chosen)):
        chosen[each.tender_id].add(each.firm_id)
    for row in issued:
        if len(row.readers) < LEAST_FIRMS:
            yield f"采购 {row.id}：发给的机构只有 {len(row.readers)} 家"
        if chosen[row.id] != set(row.readers):
            yield f"采购 {row.id}：选定的机构与收到通知书的机构不一致"


def _panels(issued: list[Tender]) -> Iterator[str]:
    seated: dict[UUID, list[TenderPanelMember]] = defaultdict(list)
    for each in db.session.scalars(select(TenderPanelMember)):
        seated[each.tender_id].append(each)
    for row in issued:
        people = seated[row.id]
        if len(people) < LEAST_MEMBERS or len(people) % 2 == 0:
            yield f"采购 {row.id}：询价小组有 {len(people)} 人"
        if any(each.account_id == row.drafted_by for each in people):
            yield f"采购 {row.id}：采购人参加了询价小组"


def _deadlines(issued: list[Tender]) -> Iterator[str]:
    for row in issued:
        if row.issued_at is None:
            continue
        day = day_of(row.issued_at)
        try:
            stands = margin(row.response_by, day, row.min_workdays, calendar(day))
        except Misconfigured:
            continue
        if stands is Margin.EARLY:
            yield f"采购 {row.id}：响应截止时间不足 {row.min_workdays} 个工作日"


def _receipts(issued: list[Tender]) -> Iterator[str]:
    """Everybody was told everything: one receipt per firm and bulletin, and one for the issue."""
    told: dict[UUID, int] = defaultdict(int)
    for tender_id in db.session.scalars(select(TenderReceipt.tender_id)):
        told[tender_id] += 1
    spoken: dict[UUID, int] = defaultdict(int)
    for tender_id in db.session.scalars(select(TenderBulletin.tender_id)):
        spoken[tender_id] += 1
    for row in issued:
        if told[row.id] != len(row.readers) * (1 + spoken[row.id]):
            yield f"采购 {row.id}：有机构没有收到某项通知"
