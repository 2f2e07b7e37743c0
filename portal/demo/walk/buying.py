"""From the commission to the contract both sides signed: commission, purchase, bids, award."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Final
from uuid import UUID

from portal import (
    award,
    bid,
    commission,
    contract,
    panel,
    tender,
)
from portal.access import Role
from portal.bid import Member, Offer
from portal.bid import queries as bid_queries
from portal.demo import clock
from portal.demo.people import PASSWORD
from portal.demo.settling import World
from portal.demo.walk.desks import APPROVER, BUYER, CHAIR, HANDLER, MEMBERS, OPENERS
from portal.kernel.money import yuan
from portal.kernel.workdays import day_of
from portal.tender import actions as tendering
from portal.tender.rules.deadlines import earliest
from tenants.calendar import calendar

REQUIREMENTS: Final = (
    "主评人具备中级以上职称或执业资格，从事绩效评价三年以上",
    "评价组不少于四人，专业搭配覆盖财务与行业",
    "实施方案要点写明评价思路、指标体系、抽样和时间安排",
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


def concluded(world: World, tender_id: UUID) -> None:
    """The report is made; its signatures are awaited."""
    with world.acting(*CHAIR) as (actor, now):
        panel.conclude(panel.panel(tender_id), by=actor, now=now)


def ranked(world: World, tender_id: UUID) -> None:
    """The report is made and signed by all three."""
    concluded(world, tender_id)
    for member in (CHAIR, *MEMBERS):
        with world.acting(*member) as (actor, now):
            panel.sign(panel.panel(tender_id), PASSWORD, "", by=actor, now=now)


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


def acknowledged(world: World, tender_id: UUID) -> None:
    """Every firm has seen how the purchase ended."""
    with world.acting(*BUYER) as _:
        sent = [(each.id, each.firm_id) for each in award.letters(tender_id)]
    for letter_id, firm_id in sent:
        with world.acting(*world.standing_for(firm_id, Role.FIRM_HANDLER)) as (actor, now):
            award.acknowledge(award.letter(letter_id), by=actor, now=now)


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
    acknowledged(world, row_id)
    return made
