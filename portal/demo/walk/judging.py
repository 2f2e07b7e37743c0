"""How good it was: experts drawn, sheets handed in, the appraisal of both sides, the year's ranking."""

from collections.abc import Sequence
from uuid import UUID

from portal import (
    appraisal,
    draw,
    quality,
    ranking,
)
from portal.access import Role
from portal.appraisal.queries import form_of as appraisal_form
from portal.demo.people import PASSWORD
from portal.demo.settling import World
from portal.demo.walk.desks import APPROVER, CHECKER, HANDLER, ORGANISER, firm_of
from portal.quality.queries import form_of
from portal.scoresheet import EMPTY, Form, ItemKind


def drawn(world: World, contract_id: UUID) -> UUID:
    """Experts are drawn: committed by the organiser, the number typed by a second officer."""
    with world.acting(*ORGANISER) as (actor, now):
        row = _round(contract_id)
        round_id, draw_id = row.id, quality.draw_(row, by=actor, now=now).id
    with world.acting(*CHECKER) as (actor, now):
        draw.seed(draw.draw(draw_id), "20260713", by=actor, now=now)
    return round_id


def seated(world: World, round_id: UUID, *, places: int = 3) -> list[tuple[str, Role]]:
    """The experts asked accept, with a signed declaration."""
    with world.acting(*ORGANISER) as _:
        offers = [(each.id, each.expert_id) for each in quality.seats_of(round_id) if each.is_offered]
    found = []
    for seat_id, expert_id in offers[:places]:
        person = world.invited(expert_id)
        with world.acting(*person) as (actor, now):
            quality.accept(quality.seat(seat_id), declared=True, password=PASSWORD, by=actor, now=now)
        found.append(person)
    return found


def scored(world: World, round_id: UUID, experts: Sequence[tuple[str, Role]], losses: Sequence[int]) -> None:
    """Each expert fills and hands in every sheet; ``losses``: how many items lose points, per expert."""
    with world.acting(*ORGANISER) as _:
        seats = {each.expert_id: each.id for each in quality.seats_of(round_id) if each.is_live}
    for person, lost in zip(experts, losses, strict=True):
        with world.acting(*person) as _:
            sheets = [each.id for each in quality.sheets_of_seat(seats[world.party(person[0])])]
        for sheet_id in sheets:
            with world.acting(*person) as (actor, now):
                row = quality.sheet(sheet_id)
                entries = _entries(form_of(row), lost)
                quality.save(row, entries, row.entries, by=actor, now=now)
            with world.acting(*person) as (actor, now):
                quality.hand_in(quality.sheet(sheet_id), confirmed=True, by=actor, now=now)


def told(world: World, round_id: UUID, *, concurs: bool = True) -> None:
    """The firm is told its score, and has nothing to object to."""
    with world.acting(*ORGANISER) as (actor, now):
        row = quality.round_(round_id)
        contract_id = row.contract_id
        quality.notify(row, by=actor, now=now)
    if not concurs:
        return
    firm = world.standing_for(firm_of(world, contract_id), Role.FIRM_SIGNATORY)
    with world.acting(*firm) as (actor, now):
        quality.concur(quality.round_(round_id), by=actor, now=now)


def filled(world: World, contract_id: UUID, codes: Sequence[str], lost: int) -> None:
    """The fillers of the unit's or the bureau's sheets save what they give."""
    for sheet_id, code, filler, _ in _sheets(world, contract_id):
        if code in codes:
            with world.acting(*filler) as (actor, now):
                row = appraisal.sheet(sheet_id)
                entries = _entries(appraisal_form(row), 0 if code == "QC_LEADER" else lost)
                appraisal.fill(row, entries, EMPTY, by=actor, now=now)


def undersigned(world: World, contract_id: UUID, code: str, *, locked: bool = True) -> None:
    """经办 signs; 负责人 locks."""
    for sheet_id, each, filler, head in _sheets(world, contract_id):
        if each != code:
            continue
        with world.acting(*filler) as (actor, now):
            appraisal.sign(appraisal.sheet(sheet_id), PASSWORD, confirmed=True, by=actor, now=now)
        if locked:
            with world.acting(*head) as (actor, now):
                appraisal.lock(appraisal.sheet(sheet_id), PASSWORD, by=actor, now=now)


def appraised(world: World, contract_id: UUID, lost: int) -> None:
    """Both sides fill, sign and lock; the score stands."""
    filled(world, contract_id, ("KP_UNIT",), lost)
    undersigned(world, contract_id, "KP_UNIT")
    filled(world, contract_id, ("KP_FIN", "QC_LEADER"), lost)
    undersigned(world, contract_id, "KP_FIN")
    with world.acting(*APPROVER) as (actor, now):
        appraisal.finish(_appraisal(contract_id), None, "", by=actor, now=now)


def published(world: World, year: int) -> UUID:
    """The year's ranking is put before the public."""
    with world.acting(*HANDLER) as (actor, now):
        row_id = ranking.draft(year, by=actor, now=now).id
    with world.acting(*APPROVER) as (actor, now):
        ranking.publish(ranking.ranking(row_id), by=actor, now=now)
    return row_id


def finalised(world: World, ranking_id: UUID) -> None:
    """The standings of the year."""
    with world.acting(*APPROVER) as (actor, now):
        ranking.finalise(ranking.ranking(ranking_id), by=actor, now=now)


def _round(contract_id: UUID) -> quality.Round:
    found = quality.of_contract(contract_id)
    if found is None:
        raise LookupError
    return found


def _appraisal(contract_id: UUID) -> appraisal.Appraisal:
    found = appraisal.of_contract(contract_id)
    if found is None:
        raise LookupError
    return found


def _sheets(world: World, contract_id: UUID) -> list[tuple[UUID, str, tuple[str, Role], tuple[str, Role]]]:
    """The sheets of an appraisal: id, form, who fills it, who answers for it."""
    with world.acting(*HANDLER) as _:
        rows = [(each.id, each.form_code, each.party_id) for each in _appraisal(contract_id).sheets]
    made = []
    for sheet_id, code, party_id in rows:
        if code == "KP_UNIT":
            clerk = world.standing_for(party_id, Role.UNIT_HANDLER)
            made.append((sheet_id, code, clerk, world.standing_for(party_id, Role.UNIT_HEAD)))
        else:
            made.append((sheet_id, code, HANDLER, APPROVER))
    return made


def _entries(form: Form, lost: int) -> dict[str, object]:
    """A sheet on which ``lost`` items lose points, each for a reason."""
    items: dict[str, object] = {}
    for place, item in enumerate(form.items):
        taken = next((n for n, each in enumerate(item.deductions) if not each.veto), None)
        if item.kind in {ItemKind.JUDGEMENT, ItemKind.OBJECTIVE}:
            items[str(place)] = {"points": str(item.points - (item.step or 0)), "reason": ""}
        elif item.kind is ItemKind.DEDUCT and taken is not None and lost > 0:
            least = item.deductions[taken].least
            line = {"deduction": taken, "count": 1, "points": str(least), "note": "见正文第二部分"}
            items[str(place)] = {"taken": [line], "reason": "按扣分事项扣分，依据见正文。"}
            lost -= 1
    return {"items": items, "vetoes": {}}
