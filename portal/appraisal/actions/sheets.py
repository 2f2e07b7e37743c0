"""Filling, signing, returning, locking and explaining a 考评表.

What stands in a sheet is written as the system, because nobody else writes for the other side's eyes; nothing
of the other side's leaves those blocks before both parties are locked.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from portal import document
from portal.access import Actor
from portal.appraisal import queries
from portal.appraisal.lifecycle import APPRAISAL, SHEET, SheetState
from portal.appraisal.models import Appraisal, AppraisalSheet
from portal.appraisal.rules import Party
from portal.audit import record, rewrite_inbox, take
from portal.kernel.errors import Refused
from portal.kernel.exact import half_up, mean
from portal.kernel.hashing import digest
from portal.kernel.ruling import unless
from portal.scoresheet import Entries, Filled, Merge, merge
from tenants.db import db
from tenants.scope import elevated


@dataclass(frozen=True, slots=True)
class Saved:
    """A draft as it stands after saving: what was joined, and what it is worth."""

    joined: Merge
    filled: Filled


def fill(
    row: AppraisalSheet, mine: Entries, base: Entries, *, by: Actor, now: datetime, told: bool = False
) -> Saved:
    """保存草稿: join with what another page saved. ``told``: leave an event; autosaves leave none.

    Raises `Refused` once the sheet was signed or the appraisal has ended.
    """
    with elevated("appraisal_sheet.fill"):
        content = queries.locked_content(row)
        ruling = unless(row.appraisal.over, "appraisal.over") & unless(
            row.state != SheetState.OPEN.value, "appraisal.not_open"
        )
        if not ruling:
            raise Refused(ruling)
        joined = merge(base, mine, content.entries)
        content.entries = dict(joined.entries)
        made = queries.filled(row, content)
        content.points, content.total = (made.points, made.total) if made.complete else (None, None)
        content.saved_at = now
        db.session.flush()
    if told:
        record("appraisal_sheet.fill", by=by, now=now, subject_id=row.id)
    return Saved(joined, made)


def sign(row: AppraisalSheet, password: str, *, confirmed: bool, by: Actor, now: datetime) -> None:
    """经办签名: the sheet is complete; it waits for the head. The bureau's takes the sheets it folds along.

    ``confirmed``: whoever signs says that nothing was found where nothing was written. Raises `Refused`,
    `Invalid` for a wrong password.
    """
    together = queries.signed_together(row)
    with elevated("appraisal_sheet.sign"):
        made = {each.id: queries.filled(each, queries.locked_content(each)) for each in together}
    facts = replace(
        queries.sheet_facts(
            row, by=by, missing=sum(len(each.missing) + len(each.faults) for each in made.values())
        ),
        silent=sum(len(each.silent) for each in made.values()),
        confirmed=confirmed,
    )
    for each in together:
        take(
            SHEET,
            each,
            "sign",
            facts,
            by=by,
            now=now,
            changes={"signer_id": by.account_id, "signer": by.name, "signed_at": now},
        )
    with elevated("appraisal_sheet.sign"):
        for each in reversed(together):
            content = queries.content_of(each)
            content.sources = queries.given(each).as_plain()
            content.points, content.total = made[each.id].points, made[each.id].total
            content.digest = digest(content.said).hex()
        db.session.flush()
        signed = queries.content_of(row).digest or ""
    document.sign("appraisal_sheet", row.id, signed, password=password, by=by, now=now)


def return_(row: AppraisalSheet, reason: str, *, by: Actor, now: datetime) -> None:
    """退回: once, for a reason. Raises `Refused`."""
    facts = queries.sheet_facts(row, by=by, reason=reason)
    for each in queries.signed_together(row):
        take(
            SHEET,
            each,
            "return",
            facts,
            by=by,
            now=now,
            changes={"signed_at": None, "returned_at": now},
        )
    with elevated("appraisal_sheet.return"):
        for each in queries.signed_together(row):
            content = queries.content_of(each)
            content.digest, content.sources, content.return_reason = None, {}, reason
        db.session.flush()


def lock(row: AppraisalSheet, password: str, *, by: Actor, now: datetime) -> None:
    """负责人确认: the sheet never changes again; with the last one both sides see each other's.

    Raises `Refused`, `Invalid` for a wrong password.
    """
    facts = queries.sheet_facts(row, by=by)
    for each in queries.signed_together(row):
        take(SHEET, each, "lock", facts, by=by, now=now, changes={"head": by.name, "locked_at": now})
    with elevated("appraisal_sheet.lock"):
        for each in queries.signed_together(row):
            queries.content_of(each).locked_at = now
        db.session.flush()
        signed = queries.content_of(row).digest or ""
    document.sign("appraisal_sheet", row.id, signed, password=password, by=by, now=now)
    _release(row.appraisal, now=now)


def _release(case: Appraisal, *, now: datetime) -> None:
    """Once every 考评表 is locked, both sides read both; a wide gap asks each for its reason."""
    with elevated("appraisal.release"):
        db.session.refresh(case, with_for_update=True)
        sheets = queries.sheets_of(case)
        main = [each for each in sheets if each.is_main]
        if case.released_at is not None or any(each.locked_at is None for each in main):
            return
        known = queries.contents(case)
        for each in sheets:
            if each.locked_at is not None:
                known[each.id].released_at = now
            if each.form_code == "KP_FIN":
                each.readers = known[each.id].readers = list(case.readers)
        db.session.flush()
        sums = queries.totals(sheets, known)
        case.released_at = now
        case.unit_score = half_up(mean(sums[Party.UNIT]))
        case.finance_score = half_up(mean(sums[Party.FINANCE]))
        db.session.flush()
        rewrite_inbox(APPRAISAL, case, now=now)
        for each in main:
            rewrite_inbox(SHEET, each, now=now)


def explain(row: AppraisalSheet, reason: str, *, by: Actor, now: datetime) -> None:
    """说明分差理由. Raises `Refused`."""
    facts = queries.sheet_facts(row, by=by, reason=reason)
    take(SHEET, row, "explain", facts, by=by, now=now, changes={"explained_at": now}, reason=reason)
    with elevated("appraisal_sheet.explain"):
        queries.content_of(row).gap_reason = reason
        db.session.flush()
