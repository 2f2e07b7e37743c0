"""A county in which every table of a tenant has rows: one or several, made by its own people."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from stdnum.cn import ric, uscc

from portal import commission, contract, deliverable, document, office
from portal.access import OUTSIDE, STAFF, Role
from portal.contract.queries import everything as of_all_contracts
from portal.draw import Outcome
from portal.expert import EXPERT_REGISTER, experts
from portal.firm import FIRM_REGISTER, LEAD_REGISTER, known_firms, registered
from portal.kernel.money import yuan
from portal.kernel.workdays import day_of
from portal.spreadsheet import Register, adopt
from portal.spreadsheet.uploads import keep_upload
from portal.subject import SUBJECTS, subjects_for_choice
from portal.tender.rules.prospects import Verdict
from portal.unit import UNITS, units
from tenants import scope
from tests.award.makers import decided
from tests.contract.makers import Deal, confirm
from tests.contract.makers import sign as sign_contract
from tests.deliverable.makers import accepted, hand_in, visited, with_opinions
from tests.document.makers import a_notice, an_issued_paper
from tests.draw.makers import a_draw
from tests.file.makers import a_stored_file
from tests.panel.makers import Travel, an_opened_tender, declared, examined, explained, signed
from tests.quality.makers import rounds_in
from tests.ranking.makers import rankings_in
from tests.settlement.makers import settle_everything
from tests.spreadsheet.books import a_book
from tests.support.world import PASSWORD, Bureau, Person, a_bureau, a_person, publish_rules
from tests.tender.makers import (
    FirmPeople,
    Market,
    a_contact,
    a_drafted_tender,
    a_firm,
    an_issued_tender,
    answer_one_of_two,
    days_known,
    match,
)

UNIT_ROLES = frozenset({Role.UNIT_HANDLER, Role.UNIT_HEAD})
NUMERALS = "甲乙丙丁戊己庚辛壬癸"


@dataclass
class County:
    """A bureau with everybody in it; its people wrote ``size`` rows of everything."""

    bureau: Bureau
    size: int
    deputy: Person
    everybody: list[Person] = field(default_factory=list)


def a_county(*, size: int, parent: Bureau, granted: Sequence[Bureau], travel: Travel) -> County:
    """A county below ``parent`` that opens its expert library to ``granted``."""
    bureau = a_bureau(parent=parent, roles=sorted(STAFF))
    deputies = [a_person(bureau, Role.HANDLER) for _ in range(size)]
    for _ in range(size):
        publish_rules(bureau)
    _fill_registers(bureau, size)
    for role, party_id in _parties(bureau):
        bureau.people[role] = a_person(bureau, role, party_id=party_id)
    _keep_house(bureau, size, granted)
    _commission(bureau, size)
    _draft_rules(bureau)
    _papers(bureau, size)
    market = _buy(bureau, size)
    _award(market, size, travel)
    _work(bureau, size)
    rounds_in(bureau)
    settle_everything(bureau)
    for _ in range(size):
        a_draw(bureau, seeded=True, ended=Outcome.FILLED)
    rankings_in(bureau, size)
    for person, fault in ((bureau.people[Role.HANDLER], False), (deputies[0], True)):
        _upload(person, bureau, size, faulty=fault)
    return County(bureau, size, deputies[0], [*bureau.people.values(), *deputies])


def _books(bureau: Bureau, size: int) -> Iterator[tuple[Register[Any], list[tuple[Any, ...]]]]:
    mark = bureau.marker
    places = [f"{mark}{NUMERALS[n]}" for n in range(size)]
    codes = [
        body + uscc.calc_check_digit(body)
        for body in (f"91530300MA{bureau.code}{n:01d}" for n in range(size))
    ]
    mobiles = [f"138{bureau.code}{n:02d}" for n in range(size)]
    persons = [
        body + ric.calc_check_digit(f"{body}0")
        for body in (f"530111{1985 + n}0101{bureau.code[-3:]}" for n in range(size))
    ]
    yield (
        UNITS,
        [
            ("单位编码", "单位名称", "主管部门", "联系电话"),
            *(
                (f"{bureau.code}{n}", f"{place}局", f"{place}局", mobiles[n])
                for n, place in enumerate(places)
            ),
        ],
    )
    yield (
        SUBJECTS,
        [
            ("项目名称", "预算单位", "对象类型", "预算类型", "年度", "资金总额"),
            *(
                (f"{mark}项目{n}", f"{places[n % size]}局", "项目支出", "一般公共预算", 2025, 1000000)
                for n in range(size * (size + 2))
            ),
        ],
    )
    yield (
        FIRM_REGISTER,
        [
            ("机构名称", "统一社会信用代码", "机构类型", "联系电话"),
            *((f"{place}事务所", codes[n], "会计师事务所", mobiles[n]) for n, place in enumerate(places)),
        ],
    )
    yield (
        LEAD_REGISTER,
        [
            ("机构名称", "统一社会信用代码", "姓名", "职称或执业资格", "从业年限", "绩效评价年限"),
            *((f"{place}事务所", codes[n], place, "注册会计师", 10, 6) for n, place in enumerate(places)),
        ],
    )
    yield (
        EXPERT_REGISTER,
        [
            (
                "姓名",
                "身份证号",
                "性别",
                "专家类别",
                "工作单位",
                "职称/职务",
                "从业年限",
                "手机",
                "是否公务员",
            ),
            *(
                (place, persons[n], "女", "绩效领域", f"{place}局", "教授", 12, mobiles[n], "否")
                for n, place in enumerate(places)
            ),
        ],
    )


def _fill_registers(bureau: Bureau, size: int) -> None:
    handler = bureau.people[Role.HANDLER]
    for register, rows in _books(bureau, size):
        with scope.unit_of_work(handler.scope):
            done = adopt(
                register,
                a_book(*rows),
                filename="名单.xlsx",
                tenant_id=bureau.id,
                by=handler.actor,
                now=scope.now(),
            )
            assert done.plan is not None, done.reading.faults


def _parties(bureau: Bureau) -> list[tuple[Role, UUID]]:
    with scope.entered(bureau.system):
        code = min(known_firms())
        firm, unit, expert = registered([code])[code].id, units()[0].id, experts()[0].id
    return [
        (role, expert if role is Role.EXPERT else unit if role in UNIT_ROLES else firm)
        for role in sorted(OUTSIDE)
    ]


def _keep_house(bureau: Bureau, size: int, granted: Sequence[Bureau]) -> None:
    administrator, handler = bureau.people[Role.SYSTEM_ADMIN], bureau.people[Role.HANDLER]
    for n in range(size):
        with scope.unit_of_work(administrator.scope):
            now = scope.now()
            code = f"示范{NUMERALS[n]}"
            office.open_section(f"{bureau.marker}{code}股", "", by=administrator.actor, now=now)
            office.open_code(code, bureau.section_id, by=administrator.actor, now=now)
        with scope.unit_of_work(handler.scope):
            now = scope.now()
            office.take_number(code, day_of(now).year, f"{bureau.marker}函", handler.actor, now)
    approver = bureau.people[Role.APPROVER]
    for each in granted[:size]:
        with scope.unit_of_work(approver.scope):
            office.share_library(each.id, by=approver.actor, now=scope.now())


def _commission(bureau: Bureau, size: int) -> None:
    """``size`` approved, each of ``size`` subjects and corrected once where there are several; ``size``
    waiting for the approver; ``size`` drafts.
    """
    with scope.entered(bureau.system):
        subjects = [each.id for each in subjects_for_choice()]
    for n in range(size):
        _draft(bureau, f"起草中{n}", subjects[:1])
        _submit(bureau, _draft(bureau, f"待审批{n}", subjects[-1 - n :][:1]))
        row_id = _draft(bureau, f"已批准{n}", subjects[n * size : (n + 1) * size])
        _submit(bureau, row_id)
        _approve(bureau, row_id)
        if size > 1:
            _correct(bureau, row_id)
            _submit(bureau, row_id)
            _approve(bureau, row_id)


def _draft(bureau: Bureau, name: str, subjects: Sequence[UUID]) -> UUID:
    handler = bureau.people[Role.HANDLER]
    with scope.unit_of_work(handler.scope):
        now = scope.now()
        today = day_of(now)
        data = commission.Draft(
            name=f"{bureau.marker}{name}",
            year=today.year,
            service_kind="evaluation",
            assist_only=False,
            commissioner_id=None,
            budget_item="",
            ceiling=yuan("180000"),
            plan_due_on=today + timedelta(days=20),
            draft_due_on=today + timedelta(days=60),
            report_due_on=today + timedelta(days=80),
            requirements="",
            subjects=tuple(subjects),
            cutoff=Decimal(80),
            sample_size=None,
            experts=3,
        )
        return commission.draft(data, by=handler.actor, now=now).id


def _submit(bureau: Bureau, row_id: UUID) -> None:
    handler = bureau.people[Role.HANDLER]
    with scope.unit_of_work(handler.scope):
        commission.submit(commission.commission(row_id), by=handler.actor, now=scope.now())


def _approve(bureau: Bureau, row_id: UUID) -> None:
    approver = bureau.people[Role.APPROVER]
    with scope.unit_of_work(approver.scope):
        commission.approve(commission.commission(row_id), by=approver.actor, now=scope.now())


def _correct(bureau: Bureau, row_id: UUID) -> None:
    handler = bureau.people[Role.HANDLER]
    with scope.unit_of_work(handler.scope):
        commission.correct(commission.commission(row_id), "补充抽样要求", by=handler.actor, now=scope.now())


def _buy(bureau: Bureau, size: int) -> Market:
    """``size`` tenders that are out to three firms each, with a question answered and one that waits."""
    days_known()
    people = bureau.people
    handler = people[Role.FIRM_HANDLER]
    unit_id = people[Role.UNIT_HANDLER].party_id
    assert handler.party_id
    assert unit_id
    with scope.entered(bureau.system):
        name = registered([min(known_firms())])[min(known_firms())].name
    known = FirmPeople(handler.party_id, name, handler, people[Role.FIRM_SIGNATORY])
    seconds = a_person(bureau, Role.PANEL_MEMBER)
    market = Market(
        bureau,
        [people[Role.PANEL_CHAIR], people[Role.PANEL_MEMBER], seconds],
        [known, a_firm(bureau), a_firm(bureau)],
        unit_id,
    )
    for _ in range(size):
        answer_one_of_two(an_issued_tender(market))
    _match(market, size)
    return market


def _match(market: Market, size: int) -> None:
    """``size`` firms whose heads are called like the unit's contact, and are somebody else."""
    name = f"{market.bureau.marker}同名"
    a_contact(market, name)
    alike = [a_firm(market.bureau, representative=name) for _ in range(size)]
    row_id = a_drafted_tender(market, firms=())
    for firm in alike:
        match(market, row_id, firm, market.unit_id, Verdict.REJECTED)


