"""One function per verb of a ranking and of objections to it. Each goes through the setter of moves."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from portal import document, firm
from portal.access import Actor
from portal.audit import born, record, rewrite_inbox, take
from portal.document import Notice, Paper, Table, Text
from portal.firm import Placed
from portal.kernel.errors import Invalid, Refused
from portal.kernel.ruling import unless
from portal.kernel.score import Score
from portal.kernel.workdays import add_workdays, day_of, end_of
from portal.ranking import queries
from portal.ranking.lifecycle import OBJECTION, RANKING, ObjectionState, RankingState
from portal.ranking.models import Ranking, RankingObjection, RankingRow
from portal.ranking.queries import Collected
from portal.ranking.rules import (
    REFERENCE_ONLY,
    Finding,
    may_object,
)
from tenants.calendar import calendar
from tenants.db import db
from tenants.scope import elevated

UNRANKED: Final = "数据不足"


def draft(year: int, *, by: Actor, now: datetime) -> Ranking:
    """汇总年度排名: collect what the year's contracts say. Raises `Invalid` for a year ranked or to come."""
    if year > day_of(now).year:
        raise Invalid("year", "ranking.year_ahead", year=year)
    if queries.of_year(year) is not None:
        raise Invalid("year", "ranking.year_taken", year=year)
    found = queries.collect(year, now=now)
    row = Ranking(
        year=year,
        state=RankingState.DRAFT.value,
        touched_at=now,
        edition=1,
        **_collected(found, by=by, now=now),
    )
    born(RANKING, row, by=by, now=now, figures=found.digest)
    _place(row, found)
    return row


def refresh(row: Ranking, *, by: Actor, now: datetime) -> None:
    """重新汇总: what is known now, while the ranking is a draft. Raises `Refused`."""
    db.session.refresh(row, with_for_update=True)
    ruling = unless(row.state != RankingState.DRAFT.value, "ranking.not_draft")
    if not ruling:
        raise Refused(ruling)
    found = queries.collect(row.year, now=now)
    for name, value in _collected(found, by=by, now=now).items():
        setattr(row, name, value)
    row.version += 1
    row.touched_at = now
    for each in queries.rows_of(row):
        db.session.delete(each)
    db.session.flush()
    _place(row, found)
    rewrite_inbox(RANKING, row, now=now)
    record("ranking.refresh", by=by, now=now, subject_id=row.id, figures=found.digest)


def _collected(found: Collected, *, by: Actor, now: datetime) -> dict[str, object]:
    return {
        "rule_set_id": found.rule_set.id,
        "rule_label": found.rule_set.label,
        "rules": queries.rules_plain(found.rules),
        "missing": queries.missing_plain(found.works),
        "ranked": sum(each.rank is not None for each in queries.lines_of(found.works, found.rules)),
        "figures": found.digest,
        "collected_at": now,
        "drafted_by": by.account_id,
        "drafter": by.name,
    }


def _place(row: Ranking, found: Collected) -> None:
    db.session.add_all(
        RankingRow(
            ranking_id=row.id,
            edition=row.edition,
            place=place,
            firm_id=line.firm_id,
            firm_name=line.firm_name,
            rank=line.rank,
            grade=line.grade,
            score=line.score,
            engagements=len(line.works),
            quality=line.quality,
            on_time=sum(each.on_time for each in line.works),
            works=queries.works_plain(line.works, found.rules),
        )
        for place, line in enumerate(queries.lines_of(found.works, found.rules), 1)
    )
    db.session.flush()


def publish(row: Ranking, workdays: int | None = None, *, by: Actor, now: datetime) -> None:
    """公示: everybody reads the order, each firm how its own came about, and may object. Raises `Refused`.

    For ``workdays`` after today, at least as many as the rules of the ranking ask, which are the default.
    """
    days = queries.rules_pinned(row).publicity_workdays if workdays is None else workdays
    facts = queries.facts(row, by=by, now=now, workdays=days)
    today = day_of(now)
    until = add_workdays(today, max(days, 1), calendar(today))
    rows = queries.rows_of(row)
    firms = [each.firm_id for each in rows]
    take(
        RANKING,
        row,
        "publish",
        facts,
        by=by,
        now=now,
        changes={
            "publisher": by.name,
            "published_at": now,
            "publicity_until": until,
            "readers": firms,
            "unread": firms,
            "concluded_at": None,
            "upheld_at": None,
            "last_reason": None,
        },
        rule_set=row.rule_set_id,
        edition=row.edition,
        until=until,
    )
    for each in rows:
        each.readers = [each.firm_id]
    said = (
        f"现将 {row.year} 年度第三方机构排名予以公示，公示期至{document.written_day(until)}。"
        "列入排名的机构对结果有异议的，可在公示期内登录平台提出，并写明理由。"
    )
    title = f"{row.year} 年度第三方机构排名公示{_edition(row)}"
    _publish(row, rows, title, said, "ranking.publicity", until=until, by=by, now=now)


def acknowledge(row: Ranking, *, by: Actor, now: datetime) -> None:
    """知悉公示: a firm has seen its place; it may still object. Raises `Refused`."""
    with elevated("ranking.acknowledge"):
        db.session.refresh(row, with_for_update=True)
    take(
        RANKING,
        row,
        "acknowledge",
        queries.facts(row, by=by, now=now),
        by=by,
        now=now,
        changes={"unread": [each for each in row.unread if each != by.party_id]},
        edition=row.edition,
    )


def conclude(row: Ranking, *, now: datetime) -> None:
    """公示期满: no firm is waited for any more, the approver is. Raises `Refused`."""
    facts = queries.facts(row, by=None, now=now)
    take(RANKING, row, "conclude", facts, by=None, now=now, changes={"concluded_at": now}, until=facts.until)


