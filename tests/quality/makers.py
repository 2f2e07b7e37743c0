"""A round of scoring, brought to each state by organiser, seeder, experts and firm."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any, cast
from uuid import UUID, uuid4

from stdnum.cn import ric

from portal import draw, expert, identity, quality
from portal.access import Actor, Role
from portal.audit import born, rewrite_inbox
from portal.draw import Outcome
from portal.expert import EXPERT_REGISTER
from portal.kernel.hashing import plain
from portal.quality.lifecycle import ROUND, SEAT, SHEET
from portal.quality.models import EmployerMatch
from portal.quality.queries import everything, filled, form_of, reckoned, valid_sheets
from portal.quality.rules import FORMS, Stage
from portal.scoresheet import Form, ItemKind, template
from portal.spreadsheet import adopt
from tenants import scope
from tenants.db import db
from tests.contract.makers import Deal, an_effective_contract
from tests.deliverable.makers import delivered
from tests.draw.makers import a_draw
from tests.file.makers import a_stored_file
from tests.spreadsheet.books import a_book
from tests.support.world import PASSWORD, Bureau, Person, a_person

__all__ = ["PASSWORD", "a_person", "an_effective_contract", "delivered", "filled"]
TYPED = "20261121"
HEAD = (
    "姓名",
    "身份证号",
    "性别",
    "专家类别",
    "工作单位",
    "职称/职务",
    "从业年限",
    "手机",
    "是否公务员",
)
_numbers = count(1)


@dataclass
class Case:
    """A contract with its round, and the experts of the library by membership."""

    deal: Deal
    round_id: UUID
    experts: dict[UUID, Person] = field(default_factory=dict)
    known_sheets: dict[UUID, list[UUID]] = field(default_factory=dict)

    def remember_sheets(self) -> None:
        """Note every seated expert's sheets, so that others can be sent to their addresses."""
        with scope.entered(self.bureau.system):
            for each in quality.seats_of(self.round_id):
                self.known_sheets[each.expert_id] = [one.id for one in quality.sheets_of_seat(each.id)]

    @property
    def bureau(self) -> Bureau:
        """The bureau that organises it."""
        return self.deal.bureau

    @contextmanager
    def acting(self, who: Role | UUID) -> Iterator[tuple[Actor, datetime]]:
        """One deed of an officer by role, or of an expert by membership, in a transaction of its own."""
        person = self.bureau.people[who] if isinstance(who, Role) else self.experts[who]
        with scope.unit_of_work(person.scope):
            yield person.actor, scope.now()

    def seats(self, state: str) -> list[UUID]:
        """The experts whose seat is in a state, in the order they were reached."""
        with scope.entered(self.bureau.system):
            return [each.expert_id for each in quality.seats_of(self.round_id) if each.state == state]

    def seat_id(self, member_id: UUID) -> UUID:
        """The seat of an expert."""
        with scope.entered(self.bureau.system):
            seats = quality.seats_of(self.round_id)
            return next(each.id for each in seats if each.expert_id == member_id)

    def sheet_ids(self, member_id: UUID) -> list[UUID]:
        """The open sheets of an expert."""
        with self.acting(member_id):
            sheets = quality.sheets_of_seat(self.seat_id(member_id))
            return [each.id for each in sheets if each.is_open]


def experts_in(bureau: Bureau, employers: Sequence[str]) -> list[UUID]:
    """Members of the bureau's library, one for each employer; nobody has an account yet."""
    if not employers:
        return []
    handler = bureau.people[Role.HANDLER]
    rows, names = [], []
    for employer in employers:
        number = next(_numbers)
        body = f"530111{1985 + number % 10}{1 + number % 12:02d}{1 + number % 25:02d}{number % 1000:03d}"
        names.append(f"{bureau.marker}专家{number}")
        mobile = f"139{number:08d}"
        rows.append(
            (
                names[-1],
                body + ric.calc_check_digit(f"{body}0"),
                "女",
                "绩效领域",
                employer,
                "教授",
                12,
                mobile,
                "否",
            )
        )
    with scope.unit_of_work(handler.scope):
        done = adopt(
            EXPERT_REGISTER,
            a_book(HEAD, *rows),
            filename="专家.xlsx",
            tenant_id=bureau.id,
            by=handler.actor,
            now=scope.now(),
        )
        assert done.plan is not None, done.reading.faults
        known = {each.name: each.id for each in expert.experts()}
    return [known[name] for name in names]


