"""Reading rounds, seats and sheets, and the facts their rules are asked with."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select

from portal import deliverable, draw, expert, identity, tender
from portal.access import Actor
from portal.contract.rules import DELIVERABLES, DeliverableKind
from portal.draw import Draw, Outcome
from portal.kernel.errors import NotFound, Stale
from portal.kernel.score import Score
from portal.office import rules_kept
from portal.quality.lifecycle import RoundState, SeatState, SheetState
from portal.quality.models import EmployerMatch, Round, Seat, Sheet
from portal.quality.rules import (
    Body,
    Candidate,
    Finding,
    Other,
    RoundFacts,
    SeatFacts,
    SheetFacts,
    Verdict,
    Verdicts,
    excluded,
    findings,
    persons,
)
from portal.scoresheet import Filled, Form, fill, template
from portal.unit import units
from portal.web.listing import Listing, Sort, listing, read_instant, read_int
from tenants.db import db, tenant_of_session
from tenants.ruleset import QcRules, Scope
from tenants.scope import elevated

SORTS: Mapping[str, Sort] = {
    "name": Sort(Round.name.expression),
    "year": Sort(Round.year.expression, read_int),
    "touched": Sort(Round.touched_at.expression, read_instant),
}
NEEDED = (DeliverableKind.PLAN, DeliverableKind.REPORT)


def _one(rows: Select[Any]) -> Any:
    found = db.session.scalars(rows).first()
    if found is None:
        raise NotFound
    return found


def round_(row_id: UUID) -> Round:
    """The round. Raises `NotFound`, for the firm until it was told."""
    found: Round = _one(select(Round).where(Round.id == row_id))
    return found


def seat(row_id: UUID) -> Seat:
    """The seat. Raises `NotFound`."""
    found: Seat = _one(select(Seat).where(Seat.id == row_id))
    return found


def sheet(row_id: UUID) -> Sheet:
    """The sheet. Raises `NotFound`, for everybody but its expert until it was released."""
    found: Sheet = _one(select(Sheet).where(Sheet.id == row_id))
    return found


def of_contract(contract_id: UUID) -> Round | None:
    """The round of a contract, where the scope may read it."""
    return db.session.scalars(select(Round).where(Round.contract_id == contract_id)).first()


def lock(row: Round | Seat | Sheet, *, version: int | None = None) -> None:
    """Lock the row. Raises `Stale` where its version is not the one that was shown."""
    db.session.refresh(row, with_for_update=True)
    if version is not None and row.version != version:
        raise Stale


def hold(row: Round | Sheet, *, version: int) -> None:
    """Lock the row for who writes nothing directly, expert or firm. Raises `Stale` where it changed since."""
    with elevated("quality.hold"):
        lock(row, version=version)


def matching(arguments: Mapping[str, str]) -> Select[Round]:
    """The rounds a search asks for: words of contract or firm, a state, a year."""
    rows = select(Round)
    if words := arguments.get("q", "").strip():
        rows = rows.where(
            Round.name.icontains(words, autoescape=True) | Round.firm_name.icontains(words, autoescape=True)
        )
    if (state := arguments.get("state")) in {each.value for each in RoundState}:
        rows = rows.where(Round.state == state)
    if (year := arguments.get("year", "")).isdecimal() and len(year) == 4:  # noqa: PLR2004
        rows = rows.where(Round.year == int(year))
    return rows


def page_of(arguments: Mapping[str, str], *, path: str, export_url: str | None = None) -> Listing:
    """One page of the rounds, the last touched first."""
    return listing(
        matching(arguments),
        key=Round.id.expression,
        sorts=SORTS,
        arguments=arguments,
        path=path,
        default="-touched",
        kept=("q", "state", "year"),
        export_url=export_url,
    )


def everything(arguments: Mapping[str, str]) -> list[Round]:
    """All rounds a search asks for, for the workbook."""
    return list(db.session.scalars(matching(arguments).order_by(Round.touched_at.desc())))


def seats_of(round_id: UUID) -> list[Seat]:
    """The seats of a round in the order they were reached."""
    rows = select(Seat).where(Seat.round_id == round_id).order_by(Seat.offered_at, Seat.place, Seat.id)
    return list(db.session.scalars(rows))


def own_seats(actor: Actor) -> list[Seat]:
    """The seats an expert was offered in this bureau, the latest first."""
    rows = select(Seat).where(Seat.expert_id == actor.party_id).order_by(Seat.offered_at.desc(), Seat.id)
    return list(db.session.scalars(rows))


def sheets_of(round_id: UUID) -> list[Sheet]:
    """The sheets of a round the scope may read, subject by subject; void ones too."""
    rows = select(Sheet).where(Sheet.round_id == round_id)
    return sorted(db.session.scalars(rows), key=_shown_order)


def sheets_of_seat(seat_id: UUID) -> list[Sheet]:
    """The sheets of a seat, subject by subject, plan before report, the latest edition first."""
    return sorted(db.session.scalars(select(Sheet).where(Sheet.seat_id == seat_id)), key=_shown_order)


def _shown_order(row: Sheet) -> tuple[str, str, str, int]:
    return row.subject_name, str(row.subject_id), row.stage, -row.edition


def form_of(row: Sheet) -> Form:
    """The form a sheet is pinned to. Raises `Misconfigured`."""
    return template(row.form_code, row.form_version).form


def filled(row: Sheet, form: Form | None = None) -> Filled:
    """What a sheet is worth as it stands."""
    return fill(form or form_of(row), row.entries)


def qc_rules(row: Round) -> QcRules:
    """The quality terms of a round, as the formulas read them."""
    return QcRules(
        weight_plan=row.weight_plan,
        weight_report=row.weight_report,
        cutoff=None,
        deduct_ratio=Decimal(0),
        scope=Scope.CONTRACT,
        min_valid_sheets=row.min_valid_sheets,
        trim_extremes=row.trim_extremes,
        scoring_workdays=row.scoring_workdays,
        objection_workdays=row.objection_workdays,
    )


def offer_minutes(row: Round) -> int:
    """How long an expert may think an offer over."""
    return rules_kept(row.rule_set_id).rules.draw.offer_minutes


def missing(row: Round) -> list[str]:
    """The plans and reports of the sampled subjects that nobody has accepted yet, in words."""
    work = deliverable.of_contract(row.contract_id)
    there = {(each.subject_id, each.which) for each in work if each.accepted_file_id is not None}
    return [
        f"{each['name']}{DELIVERABLES[kind]}"
        for each in row.sampled
        for kind in NEEDED
        if (UUID(each["id"]), kind) not in there
    ]


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


def waiting(
    row: Round, seats: Sequence[Seat] | None = None, *, draws: Sequence[Draw] | None = None
) -> list[UUID]:
    """Whom the draw in force has not reached yet, in its order; nobody after it was voided."""
    if row.draw_id is None or RoundState(row.state) is not RoundState.SCORING:
        return []
    current = next(
        each for each in (draw.draws_of(row.id) if draws is None else draws) if each.id == row.draw_id
    )
    if current.outcome == Outcome.VOID.value:
        return []
    reached = {each.expert_id for each in (seats_of(row.id) if seats is None else seats)}
    return [each for each in draw.order(row.draw_id) if each not in reached]


def facts(
    row: Round,
    *,
    now: datetime,
    reason: str | None = None,
    in_file: bool = True,
    seats: Sequence[Seat] | None = None,
    people: Sequence[Checked] | None = None,
    draws: Sequence[Draw] | None = None,
) -> RoundFacts:
    """Everything the rules of a round ask about; only what its state makes them ask for is read."""
    state = RoundState(row.state)
    shown = RoundFacts(
        now=now,
        to_sample=row.to_sample,
        places=row.places,
        min_valid=row.min_valid_sheets,
        veto_open=row.veto_open,
        vetoes=len(row.reports_of_veto),
        objection_by=row.objection_by,
        objected=row.objected_at is not None,
        in_file=in_file,
        reason=reason,
    )
    if state not in {RoundState.PLANNED, RoundState.SCORING}:
        return shown
    if state is RoundState.PLANNED:
        if row.to_sample:
            return shown
        people = checked(row, seats=()) if people is None else people
        eligible = sum(not each.is_excluded for each in people)
        return _with(shown, missing=missing(row), eligible=eligible, wanted=row.places)
    seats = seats_of(row.id) if seats is None else seats
    left = waiting(row, seats, draws=draws)
    offered, accepted = sum(each.is_offered for each in seats), sum(each.is_live for each in seats)
    fresh: set[UUID] = set()
    if offered + accepted < row.places and not left:
        people = checked(row, seats=seats) if people is None else people
        fresh = {each.candidate.id for each in people if not each.is_excluded}
    return _with(
        shown,
        eligible=len(fresh),
        offered=offered,
        accepted=accepted,
        waiting=len(left),
        open_sheets=sum(each.sheets - each.handed_in for each in seats if each.is_live),
    )


def _with(known: RoundFacts, **more: Any) -> RoundFacts:
    return RoundFacts(**{**{name: getattr(known, name) for name in RoundFacts.__slots__}, **more})


def seat_facts(
    row: Seat,
    *,
    now: datetime,
    declared: bool = False,
    declining: str = "",
    reason: str | None = None,
    conflicts: Sequence[str] = (),
    scoring: bool = True,
) -> SeatFacts:
    """Everything the rules of a seat ask about."""
    return SeatFacts(
        now=now,
        offer_until=row.offer_until,
        declared=declared,
        conflicts=conflicts,
        declining=declining,
        reason=reason,
        scoring=scoring,
    )


def sheet_facts(row: Sheet, worth: Filled, *, seated: bool, now: datetime) -> SheetFacts:
    """Everything the rules of a sheet ask about."""
    return SheetFacts(
        now=now,
        score_by=row.score_by,
        seated=seated,
        missing=len(worth.missing),
        faults=len(worth.faults),
    )


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the experts of a round are, for an expert whose own sheets are in; counts alone."""

    sheets: int
    handed_in: int


