"""Issuing, signing, announcing."""

from datetime import date
from uuid import uuid4

from portal import document
from portal.access import Role
from portal.document import Heading, Pairs, Paper, Table, Text
from tenants import scope
from tests.support.world import Bureau, a_bureau

PAPER = Paper(
    "询价通知书",
    "各受邀机构",
    (
        Heading("一、采购内容"),
        Text("委托第三方机构开展绩效评价。\n请按时响应。"),
        Pairs((("最高限价", "180000.00 元"),)),
        Table(("序号", "名称"), (("1", "甲项目"), ("2", "乙项目"))),
    ),
    "示范县财政局",
    date(2026, 11, 20),
)


def test_numbers_of_issued_papers_run_without_a_gap(app) -> None:
    bureau: Bureau = a_bureau(roles=[Role.BUYER])
    buyer = bureau.people[Role.BUYER]
    subject_id = uuid4()
    with scope.unit_of_work(buyer.scope):
        for _ in range(2):
            document.issue("tender.invitation", PAPER, subject_id=subject_id, by=buyer.actor, now=scope.now())
    with scope.unit_of_work(buyer.scope):
        papers = document.documents_of(subject_id)
        year = scope.now().year
        assert [each.number for each in papers] == [f"示财采〔{year}〕1号", f"示财采〔{year}〕2号"]
        assert papers[0].paper == PAPER
        assert papers[0].digest != papers[1].digest