def seated(bureau: Bureau, members: Sequence[UUID]) -> dict[UUID, Person]:
    """An account for each expert, with a post in the bureau."""
    return {each: a_person(bureau, Role.EXPERT, party_id=each) for each in members}


def a_planned_round(*, experts: int = 5, subjects: int = 1, deal: Deal | None = None, **changed: Any) -> Case:
    """A contract whose plans and reports are accepted, and a library of so many experts."""
    deal = deal or delivered(an_effective_contract(subjects=subjects, **changed))
    with scope.entered(deal.bureau.system):
        row = quality.of_contract(deal.contract_id)
        assert row is not None
        round_id = row.id
    members = experts_in(deal.bureau, [f"{deal.bureau.marker}大学{n}" for n in range(experts)])
    return Case(deal, round_id, seated(deal.bureau, members))


def commit(case: Case, verb: str = "draw") -> UUID:
    """The organiser commits to the list; the draw's id."""
    verbs = {"draw": quality.draw_, "supplement": quality.supplement, "sample": quality.sample}
    with case.acting(Role.ORGANISER) as (by, now):
        return verbs[verb](quality.round_(case.round_id), by=by, now=now).id


def seed(case: Case, draw_id: UUID) -> None:
    """A second officer types the number."""
    with case.acting(Role.CHECKER) as (by, now):
        draw.seed(draw.draw(draw_id), TYPED, by=by, now=now)


def a_drawn_round(**changed: Any) -> Case:
    """The first experts of the order are asked."""
    case = a_planned_round(**changed)
    seed(case, commit(case))
    return case


def accept(case: Case, member_id: UUID) -> None:
    """An expert declares and accepts."""
    with case.acting(member_id) as (by, now):
        row = quality.seat(case.seat_id(member_id))
        quality.accept(row, declared=True, password=PASSWORD, by=by, now=now)


def decline(case: Case, member_id: UUID) -> None:
    """An expert has no time."""
    with case.acting(member_id) as (by, now):
        quality.decline(quality.seat(case.seat_id(member_id)), "time", "", by=by, now=now)


def a_seated_round(**changed: Any) -> Case:
    """Every place is taken."""
    case = a_drawn_round(**changed)
    for each in case.seats("offered"):
        accept(case, each)
    return case