def _award(market: Market, size: int, travel: Travel) -> None:
    """``size`` tenders from the bids to the award; the known firm's price is low, explained, and wins."""
    known = market.firms[0]
    for _ in range(size):
        ready = an_opened_tender(travel, market=market, prices=("80000", "168000", "171500"))
        examined(declared(ready))
        explained(ready, known.id, "80000")
        decided(signed(ready))


def _work(bureau: Bureau, size: int) -> None:
    """Each contract signed and extended; on its first subject ``size`` versions of an accepted plan, a draft
    on which the unit has ``size`` opinions, ``size`` visits, and as much material to be handed over.
    """
    with scope.entered(bureau.system):
        deals = [
            Deal(
                bureau,
                UUID(row.objects[0]["unit_id"]),
                tuple(UUID(each["id"]) for each in row.objects),
                row.firm_id,
                row.firm_name,
                row.id,
            )
            for row in of_all_contracts({})
        ]
    for deal in deals:
        with deal.acting(Role.HANDLER) as (by, now):
            contract.offer(contract.contract(deal.contract_id), by=by, now=now)
        confirm(deal)
        sign_contract(deal)
        with deal.acting(Role.HANDLER) as (by, now):
            row = contract.contract(deal.contract_id)
            later = row.report_due_on + timedelta(days=5)
            contract.extend(row, contract.DeliverableKind.REPORT, later, "单位资料晚交一周", by=by, now=now)
            today = day_of(now)
        for _ in range(size - 1):
            hand_in(deal, "plan")
        for kind in ("plan", "draft"):
            accepted(deal, kind)
        with_opinions(deal, *[f"{bureau.marker}意见{n}" for n in range(size)])
        for _ in range(size):
            visited(deal, today, today)
        with deal.acting(Role.FIRM_HANDLER) as (by, now):
            items = tuple(f"{bureau.marker}资料{n}" for n in range(size))
            origin = contract.contract(deal.contract_id)
            deliverable.ask(origin, deal.subjects[0], items, is_original=True, by=by, now=now)


