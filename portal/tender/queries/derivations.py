"""How the law that applies and the earliest deadline came about, for whoever computes them again."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Final

from portal.kernel.derivation import Derivation
from portal.kernel.money import yuan
from portal.kernel.workdays import Calendar, day_of
from portal.tender.models import Tender
from portal.tender.queries.facts import noted
from portal.tender.rules.deadlines import Margin, earliest, last_of, margin

MARGIN_LABELS: Final[Mapping[Margin, str]] = {
    Margin.CLEAR: "在期限末日之后，稳妥",
    Margin.AT_THE_LINE: "恰在期限末日当天，压线",
    Margin.EARLY: "早于期限末日，不足规定的工作日",
}


def derivations(row: Tender, days: Calendar, *, now: datetime, json_url: str) -> list[Derivation]:
    """How the law that applies and the earliest deadline came about, by what was noted at the draft."""
    day = day_of(row.issued_at or now)
    basis = noted(row)
    kept = row.basis
    made = partial(
        Derivation,
        rule_set=kept["rules"],
        by=row.approver or row.drafter,
        at=row.issued_at or row.touched_at,
        json_url=json_url,
    )
    line = last_of(day, row.min_workdays, days)
    stands = margin(row.response_by, day, row.min_workdays, days)
    procure, opening = kept["threshold_procure"], kept["threshold_open"]

    def money(amount: str | None) -> str:
        return f"{yuan(amount):,.2f} 元" if amount is not None else "未填写"

    return [
        made(
            name="法律适用与采购方式",
            result=f"{row.regime_label}，询价",
            formula="委托的最高限价未达到采购限额标准的，按内控制度自行采购，可以询价；达到的，服务不得询价",
            inputs=[
                ("委托的最高限价", f"{basis.ceiling:,.2f} 元", "委托"),
                ("分散采购限额标准", money(procure), "规则集"),
                ("公开招标数额标准", money(opening), "规则集"),
                ("同一预算项目当年其他采购", f"{basis.same_item_total:,.2f} 元", "本局已送审和已批准的委托"),
            ],
            values={
                "ceiling": basis.ceiling,
                "threshold_procure": procure,
                "threshold_open": opening,
                "same_item": basis.same_item_total,
            },
            steps=[f"可用采购方式：{'、'.join(basis.methods)}"],
        ),
        made(
            name="最早的响应截止时间",
            result=f"{earliest(day, row.min_workdays, days):%Y-%m-%d %H:%M}",
            formula="自发出之日起不少于规定的工作日（发出当日不计），截止时间在末日之后为稳妥，在末日当天为压线",
            inputs=[
                ("发出日", f"{day:%Y-%m-%d}", "发出时间" if row.issued_at else "按今天估算"),
                ("至少工作日", f"{row.min_workdays} 个", "规则集"),
                ("期限末日", f"{line:%Y-%m-%d}", "工作日历"),
            ],
            values={"issued_on": day, "workdays": row.min_workdays, "last_day": line},
            steps=[f"本次截止时间：{MARGIN_LABELS[stands]}"],
        ),
    ]
