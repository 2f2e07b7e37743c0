"""Reading appraisals, sheets and what stands in them, as far as the scope lets them be read."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import select

from portal.appraisal.lifecycle import AppraisalState
from portal.appraisal.models import Appraisal, AppraisalContent, AppraisalSheet
from portal.kernel.errors import NotFound
from portal.kernel.score import Score
from portal.scoresheet import Form, template
from tenants.db import db


def appraisal(row_id: UUID) -> Appraisal:
    """One appraisal. Raises `NotFound`."""
    found = db.session.scalars(select(Appraisal).where(Appraisal.id == row_id)).first()
    if found is None:
        raise NotFound
    return found


def of_contract(contract_id: UUID) -> Appraisal | None:
    """The appraisal of a contract, once the work was delivered."""
    return db.session.scalars(select(Appraisal).where(Appraisal.contract_id == contract_id)).first()


def final_scores(contract_ids: Sequence[UUID]) -> dict[UUID, Score]:
    """考评得分 of those of the contracts whose appraisal is final; one statement."""
    found = db.session.execute(
        select(Appraisal.contract_id, Appraisal.score).where(
            Appraisal.contract_id.in_(contract_ids), Appraisal.state == AppraisalState.FINAL.value
        )
    )
    return {contract_id: Score(points) for contract_id, points in found if points is not None}


def final_score(row: Appraisal) -> Score | None:
    """考评得分, None where the appraisal was closed without one."""
    return None if row.score is None else Score(row.score)


def sheet(row_id: UUID) -> AppraisalSheet:
    """One sheet. Raises `NotFound`."""
    found = db.session.scalars(select(AppraisalSheet).where(AppraisalSheet.id == row_id)).first()
    if found is None:
        raise NotFound
    return found


def signed_together(row: AppraisalSheet) -> list[AppraisalSheet]:
    """A sheet, and where it is the bureau's own, the sheets its folded items come from."""
    if row.form_code != "KP_FIN":
        return [row]
    return [row, *(each for each in row.appraisal.sheets if not each.is_main)]


def content_of(row: AppraisalSheet) -> AppraisalContent:
    """What stands in a sheet, where this scope may read it. Raises `NotFound`."""
    found = db.session.scalars(select(AppraisalContent).where(AppraisalContent.sheet_id == row.id)).first()
    if found is None:
        raise NotFound
    return found


def contents(row: Appraisal) -> dict[UUID, AppraisalContent]:
    """What stands in the sheets of an appraisal, by sheet, as far as this scope reads it; one statement."""
    found = db.session.scalars(select(AppraisalContent).where(AppraisalContent.appraisal_id == row.id))
    return {each.sheet_id: each for each in found}


def locked_content(row: AppraisalSheet) -> AppraisalContent:
    """What stands in a sheet, locked until the transaction ends. Raises `NotFound`."""
    found = content_of(row)
    db.session.refresh(found, with_for_update=True)
    return found


def sheets_of(row: Appraisal) -> list[AppraisalSheet]:
    """Every sheet of an appraisal that this scope may read, read anew."""
    found = db.session.scalars(
        select(AppraisalSheet)
        .where(AppraisalSheet.appraisal_id == row.id)
        .order_by(AppraisalSheet.place, AppraisalSheet.id)
        .execution_options(populate_existing=True)
    )
    return list(found)


def form_of(row: AppraisalSheet) -> Form:
    """The form of a sheet, in the version the commission pinned."""
    return template(row.form_code, row.form_version).form


def vetoes(row: Appraisal, known: Mapping[UUID, AppraisalContent]) -> dict[str, str]:
    """一票否决 ticked on released 考评表: whose and which → evidence."""
    found: dict[str, str] = {}
    for each in row.sheets:
        content = known.get(each.id)
        if content is None or content.released_at is None or not content.entries.get("vetoes"):
            continue
        names = form_of(each).vetoes
        for place, evidence in content.entries["vetoes"].items():
            found[f"{each.party_name}：{names[int(place)]}"] = evidence
    return found
