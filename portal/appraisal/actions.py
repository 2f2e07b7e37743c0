"""One function per verb of an appraisal and of its sheets. Each goes through the setter; none commits.

What stands in a sheet is written as the system, because nobody else writes for the other side's eyes; nothing
of the other side's leaves those blocks before both parties are locked.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from werkzeug.datastructures import FileStorage

from portal import contract, document, file
from portal.access import Actor
from portal.appraisal import queries
from portal.appraisal.lifecycle import APPRAISAL, SHEET, AppraisalFinal, AppraisalState, SheetState
from portal.appraisal.models import Appraisal, AppraisalContent, AppraisalSheet
from portal.appraisal.rules import FOLDED, WORKDAYS, Basis, Party
from portal.audit import announce, born, record, rewrite_inbox, take
from portal.kernel.errors import Refused
from portal.kernel.exact import half_up, mean
from portal.kernel.hashing import digest
from portal.kernel.ruling import unless
from portal.kernel.workdays import add_workdays, day_of, end_of
from portal.scoresheet import EMPTY, Entries, Filled, Merge, merge, template
from tenants.calendar import calendar
from tenants.db import db, tenant_of_session
from tenants.scope import elevated

BUREAU: Final = "财政部门"


def open_for(contract_id: UUID, *, by: Actor | None, now: datetime) -> None:
    """发起考评: one 考评表 for each evaluated unit and one for the bureau, once the work is delivered."""
    with elevated("appraisal.open"):
        if queries.of_contract(contract_id) is not None:
            return
        origin = queries.origin(contract_id)
        terms = queries.terms(origin.terms_id)
        rule_set_id, limit = queries.gap_limit(now)
        units = dict.fromkeys((UUID(each["unit_id"]), each["unit_name"]) for each in origin.objects)
        today = day_of(now)
        due_by = end_of(add_workdays(today, WORKDAYS, calendar(today)))
        known = queries.quality_of(contract_id)
        row = Appraisal(
            state=AppraisalState.OPEN.value,
            contract_id=origin.id,
            contract_name=origin.name,
            year=origin.year,
            firm_id=origin.firm_id,
            firm_name=origin.firm_name,
            lead_evaluator=origin.lead_evaluator,
            section_id=origin.section_id,
            terms_id=terms.id,
            rule_set_id=rule_set_id,
            weight_unit=terms.weight_unit,
            weight_finance=terms.weight_finance,
            gap_limit=limit,
            basis=known.basis.value,
            plan_mean=known.plan,
            report_mean=known.report,
            days_agreed=origin.onsite_days,
            days_present=queries.days_on_site(contract_id),
            opened_at=now,
            due_by=due_by,
            readers=[unit_id for unit_id, _ in units],
            touched_at=now,
        )
        born(APPRAISAL, row, by=by, now=now)
        forms = {"KP_UNIT": terms.forms["KP_UNIT"], "KP_FIN": terms.forms["KP_FIN"]}
        for place, (unit_id, unit_name) in enumerate(units, 1):
            filler = Filler(Party.UNIT, unit_id, unit_name)
            _sheet(row, "KP_UNIT", forms["KP_UNIT"], place, filler, by=by, now=now)
        _sheet(row, "KP_FIN", forms["KP_FIN"], len(units) + 1, _bureau(row), by=by, now=now)
        _supplement(row, ("QC_LEADER",), terms.forms, by=by, now=now)
        if known.basis is Basis.UNSAMPLED:
            _supplement(row, ("QC_PLAN", "QC_REPORT"), terms.forms, by=by, now=now)


@dataclass(frozen=True, slots=True)
class Filler:
    """Who fills a sheet: a unit, or the section of the bureau that runs the contract (None: any)."""

    party: Party
    id: UUID | None
    name: str


def _bureau(case: Appraisal) -> Filler:
    return Filler(Party.FINANCE, case.section_id, BUREAU)


def _sheet(
    case: Appraisal,
    code: str,
    version: int | None,
    place: int,
    filler: Filler,
    *,
    by: Actor | None,
    now: datetime,
) -> None:
    found = template(code, version)
    readers = [filler.id] if filler.party is Party.UNIT and filler.id else []
    row = AppraisalSheet(
        state=SheetState.OPEN.value,
        appraisal_id=case.id,
        place=place,
        party=filler.party.value,
        party_id=filler.id,
        party_name=filler.name,
        form_code=code,
        form_version=found.version,
        form_name=found.form.name,
        due_by=case.due_by,
        readers=readers,
        touched_at=now,
    )
    db.session.add(row)
    db.session.flush()
    born(SHEET, row, by=by, now=now)
    db.session.add(
        AppraisalContent(
            sheet_id=row.id,
            appraisal_id=case.id,
            party=filler.party.value,
            readers=readers,
            entries=dict(EMPTY),
            nonce=secrets.token_hex(16),
        )
    )
    db.session.flush()


def _supplement(
    case: Appraisal, codes: Sequence[str], versions: dict[str, int], *, by: Actor | None, now: datetime
) -> None:
    """The sheets the bureau's folded items come from, where no expert filled them in."""
    for code in codes:
        place = len(case.readers) + 2 + FOLDED.index(code)
        _sheet(case, code, versions.get(code), place, _bureau(case), by=by, now=now)