def finalise(row: Ranking, *, by: Actor, now: datetime) -> None:
    """定稿: the period is over and every objection answered; the standings are recorded. Raises `Refused`."""
    take(
        RANKING,
        row,
        "finalise",
        queries.facts(row, by=by, now=now),
        by=by,
        now=now,
        changes={"finaliser": by.name, "final_at": now, "unread": []},
        edition=row.edition,
    )
    rows = queries.rows_of(row)
    firm.record_standings(
        row.year,
        [
            Placed(
                each.firm_id,
                each.rank,
                each.grade,
                _score(each.score),
                each.engagements,
                _score(each.quality),
                each.vetoed,
            )
            for each in rows
        ],
        basis=f"{queries.BASIS_LABELS[queries.rules_pinned(row).year_basis]}；{row.rule_label}",
        ranking_id=row.id,
        edition=row.edition,
        now=now,
    )
    said = f"{row.year} 年度第三方机构排名公示期满，结果如下。"
    _publish(
        row, rows, f"{row.year} 年度第三方机构排名结果{_edition(row)}", said, "ranking.result", by=by, now=now
    )


def correct(row: Ranking, reason: str, *, by: Actor, now: datetime) -> None:
    """更正: the next edition is drafted; a final one stands until it is replaced. Raises `Refused`."""
    before = row.edition
    take(
        RANKING,
        row,
        "correct",
        queries.facts(row, by=by, now=now, reason=reason),
        by=by,
        now=now,
        changes={
            "edition": before + 1,
            "last_reason": reason,
            "publisher": None,
            "published_at": None,
            "publicity_until": None,
            "finaliser": None,
            "final_at": None,
            "concluded_at": None,
            "upheld_at": None,
            "readers": [],
            "unread": [],
        },
        reason=reason,
        edition=before,
    )
    found = queries.collect(row.year, now=now)
    for name, value in _collected(found, by=by, now=now).items():
        if name not in {"drafted_by", "drafter"}:
            setattr(row, name, value)
    _place(row, found)
    rewrite_inbox(RANKING, row, now=now)
    title = f"{row.year} 年度第三方机构排名更正公告"
    said = f"此前公布的 {row.year} 年度第三方机构排名（第 {before} 版）正在更正，将另行公示。理由：{reason}"
    paper = Paper(title, "", [Text(said)], queries.bureau_name(), day_of(now))
    document.publish_notice(Notice.RANKING, paper, subject_id=row.id, by=by, now=now)


def object_to(row: Ranking, said: str, *, by: Actor, now: datetime) -> RankingObjection:
    """提出异议: a firm in the ranking says what is wrong, within the publicity. Raises `Refused`."""
    ruling = may_object(queries.objection_facts(row, by=by, now=now))
    if not ruling:
        raise Refused(ruling)
    today = day_of(now)
    own = next(iter(queries.own_rows(row, by)))
    answer_workdays = queries.rules_pinned(row).answer_workdays
    objection = RankingObjection(
        state=ObjectionState.OPEN.value,
        touched_at=now,
        tenant_id=row.tenant_id,
        ranking_id=row.id,
        year=row.year,
        edition=row.edition,
        firm_id=own.firm_id,
        firm_name=own.firm_name,
        said=said,
        filed_by=by.name,
        filed_at=now,
        answer_by=end_of(add_workdays(today, answer_workdays, calendar(today))),
        readers=[own.firm_id],
    )
    born(OBJECTION, objection, by=by, now=now)
    if own.firm_id in row.unread:
        acknowledge(row, by=by, now=now)
    return objection


def answer(row: RankingObjection, finding: Finding, reason: str, *, by: Actor, now: datetime) -> None:
    """答复异议: upheld, then the ranking must be corrected, or rejected; with reasons. Raises `Refused`."""
    ranked = queries.ranking(row.ranking_id)
    facts = replace(queries.objection_facts(ranked, by=by, now=now), reason=reason)
    take(
        OBJECTION,
        row,
        "answer",
        facts,
        by=by,
        now=now,
        changes={
            "finding": finding.value,
            "answer": reason.strip(),
            "answerer": by.name,
            "answered_at": now,
        },
        finding=finding.value,
        reason=reason.strip(),
    )
    if finding is Finding.UPHELD:
        db.session.refresh(ranked, with_for_update=True)
        ranked.upheld_at = now
        db.session.flush()
        rewrite_inbox(RANKING, ranked, now=now)


def _publish(
    row: Ranking,
    rows: list[RankingRow],
    title: str,
    said: str,
    kind: str,
    *,
    until: date | None = None,
    by: Actor,
    now: datetime,
) -> None:
    columns = ("名次", "机构", "年度得分", "等级", "合作次数")
    table = Table(
        columns,
        [
            (
                str(each.rank) if each.rank is not None else UNRANKED,
                each.firm_name,
                f"{each.score:.2f}" if each.score is not None else UNRANKED,
                each.grade or "未评级",
                str(each.engagements),
            )
            for each in rows
        ],
    )
    paper = Paper(
        title,
        "",
        [Text(said), table, Text(f"适用规则：{row.rule_label}。{REFERENCE_ONLY}")],
        queries.bureau_name(),
        day_of(now),
    )
    document.issue(kind, paper, subject_id=row.id, readers=row.readers, by=by, now=now)
    document.publish_notice(Notice.RANKING, paper, subject_id=row.id, by=by, now=now, until=until)


def _edition(row: Ranking) -> str:
    """A corrected ranking is told from what was published before."""
    return f"（第 {row.edition} 版）" if row.edition > 1 else ""


def _score(points: Decimal | None) -> Score | None:
    return None if points is None else Score(points)
