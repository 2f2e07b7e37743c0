"""小组评审报告: drawn up from the findings, signed by every member, taken back for a reason."""

from datetime import datetime

from portal import document
from portal.access import Actor
from portal.audit import announce, take
from portal.kernel.errors import NotFound, Refused
from portal.kernel.hashing import plain
from portal.panel import queries, rules
from portal.panel.actions import papers
from portal.panel.actions.keeping import hold, keep, require
from portal.panel.lifecycle import PANEL, PanelRanked, PanelState
from portal.panel.models import Panel, PanelReport
from tenants.db import db


def conclude(row: Panel, *, by: Actor, now: datetime) -> PanelReport:
    """生成评审报告: the ranking as the formulas give it, whole and digested. Raises `Refused`."""
    held = hold(row)
    facts = held.facts(by=by, now=now)
    require(PANEL.judge("conclude", PanelState(row.state), facts))
    content = queries.computed(row, held.of, held.force)
    issued = document.issue(
        "panel.report",
        papers.report(row, held.of, held.force, content, now=now),
        subject_id=row.id,
        by=by,
        now=now,
        numbered=False,
    )
    report = PanelReport(
        edition=len(row.reports) + 1,
        document_id=issued.id,
        digest=issued.digest,
        content=plain(content),
        made_at=now,
        made_by=by.name,
    )
    row.reports.append(report)
    db.session.flush()
    take(PANEL, row, "conclude", facts, by=by, now=now, digest=issued.digest, rule_set=held.of.rule_set_id)
    return report


def reopen(row: Panel, reason: str, *, by: Actor, now: datetime) -> None:
    """退回评审: the report and every signature under it are void, and stay on file. Raises `Refused`."""
    held = hold(row)
    facts = held.facts(by=by, now=now, reason=reason)
    require(PANEL.judge("reopen", PanelState(row.state), facts))
    report = row.report
    if report is not None:
        report.voided_at, report.void_reason = now, reason
    signed = [each.name for each in row.members if each.signed_at is not None]
    for each in row.members:
        each.signed_at = each.dissent = None
    db.session.flush()
    take(
        PANEL,
        row,
        "reopen",
        facts,
        by=by,
        now=now,
        changes={"last_reason": reason},
        reason=reason,
        signed=signed,
    )


def sign(row: Panel, password: str, dissent: str, *, by: Actor, now: datetime) -> bool:
    """签署评审报告, with one's dissent in writing where there is one; whether all have signed now.

    Raises `Refused`, `Invalid` for ``password``.
    """
    held = hold(row)
    facts = held.facts(by=by, now=now)
    report, member = row.report, row.member(by)
    if PANEL.move("sign", PanelState(row.state)) is None:
        raise Refused(PANEL.judge("sign", PanelState(row.state), facts))
    require(rules.may_put_name(facts))
    if report is None or member is None:
        raise NotFound
    said = dissent.strip()
    document.sign("panel_report", report.id, report.digest, password=password, by=by, now=now, dissent=said)
    member.signed_at, member.dissent = now, said or None
    if not rules.may_sign(facts):
        keep(held, "panel.sign", by=by, now=now, digest=report.digest, dissent=member.dissent)
        return False
    db.session.flush()
    take(
        PANEL,
        row,
        "sign",
        facts,
        by=by,
        now=now,
        changes={"ranked_at": now, "last_reason": None},
        digest=report.digest,
        dissent=member.dissent,
    )
    announce(PanelRanked(row.tender_id, row.id), by=by, now=now)
    return True
