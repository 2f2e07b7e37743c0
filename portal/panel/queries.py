"""Reading openings and reviews, and the facts their rules are asked with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import partial
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import joinedload

from portal import office, tender
from portal.access import Actor, Role
from portal.identity import posts_as
from portal.kernel.derivation import Derivation
from portal.kernel.errors import NotFound
from portal.kernel.money import Yuan
from portal.office import RulesInForce
from portal.panel import rules
from portal.panel.lifecycle import PanelState
from portal.panel.models import Explanation, Panel, PanelFinding, PanelMember, PanelReport
from portal.panel.rules import ExplanationFacts, PanelFacts
from portal.tender import Tender
from portal.tender.rules import Finding, Result, low_price_alerts, shown_price
from portal.web.search import by_sound
from tenants.db import db


def panel(row_id: UUID) -> Panel:
    """The opening and review of the tender with this id, to be acted on. Raises `NotFound`."""
    return _found(db.session.scalars(select(Panel).where(Panel.tender_id == row_id)).first())


def by_id(row_id: UUID) -> Panel:
    """The opening and review by its own id, for who comes from the inbox. Raises `NotFound`."""
    return _found(db.session.scalars(select(Panel).where(Panel.id == row_id)).first())


def shown(row_id: UUID) -> Panel:
    """The opening and review of the tender with this id, to be read: one statement. Raises `NotFound`."""
    return _whole(Panel.tender_id == row_id)


def _whole(which: ColumnElement[bool]) -> Panel:
    rows = select(Panel).where(which)
    for each in (Panel.members, Panel.findings, Panel.explanations, Panel.reports):
        rows = rows.options(joinedload(each))
    return _found(db.session.scalars(rows).unique().first())


def finding_by_id(row_id: UUID) -> PanelFinding:
    """What was found about one bid, with the whole review around it. Raises `NotFound`."""
    of = select(PanelFinding.panel_id).where(PanelFinding.id == row_id).scalar_subquery()
    return next(each for each in _whole(Panel.id == of).findings if each.id == row_id)


def _found(row: Panel | None) -> Panel:
    if row is None:
        raise NotFound
    return row


def lock(row: Panel) -> None:
    """Lock the row, and read it and what hangs on it anew."""
    db.session.flush()
    db.session.refresh(row, with_for_update=True)


def explanation(row_id: UUID) -> Explanation:
    """A question about a price, for the firm that was asked. Raises `NotFound`."""
    found = db.session.scalar(select(Explanation).where(Explanation.id == row_id))
    if found is None:
        raise NotFound
    return found


def finding(row: Panel, bid_id: UUID) -> PanelFinding:
    """What was found about one bid. Raises `NotFound`."""
    found = next((each for each in row.findings if each.bid_id == bid_id), None)
    if found is None:
        raise NotFound
    return found


def alerts(row: Panel, ceiling: Decimal, force: RulesInForce) -> tuple[str, ...]:
    """The firms whose price is abnormally low among those that conform; none before all are examined."""
    if any(each.conforming is None for each in row.findings):
        return ()
    quotes = [each for each in rules.quotes_of(row.bid_facts()) if each.conforming and each.price <= ceiling]
    return low_price_alerts(quotes, Yuan(ceiling), force.rules.lowprice)


def result(row: Panel, of: Tender, force: RulesInForce) -> Result | None:
    """What the findings come to by the formulas; None while a bid is not examined, or none was opened."""
    if not row.findings:
        return None
    return rules.result_of(
        row.bid_facts(),
        Yuan(of.ceiling),
        row.tie_order,
        min_quotes=row.min_quotes,
        rules=force.rules.lowprice,
    )


def rules_of(of: Tender) -> RulesInForce:
    """The rules under which the tender was begun."""
    return office.rules_kept(of.rule_set_id)


def received(row: Panel) -> int:
    """How many bids there are: frozen at the deadline, counted before."""
    return row.received if row.received is not None else tender.bids(row.tender_id) or 0


def facts(
    row: Panel,
    of: Tender,
    force: RulesInForce,
    *,
    by: Actor | None,
    now: datetime,
    reason: str | None = None,
) -> PanelFacts:
    """Everything the rules ask about at this moment."""
    return PanelFacts(
        now=now,
        response_by=of.response_by,
        suspended=of.suspended_at is not None,
        received=received(row),
        min_quotes=row.min_quotes,
        officer_id=by.account_id if by else None,
        first_id=row.first_officer_id,
        drafter_id=of.drafted_by,
        members=[each.facts() for each in row.members],
        bids=row.bid_facts(),
        result=result(row, of, force),
        alerts=alerts(row, of.ceiling, force),
        reason=reason,
        statutory=row.statutory,
    )


def explanation_facts(row: Explanation, *, now: datetime, text: str = "") -> ExplanationFacts:
    """What the rules ask of one question."""
    return ExplanationFacts(now, row.answer_by, text, row.statutory)


@dataclass(frozen=True, slots=True)
class Substitute:
    """Somebody who may take the seat of a member who stepped aside; by post."""

    post_id: UUID
    account_id: UUID
    name: str
    role: str

    @property
    def is_chair(self) -> bool:
        """Whether the post is a chair's."""
        return self.role == Role.PANEL_CHAIR.value