def entries_for(form: Form, total: Decimal, vetoes: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Entries that are worth exactly ``total`` on a form, with a reason for every loss."""
    lost = 100 - total
    items: dict[str, Any] = {}
    for place, item in enumerate(form.items):
        take = min(lost, item.points)
        if item.kind is not ItemKind.DEDUCT:
            items[str(place)] = {"points": f"{item.points - take}", "reason": "见底稿"}
            lost -= take
            continue
        taken = []
        for index, each in enumerate(item.deductions):
            times = int(take // each.least) if each.each else int(take >= each.least)
            if times:
                taken.append({"deduction": index, "count": times, "points": f"{each.least}", "note": ""})
                take, lost = take - times * each.least, lost - times * each.least
        if taken:
            items[str(place)] = {"taken": taken, "reason": "见底稿"}
    assert lost == 0, f"{form.code} cannot lose {lost}"
    return {"items": items, "vetoes": dict(vetoes or {})}


def write(case: Case, member_id: UUID, sheet_id: UUID, entries: Mapping[str, Any]) -> None:
    """An expert saves a draft."""
    with case.acting(member_id) as (by, now):
        row = quality.sheet(sheet_id)
        quality.save(row, entries, row.entries, by=by, now=now)


def hand_in(case: Case, member_id: UUID, sheet_id: UUID, *, confirmed: bool = True) -> None:
    """An expert hands a sheet in, and confirms that nothing was found where nothing was written."""
    with case.acting(member_id) as (by, now):
        quality.hand_in(quality.sheet(sheet_id), confirmed=confirmed, by=by, now=now)


def score_all(
    case: Case,
    member_id: UUID,
    *,
    plan: str = "82",
    report: str = "78",
    vetoes: Mapping[str, str] | None = None,
) -> None:
    """An expert hands in every open sheet with these totals."""
    totals = {Stage.PLAN: Decimal(plan), Stage.REPORT: Decimal(report)}
    for sheet_id in case.sheet_ids(member_id):
        with case.acting(member_id):
            row = quality.sheet(sheet_id)
            entries = entries_for(form_of(row), totals[Stage(row.stage)], vetoes)
        write(case, member_id, sheet_id, entries)
        hand_in(case, member_id, sheet_id)


def a_scored_round(*, plan: str = "82", report: str = "78", **changed: Any) -> Case:
    """Every sheet is in; the round is added up."""
    case = a_seated_round(**changed)
    for each in case.seats("accepted"):
        score_all(case, each, plan=plan, report=report)
    return case


def notify(case: Case) -> None:
    """The organiser tells the firm."""
    with case.acting(Role.ORGANISER) as (by, now):
        quality.notify(quality.round_(case.round_id), by=by, now=now)


def a_notified_round(**changed: Any) -> Case:
    """The firm has been told."""
    case = a_scored_round(**changed)
    notify(case)
    return case


def a_final_quality(**changed: Any) -> Case:
    """The firm has nothing to object to; the score stands."""
    case = a_notified_round(**changed)
    with case.acting(Role.FIRM_SIGNATORY) as (by, now):
        quality.concur(quality.round_(case.round_id), by=by, now=now)
    return case


def a_sampling_contract(*, subjects: int, sample_size: int) -> Deal:
    """A contract under terms that sample some of its subjects."""
    return an_effective_contract(subjects=subjects, terms={"sample_size": sample_size})


def posts_as_expert() -> list[Any]:
    """The posts of experts in the bureau in scope."""
    return identity.posts_as(Role.EXPERT)


def rounds_in(bureau: Bureau) -> None:
    """For the tests of the whole house: each round told to its firm, scored by its expert and two more.

    The deliverables are made up; nothing of it was drawn.
    """
    member = bureau.people[Role.EXPERT].party_id
    assert member is not None
    with scope.entered(bureau.system):
        rounds = [each.id for each in everything({})]
    for round_id in rounds:
        draw_id = a_draw(bureau, seeded=True, ended=Outcome.FILLED)
        file_id = a_stored_file(bureau.people[Role.ORGANISER], readers=(member,))
        with scope.unit_of_work(bureau.system):
            _score_by_hand(
                quality.round_(round_id), (member, uuid4(), uuid4()), draw_id, file_id, now=scope.now()
            )


def _score_by_hand(
    row: quality.Round, members: Sequence[UUID], draw_id: UUID, file_id: UUID, *, now: datetime
) -> None:
    told = {"round_name": row.name, "firm_name": row.firm_name, "touched_at": now}
    for place, member in enumerate(members, 1):
        seat = quality.Seat(
            state="accepted",
            round_id=row.id,
            draw_id=draw_id,
            place=place,
            expert_id=member,
            expert_name=f"{row.name}专家{place}",
            employer="大学",
            has_account=place == 1,
            work=[{key: each[key] for key in ("id", "name", "unit_name")} for each in row.sampled],
            weight_plan=row.weight_plan,
            weight_report=row.weight_report,
            scoring_workdays=row.scoring_workdays,
            offered_at=now,
            offer_until=now,
            declaration="已声明",
            score_by=now,
            sheets=2 * len(row.sampled),
            handed_in=2 * len(row.sampled),
            readers=[member],
            **told,
        )
        born(SEAT, seat, by=None, now=now)
        for subject in row.sampled:
            for stage, code in FORMS.items():
                sheet = quality.Sheet(
                    state="handed_in",
                    round_id=row.id,
                    seat_id=seat.id,
                    expert_id=member,
                    expert_name=seat.expert_name,
                    subject_id=UUID(subject["id"]),
                    subject_name=subject["name"],
                    unit_name=subject["unit_name"],
                    stage=stage.value,
                    form_code=code,
                    form_version=row.forms[code],
                    file_id=file_id,
                    nonce=uuid4().hex,
                    entries=entries_for(template(code, row.forms[code]).form, Decimal(90)),
                    total=Decimal(90),
                    score_by=now,
                    saved_at=now,
                    handed_in_at=now,
                    released_at=now,
                    **told,
                )
                born(SHEET, sheet, by=None, now=now)
    db.session.add(
        EmployerMatch(
            expert_id=members[0],
            expert_name=row.name,
            employer="大学",
            bare="大学",
            other_id=row.id,
            other_name=row.firm_name,
            verdict="rejected",
            reason="核对过信用代码",
            found_by=row.name,
            found_at=now,
        )
    )
    result, figures = reckoned(row, valid_sheets(row))
    row.result = cast("dict[str, Any]", plain(result))
    row.quality_score = figures.score
    row.plan_mean, row.report_mean = figures.plan, figures.report
    row.scored_at, row.notified_at, row.objection_by = now, now, now + timedelta(days=7)
    row.readers = [row.firm_id, members[0]]
    row.set_state("notified")
    rewrite_inbox(ROUND, row, now=now)
