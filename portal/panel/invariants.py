"""What must always hold of openings and reviews, and SQL cannot say. Each check returns broken rows."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import select

from portal import document, tender
from portal.kernel.hashing import plain
from portal.panel import queries
from portal.panel.lifecycle import PanelState
from portal.panel.models import Panel, PanelReport
from tenants.db import db


def invariants() -> Iterator[str]:
    """The broken rows of the tenant in scope; nothing where all is well."""
    for row in db.session.scalars(select(Panel).where(Panel.opened_at.is_not(None))):
        yield from (f"评审 {row.id}：{each}" for each in _broken(row))


def _broken(row: Panel) -> Iterator[str]:
    if row.first_officer_id == row.second_officer_id:
        yield "由同一人开启"
    if any(each.signed_at is not None and each.declared_at is None for each in row.members):
        yield "签署报告的成员没有声明无利害关系"
    report = row.report
    if report is None:
        if row.state in {PanelState.CONCLUDED.value, PanelState.RANKED.value}:
            yield "没有评审报告"
        return
    of = tender.tender(row.tender_id)
    computed: Any = plain(queries.computed(row, of, queries.rules_of(of)))
    if computed != report.content:
        yield "按认定重新计算的排序与评审报告不符"
    yield from _signatures(row, report)


def _signatures(row: Panel, report: PanelReport) -> Iterator[str]:
    issued = document.issued(report.document_id)
    if issued.digest != report.digest:
        yield "评审报告的摘要与存档不符"
    signed = {each.account_id for each in document.signatures_of(report.id) if each.digest == report.digest}
    for each in row.members:
        if each.signed_at is not None and each.account_id not in signed:
            yield f"{each.name}的签名与评审报告的摘要不符"
    if row.state == PanelState.RANKED.value and any(
        each.sits and each.signed_at is None for each in row.members
    ):
        yield "还有成员没有签署"
