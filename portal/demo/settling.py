"""Who and what the demo world begins with: bureaus, people, registers, rules."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from argon2 import PasswordHasher

from portal import identity, office
from portal.access import Actor, Role
from portal.demo import people
from portal.demo.people import HONGHE, SHIZONG, Inhabitant
from portal.demo.workbooks import DATA, column
from portal.expert import EXPERT_REGISTER, experts
from portal.firm import FIRM_REGISTER, LEAD_REGISTER, known_firms, registered
from portal.kernel.workdays import day_of
from portal.spreadsheet import Register, adopt
from portal.subject import SUBJECTS
from portal.unit import UNITS, units
from tenants import scope
from tenants.regions import shipped

# One password, printed everywhere: its hash need not be slow, and the demo signs often.
_CHEAP: Final = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1)
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
        self.password_hash: Final = _CHEAP.hash(people.PASSWORD)

    def party(self, username: str) -> UUID:
        """The firm, unit or membership a person stands for."""
        return next(each.party_id for each in self.held(username) if each.party_id is not None)

    def held(self, username: str) -> list[Held]:
        """The posts of a person."""
        return [each for (who, _), each in self.posts.items() if who == username]

    def standing_for(self, party_id: UUID | None, role: Role) -> tuple[str, Role]:
        """Who stands for a party in this role."""
        return next(
            key for key, each in self.posts.items() if each.party_id == party_id and each.role is role
        )

    def invited(self, membership_id: UUID) -> tuple[str, Role]:
        """An expert of the library above, with the post that the invitation gave them in 师宗县."""
        username, role = self.standing_for(membership_id, Role.EXPERT)
        home = self.posts[username, role]
        with scope.entered(scope.system(self.bureaus[SHIZONG], "demo")):
            posts = identity.open_posts(self.bureaus[SHIZONG])
            post = next(each for each in posts if each.party_id == membership_id)
            here = replace(home, post_id=post.id, tenant_id=post.tenant_id)
        self.posts[username, role] = here
        return username, role

    @contextmanager
    def acting(self, username: str, role: Role) -> Iterator[tuple[Actor, datetime]]:
        """One deed of one person, in a transaction of its own."""
        held = self.posts[username, role]
        with scope.unit_of_work(scope.post(held.account_id, held.post_id)):
            yield held.actor, scope.now()


def settle_in(world: World) -> None:
    """Everything there is before the first evaluation."""
    bureaus(world)
    for each in (*people.STAFF, people.OPERATOR):
        settle(world, each, each.name)
    registers(world)
    outsiders(world)
    rules(world)


def bureaus(world: World) -> None:
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


def settle(world: World, who: Inhabitant, name: str, party_id: UUID | None = None) -> None:
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


def registers(world: World) -> None:
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


def outsiders(world: World) -> None:
    """Everybody the registers name gets a post: firms, heads and clerks of units, experts."""
    with scope.entered(scope.system(world.bureaus[SHIZONG], "demo")):
        firms = {firm.name: firm.id for firm in registered(known_firms()).values()}
        named = {unit.name: unit.id for unit in units()}
    with scope.entered(scope.system(world.bureaus[HONGHE], "demo")):
        members = {member.email: member for member in experts()}
    for who, firm in zip(people.FIRMS, column("firms", "机构名称"), strict=True):
        settle(world, replace(who, party=firm), f"{firm}经办", firms[firm])
    for group, post in ((people.UNITS, "经办"), (people.UNIT_HEADS, "负责人")):
        for who, unit in zip(group, column("units", "单位名称"), strict=True):
            settle(world, replace(who, party=unit), f"{unit}{post}", named[unit])
    for who in people.EXPERTS:
        member = members[f"{who.username}@example.com"]
        settle(world, replace(who, party=member.name), member.name, member.id)


def rules(world: World) -> None:
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
