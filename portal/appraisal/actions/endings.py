"""The talk with the units, a late party, and the end of an appraisal, with a score or without."""

from datetime import date, datetime

from werkzeug.datastructures import FileStorage

from portal import contract, document, file
from portal.access import Actor
from portal.appraisal import queries
from portal.appraisal.lifecycle import APPRAISAL, SHEET, AppraisalFinal
from portal.appraisal.models import Appraisal
from portal.audit import announce, record, rewrite_inbox, take
from portal.kernel.errors import Refused
from portal.kernel.ruling import unless
from portal.kernel.workdays import end_of
from tenants.db import db


def talk(
    row: Appraisal, on: date, text: str, upload: FileStorage | None, *, by: Actor, now: datetime
) -> None:
    """记录质量沟通反馈: when the bureau talked with the units, and of what. Raises `Refused`, `Invalid`."""
    ruling = unless(row.over, "appraisal.over")
    if not ruling:
        raise Refused(ruling)
    if upload is not None and upload.filename:
        row.talk_file_id = file.keep(upload, readers=row.readers, by=by, now=now).id
    row.talked_on, row.talk = on, text
    row.version += 1
    row.touched_at = now
    record("appraisal.talk", by=by, now=now, subject_id=row.id, on=on)


def expire(row: Appraisal, *, now: datetime) -> None:
    """The date is over and a party has not handed in: the approver is asked. Raises `Refused`."""
    take(APPRAISAL, row, "expire", queries.facts(row, now=now), by=None, now=now, changes={"late_at": now})


def extend(row: Appraisal, new_on: date, reason: str, *, by: Actor, now: datetime) -> None:
    """延期: a later day for who has not handed in. Raises `Refused`."""
    due_by = end_of(new_on)
    take(
        APPRAISAL,
        row,
        "extend",
        queries.facts(row, now=now, reason=reason, new_on=new_on),
        by=by,
        now=now,
        changes={"due_by": due_by, "late_at": None, "last_reason": reason},
        reason=reason,
        new_on=new_on,
    )
    for each in row.sheets:
        if each.locked_at is None:
            each.due_by = due_by
            db.session.flush()
            rewrite_inbox(SHEET, each, now=now)


def close(row: Appraisal, reason: str, *, by: Actor, now: datetime) -> None:
    """不计考评得分: a party did not hand in; no score is made up for it. Raises `Refused`."""
    take(
        APPRAISAL,
        row,
        "close",
        queries.facts(row, now=now, reason=reason),
        by=by,
        now=now,
        changes={"ended_at": now, "ended_by": by.name, "last_reason": reason, "score": None},
        reason=reason,
    )
    for each in row.sheets:
        rewrite_inbox(SHEET, each, now=now)
    _tell(row, by=by, now=now)


def finish(row: Appraisal, upheld: bool | None, reason: str, *, by: Actor, now: datetime) -> None:
    """确定考评得分: both sides have locked. ``upheld``: whether a ticked 一票否决 is confirmed.

    Raises `Refused`.
    """
    vetoed = bool(upheld)
    facts = queries.facts(row, now=now, reason=reason, upheld=upheld, asked=True)
    take(
        APPRAISAL,
        row,
        "finish",
        facts,
        by=by,
        now=now,
        changes={
            "score": queries.score_of(row, vetoed=vetoed) if not facts.waiting else None,
            "vetoed": vetoed,
            "ended_at": now,
            "ended_by": by.name,
            "last_reason": reason or None,
        },
        rule_set=row.rule_set_id,
        upheld=upheld,
        reason=reason or None,
    )
    _issue(row, by=by, now=now)
    row.readers = [*row.readers, row.firm_id]
    db.session.flush()
    for each in row.sheets:
        rewrite_inbox(SHEET, each, now=now)
    _tell(row, by=by, now=now)


def _issue(row: Appraisal, *, by: Actor, now: datetime) -> None:
    """Both 考评表 as papers, each for those who may read it, and the result for the firm."""
    known = queries.contents(row)
    for each in row.sheets:
        if each.locked_at is not None:
            paper = queries.sheet_paper(each, known[each.id])
            document.issue("appraisal.sheet", paper, subject_id=row.id, readers=each.readers, by=by, now=now)
    result = queries.result_paper(row)
    document.issue(
        "appraisal.result", result, subject_id=row.id, readers=[*row.readers, row.firm_id], by=by, now=now
    )


def _tell(row: Appraisal, *, by: Actor, now: datetime) -> None:
    announce(AppraisalFinal(row.contract_id, queries.final_score(row)), by=by, now=now)
    contract.appraised(row.contract_id, by=by, now=now)