def _draft_rules(bureau: Bureau) -> None:
    checker = bureau.people[Role.CHECKER]
    with scope.unit_of_work(checker.scope):
        now = scope.now()
        typed = office.Typed({"qc.cutoff": "85"}, {"qc.cutoff": "测试文件"}, day_of(now))
        office.draft(typed, seen_as=office.seen(office.own_draft()), by=checker.actor, now=now)


def _papers(bureau: Bureau, size: int) -> None:
    """``size`` files, papers with a signature on each, and announcements."""
    approver = bureau.people[Role.APPROVER]
    for n in range(size):
        a_stored_file(bureau.people[Role.HANDLER], name=f"{bureau.marker}报告{n}.pdf")
        a_notice(bureau, f"公告{n}")
        row_id = an_issued_paper(bureau)
        with scope.unit_of_work(approver.scope):
            paper = document.issued(row_id)
            now = scope.now()
            document.sign("document", row_id, paper.digest, password=PASSWORD, by=approver.actor, now=now)


def _upload(person: Person, bureau: Bureau, size: int, *, faulty: bool) -> None:
    """A workbook for each register that waits for its confirmation; a faulty one waits for its mending."""
    with scope.unit_of_work(person.scope):
        for register, rows in _books(bureau, size):
            content = a_book(rows[0], *((None, *row[1:]) if faulty else row for row in rows[1:]))
            keep_upload(register.name, "名单.xlsx", content, by=person.actor, now=scope.now())