def quality_known(contract_id: UUID, *, by: Actor | None, now: datetime) -> None:
    """The quality score stands: the bureau's sheet knows now by which 口径 it is folded."""
    with elevated("appraisal.quality"):
        row = queries.of_contract(contract_id)
        if row is None or row.over or Basis(row.basis) is not Basis.PENDING:
            return
        known = queries.quality_of(contract_id)
        row.basis, row.plan_mean, row.report_mean = known.basis.value, known.plan, known.report
        row.version += 1
        if known.basis is Basis.UNSAMPLED:
            _supplement(row, ("QC_PLAN", "QC_REPORT"), queries.terms(row.terms_id).forms, by=by, now=now)
        record(
            "appraisal.quality",
            by=by,
            now=now,
            subject_id=row.id,
            tenant_id=tenant_of_session(),
            basis=row.basis,
            plan=row.plan_mean,
            report=row.report_mean,
        )
        db.session.flush()
        db.session.expire(row, ["sheets"])


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


def sign(row: AppraisalSheet, password: str, *, by: Actor, now: datetime) -> None:
    """经办签名: the sheet is complete; it waits for the head. The bureau's takes the sheets it folds along.

    Raises `Refused`, `Invalid` for a wrong password.
    """
    together = _together(row)
    with elevated("appraisal_sheet.sign"):
        made = {each.id: queries.filled(each, queries.locked_content(each)) for each in together}
    missing = sum(len(each.missing) + len(each.faults) for each in made.values())
    facts = queries.sheet_facts(row, by=by, missing=missing)
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


def _together(row: AppraisalSheet) -> list[AppraisalSheet]:
    """A sheet, and where it is the bureau's own, the sheets its folded items come from."""
    if row.form_code != "KP_FIN":
        return [row]
    return [row, *(each for each in row.appraisal.sheets if not each.is_main)]


def return_(row: AppraisalSheet, reason: str, *, by: Actor, now: datetime) -> None:
    """退回: once, for a reason. Raises `Refused`."""
    facts = queries.sheet_facts(row, by=by, reason=reason)
    for each in _together(row):
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
        for each in _together(row):
            content = queries.content_of(each)
            content.digest, content.sources, content.return_reason = None, {}, reason
        db.session.flush()


def lock(row: AppraisalSheet, password: str, *, by: Actor, now: datetime) -> None:
    """负责人确认: the sheet never changes again; with the last one both sides see each other's.

    Raises `Refused`, `Invalid` for a wrong password.
    """
    facts = queries.sheet_facts(row, by=by)
    for each in _together(row):
        take(SHEET, each, "lock", facts, by=by, now=now, changes={"head": by.name, "locked_at": now})
    with elevated("appraisal_sheet.lock"):
        for each in _together(row):
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
