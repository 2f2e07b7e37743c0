"""Walking an evaluation through its steps: each function is one stretch of the way, by those who do it.

Nothing here writes a row: every deed is the action a page would call, in a transaction of its own.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Final
from uuid import UUID

from werkzeug.datastructures import FileStorage

from portal import (
    appraisal,
    award,
    bid,
    commission,
    contract,
    deliverable,
    draw,
    panel,
    quality,
    ranking,
    settlement,
    tender,
)
from portal.access import Role
from portal.appraisal.queries import form_of as appraisal_form
from portal.audit import ring_due
from portal.bid import Member, Offer
from portal.bid import queries as bid_queries
from portal.contract import DELIVERABLES, DeliverableKind
from portal.demo import clock
from portal.demo.people import PASSWORD
from portal.demo.settling import World
from portal.document import Heading, Paper, Table, Text, as_docx
from portal.kernel.clock import SHANGHAI
from portal.kernel.money import yuan
from portal.kernel.workdays import day_of
from portal.quality.queries import form_of
from portal.scoresheet import EMPTY, Form, ItemKind
from portal.settlement import Invoice
from portal.tender import actions as tendering
from portal.tender.rules.deadlines import earliest
from tenants.calendar import calendar

HANDLER: Final = ("sz.li", Role.HANDLER)
BUYER: Final = ("sz.li", Role.BUYER)
APPROVER: Final = ("sz.zhao", Role.APPROVER)
CHAIR: Final = ("sz.zhao", Role.PANEL_CHAIR)
MEMBERS: Final = (("sz.wang", Role.PANEL_MEMBER), ("sz.yang", Role.PANEL_MEMBER))
ORGANISER: Final = ("sz.li", Role.ORGANISER)
CHECKER: Final = ("sz.wang", Role.CHECKER)
PAYER: Final = ("sz.wang", Role.PAYER)
MORNING: Final = time(9, 30)
OPENERS: Final = (("sz.wang", Role.OPENER), ("sz.zhou", Role.OPENER))
REQUIREMENTS: Final = (
    "主评人具备中级以上职称或执业资格，从事绩效评价三年以上",
    "评价组不少于四人，专业搭配覆盖财务与行业",
    "提交独立性声明，与被评价单位没有利害关系",
)
NEEDS: Final = "主评人到场不少于五天；现场核查资金占比不低于百分之六十；报告问题须附底稿索引。"


@dataclass(frozen=True, slots=True)
class Work:
    """What is commissioned: ``days`` until plan, draft report and report are due."""

    name: str
    year: int
    subjects: tuple[UUID, ...]
    ceiling: str
    days: tuple[int, int, int] = (30, 70, 90)
    kind: str = "evaluation"


def commissioned(world: World, work: Work) -> UUID:
    """A commission, drafted and sent for approval."""
    with world.acting(*HANDLER) as (actor, now):
        today = day_of(now)
        plan, draft, report = (today + timedelta(days=days) for days in work.days)
        row_id = commission.draft(
            commission.Draft(
                name=work.name,
                year=work.year,
                service_kind=work.kind,
                assist_only=False,
                commissioner_id=None,
                budget_item="",
                ceiling=yuan(work.ceiling),
                plan_due_on=plan,
                draft_due_on=draft,
                report_due_on=report,
                requirements=NEEDS,
                subjects=work.subjects,
                cutoff=Decimal(80),
                sample_size=None,
                experts=3,
            ),
            by=actor,
            now=now,
        ).id
    with world.acting(*HANDLER) as (actor, now):
        commission.submit(commission.commission(row_id), by=actor, now=now)
    return row_id


def approved(world: World, work: Work) -> UUID:
    """A commission its approver agreed to."""
    row_id = commissioned(world, work)
    with world.acting(*APPROVER) as (actor, now):
        commission.approve(commission.commission(row_id), by=actor, now=now)
    return row_id


def returned(world: World, work: Work) -> UUID:
    """A commission sent back to its drafter."""
    row_id = commissioned(world, work)
    with world.acting(*APPROVER) as (actor, now):
        reason = "请补充现场核查的抽样要求，并说明专家人数的考虑。"
        commission.return_(commission.commission(row_id), reason, by=actor, now=now)
    return row_id


def drafted_tender(world: World, commission_id: UUID, name: str, ceiling: str, firms: Sequence[str]) -> UUID:
    """A purchase with its firms chosen and its panel seated."""
    with world.acting(*BUYER) as (actor, now):
        day = day_of(now)
        draft = tender.Draft(
            name=name,
            ceiling=yuan(ceiling),
            response_by=earliest(day, 3, calendar(day)),
            requirements=REQUIREMENTS,
            needs=NEEDS,
        )
        row_id = tendering.draft(commission_id, draft, by=actor, now=now).id
    with world.acting(*BUYER) as (actor, now):
        row = tender.tender(row_id)
        chosen = [world.party(firm) for firm in firms]
        tendering.choose(row, chosen, "按专业对口和近年考评选择", version=row.version, by=actor, now=now)
    with world.acting(*BUYER) as (actor, now):
        row = tender.tender(row_id)
        others = [world.posts[member].post_id for member in MEMBERS]
        tendering.seat(row, world.posts[CHAIR].post_id, others, version=row.version, by=actor, now=now)
    return row_id


def submitted(world: World, commission_id: UUID, name: str, ceiling: str, firms: Sequence[str]) -> UUID:
    """A purchase that waits for its approver."""
    row_id = drafted_tender(world, commission_id, name, ceiling, firms)
    with world.acting(*BUYER) as (actor, now):
        tendering.submit(tender.tender(row_id), by=actor, now=now)
    return row_id


def issued(world: World, commission_id: UUID, name: str, ceiling: str, firms: Sequence[str]) -> UUID:
    """A purchase that is out to its firms."""
    row_id = submitted(world, commission_id, name, ceiling, firms)
    with world.acting(*APPROVER) as (actor, now):
        tendering.approve(tender.tender(row_id), by=actor, now=now)
    with world.acting(*BUYER) as (actor, now):
        row = tender.tender(row_id)
        tendering.issue(row, row.response_by, by=actor, now=now)
    return row_id


def answered(world: World, tender_id: UUID, prices: Mapping[str, str]) -> None:
    """Each firm's sealed bid; prices in 元."""
    for firm, price in prices.items():
        with world.acting(firm, Role.FIRM_HANDLER) as (actor, now):
            lead = bid_queries.lead_choices(world.party(firm))[0]
            offer = Offer(
                price=yuan(price),
                plan="先核对资金流向，再按指标逐项现场核查；抽样覆盖全部标段，底稿逐份复核签字。",
                lead_id=lead.id,
                members=(
                    Member(lead.name, "主评人", 12),
                    Member("示例甲", "注册会计师", 15),
                    Member("示例乙", "工程师", 15),
                    Member("示例丙", "统计师", 10),
                ),
                onsite_days=10,
            )
            bid.submit(tender.tender(tender_id), offer, by=actor, now=now)


