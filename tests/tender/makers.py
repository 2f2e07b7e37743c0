"""A bureau that buys: its people, three firms and their accounts, and tenders in every state, by actions."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from stdnum.cn import uscc

from portal import commission, office, tender
from portal.access import Role
from portal.demo.workbooks import DATA
from portal.firm import Firm, count_load
from portal.firm.models import Acceptance, LeadEvaluator
from portal.identity import blind_index
from portal.kernel.money import yuan
from portal.kernel.workdays import day_of
from portal.tender import actions, queries
from portal.tender.rules.deadlines import earliest
from portal.tender.rules.prospects import Verdict
from portal.unit import Unit
from tenants import scope
from tenants.calendar import calendar
from tenants.db import db
from tenants.models import CalendarDay
from tests.support.world import Bureau, Person, a_bureau, a_person, a_subject, a_unit, publish_rules

_numbers = count(1)
ROLES = (
    Role.HANDLER,
    Role.APPROVER,
    Role.BUYER,
    Role.CHECKER,
    Role.OPENER,
    Role.COMPLAINT_OFFICER,
    Role.AUDIT_ADMIN,
    Role.PANEL_CHAIR,
    Role.ORGANISER,
    Role.PAYER,
)


@dataclass
class FirmPeople:
    """A firm that may be invited, and who acts for it."""

    id: UUID
    name: str
    handler: Person
    signatory: Person


@dataclass
class Market:
    """A bureau that can buy: its people, the firms it knows, one unit."""

    bureau: Bureau
    panel: list[Person]
    firms: list[FirmPeople]
    unit_id: UUID

    @property
    def buyer(self) -> Person:
        """采购人."""
        return self.bureau.people[Role.BUYER]


@dataclass
class Issued:
    """A tender that is out, with the firms it was sent to."""

    id: UUID
    commission_id: UUID
    market: Market
    firms: list[FirmPeople] = field(default_factory=list)


def a_firm(bureau: Bureau, *, name: str = "", representative: str = "", years: int = 10) -> FirmPeople:
    """A firm the bureau accepted, with a lead evaluator of ``years`` and two accounts."""
    number = next(_numbers)
    body = f"91530300MA{bureau.code[-4:]}{number % 1000:03d}"
    name = name or f"{bureau.marker}第{number}事务所"
    with scope.unit_of_work(bureau.system):
        firm = Firm(
            id=uuid4(),
            credit_code=body + uscc.calc_check_digit(body),
            name=name,
            initials="",
            kind="accountants",
            representative=representative or f"负责人{number}",
            address="",
            registered_by=bureau.id,
            registered_at=scope.now(),
        )
        db.session.add(firm)
        db.session.flush()
        firm_id = firm.id
        db.session.add(Acceptance(firm_id=firm_id, phone_masked="", email="", accepted_at=scope.now()))
        db.session.flush()
        db.session.add(
            LeadEvaluator(
                firm_id=firm_id,
                name=f"主评人{number}",
                initials="",
                qualification="注册会计师",
                work_years=years,
                evaluation_years=years,
                education="",
            )
        )
    handler = a_person(bureau, Role.FIRM_HANDLER, party_id=firm_id)
    return FirmPeople(firm_id, name, handler, a_person(bureau, Role.FIRM_SIGNATORY, party_id=firm_id))


def a_contact(market: Market, name: str, phone: str = "") -> None:
    """The unit's contact is called ``name`` and has this number."""
    with scope.unit_of_work(market.bureau.system):
        found = db.session.scalars(select(Unit).where(Unit.id == market.unit_id)).one()
        found.contact = name
        found.phone_index = blind_index("phone", phone) if phone else None


def match(
    market: Market,
    row_id: UUID,
    firm: FirmPeople,
    other_id: UUID,
    verdict: Verdict,
    *,
    reason: str = "已电话核实",
) -> None:
    """The buyer says whether the firm's head and their namesake there are one."""
    doing(
        market.buyer,
        lambda actor, now: actions.match(
            queries.tender(row_id), firm.id, other_id, verdict, reason, by=actor, now=now
        ),
    )


def has_phone(market: Market, firm: FirmPeople, phone: str) -> None:
    """The firm is reached under this number."""
    with scope.unit_of_work(market.bureau.system):
        found = db.session.scalars(select(Acceptance).where(Acceptance.firm_id == firm.id)).one()
        found.phone_index = blind_index("phone", phone)


def days_known() -> None:
    """The calendar of 2004 to 2026, and the demo's of 2027."""
    with scope.unit_of_work(scope.operator_system("test")):
        office.fill_known(by=None, now=scope.now(), only_if_empty=True)
        if not db.session.scalar(select(CalendarDay.day).where(CalendarDay.day == date(2027, 1, 1))):
            content = (DATA / "calendar-2027.csv").read_bytes()
            office.load_calendar(content, by=None, now=scope.now())


def a_market(*, firms: int = 3, **rules: str) -> Market:
    """A bureau with published rules, everybody a purchase needs, and ``firms`` firms."""
    days_known()
    bureau = a_bureau(roles=ROLES)
    publish_rules(bureau, **rules)
    others = [a_person(bureau, Role.PANEL_MEMBER) for _ in range(2)]
    unit_id = a_unit(bureau)
    people = [a_firm(bureau) for _ in range(firms)]
    return Market(bureau, [bureau.people[Role.PANEL_CHAIR], *others], people, unit_id)


def doing(person: Person, act: Callable[[Any, datetime], Any]) -> Any:
    """One deed of one person in a transaction of its own; ids and other values come back."""
    with scope.unit_of_work(person.scope):
        return act(person.actor, scope.now())


