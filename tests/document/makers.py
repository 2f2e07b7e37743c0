"""Papers, issued and announced."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID, uuid4

from portal import document
from portal.access import Role
from portal.document import Heading, Notice, Pairs, Paper, Table, Text
from tenants import scope
from tests.support.world import Bureau

PAPER = Paper(
    "询价通知书",
    "各受邀机构",
    (
        Heading("一、采购内容"),
        Text("委托第三方机构开展绩效评价。\n请按时响应。"),
        Pairs((("最高限价", "180000.00 元"),)),
        Table(("序号", "名称"), (("1", "甲项目"), ("2", "乙项目")), "评价对象"),
    ),
    "示范县财政局",
    date(2026, 11, 20),
)


def an_issued_paper(
    bureau: Bureau,
    paper: Paper = PAPER,
    *,
    kind: str = "tender.invitation",
    subject_id: UUID | None = None,
    readers: Sequence[UUID] = (),
) -> UUID:
    """A paper the bureau's buyer issues; its id."""
    buyer = bureau.people[Role.BUYER]
    with scope.unit_of_work(buyer.scope):
        now = scope.now()
        subject = subject_id or uuid4()
        return document.issue(kind, paper, subject_id=subject, readers=readers, by=buyer.actor, now=now).id


def a_notice(
    bureau: Bureau, title: str = "采购公告", *, kind: Notice = Notice.PROCUREMENT, until: date | None = None
) -> UUID:
    """An announcement of the bureau; its id."""
    buyer = bureau.people[Role.BUYER]
    paper = Paper(f"{bureau.marker}{title}", "", PAPER.blocks, f"{bureau.marker}财政局", PAPER.dated)
    with scope.unit_of_work(buyer.scope):
        now = scope.now()
        made = document.publish_notice(kind, paper, subject_id=uuid4(), by=buyer.actor, now=now, until=until)
        return made.id
