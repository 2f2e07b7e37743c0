"""An appraisal begins: a 考评表 for each unit and one for the bureau, and the sheets it takes a share of."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from portal import commission, contract, deliverable
from portal.access import Actor
from portal.appraisal import queries
from portal.appraisal.lifecycle import APPRAISAL, SHEET, AppraisalState, SheetState
from portal.appraisal.models import Appraisal, AppraisalContent, AppraisalSheet
from portal.appraisal.rules import FOLDED, Basis, Party
from portal.audit import born, record
from portal.kernel.workdays import add_workdays, day_of, end_of
from portal.scoresheet import EMPTY, template
from tenants.calendar import calendar
from tenants.db import db, tenant_of_session
from tenants.scope import elevated

BUREAU: Final = "财政部门"


def open_for(contract_id: UUID, *, by: Actor | None, now: datetime) -> None:
    """发起考评: one 考评表 for each evaluated unit and one for the bureau, once the work is delivered."""
    with elevated("appraisal.open"):
        if queries.of_contract(contract_id) is not None:
            return
        origin = contract.contract(contract_id)
        terms = commission.terms(origin.terms_id)
        force = queries.rules_of_the_day(now)
        units = dict.fromkeys((UUID(each["unit_id"]), each["unit_name"]) for each in origin.objects)
        today = day_of(now)
        due_by = end_of(add_workdays(today, force.rules.appraisal.fill_workdays, calendar(today)))
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
            rule_set_id=force.id,
            weight_unit=terms.weight_unit,
            weight_finance=terms.weight_finance,
            gap_limit=force.rules.appraisal.gap,
            basis=known.basis.value,
            plan_mean=known.plan,
            report_mean=known.report,
            days_agreed=origin.onsite_days,
            days_present=deliverable.lead_days(contract_id),
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


def quality_known(contract_id: UUID, *, now: datetime) -> None:
    """The quality score stands: the bureau's sheet knows now by which 口径 it is folded."""
    with elevated("appraisal.quality"):
        row = queries.of_contract(contract_id)
        if row is None or row.over or Basis(row.basis) is not Basis.PENDING:
            return
        known = queries.quality_of(contract_id)
        row.basis, row.plan_mean, row.report_mean = known.basis.value, known.plan, known.report
        row.version += 1
        if known.basis is Basis.UNSAMPLED:
            _supplement(row, ("QC_PLAN", "QC_REPORT"), commission.terms(row.terms_id).forms, by=None, now=now)
        record(
            "appraisal.quality",
            by=None,
            now=now,
            subject_id=row.id,
            tenant_id=tenant_of_session(),
            basis=row.basis,
            plan=row.plan_mean,
            report=row.report_mean,
        )
        db.session.flush()
        db.session.expire(row, ["sheets"])
