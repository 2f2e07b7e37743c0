"""Loading the demo world, once: bureaus, people, registers, rules, commissions, dated from today."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from openpyxl import load_workbook

from portal import commission, identity, office
from portal.access import Actor, Role
from portal.commission import Draft
from portal.demo import people
from portal.demo.people import HONGHE, SHIZONG, Inhabitant
from portal.expert import EXPERT_REGISTER, experts
from portal.firm import FIRM_REGISTER, LEAD_REGISTER, known_firms, registered
from portal.kernel.money import yuan
from portal.kernel.workdays import day_of
from portal.spreadsheet import Register, adopt
from portal.subject import SUBJECTS, subjects_for_choice
from portal.unit import UNITS, units
from tenants import scope
from tenants.regions import shipped

DATA: Final = Path(__file__).parent / "data"
MARK: Final = "示例数据"


@dataclass(frozen=True, slots=True)
class Held:
    """A post somebody of the demo holds."""

    who: Inhabitant
    name: str
    account_id: UUID
    post_id: UUID
    role: Role
    tenant_id: UUID | None
    section_id: UUID | None
    party_id: UUID | None

    @property
    def actor(self) -> Actor:
        """The person acting in this post."""
        return Actor(
            self.account_id,
            self.name,
            self.post_id,
            self.role,
            self.tenant_id,
            self.section_id,
            self.party_id,
            place=self.who.section,
        )


class World:
    """What has been made so far: bureaus by code, posts by username and role."""

    def __init__(self) -> None:
        self.bureaus: dict[str, UUID] = {}
        self.sections: dict[tuple[str, str], UUID] = {}
        self.posts: dict[tuple[str, Role], Held] = {}
        self.password_hash: Final = identity.hashed(people.PASSWORD)

    @contextmanager
    def acting(self, username: str, role: Role) -> Iterator[tuple[Actor, datetime]]:
        """One deed of one person, in a transaction of its own."""
        held = self.posts[username, role]
        with scope.unit_of_work(scope.post(held.account_id, held.post_id)):
            yield held.actor, scope.now()


def load() -> World:
    """Make the demo world by the actions its people would call. The database must hold no bureau yet."""
    world = World()
    _bureaus(world)
    for each in (*people.STAFF, people.OPERATOR):
        _settle(world, each, each.name)
    _registers(world)
    _outsiders(world)
    _rules(world)
    _commissions(world)
    return world


def _bureaus(world: World) -> None:
    regions = shipped()
    below_honghe = {
        code: f"{region.name}财政局" for code, region in regions.items() if region.parent_code == HONGHE
    }
    for code, name in {**people.BUREAUS, **below_honghe}.items():
        with scope.unit_of_work(scope.operator_system("demo")):
            opened = office.open_tenant(code, name, (), by=None, now=scope.now(), is_demo=True)
            world.bureaus[code] = opened.tenant.id
        with scope.unit_of_work(scope.system(world.bureaus[code], "demo")):
            for section in office.sections():
                world.sections[code, section.name.rstrip("股科")] = section.id
    with scope.unit_of_work(scope.operator_system("demo")):
        office.load_calendar((DATA / "calendar-2027.csv").read_bytes(), by=None, now=scope.now())


def _settle(world: World, who: Inhabitant, name: str, party_id: UUID | None = None) -> None:
    tenant_id = world.bureaus[who.tenant] if who.tenant else None
    section_id = world.sections[who.tenant, who.section] if who.tenant and who.section else None
    bounds = scope.system(tenant_id, "demo") if tenant_id else scope.operator_system("demo")
    with scope.unit_of_work(bounds):
        account_id = identity.new_account(who.username, name, password_hash=world.password_hash)
    for role in who.roles:
        with scope.unit_of_work(bounds):
            place = identity.Place(section_id, party_id, who.party if party_id else "")
            post = identity.grant_post(
                account_id, name, role, place, tenant_id=tenant_id, by=None, now=scope.now()
            )
            world.posts[who.username, role] = Held(
                who, name, account_id, post.id, role, tenant_id, section_id, party_id
            )
    with scope.unit_of_work(scope.account(account_id)):
        identity.consent(account_id, name, now=scope.now())


def _registers(world: World) -> None:
    _take_in(world, "sz.li", Role.HANDLER, (UNITS, SUBJECTS, FIRM_REGISTER, LEAD_REGISTER))
    _take_in(world, "hh.bai", Role.HANDLER, (EXPERT_REGISTER,))
    with world.acting("hh.he", Role.APPROVER) as (actor, now):
        office.share_library(world.bureaus[SHIZONG], by=actor, now=now)


def _take_in(world: World, username: str, role: Role, registers: Sequence[Register[Any]]) -> None:
    for register in registers:
        path = DATA / f"{register.name}.xlsx"
        with world.acting(username, role) as (actor, now):
            prepared = adopt(
                register,
                path.read_bytes(),
                filename=path.name,
                tenant_id=actor.tenant_id or UUID(int=0),
                by=actor,
                now=now,
            )
            if prepared.reading.faults:
                msg = f"{path.name}: {prepared.reading.faults[0]}"
                raise ValueError(msg)


def _outsiders(world: World) -> None:
    """Everybody the registers name gets a post: firms, heads and clerks of units, experts."""
    with scope.entered(scope.system(world.bureaus[SHIZONG], "demo")):
        firms = {firm.name: firm.id for firm in registered(known_firms()).values()}
        named = {unit.name: unit.id for unit in units()}
    with scope.entered(scope.system(world.bureaus[HONGHE], "demo")):
        members = {member.email: member for member in experts()}
    for who, firm in zip(people.FIRMS, _names("firms"), strict=True):
        _settle(world, replace(who, party=firm), f"{firm}经办", firms[firm])
    for group, post in ((people.UNITS, "经办"), (people.UNIT_HEADS, "负责人")):
        for who, unit in zip(group, _names("units"), strict=True):
            _settle(world, replace(who, party=unit), f"{unit}{post}", named[unit])
    for who in people.EXPERTS:
        member = members[f"{who.username}@example.com"]
        _settle(world, replace(who, party=member.name), member.name, member.id)


def _names(register: str) -> list[str]:
    """The names in a workbook of the demo, in its order."""
    sheet = load_workbook(DATA / f"{register}.xlsx", read_only=True).worksheets[0]
    rows = sheet.iter_rows(min_row=3, min_col=2, max_col=2, values_only=True)
    return [str(name) for (name,) in rows if name]


def _rules(world: World) -> None:
    """师宗县 types what has no default, marked as invented; the others have yet to publish theirs."""
    typed = office.Typed(
        values={
            "qc.cutoff": "80",
            "procurement.threshold_procure": "300000",
            "procurement.threshold_open": "2000000",
        },
        sources={
            "qc.cutoff": f"{MARK}：师宗县质量控制办法",
            "procurement.threshold_procure": f"{MARK}：以省级现行目录及限额标准为准",
            "procurement.threshold_open": f"{MARK}：以省级现行目录及限额标准为准",
        },
        effective_on=date(2026, 1, 1),
        note=MARK,
    )
    with world.acting("sz.li", Role.HANDLER) as (actor, now):
        drafted = office.own_draft()
        office.draft(
            office.Typed(typed.values, typed.sources, day_of(now), typed.note),
            seen_as=office.seen(drafted),
            by=actor,
            now=now,
        )
    with world.acting("sz.zhao", Role.APPROVER) as (actor, now):
        row = office.own_draft()
        if row is None:
            raise LookupError
        office.publish(row, by=actor, now=now)


def _commissions(world: World) -> None:
    """One approved, one waiting for its approver, one sent back with a reason."""
    with scope.entered(scope.system(world.bureaus[SHIZONG], "demo")):
        by_year: dict[int, list[UUID]] = {}
        for subject in subjects_for_choice():
            by_year.setdefault(subject.year, []).append(subject.id)
    first, *rest = sorted(by_year)
    later = rest[0]
    _commission(world, f"{first}年度财政重点绩效评价", by_year[first][:4], "180000", approve=True)
    _commission(world, f"{later}年度财政重点绩效评价", by_year[later], "240000")
    row_id = _commission(world, f"{first}年度部门整体支出绩效评价", by_year[first][4:], "90000")
    with world.acting("sz.zhao", Role.APPROVER) as (actor, now):
        row = commission.commission(row_id)
        commission.return_(row, "请补充现场核查的抽样要求，并说明专家人数的考虑。", by=actor, now=now)


def _commission(
    world: World, title: str, subjects: Sequence[UUID], ceiling: str, *, approve: bool = False
) -> UUID:
    with world.acting("sz.li", Role.HANDLER) as (actor, now):
        today = day_of(now)
        row = commission.draft(
            Draft(
                name=f"{today.year}年师宗县{title}",
                year=today.year,
                service_kind="evaluation",
                assist_only=False,
                commissioner_id=None,
                budget_item="",
                ceiling=yuan(Decimal(ceiling)),
                plan_due_on=today + timedelta(days=20),
                draft_due_on=today + timedelta(days=60),
                report_due_on=today + timedelta(days=80),
                requirements="主评人到场不少于五天；现场核查资金占比不低于百分之六十；报告问题须附底稿索引。",
                subjects=tuple(subjects),
                cutoff=Decimal(80),
                sample_size=None,
                experts=3,
            ),
            by=actor,
            now=now,
        )
        row_id = row.id
    with world.acting("sz.li", Role.HANDLER) as (actor, now):
        commission.submit(commission.commission(row_id), by=actor, now=now)
    if approve:
        with world.acting("sz.zhao", Role.APPROVER) as (actor, now):
            commission.approve(commission.commission(row_id), by=actor, now=now)
    return row_id
