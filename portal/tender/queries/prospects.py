"""可邀请机构: every accepted firm with its verdict, and those that were noted and invited."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from portal.commission.rules import Regime
from portal.firm import Firm, Profile, profiles, standings_of
from portal.kernel.errors import Invalid, NotFound
from portal.kernel.ruling import Ruling
from portal.tender.models import Tender, TenderProspect
from portal.tender.queries.namesakes import namesakes
from portal.tender.rules.prospects import Namesake, ProspectFacts, Standing, by_rank, may_invite
from portal.web.search import by_sound
from tenants.db import db

A_YEAR: Final = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Invited:
    """A firm that was asked to respond."""

    firm_id: UUID
    name: str


def prospects(tender_id: UUID) -> list[TenderProspect]:
    """The firms considered for a tender as they were noted: the invited first, by rank, then by name."""
    found = db.session.scalars(select(TenderProspect).where(TenderProspect.tender_id == tender_id))
    return sorted(found, key=place_of)


def place_of(noted: Any) -> tuple[Any, ...]:
    """Where a firm that was noted stands in a list: the invited first, by their last rank, then by name."""
    standing = noted.standing or {}
    return (not noted.chosen, by_rank(standing.get("year"), standing.get("rank")), by_sound(noted.firm_name))


def firms(tender_id: UUID) -> list[Invited]:
    """The firms invited to a tender, by rank, then by name."""
    return [Invited(each.firm_id, each.firm_name) for each in prospects(tender_id) if each.chosen]


def firm_name(firm_id: UUID) -> str:
    """The registered name of a firm. Raises `NotFound`."""
    found = db.session.scalar(select(Firm.name).where(Firm.id == firm_id))
    if found is None:
        raise NotFound
    return found


@dataclass(frozen=True, slots=True)
class Prospect:
    """可邀请机构 with its verdict: whether a rule excludes it, and what else is known of it."""

    profile: Profile
    standing: Standing | None
    ruling: Ruling
    chosen: bool
    namesakes: Sequence[Namesake] = ()

    @property
    def rank(self) -> tuple[bool, int, int]:
        """Where it stands among others: by its last rank, the unranked last."""
        return by_rank(self.standing.year, self.standing.rank) if self.standing else by_rank(None, None)


def standings(firm_ids: Iterable[UUID], *, now: datetime) -> dict[UUID, Standing]:
    """评级结果 of firms, as the ranking recorded them; unrated firms are left out.

    A grade steers invitations for a year from its recording, and is information after that.
    """
    return {
        firm_id: Standing(
            year=found[0].year,
            grade=found[0].grade,
            score=str(found[0].score) if found[0].score is not None else "",
            rank=found[0].rank,
            engagements=found[0].engagements,
            earlier=found[1].grade if len(found) > 1 and found[1].year == found[0].year - 1 else "",
            binds=now - found[0].recorded_at < A_YEAR,
            vetoed=found[0].vetoed,
        )
        for firm_id, found in standings_of(firm_ids).items()
        if found[0].grade
    }


def kept_standing(standing: Standing | None) -> dict[str, Any] | None:
    """A standing as it is kept with the purchase it was read for."""
    if standing is None:
        return None
    return {name: getattr(standing, name) for name in Standing.__dataclass_fields__}


def verdicts(row: Tender, *, chosen: Iterable[UUID], now: datetime) -> list[Prospect]:
    """Every accepted firm with its verdict for this purchase, as the register has them."""
    kept = set(chosen)
    known = profiles(now)
    graded = standings((each.firm_id for each in known), now=now)
    evaluated = frozenset(each[key] for each in row.subjects for key in ("unit", "department"))
    refused = _refused(row.commission_id)
    alike = namesakes(known, evaluated)
    return [
        Prospect(
            each,
            graded.get(each.firm_id),
            may_invite(
                ProspectFacts(
                    firm_id=each.firm_id,
                    name=each.name,
                    representative=each.representative,
                    lead_evaluators=each.lead_evaluators,
                    qualified=each.qualified,
                    evaluated=evaluated,
                    namesakes=alike.get(each.firm_id, ()),
                    standing=graded.get(each.firm_id),
                    load=each.load,
                    regime=Regime(row.regime),
                    refused=each.firm_id in refused,
                )
            ),
            each.firm_id in kept,
            alike.get(each.firm_id, ()),
        )
        for each in known
    ]


def _refused(commission_id: UUID) -> frozenset[UUID]:
    """The firms that would not sign after an earlier purchase of the same commission."""
    kept = db.session.scalars(select(Tender.refused).where(Tender.commission_id == commission_id))
    return frozenset(firm_id for each in kept for firm_id in each)


def namesake_of(row: Tender, firm_id: UUID, other_id: UUID, *, now: datetime) -> tuple[Profile, Namesake]:
    """A firm and the one who bears its head's name. Raises `Invalid` where there is no such pair."""
    for each in verdicts(row, chosen=(), now=now):
        if each.profile.firm_id == firm_id:
            for of in each.namesakes:
                if of.other_id == other_id:
                    return each.profile, of
    raise Invalid("verdict", "tender.unknown_match")