def substitutes(row: Panel, of: Tender) -> list[Substitute]:
    """Who holds a post of the panel, never sat here, and did not draft the tender; by name."""
    known = {each.account_id for each in row.members} | {of.drafted_by}
    found = [
        Substitute(each.id, each.account_id, each.holder, each.role)
        for each in posts_as(Role.PANEL_CHAIR, Role.PANEL_MEMBER)
        if each.account_id not in known
    ]
    return sorted(found, key=lambda each: by_sound(each.name))


def roles_of_posts() -> dict[UUID, str]:
    """The role of each post of the panel in force."""
    return {each.id: each.role for each in posts_as(Role.PANEL_CHAIR, Role.PANEL_MEMBER)}


@dataclass(frozen=True, slots=True)
class Candidate:
    """成交候选人: a firm in its place, at the price it bid. In 元."""

    place: int
    bid_id: UUID
    firm_id: UUID
    firm_name: str
    price: Yuan


@dataclass(frozen=True, slots=True)
class Rejected:
    """A bid found invalid, and why."""

    bid_id: UUID
    firm_id: UUID
    firm_name: str
    price: Yuan | None
    reason: str


@dataclass(frozen=True, slots=True)
class Reported:
    """What the signed report says, for whoever decides on it."""

    panel_id: UUID
    digest: str
    document_id: UUID
    ranked_at: datetime
    candidates: Sequence[Candidate]
    rejected: Sequence[Rejected]
    members: Sequence[str]
    draw_id: UUID | None


def outcome(row: Panel, report: PanelReport) -> tuple[list[PanelFinding], list[PanelFinding]]:
    """The bids as a report has them: those ranked, in their order, and those found invalid."""
    found = {str(each.firm_id): each for each in row.findings}
    ranked = [found[firm] for firm in report.content["ranking"]]
    return ranked, [each for each in row.findings if each not in ranked]


def reported(tender_id: UUID) -> Reported:
    """The report all members signed. Raises `NotFound` where there is none."""
    row = panel(tender_id)
    report = row.report
    if row.state != PanelState.RANKED.value or report is None or row.ranked_at is None:
        raise NotFound
    ranked, rejected = outcome(row, report)
    return Reported(
        panel_id=row.id,
        digest=report.digest,
        document_id=report.document_id,
        ranked_at=row.ranked_at,
        candidates=[
            Candidate(place, each.bid_id, each.firm_id, each.firm_name, Yuan(each.price or Decimal(0)))
            for place, each in enumerate(ranked, 1)
        ],
        rejected=[
            Rejected(
                each.bid_id,
                each.firm_id,
                each.firm_name,
                Yuan(each.price) if each.price is not None else None,
                each.why_invalid,
            )
            for each in rejected
        ],
        members=[each.name for each in row.members if each.sits],
        draw_id=row.draw_id,
    )


def dissents(tender_id: UUID) -> list[tuple[str, str]]:
    """不同意见: which members signed the report with one, and what they wrote."""
    rows = (
        select(PanelMember.name, PanelMember.dissent)
        .join(Panel, Panel.id == PanelMember.panel_id)
        .where(Panel.tender_id == tender_id, PanelMember.dissent.is_not(None))
        .order_by(PanelMember.place)
    )
    return [(name, dissent or "") for name, dissent in db.session.execute(rows)]


