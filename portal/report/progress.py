"""One evaluation from end to end: where each step stands, and the page it is done on."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from flask import Blueprint, g, url_for
from flask_babel import gettext as _

from portal import appraisal, commission, contract, deliverable, quality, ranking, settlement, tender
from portal.access import Permission as P
from portal.commission import Commission
from portal.contract import Contract
from portal.deliverable.lifecycle import DeliverableState
from portal.ranking import RankingRow
from portal.settlement import Moved, Settlement
from portal.web.guard import allow
from portal.web.pages import page

bp = Blueprint("progress", __name__)


@dataclass(frozen=True, slots=True)
class Step:
    """Its name, its state in words with the tone (None: not begun), what there is to say, and its page."""

    name: str
    state: tuple[str, str] | None = None
    told: str = ""
    url: str = ""


def _url(endpoint: str, **arguments: Any) -> str:
    return url_for(endpoint, tenant=g.seat.tenant_code, **arguments)


@bp.get("/t/<tenant>/commissions/<uuid:row_id>/progress")
@allow(P.COMMISSION_READ, commission.commission)
def progress(row: Commission) -> str:
    """The evaluation's way from the commission to the year's ranking."""
    return page("report/progress.html", row=row, steps=list(_steps(row)))


def _steps(row: Commission) -> Iterator[Step]:
    yield Step(_("委托"), row.state_label, row.approver or "", _url("commission.commission", row_id=row.id))
    bought = tender.of_commission(row.id)
    if bought is None:
        yield Step(_("采购"))
    else:
        yield Step(
            _("采购"), bought.label_at(g.now), bought.number or "", _url("tender.tender", row_id=bought.id)
        )
    signed = next(iter(contract.of_commission(row.id)), None)
    if signed is None:
        yield Step(_("合同"))
    else:
        url = _url("contract.contract", row_id=signed.id)
        yield Step(_("合同"), signed.state_label, f"{signed.firm_name} · {signed.fee:,.2f} 元", url)
    yield from _work(signed, signed.id if signed else row.id)
    yield _placed(row.year, signed)


def _work(signed: Contract | None, contract_id: UUID) -> Iterator[Step]:
    """What follows from the contract; asked for alike whether there is one, so that a page costs the same."""
    rows = deliverable.of_contract(contract_id)
    taken = sum(each.state == DeliverableState.ACCEPTED.value for each in rows)
    done = (_("已全部认可"), "done") if rows and taken == len(rows) else (_("进行中"), "active")
    yield Step(
        _("成果"),
        done if rows else None,
        _("%(taken)s / %(all)s 件已认可", taken=taken, all=len(rows)) if rows else "",
        _url("deliverable.deliverables", contract=signed.id) if signed and rows else "",
    )
    scored = quality.of_contract(contract_id)
    points = scored.quality_score if scored else None
    yield _one(_("会审"), scored, "round.one", _("质量得分 %(score)s", score=points) if points else "")
    settled, moved = settlement.money_of(contract_id)
    earned = _("应得 %(amount)s 元", amount=f"{settled.earned:,.2f}") if settled else ""
    yield _one(_("结算"), settled, "settlement.settlement", earned)
    yield _paid(signed, settled, moved)
    judged = appraisal.of_contract(contract_id)
    points = judged.score if judged else None
    told = _("考评得分 %(score)s", score=points) if points else ""
    yield _one(_("考评"), judged, "appraisal.appraisal", told)


def _paid(signed: Contract | None, settled: Settlement | None, moved: Moved) -> Step:
    """How far the money is: what has been paid, what came back, what is still to come."""
    name = _("付款")
    began = moved.paid or moved.underway or (settled is not None and settled.confirmed_at is not None)
    if signed is None or not began:
        return Step(name)
    told = [_("已付 %(amount)s 元", amount=f"{moved.paid:,.2f}")]
    if moved.given_back:
        told.append(_("已收回 %(amount)s 元", amount=f"{moved.given_back:,.2f}"))
    url = _url("settlement.account", row_id=signed.id)
    if settled is None or settled.confirmed_at is None:
        state = (_("办理中"), "active") if moved.underway else (_("已付首付款"), "active")
        return Step(name, state, "，".join(told), url)
    balance = settled.earned - moved.paid + moved.given_back
    if balance > 0:
        told.append(_("还应付 %(amount)s 元", amount=f"{balance:,.2f}"))
    elif balance < 0:
        told.append(_("应退 %(amount)s 元", amount=f"{-balance:,.2f}"))
    return Step(name, _standing(balance, moved), "，".join(told), url)


def _standing(balance: Decimal, moved: Moved) -> tuple[str, str]:
    """Where the money of a confirmed settlement stands, in words, and the tone."""
    if balance < 0:
        return _("待收回"), "danger"
    if balance > 0:
        return (_("办理中"), "active") if moved.underway else (_("待付款"), "waiting")
    if moved.given_back:
        return _("已收回，结清"), "done"
    return (_("已付清") if moved.paid else _("不需付款")), "done"


def _placed(year: int, signed: Contract | None) -> Step:
    """Where the firm stands in the year's ranking, and whether this work counts in it."""
    name = _("年度排名")
    ranked = ranking.of_year(year)
    if ranked is None or signed is None:
        return Step(name)
    counted = next((each for each in ranking.rows_of(ranked) if _counts(each, signed.id)), None)
    if counted is None:
        told = _("本合同尚未计入 %(year)s 年度", year=year)
    elif counted.rank is None:
        told = _("已计入，本年度不排名次")
    else:
        told = _("已计入，第 %(rank)s 名，%(grade)s 等", rank=counted.rank, grade=counted.grade)
    return _one(name, ranked, "ranking.ranking", told)


def _counts(row: RankingRow, contract_id: UUID) -> bool:
    return any(work["contract"] == str(contract_id) for work in row.works)


def _one(name: str, row: Any, endpoint: str, told: str = "") -> Step:
    if row is None:
        return Step(name)
    return Step(name, row.state_label, told, _url(endpoint, row_id=row.id))