def an_approved_commission(market: Market, **changed: Any) -> UUID:
    """A commission of two new subjects, drafted by the handler and approved."""
    handler, approver = market.bureau.people[Role.HANDLER], market.bureau.people[Role.APPROVER]
    subjects = tuple(a_subject(market.bureau, market.unit_id) for _ in range(2))

    def draft(actor: Any, now: datetime) -> UUID:
        today = day_of(now)
        whole: dict[str, Any] = {
            "name": f"{market.bureau.marker}重点绩效评价{next(_numbers)}",
            "year": today.year,
            "service_kind": "evaluation",
            "assist_only": False,
            "commissioner_id": None,
            "budget_item": "",
            "ceiling": yuan("180000"),
            "plan_due_on": today + timedelta(days=60),
            "draft_due_on": today + timedelta(days=90),
            "report_due_on": today + timedelta(days=120),
            "requirements": "现场核查不少于五天",
            "subjects": subjects,
            "cutoff": Decimal(80),
            "sample_size": None,
            "experts": 3,
        }
        return commission.draft(commission.Draft(**{**whole, **changed}), by=actor, now=now).id

    row_id: UUID = doing(handler, draft)
    doing(handler, lambda actor, now: commission.submit(commission.commission(row_id), by=actor, now=now))
    doing(
        approver,
        lambda actor, now: bool(commission.approve(commission.commission(row_id), by=actor, now=now)),
    )
    return row_id


def a_deadline(now: datetime, *, workdays: int = 3) -> datetime:
    """17:00 on the working day after the ``workdays``-th from now: the earliest without doubt."""
    return earliest(day_of(now), workdays, calendar(day_of(now)))


def a_drafted_tender(
    market: Market,
    commission_id: UUID | None = None,
    *,
    firms: Sequence[FirmPeople] | None = None,
    panel: bool = True,
    **changed: Any,
) -> UUID:
    """A draft by the buyer; firms chosen and panel seated, all lawful but for what is ``changed``."""
    commission_id = commission_id or an_approved_commission(market)

    def draft(actor: Any, now: datetime) -> UUID:
        whole: dict[str, Any] = {
            "name": f"{market.bureau.marker}采购{next(_numbers)}",
            "ceiling": yuan("180000"),
            "response_by": a_deadline(now),
            "requirements": ("主评人符合条件", "提交独立性声明"),
            "needs": "现场核查不少于五天",
        }
        return actions.draft(commission_id, tender.Draft(**{**whole, **changed}), by=actor, now=now).id

    row_id: UUID = doing(market.buyer, draft)
    chosen = [each.id for each in (market.firms if firms is None else firms)]
    if chosen:
        doing(
            market.buyer,
            lambda actor, now: actions.choose(
                queries.tender(row_id), chosen, "按专业对口选择", version=1, by=actor, now=now
            ),
        )
    if panel:
        doing(market.buyer, lambda actor, now: seat(market, row_id, actor, now))
    return row_id


def seat(market: Market, row_id: UUID, actor: Any, now: datetime) -> None:
    """The market's chair and two members on the panel."""
    chair, *others = market.panel
    row = queries.tender(row_id)
    actions.seat(
        row,
        chair.post_id,
        [each.post_id for each in others],
        version=row.version,
        by=actor,
        now=now,
    )


def submitted(market: Market, row_id: UUID) -> UUID:
    """送审 by the buyer."""
    doing(market.buyer, lambda actor, now: actions.submit(queries.tender(row_id), by=actor, now=now))
    return row_id


def approved(market: Market, row_id: UUID) -> UUID:
    """送审 and 批准."""
    submitted(market, row_id)
    approver = market.bureau.people[Role.APPROVER]
    doing(approver, lambda actor, now: actions.approve(queries.tender(row_id), by=actor, now=now))
    return row_id


def an_issued_tender(market: Market | None = None, **changed: Any) -> Issued:
    """A tender that is out to three firms, its deadline the earliest without doubt."""
    market = market or a_market()
    commission_id = changed.pop("commission_id", None) or an_approved_commission(market)
    row_id = approved(market, a_drafted_tender(market, commission_id, **changed))
    doing(
        market.buyer,
        lambda actor, now: actions.issue(row := queries.tender(row_id), row.response_by, by=actor, now=now),
    )
    return Issued(row_id, commission_id, market, list(changed.get("firms") or market.firms))


def answer_one_of_two(issued: Issued) -> None:
    """Two firms ask, and the buyer answers the first."""
    for firm in issued.firms[:2]:
        doing(
            firm.handler,
            lambda actor, now: actions.ask(queries.tender(issued.id), "可以有返聘人员吗", by=actor, now=now),
        )
    doing(
        issued.market.buyer,
        lambda actor, now: actions.answer(
            queries.questions(issued.id)[0],
            "可以有返聘人员吗",
            "可以，须写明。",
            affects=False,
            by=actor,
            now=now,
        ),
    )
    with scope.unit_of_work(issued.market.bureau.system):
        count_load(issued.firms[0].id, 1)


def a_closed_tender(travel: Callable[[timedelta], int], market: Market | None = None) -> Issued:
    """A tender whose deadline has passed: the clock travels beyond it and the job rings."""
    issued = an_issued_tender(market)
    travel(until(issued) + timedelta(seconds=1))
    return issued


def until(issued: Issued) -> timedelta:
    """How long until the deadline."""
    with scope.entered(issued.market.bureau.system):
        return queries.tender(issued.id).response_by - scope.now()


__all__ = [
    "FirmPeople",
    "Issued",
    "Market",
    "a_closed_tender",
    "a_contact",
    "a_drafted_tender",
    "a_firm",
    "a_market",
    "an_approved_commission",
    "an_issued_tender",
    "answer_one_of_two",
    "approved",
    "days_known",
    "doing",
    "has_phone",
    "match",
    "submitted",
]
