"""What a tender issues on paper: 询价通知书 to the firms, announcements to everybody."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from portal.access import Actor
from portal.document import Heading, Notice, Pairs, Paper, Table, Text, issue, publish_notice, written_day
from portal.kernel.clock import SHANGHAI
from portal.kernel.hashing import told_id
from portal.kernel.workdays import day_of
from portal.office import rules_kept
from portal.tender.lifecycle import TenderState
from portal.tender.models import Tender
from portal.tender.rules.moves import GROUND_LABELS, Ground
from portal.tender.rules.told import CHECKED_TOLD, terms_told
from portal.web.filters import weekday


def inquiry(row: Tender, response_by: datetime, readers: Sequence[UUID], *, by: Actor, now: datetime) -> str:
    """询价通知书 to the invited firms, announced to everybody without their names; its number."""
    paper = Paper(
        title=f"{row.name}询价通知书",
        to="各被邀请机构",
        blocks=[*_what(row, response_by), *_how(row, response_by), *_terms(row)],
        signed_by=row.commissioner_name,
        dated=day_of(now),
    )
    issued = issue("tender.inquiry", paper, subject_id=row.id, readers=readers, by=by, now=now)
    notice = Paper(
        title=_title(row, "采购公告"),
        to="",
        blocks=[
            Pairs([("询价通知书文号", issued.number), *_summary(row, response_by)]),
            Text(
                "本次采购由采购人邀请三家以上机构询价，报价一次报出，不得更改；按照符合要求、报价最低的原则确定成交机构。"
            ),
        ],
        signed_by=row.commissioner_name,
        dated=day_of(now),
    )
    publish_notice(Notice.PROCUREMENT, notice, subject_id=row.id, by=by, now=now)
    return issued.number


def ending(row: Tender, reason: str, *, by: Actor, now: datetime) -> None:
    """The announcement that a purchase ended without an award, and why; each invited firm gets the paper."""
    word = "终止" if row.state == TenderState.TERMINATED.value else "取消"
    pairs = [("采购名称", row.name), ("询价通知书文号", row.number or "")]
    if row.ended_ground:
        pairs.append(("终止情形", GROUND_LABELS[Ground(row.ended_ground)]))
    paper = Paper(
        title=f"{row.name}{word}公告",
        to="",
        blocks=[Pairs([*pairs, (f"{word}理由", reason)])],
        signed_by=row.commissioner_name,
        dated=day_of(now),
    )
    issue("tender.ending", paper, subject_id=row.id, readers=row.readers, by=by, now=now)
    publish_notice(Notice.TERMINATION, paper, subject_id=row.id, by=by, now=now)


def change(row: Tender, words: str, new: datetime, *, by: Actor, now: datetime) -> None:
    """变更通知 to the invited firms, under a number of its own."""
    paper = Paper(
        title=_title(row, "采购文件变更通知"),
        to="各被邀请机构",
        blocks=[
            Pairs([("询价通知书文号", row.number or "")]),
            Text(words),
            Pairs([("响应截止时间", _instant(new))]),
        ],
        signed_by=row.commissioner_name,
        dated=day_of(now),
    )
    issue("tender.change", paper, subject_id=row.id, readers=row.readers, by=by, now=now)


def _title(row: Tender, what: str) -> str:
    """The purchase's name and the kind of paper, without saying 采购 twice."""
    return row.name.removesuffix("采购") + what


def _instant(at: datetime) -> str:
    return f"{written_day(day_of(at))}（{weekday(at)}）{at.astimezone(SHANGHAI):%H:%M:%S}"


def _summary(row: Tender, response_by: datetime) -> list[tuple[str, str]]:
    return [
        ("采购名称", row.name),
        ("委托方", row.commissioner_name),
        ("采购方式", f"询价，{row.regime_label}"),
        ("最高限价", f"{row.ceiling:,.2f} 元"),
        ("响应截止时间", _instant(response_by)),
    ]


def _what(row: Tender, response_by: datetime) -> list[Heading | Pairs | Table | Text]:
    return [
        Heading("一、采购内容"),
        Pairs(_summary(row, response_by)),
        Table(
            ("评价对象", "被评价单位", "资金总额（元）"),
            [(each["name"], each["unit"], f"{Decimal(each['total']):,.2f}") for each in row.subjects],
        ),
        Pairs(
            [
                ("实施方案提交截止", written_day(row.plan_due_on)),
                ("报告初稿提交截止", written_day(row.draft_due_on)),
                ("正式报告提交截止", written_day(row.report_due_on)),
            ]
        ),
        Text(f"服务要求：{row.needs or '按委托方确认的实施方案执行。'}"),
    ]


def _how(row: Tender, response_by: datetime) -> list[Heading | Pairs | Text]:
    workdays = rules_kept(row.rule_set_id).rules.procurement.award_workdays
    listed = "\n".join(f"{number}．{each}" for number, each in enumerate(row.requirements, 1))
    return [
        Heading("二、实质性要求（任何一项不符合的，响应无效）"),
        Text(listed),
        Text(CHECKED_TOLD),
        Heading("三、响应与成交"),
        Text(
            f"请于{_instant(response_by)}前在平台提交响应文件：报价（含税总价，报出一次，不得更改）、"
            "实施方案提纲、主评人及团队名单、独立性声明和其他证明材料。"
            "响应文件送达平台即加密，开启之前任何人不能查看。"
        ),
        Text(
            "在符合全部实质性要求的机构中，报价最低的成交；报价相同的，抽签确定。"
            f"采购人收到评审报告后 {workdays} 个工作日内确定排名第一的候选人成交；排名在前的放弃、不能履行，"
            "或者被查实有影响成交结果的违法行为的，写明理由后确定后一名。"
            "逾期没有确定又没有提出异议的，视为确定排名第一的候选人成交。"
            f"有效报价不足 {row.min_quotes} 家的，终止采购。"
        ),
        Text(
            "对本通知书有疑问的，请在截止时间之前在平台提出询问；答复同时发给全部被邀请机构，不显示提问机构。"
        ),
    ]


def _terms(row: Tender) -> list[Heading | Pairs | Text]:
    return [
        Heading("四、质量约定（与合同同一约定）"),
        Pairs([("质量约定编号", told_id(row.terms_id)), *terms_told(row.terms)]),
    ]
