"""What the firm delivers: plan, draft, report; the unit is heard, days on site are recorded."""

from datetime import date, datetime, timedelta
from io import BytesIO
from uuid import UUID

from werkzeug.datastructures import FileStorage

from portal import (
    contract,
    deliverable,
)
from portal.access import Role
from portal.contract import DELIVERABLES, DeliverableKind
from portal.demo.settling import World
from portal.demo.walk.desks import HANDLER, MORNING, firm_of, pass_days
from portal.document import Heading, Paper, Table, Text, as_docx
from portal.kernel.clock import SHANGHAI
from portal.kernel.workdays import day_of


def handed_in(world: World, contract_id: UUID, kind: DeliverableKind) -> list[UUID]:
    """The firm hands in one kind of deliverable on every subject, as a Word file one can read."""
    made = []
    for row_id, subject in _awaited(world, contract_id, kind):
        firm = firm_of(world, contract_id)
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
        firm = world.standing_for(firm_of(world, contract_id), Role.FIRM_HANDLER)
        with world.acting(*firm) as (actor, now):
            answers = {1: (True, "已按拨款文件核对并修改。")}
            deliverable.answer(deliverable.consultation(row_id), answers, by=actor, now=now)


def visited(world: World, contract_id: UUID) -> None:
    """Ten days on site with the lead evaluator, and the material handed over and given back."""
    with world.acting(*HANDLER) as _:
        subjects = [(UUID(each["id"]), each["name"]) for each in contract.contract(contract_id).objects]
    firm = world.standing_for(firm_of(world, contract_id), Role.FIRM_HANDLER)
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
