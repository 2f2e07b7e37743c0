"""What must always hold of awards, and SQL cannot say. Each check returns the broken rows in words."""

from collections.abc import Iterator

from sqlalchemy import select

from portal import bid, document, panel
from portal.award.models import Award
from portal.kernel.errors import NotFound
from tenants.db import db


def invariants() -> Iterator[str]:
    """The broken rows of the tenant in scope; nothing where all is well."""
    for row in db.session.scalars(select(Award).where(Award.awarded_at.is_not(None))):
        yield from (f"成交 {row.id}：{each}" for each in _broken(row))


def _broken(row: Award) -> Iterator[str]:
    prices = {each.id: each.price for each in bid.bids_of(row.tender_id)}
    if row.bid_id is None or prices.get(row.bid_id) != row.price:
        yield "成交价与开启时的报价不符"
    try:
        report = panel.reported(row.tender_id)
    except NotFound:
        yield "没有全体成员签署的评审报告"
        return
    if report.digest != row.report_digest:
        yield "所依据的评审报告的摘要与存档不符"
    places = {each.bid_id: each.place for each in report.candidates}
    if row.bid_id is None or places.get(row.bid_id) != row.place:
        yield "成交机构的名次与评审报告不符"
    now_told = [each for each in row.letters if each.edition == row.edition]
    for letter in row.letters:
        if document.issued(letter.document_id).digest != letter.digest:
            yield f"发给{letter.firm_name}的通知与存档的摘要不符"
    owed = {each.firm_id for each in row.candidates if each.refused_at is None}
    if {each.firm_id for each in now_told} != owed:
        yield "有机构没有收到结果通知"