def closed(world: World, tender_id: UUID) -> None:
    """The deadline passes."""
    with world.acting(*BUYER) as _:
        deadline = tender.tender(tender_id).response_by
    clock.reach(deadline + timedelta(minutes=20))


def suspended(world: World, tender_id: UUID) -> None:
    """The purchase stands still until somebody lets it go on."""
    with world.acting(*BUYER) as (actor, now):
        tendering.suspend(
            tender.tender(tender_id), "一家机构反映资格条件表述不清，核实期间暂停。", by=actor, now=now
        )


def asked(world: World, tender_id: UUID, firm: str) -> None:
    """An invited firm asks about the document."""
    with world.acting(firm, Role.FIRM_HANDLER) as (actor, now):
        tendering.ask(tender.tender(tender_id), "现场核查是否须覆盖全部标段？", by=actor, now=now)


def opened(world: World, tender_id: UUID) -> None:
    """Two officers open the bids."""
    for officer in OPENERS:
        with world.acting(*officer) as (actor, now):
            panel.open_(panel.panel(tender_id), PASSWORD, by=actor, now=now)


def examined(world: World, tender_id: UUID) -> None:
    """Each member declares to have no interest; the chair finds every bid conforming."""
    for member in (CHAIR, *MEMBERS):
        with world.acting(*member) as (actor, now):
            panel.declare(panel.panel(tender_id), PASSWORD, by=actor, now=now)
    with world.acting(*CHAIR) as _:
        bids = [each.bid_id for each in panel.panel(tender_id).findings]
    for bid_id in bids:
        with world.acting(*CHAIR) as (actor, now):
            met = [panel.Verdict(met=True) for _ in REQUIREMENTS]
            panel.examine(panel.panel(tender_id), bid_id, met, by=actor, now=now)


def ranked(world: World, tender_id: UUID) -> None:
    """The report is made and signed by all three."""
    concluded(world, tender_id)
    for member in (CHAIR, *MEMBERS):
        with world.acting(*member) as (actor, now):
            panel.sign(panel.panel(tender_id), PASSWORD, "", by=actor, now=now)


def concluded(world: World, tender_id: UUID) -> None:
    """The report is made; its signatures are awaited."""
    with world.acting(*CHAIR) as (actor, now):
        panel.conclude(panel.panel(tender_id), by=actor, now=now)


