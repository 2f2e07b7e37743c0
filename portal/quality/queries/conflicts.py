"""Who might be drawn for a round, and what stands in their way: employers and bodies of a like name."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from portal import expert, identity, subject, tender
from portal.quality.models import EmployerMatch, Round, Seat
from portal.quality.queries.rows import seats_of
from portal.quality.rules import (
    Body,
    Candidate,
    Finding,
    Other,
    Verdict,
    Verdicts,
    excluded,
    findings,
    persons,
)
from portal.unit import units
from tenants.db import db, tenant_of_session


def kinds_of(subject_ids: Collection[UUID]) -> dict[str, str]:
    """The kind of each subject in words, by its id as text."""
    rows = subject.subjects_for_choice(list(subject_ids))
    return {str(each.id): each.kind_label for each in rows}


def others(row: Round) -> list[Other]:
    """Who has to do with a round: the firm, units with departments and subordinates, the firm's rivals."""
    ids = {UUID(each["unit_id"]) for each in row.sampled}
    near = {each.department_id for each in units() if each.id in ids}
    related = [each for each in units() if each.id in ids | near or each.department_id in ids]
    invited = tender.firms(row.tender_id)
    return [
        Other(row.firm_id, Body.FIRM, row.firm_name),
        *(Other(each.id, Body.UNIT, each.name) for each in related),
        *(Other(each.firm_id, Body.RIVAL, each.name) for each in invited if each.firm_id != row.firm_id),
    ]


def candidates() -> list[Candidate]:
    """Every person of the libraries open to this bureau, once, by name."""
    here = tenant_of_session()
    return persons(
        [
            Candidate(
                each.id, each.name, each.employer, each.open_load, each.expert_id, each.tenant_id == here
            )
            for each in expert.experts()
        ]
    )


def verdicts() -> Verdicts:
    """What people found about employers, by expert, bare name and body."""
    rows = db.session.scalars(select(EmployerMatch).where(EmployerMatch.ended_at.is_(None)))
    return {(each.expert_id, each.bare, each.other_id): Verdict(each.verdict) for each in rows}


def live_match(expert_id: UUID, bare: str, other_id: UUID) -> EmployerMatch | None:
    """What was found last about one employer and one body."""
    return db.session.scalars(
        select(EmployerMatch).where(
            EmployerMatch.expert_id == expert_id,
            EmployerMatch.bare == bare,
            EmployerMatch.other_id == other_id,
            EmployerMatch.ended_at.is_(None),
        )
    ).first()


def found_matches(expert_ids: Iterable[UUID]) -> list[EmployerMatch]:
    """Everything ever found about the employers of some experts, the latest first."""
    rows = select(EmployerMatch).where(EmployerMatch.expert_id.in_(set(expert_ids)))
    return list(db.session.scalars(rows.order_by(EmployerMatch.found_at.desc(), EmployerMatch.id)))


@dataclass(frozen=True, slots=True)
class Checked:
    """An expert with what was found about them for a round."""

    candidate: Candidate
    findings: tuple[Finding, ...]
    has_account: bool = False

    @property
    def is_open(self) -> bool:
        """Whether a person has still to say if the employer is the body of the like name."""
        return any(each.open for each in self.findings)

    @property
    def is_excluded(self) -> bool:
        """Whether a hard conflict keeps the expert out."""
        return excluded(self.findings)


def checked(row: Round, *, seats: Sequence[Seat] | None = None, accounts: bool = False) -> list[Checked]:
    """Everybody not reached in this round yet, with their conflicts."""
    reached = {each.expert_id for each in (seats_of(row.id) if seats is None else seats)}
    around, known = others(row), verdicts()
    people = [each for each in candidates() if each.id not in reached]
    held = identity.experts_with_account([each.id for each in people]) if accounts else {}
    return [Checked(each, tuple(findings(each, around, known)), each.id in held) for each in people]


def conflicts_of(row: Round, expert_id: UUID) -> list[str]:
    """The hard conflicts of one expert by today's data, in words; their own load does not count."""
    person = expert.expert(expert_id)
    found = findings(Candidate(person.id, person.name, person.employer), others(row), verdicts())
    return [each.said for each in found if each.hard]
