"""An appraisal, brought to each state by the unit, the section and the approver."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from portal import appraisal
from portal.access import Role
from portal.appraisal import queries
from portal.scoresheet import EMPTY, ItemKind
from tenants import scope
from tests.contract.makers import Deal
from tests.quality.makers import a_final_quality
from tests.support.world import PASSWORD

FILLERS = {"KP_UNIT": Role.UNIT_HANDLER, "KP_FIN": Role.HANDLER}
HEADS = {"KP_UNIT": Role.UNIT_HEAD, "KP_FIN": Role.APPROVER}


def an_open_appraisal(**changed: Any) -> Deal:
    """The work is delivered, its quality final: plan 82, report 78."""
    return a_final_quality(**changed).deal


def case_id(deal: Deal) -> UUID:
    """The appraisal of the contract."""
    with scope.entered(deal.bureau.system):
        found = appraisal.of_contract(deal.contract_id)
        assert found is not None
        return found.id


def sheet_id(deal: Deal, code: str) -> UUID:
    """The sheet of a form."""
    with scope.entered(deal.bureau.system):
        row = appraisal.appraisal(case_id(deal))
        return next(each.id for each in row.sheets if each.form_code == code)


def entries(deal: Deal, code: str, lost: Mapping[int, str] | None = None) -> dict[str, Any]:
    """Entries of a form that lose the given points by place, with a reason; everything else in full."""
    with scope.entered(deal.bureau.system):
        form = queries.form_of(appraisal.sheet(sheet_id(deal, code)))
    items: dict[str, Any] = {
        str(place): {"points": f"{item.points}"}
        for place, item in enumerate(form.items)
        if item.kind in {ItemKind.JUDGEMENT, ItemKind.OBJECTIVE}
    }
    for place, points in (lost or {}).items():
        each = form.items[place].deductions[0]
        times = int(Decimal(points) / each.least) if each.each else 1
        worth = f"{each.least}" if each.each else points
        items[str(place)] = {
            "taken": [{"deduction": 0, "count": times, "points": worth, "note": ""}],
            "reason": "现场核实",
        }
    return {"items": items, "vetoes": {}}


def fill(deal: Deal, code: str, lost: Mapping[int, str] | None = None, **changed: Any) -> None:
    """The filler saves a draft."""
    made = {**entries(deal, code, lost), **changed}
    role = FILLERS.get(code, Role.HANDLER)
    found = sheet_id(deal, code)
    with deal.acting(role) as (by, now):
        appraisal.fill(appraisal.sheet(found), made, EMPTY, by=by, now=now)


def sign(deal: Deal, code: str) -> None:
    """The filler signs."""
    found = sheet_id(deal, code)
    with deal.acting(FILLERS[code]) as (by, now):
        appraisal.sign(appraisal.sheet(found), PASSWORD, confirmed=True, by=by, now=now)


def lock(deal: Deal, code: str) -> None:
    """The head locks."""
    found = sheet_id(deal, code)
    with deal.acting(HEADS[code]) as (by, now):
        appraisal.lock(appraisal.sheet(found), PASSWORD, by=by, now=now)


def filled_by_unit(deal: Deal, lost: Mapping[int, str] | None = None, **changed: Any) -> Deal:
    """The unit's 考评表 is locked."""
    fill(deal, "KP_UNIT", lost, **changed)
    sign(deal, "KP_UNIT")
    lock(deal, "KP_UNIT")
    return deal


def filled_by_bureau(deal: Deal, lost: Mapping[int, str] | None = None, **changed: Any) -> Deal:
    """The bureau's 考评表 is locked, the lead evaluator's sheet in full."""
    fill(deal, "QC_LEADER")
    fill(deal, "KP_FIN", lost, **changed)
    sign(deal, "KP_FIN")
    lock(deal, "KP_FIN")
    return deal


def a_released_appraisal(**changed: Any) -> Deal:
    """Both sides have locked: the unit gave 96, the bureau 92.98 (all but the folded items in full)."""
    deal = an_open_appraisal(**changed)
    return filled_by_bureau(filled_by_unit(deal, {0: "4"}))


def an_appraised_contract(**changed: Any) -> Deal:
    """考评得分 stands."""
    deal = a_released_appraisal(**changed)
    found = case_id(deal)
    with deal.acting(Role.APPROVER) as (by, now):
        appraisal.finish(appraisal.appraisal(found), None, "", by=by, now=now)
    return deal
