"""Who of the evaluated units or another firm bears the name of a firm's head, and what was found of it."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from portal.firm import Profile
from portal.tender.models import TenderNamesake
from portal.tender.rules.prospects import VERDICT_LABELS, Kin, Namesake, Verdict
from portal.unit import units
from tenants.db import db

Key = tuple[UUID, str, UUID]


def key_of(firm_id: UUID, of: Namesake) -> Key:
    """Under what a finding is kept: of two firms the same, whichever is asked about."""
    first, second = firm_id, of.other_id
    if of.kin is Kin.FIRM:
        first, second = sorted((first, second))
    return first, of.person, second


def found_of(key: Key) -> TenderNamesake | None:
    """What was last found about such a pair."""
    firm_id, person, other_id = key
    return db.session.scalar(
        select(TenderNamesake).where(
            TenderNamesake.firm_id == firm_id,
            TenderNamesake.person == person,
            TenderNamesake.other_id == other_id,
            TenderNamesake.ended_at.is_(None),
        )
    )


def namesakes(known: Sequence[Profile], evaluated: Collection[str]) -> dict[UUID, list[Namesake]]:
    """Of each firm those who bear its head's name: contacts of what is evaluated, heads of other firms."""
    heads: dict[str, list[Profile]] = defaultdict(list)
    for firm in known:
        if firm.representative:
            heads[firm.representative].append(firm)
    found: dict[UUID, list[Namesake]] = defaultdict(list)
    for unit in units():
        for firm in heads.get(unit.contact, ()) if unit.name in evaluated else ():
            found[firm.firm_id].append(
                Namesake(
                    firm.representative,
                    Kin.UNIT,
                    unit.id,
                    unit.name,
                    sure=firm.phone_index is not None and firm.phone_index == unit.phone_index,
                    phones=(firm.phone_masked, unit.phone_masked),
                )
            )
    for person, firms in heads.items():
        for firm in firms:
            for other in firms:
                if other is not firm:
                    found[firm.firm_id].append(
                        Namesake(
                            person,
                            Kin.FIRM,
                            other.firm_id,
                            other.name,
                            sure=firm.phone_index is not None and firm.phone_index == other.phone_index,
                            phones=(firm.phone_masked, other.phone_masked),
                        )
                    )
    return _judged(found) if found else {}


def _judged(found: dict[UUID, list[Namesake]]) -> dict[UUID, list[Namesake]]:
    """The same, each with what a person found of it."""
    rows = db.session.scalars(select(TenderNamesake).where(TenderNamesake.ended_at.is_(None)))
    kept = {(each.firm_id, each.person, each.other_id): each for each in rows}
    return {
        firm_id: [_with(each, kept.get(key_of(firm_id, each))) for each in theirs]
        for firm_id, theirs in found.items()
    }


def _with(of: Namesake, finding: TenderNamesake | None) -> Namesake:
    if finding is None:
        return of
    return Namesake(
        of.person,
        of.kin,
        of.other_id,
        of.other,
        sure=of.sure,
        verdict=Verdict(finding.verdict),
        reason=finding.reason,
        found_by=finding.found_by,
        found_at=finding.found_at,
        phones=of.phones,
    )


def kept_namesake(of: Namesake) -> dict[str, Any]:
    """A finding as it is kept with the purchase that relied on it."""
    return {
        "person": of.person,
        "other": of.other,
        "verdict": VERDICT_LABELS[of.verdict] if of.verdict else "",
        "reason": of.reason,
        "by": of.found_by,
        "at": of.found_at.isoformat() if of.found_at else "",
    }