def progress(row: Seat) -> Progress | None:
    """How far all experts are; None until this one's own sheets are in."""
    if not (row.is_live and row.is_done):
        return None
    with elevated("quality.progress"):
        total, there = db.session.execute(
            select(func.coalesce(func.sum(Seat.sheets), 0), func.coalesce(func.sum(Seat.handed_in), 0)).where(
                Seat.round_id == row.round_id, Seat.state == SeatState.ACCEPTED.value
            )
        ).one()
    return Progress(total, there)


def outcome(row: Seat) -> Round | None:
    """The round with its result, for an expert whose own sheets are in; None until it is added up."""
    found = db.session.scalars(select(Round).where(Round.id == row.round_id)).first()
    return found if found is not None and found.result is not None else None


def valid_sheets(row: Round) -> list[Sheet]:
    """The sheets that count; for the system, which alone reads them before they are released."""
    rows = select(Sheet).where(Sheet.round_id == row.id, Sheet.state == SheetState.HANDED_IN.value)
    return sorted(db.session.scalars(rows), key=_shown_order)


def counts() -> dict[str, int]:
    """How many rounds stand where, for the home; one statement."""
    found = db.session.execute(select(Round.state, func.count()).group_by(Round.state))
    return {each[0]: each[1] for each in found}


@dataclass(frozen=True, slots=True)
class SubjectQuality:
    """What one subject got; None where it was not scored (未抽评)."""

    subject_id: UUID
    plan: Decimal | None
    report: Decimal | None
    score: Decimal | None


