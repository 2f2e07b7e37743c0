"""What an award puts on paper: 成交通知书, each other firm's result with its reasons, the public result."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from portal.award.models import AwardCandidate
from portal.document import Pairs, Paper, Table, Text
from portal.kernel.workdays import day_of
from portal.tender import Tender

DEEMED: Final = "采购人在期限内没有确定成交机构，也没有提出异议，视为确定排名第一的成交候选人成交。"


def _yuan(each: AwardCandidate) -> str:
    return f"{each.price:,.2f} 元" if each.price is not None else "—"


def letter(of: Tender, winner: AwardCandidate, *, contract_days: int, deemed: bool, now: datetime) -> Paper:
    """成交通知书 to the winner."""
    decided = "按照采购文件视为采购人确定" if deemed else "采购人确定"
    return Paper(
        title="成交通知书",
        to=winner.firm_name,
        blocks=(
            Text(
                f"贵单位参加的{of.name}（采购编号：{of.number}）采购活动，经评审小组评审、{decided}，"
                "贵单位为成交机构。"
            ),
            Pairs((("成交价", _yuan(winner)), ("成交内容", of.commission_name))),
            Text(
                f"请自本通知书发出之日起 {contract_days} 日内，按照采购文件和响应文件的约定与采购人签订合同。"
                "无正当理由拒不签订合同的，采购人可以与排名下一位的候选人签订合同，或者重新开展采购，"
                "贵单位不得参加该项目重新开展的采购活动。"
            ),
        ),
        signed_by=of.commissioner_name,
        dated=day_of(now),
    )


def reasons(own: AwardCandidate, winner: AwardCandidate) -> str:
    """Why a firm did not win, in words for it alone."""
    if own.place is None:
        return f"贵单位的响应文件经评审小组认定无效，理由：{own.reason}"
    if own.place < (winner.place or 0):
        return f"贵单位排名第 {own.place}，采购人依法未确定贵单位成交，理由：{own.reason}"
    drawn = "与成交机构报价相同，经抽签" if own.price == winner.price else "报价由低到高"
    return f"贵单位的响应文件符合要求，{drawn}排名第 {own.place}，成交机构排名第 {winner.place}。"


def result(of: Tender, own: AwardCandidate, winner: AwardCandidate, *, now: datetime) -> Paper:
    """成交结果告知书 to a firm that did not win: its own price, its own reasons, the winner and its price."""
    return Paper(
        title="成交结果告知书",
        to=own.firm_name,
        blocks=(
            Text(f"感谢贵单位参加{of.name}（采购编号：{of.number}）的采购活动。现将结果告知如下："),
            Pairs(
                (
                    ("贵单位报价", _yuan(own)),
                    ("评审结果", reasons(own, winner)),
                    ("成交机构", winner.firm_name),
                    ("成交价", _yuan(winner)),
                )
            ),
        ),
        signed_by=of.commissioner_name,
        dated=day_of(now),
    )


def announcement(
    of: Tender,
    winner: AwardCandidate,
    subjects: Sequence[str],
    members: Sequence[str],
    *,
    deemed: bool,
    now: datetime,
) -> Paper:
    """成交结果公告: parties, project, winner and price, main subject, the names of the panel."""
    return Paper(
        title=f"{of.name}成交结果公告",
        to="",
        blocks=(
            Pairs(
                (
                    ("采购项目", of.name),
                    ("采购编号", of.number or ""),
                    ("采购人", of.commissioner_name),
                    ("采购方式", "询价"),
                    ("成交机构", winner.firm_name),
                    ("成交价", _yuan(winner)),
                    *((("成交的确定", DEEMED),) if deemed else ()),
                    ("评审小组成员", "、".join(members)),
                    ("邀请机构的理由", of.invitation_reason or "—"),
                )
            ),
            Table(columns=("主要标的（评价对象）",), rows=[(each,) for each in subjects], caption="主要标的"),
        ),
        signed_by=of.commissioner_name,
        dated=day_of(now),
    )