def computed(row: Panel, of: Tender, force: RulesInForce) -> dict[str, object]:
    """The ranking with everything it was computed from, so that it can be computed again."""
    found = result(row, of, force)
    lowprice = force.rules.lowprice
    return {
        "tender": of.number,
        "method": of.method,
        "ceiling": of.ceiling,
        "min_quotes": row.min_quotes,
        "tie_order": list(row.tie_order),
        "low_price_ratios": {
            "mean": lowprice.mean,
            "second": lowprice.second,
            "ceiling": lowprice.ceiling,
        },
        "rule_set": force.id,
        "quotes": [
            {
                "firm": str(each.firm_id),
                "name": each.firm_name,
                "price": each.price,
                "conforming": each.conforming,
                "justified": each.justified,
            }
            for each in row.findings
        ],
        "alerts": list(alerts(row, of.ceiling, force)),
        "finding": found.finding.value if found else None,
        "ranking": [each.quote.firm for each in found.ranked] if found else [],
    }


def derivations(
    row: Panel, of: Tender, force: RulesInForce, *, now: datetime, json_url: str
) -> list[Derivation]:
    """How the ranking and the lines of the low-price review came about; nothing before all are examined."""
    found = result(row, of, force)
    if found is None:
        return []
    report = row.report
    made = partial(
        Derivation,
        rule_set=force.label,
        by=report.made_by if report else _chair(row),
        at=report.made_at if report else now,
        json_url=json_url,
    )
    names = {str(each.firm_id): each.firm_name for each in row.findings}
    return [
        made(
            name="成交候选人排序",
            result=_finding_in_words(found, names),
            formula="符合全部实质性要求、不超过最高限价、未被认定为不合理低价的，按报价由低到高排列；报价相同的按抽签顺序",
            inputs=[
                (each.firm_name, f"{each.price:,.2f} 元" if each.price is not None else "—", _verdict(each))
                for each in row.findings
            ],
            values=computed(row, of, force),
            steps=[
                f"第 {place} 名：{names[each.quote.firm]}，{shown_price(each):,.2f} 元"
                for place, each in enumerate(found.ranked, 1)
            ],
        ),
        made(
            name="异常低价审查",
            result="、".join(names[each] for each in found.alerts) or "没有低于审查线的报价",
            formula="报价低于（不含等于）下列任何一条线的，应当说明：全部符合要求报价的平均数 × 比例；"
            "次低报价 × 比例（只看最低报价）；最高限价 × 比例",
            inputs=_lines(row, of, force),
            values=computed(row, of, force),
        ),
    ]


def _chair(row: Panel) -> str:
    return next((each.name for each in row.members if each.is_chair and each.sits), "评审小组")


def _verdict(each: PanelFinding) -> str:
    if each.justified is False:
        return "低价不合理，无效"
    return "符合" if each.conforming else "不符合"


def _finding_in_words(found: Result, names: Mapping[str, str]) -> str:
    if found.finding is Finding.AWARDED:
        return f"第一名：{names[found.ranked[0].quote.firm]}"
    return {
        Finding.TIED: "报价并列第一，须抽签",
        Finding.TERMINATED: "符合要求的响应不足规定份数，须终止",
        Finding.NEEDS_EXPLANATION: "有异常低价，等待说明和认定",
    }[found.finding]


def _lines(row: Panel, of: Tender, force: RulesInForce) -> list[tuple[str, str, str]]:
    lowprice = force.rules.lowprice
    valid = [
        each.price
        for each in rules.quotes_of(row.bid_facts())
        if each.conforming and each.price <= of.ceiling
    ]
    lines = rules.low_price_lines(valid, Yuan(of.ceiling), lowprice)
    labels = {
        "mean": (f"平均数 × {lowprice.mean}", "符合要求的报价"),
        "second": (f"次低报价 × {lowprice.second}", "符合要求的报价"),
        "ceiling": (f"最高限价 × {lowprice.ceiling}", "采购文件"),
    }
    return [
        (labels[key][0], f"{value:,.2f} 元（四舍五入显示，按精确值比较）", labels[key][1])
        for key, value in lines.items()
    ]