@dataclass(frozen=True, slots=True)
class Quality:
    """质量得分 of a contract as it stands finally; ``score`` is None where nothing was scored."""

    round_id: UUID
    score: Score | None
    plan: Score | None
    report: Score | None
    vetoed: bool
    subjects: tuple[SubjectQuality, ...]
    final_at: datetime


def quality_of(contract_id: UUID) -> Quality | None:
    """The final quality score of a contract; None until it stands."""
    row = of_contract(contract_id)
    if row is None or row.final_at is None:
        return None
    scored = {each["id"]: each for each in (row.result or {}).get("subjects", ())}
    return Quality(
        round_id=row.id,
        score=_score(row.quality_score),
        plan=_score(row.plan_mean),
        report=_score(row.report_mean),
        vetoed=bool(row.vetoed),
        subjects=tuple(
            SubjectQuality(
                UUID(each["id"]),
                *(
                    _read(scored.get(each["id"], {}).get(name))
                    for name in ("plan_mean", "report_mean", "quality")
                ),
            )
            for each in row.subjects
        ),
        final_at=row.final_at,
    )


means = quality_of


def _score(points: Decimal | None) -> Score | None:
    return None if points is None else Score(points)


def _read(kept: str | None) -> Decimal | None:
    return None if kept is None else Decimal(kept)
