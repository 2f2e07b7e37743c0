"""Deliverables, consultations and material, searched, sorted and page by page."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, case, func, select

from portal.contract.rules import DeliverableKind
from portal.deliverable.lifecycle import ConsultationState, DeliverableState, MaterialState
from portal.deliverable.models import Consultation, Deliverable, Material
from portal.web.listing import Listing, Sort, listing, read_day, read_instant
from tenants.db import db

OPEN_FIRST = case((Deliverable.state == DeliverableState.ACCEPTED.value, "1"), else_="0") + func.to_char(
    Deliverable.due_on, "YYYY-MM-DD"
)
SORTS: Mapping[str, Sort] = {
    "open": Sort(OPEN_FIRST),
    "subject": Sort(Deliverable.subject_name.expression),
    "due": Sort(Deliverable.due_on.expression, read_day),
    "touched": Sort(Deliverable.touched_at.expression, read_instant),
}
CONSULTATION_SORTS: Mapping[str, Sort] = {
    "subject": Sort(Consultation.subject_name.expression),
    "due": Sort(Consultation.due_by.expression, read_instant),
    "touched": Sort(Consultation.touched_at.expression, read_instant),
}
MATERIAL_SORTS: Mapping[str, Sort] = {
    "item": Sort(Material.item.expression),
    "asked": Sort(Material.asked_on.expression, read_day),
    "touched": Sort(Material.touched_at.expression, read_instant),
}


def _about(rows: Select[Any], model: Any, arguments: Mapping[str, str]) -> Select[Any]:
    if words := arguments.get("q", "").strip():
        rows = rows.where(
            model.subject_name.icontains(words, autoescape=True)
            | model.contract_name.icontains(words, autoescape=True)
        )
    if contract_id := id_typed(arguments.get("contract", "")):
        rows = rows.where(model.contract_id == contract_id)
    return rows


def id_typed(typed: str) -> UUID | None:
    """An id as an address brings it; None where it is none."""
    try:
        return UUID(typed)
    except ValueError:
        return None


def matching(arguments: Mapping[str, str]) -> Select[Deliverable]:
    """The deliverables a search asks for: words of subject or contract, a kind, a state, one contract."""
    rows = _about(select(Deliverable), Deliverable, arguments)
    if (state := arguments.get("state")) in {each.value for each in DeliverableState}:
        rows = rows.where(Deliverable.state == state)
    if (kind := arguments.get("kind")) in {each.value for each in DeliverableKind}:
        rows = rows.where(Deliverable.kind == kind)
    return rows


def page_of(arguments: Mapping[str, str], *, path: str, export_url: str) -> Listing:
    """One page of the deliverables: what is not accepted yet first, the next due at the top."""
    return listing(
        matching(arguments),
        key=Deliverable.id.expression,
        sorts=SORTS,
        arguments=arguments,
        path=path,
        default="open",
        kept=("q", "state", "kind", "contract"),
        export_url=export_url,
    )


def everything(arguments: Mapping[str, str]) -> Sequence[Deliverable]:
    """All deliverables a search asks for, for the workbook."""
    return list(db.session.scalars(matching(arguments).order_by(Deliverable.due_on, Deliverable.id)))


def consultations(arguments: Mapping[str, str], *, path: str) -> Listing:
    """One page of the consultations the actor may read, the last touched first."""
    rows = _about(select(Consultation), Consultation, arguments)
    if (state := arguments.get("state")) in {each.value for each in ConsultationState}:
        rows = rows.where(Consultation.state == state)
    return listing(
        rows,
        key=Consultation.id.expression,
        sorts=CONSULTATION_SORTS,
        arguments=arguments,
        path=path,
        default="-touched",
        kept=("q", "state", "contract"),
    )


def matching_materials(arguments: Mapping[str, str]) -> Select[Material]:
    """The material a search asks for: words of item, subject or contract, a state, one contract."""
    rows = select(Material)
    if words := arguments.get("q", "").strip():
        rows = rows.where(
            Material.item.icontains(words, autoescape=True)
            | Material.subject_name.icontains(words, autoescape=True)
        )
    if contract_id := id_typed(arguments.get("contract", "")):
        rows = rows.where(Material.contract_id == contract_id)
    if (state := arguments.get("state")) in {each.value for each in MaterialState}:
        rows = rows.where(Material.state == state)
    return rows


def materials(arguments: Mapping[str, str], *, path: str, export_url: str) -> Listing:
    """One page of the material the actor may read, the last touched first."""
    return listing(
        matching_materials(arguments),
        key=Material.id.expression,
        sorts=MATERIAL_SORTS,
        arguments=arguments,
        path=path,
        default="-touched",
        kept=("q", "state", "contract"),
        export_url=export_url,
    )


def all_materials(arguments: Mapping[str, str]) -> Sequence[Material]:
    """All material a search asks for, for the workbook."""
    return list(db.session.scalars(matching_materials(arguments).order_by(Material.asked_on, Material.id)))