def awarded(world: World, tender_id: UUID) -> UUID:
    """The buyer decides for the first; the contract that drafts itself."""
    with world.acting(*BUYER) as (actor, now):
        row = award.award(tender_id)
        first = min(row.candidates, key=lambda each: each.place or len(row.candidates) + 1)
        award.decide(row, first.bid_id, "", None, by=actor, now=now)
    with world.acting(*HANDLER) as _:
        made = contract.of_award(award.award(tender_id).id)
        assert made is not None  # noqa: S101 -- drafted by the award, for the type checker
        return made.id


def offered(world: World, contract_id: UUID) -> None:
    """The text goes to the firm."""
    with world.acting(*HANDLER) as (actor, now):
        contract.offer(contract.contract(contract_id), by=actor, now=now)


def out_with_bids(world: World, work: Work, firms: Mapping[str, str]) -> UUID:
    """The purchase of a piece of work, out to its firms, each of which has answered; the tender."""
    row_id = issued(world, approved(world, work), f"{work.name}采购", work.ceiling, tuple(firms))
    answered(world, row_id, firms)
    return row_id


def reviewed(world: World, tender_id: UUID, until: Callable[[World, UUID], object]) -> None:
    """Opened, examined, ranked: up to the end of ``until``."""
    for step in (opened, examined, ranked):
        step(world, tender_id)
        if step is until:
            return


def contracted(world: World, work: Work, firms: Mapping[str, str]) -> UUID:
    """The purchase of a piece of work, to the contract both sides signed."""
    row_id = out_with_bids(world, work, firms)
    closed(world, row_id)
    reviewed(world, row_id, ranked)
    made = awarded(world, row_id)
    signed(world, made)
    return made


def signed(world: World, contract_id: UUID) -> None:
    """Both sides sign."""
    offered(world, contract_id)
    with world.acting(*HANDLER) as _:
        firm_id = contract.contract(contract_id).firm_id
    with world.acting(*world.standing_for(firm_id, Role.FIRM_SIGNATORY)) as (actor, now):
        row = contract.contract(contract_id)
        contract.confirm(row, PASSWORD, seen=row.content_digest, by=actor, now=now)
    with world.acting(*APPROVER) as (actor, now):
        contract.sign(contract.contract(contract_id), PASSWORD, by=actor, now=now)


def handed_in(world: World, contract_id: UUID, kind: DeliverableKind) -> list[UUID]:
    """The firm hands in one kind of deliverable on every subject, as a Word file one can read."""
    made = []
    for row_id, subject in _awaited(world, contract_id, kind):
        firm = _firm_of(world, contract_id)
        with world.acting(*world.standing_for(firm, Role.FIRM_HANDLER)) as (actor, now):
            upload = FileStorage(BytesIO(_written(subject, kind, day_of(now))), filename=f"{subject}.docx")
            deliverable.submit(
                deliverable.deliverable(row_id),
                upload,
                "",
                unclassified=True,
                lead_confirmed=True,
                by=actor,
                now=now,
            )
        made.append(row_id)
    return made


def accepted(world: World, contract_id: UUID, kind: DeliverableKind, *, most: int | None = None) -> None:
    """Handed in, and accepted by the bureau: all, or the first ``most``."""
    for row_id in handed_in(world, contract_id, kind)[:most]:
        with world.acting(*HANDLER) as (actor, now):
            deliverable.accept(deliverable.deliverable(row_id), by=actor, now=now)


def heard(world: World, contract_id: UUID) -> None:
    """The unit has an opinion on the draft, and the firm answers it."""
    for row_id, unit_id in _consultations(world, contract_id):
        clerk = world.standing_for(unit_id, Role.UNIT_HANDLER)
        with world.acting(*clerk) as (actor, now):
            row = deliverable.consultation(row_id)
            deliverable.note(row, "第三部分", "资金到位时间应以拨款文件为准。", by=actor, now=now)
        with world.acting(*clerk) as (actor, now):
            deliverable.state(deliverable.consultation(row_id), by=actor, now=now)
        firm = world.standing_for(_firm_of(world, contract_id), Role.FIRM_HANDLER)
        with world.acting(*firm) as (actor, now):
            answers = {1: (True, "已按拨款文件核对并修改。")}
            deliverable.answer(deliverable.consultation(row_id), answers, by=actor, now=now)


def visited(world: World, contract_id: UUID) -> None:
    """Ten days on site with the lead evaluator, and the material handed over and given back."""
    with world.acting(*HANDLER) as _:
        subjects = [(UUID(each["id"]), each["name"]) for each in contract.contract(contract_id).objects]
    firm = world.standing_for(_firm_of(world, contract_id), Role.FIRM_HANDLER)
    for subject_id, name in subjects:
        with world.acting(*firm) as (actor, now):
            today = day_of(now)
            stay = deliverable.Visited(
                subject_id,
                today - timedelta(days=12),
                today - timedelta(days=1),
                name,
                "主评人等四人",
                True,
                "",
            )
            deliverable.record_visit(contract.contract(contract_id), stay, by=actor, now=now)


