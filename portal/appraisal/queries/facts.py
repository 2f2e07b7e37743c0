"""Everything the rules ask about a sheet or an appraisal, at one moment."""

from datetime import date, datetime

from portal.access import Actor
from portal.appraisal.models import Appraisal, AppraisalSheet
from portal.appraisal.queries.rows import contents, vetoes
from portal.appraisal.rules import AppraisalFacts, Basis, Party, SheetFacts
from portal.kernel.workdays import day_of


def sheet_facts(row: AppraisalSheet, *, by: Actor, missing: int = 0, reason: str | None = None) -> SheetFacts:
    """Everything the rules ask about a sheet, at this moment."""
    case = row.appraisal
    return SheetFacts(
        over=case.over,
        basis=Basis(case.basis),
        party=Party(row.party),
        missing=missing,
        signer_id=row.signer_id,
        actor_id=by.account_id,
        returned=row.returned_at is not None,
        released=case.released_at is not None,
        gap=case.gap,
        most=case.gap_limit,
        reason=reason,
    )


def facts(
    row: Appraisal,
    *,
    now: datetime,
    reason: str | None = None,
    new_on: date | None = None,
    upheld: bool | None = None,
    asked: bool = False,
) -> AppraisalFacts:
    """Everything the rules ask about an appraisal, at this moment."""
    known = contents(row) if row.released_at is not None else {}
    return AppraisalFacts(
        now=now,
        due_by=row.due_by,
        waiting=row.waiting,
        unexplained=[
            each.party_name
            for each in row.sheets
            if row.is_wide and each.is_main and each.explained_at is None
        ],
        vetoes=vetoes(row, known),
        upheld=upheld,
        asked=asked,
        reason=reason,
        new_on=new_on,
        today=day_of(now),
    )