def delivered(world: World, contract_id: UUID, days: tuple[int, int, int]) -> None:
    """Everything the contract asks for; ``days`` pass before plan, draft and report."""
    plan, draft, report = days
    pass_days(plan)
    accepted(world, contract_id, DeliverableKind.PLAN)
    pass_days(draft)
    visited(world, contract_id)
    accepted(world, contract_id, DeliverableKind.DRAFT)
    heard(world, contract_id)
    pass_days(report)
    accepted(world, contract_id, DeliverableKind.REPORT)


def pass_days(days: int) -> None:
    """Time goes by; what falls due happens."""
    clock.forward(timedelta(days=days))
    ring_due()


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
    firm = world.standing_for(_firm_of(world, contract_id), Role.FIRM_SIGNATORY)
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
            appraisal.sign(appraisal.sheet(sheet_id), PASSWORD, by=actor, now=now)
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


def asked_for(world: World, contract_id: UUID) -> UUID:
    """The section asks for what may be paid now."""
    with world.acting(*HANDLER) as (actor, now):
        amount = settlement.account(contract_id).owed()
        return settlement.request(contract_id, amount, "", by=actor, now=now).id


def checked(world: World, payment_id: UUID) -> None:
    """Another section agrees."""
    with world.acting(*CHECKER) as (actor, now):
        settlement.check(settlement.payment(payment_id), by=actor, now=now)


def paid(world: World, contract_id: UUID, invoice: str) -> None:
    """Asked for, agreed to, paid against an invoice."""
    payment_id = asked_for(world, contract_id)
    checked(world, payment_id)
    with world.acting(*PAYER) as (actor, now):
        today = day_of(now)
        settlement.pay(
            settlement.payment(payment_id), Invoice(invoice, today, today), None, by=actor, now=now
        )


def settled(world: World, contract_id: UUID) -> None:
    """The settlement is confirmed: the firm is told what was deducted."""
    with world.acting(*APPROVER) as (actor, now):
        found = settlement.of_contract(contract_id)
        if found is None:
            raise LookupError
        settlement.confirm(found, by=actor, now=now)


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


def _round(contract_id: UUID) -> quality.Round:
    found = quality.of_contract(contract_id)
    if found is None:
        raise LookupError
    return found


def _firm_of(world: World, contract_id: UUID) -> UUID:
    with world.acting(*HANDLER) as _:
        return contract.contract(contract_id).firm_id


def _awaited(world: World, contract_id: UUID, kind: DeliverableKind) -> list[tuple[UUID, str]]:
    with world.acting(*HANDLER) as _:
        rows = deliverable.of_contract(contract_id)
        return [(row.id, row.subject_name) for row in rows if row.which is kind]


def _consultations(world: World, contract_id: UUID) -> list[tuple[UUID, UUID]]:
    with world.acting(*HANDLER) as _:
        drafts = [row for row in deliverable.of_contract(contract_id) if row.which is DeliverableKind.DRAFT]
        found = [(deliverable.consultation_of(row), row.unit_id) for row in drafts]
        return [(each.id, unit_id) for each, unit_id in found if each is not None]


def _written(subject: str, kind: DeliverableKind, day: date) -> bytes:
    """A deliverable of the demo: short, readable, marked as invented."""
    title = f"{subject}绩效评价{DELIVERABLES[kind]}"
    paper = Paper(
        title=title,
        to="",
        blocks=(
            Text("示例数据：本文为演示而写，机构、人员、金额与结论均为虚构。"),
            Heading("一、基本情况"),
            Text(f"{subject}由县级财政安排资金，评价时段为上一年度。资金到位、拨付与支出情况已与总账核对。"),
            Heading("二、评价工作"),
            Text("评价组按批准的方案开展现场核查，抽样覆盖全部标段，现场核查资金占比百分之六十八。"),
            Table(
                ("指标", "权重", "得分"),
                (
                    ("决策", "20", "17.5"),
                    ("过程", "20", "16.0"),
                    ("产出", "35", "31.0"),
                    ("效益", "25", "21.5"),
                ),
            ),
            Heading("三、问题与建议"),
            Text("部分标段计量资料归集不及时。建议主管部门按月归集计量资料，并在下年预算中与拨付进度挂钩。"),
        ),
        signed_by="示例机构",
        dated=day,
    )
    made = datetime.combine(day, MORNING, SHANGHAI)
    return as_docx(paper, number="", digest="", issued_at=made)


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
