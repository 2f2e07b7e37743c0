"""Reading a contract's money: its ledger, what may be asked for, and how the settlement came about."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Select, select

from portal import commission, contract, deliverable, document, quality
from portal.access import Actor
from portal.contract.rules import DeliverableKind
from portal.kernel.derivation import Derivation
from portal.kernel.errors import NotFound
from portal.kernel.money import NOTHING, Yuan
from portal.kernel.score import Score
from portal.kernel.workdays import day_of
from portal.settlement.lifecycle import SettlementState
from portal.settlement.models import Payment, Recovery, Settlement
from portal.settlement.rules import (
    Ledger,
    Part,
    PaymentFacts,
    PaymentKind,
    PayTerms,
    RequestFacts,
    SettlementFacts,
    advance_of,
    deduction,
    equal_shares,
    late_penalty,
    pay_by,
    pay_ratio,
    pay_terms,
    tiers_of,
)
from portal.web.listing import Listing, Sort, listing, read_decimal, read_instant
from tenants.db import db, tenant_of_session
from tenants.models import Tenant
from tenants.ruleset import FeeRules, QcRules, Scope

Row = TypeVar("Row")


def settlement(row_id: UUID) -> Settlement:
    """One settlement. Raises `NotFound`."""
    return _found(db.session.scalars(select(Settlement).where(Settlement.id == row_id)).first())


def payment(row_id: UUID) -> Payment:
    """One payment. Raises `NotFound`."""
    return _found(db.session.scalars(select(Payment).where(Payment.id == row_id)).first())


def recovery(row_id: UUID) -> Recovery:
    """One recovery. Raises `NotFound`."""
    return _found(db.session.scalars(select(Recovery).where(Recovery.id == row_id)).first())


def _found(row: Row | None) -> Row:
    if row is None:
        raise NotFound
    return row


def of_contract(contract_id: UUID) -> Settlement | None:
    """The settlement of a contract, once it was computed."""
    return db.session.scalars(select(Settlement).where(Settlement.contract_id == contract_id)).first()


def payments_of(contract_id: UUID) -> list[Payment]:
    """The payments of a contract, the first first; returned ones too."""
    rows = select(Payment).where(Payment.contract_id == contract_id)
    fresh = rows.order_by(Payment.requested_at, Payment.id).execution_options(populate_existing=True)
    return list(db.session.scalars(fresh))


def recoveries_of(contract_id: UUID) -> list[Recovery]:
    """What is or was to come back under a contract."""
    return list(db.session.scalars(select(Recovery).where(Recovery.contract_id == contract_id)))


@dataclass(frozen=True, slots=True)
class Account:
    """A contract's money, whole: the contract, its settlement if there is one, payments and recoveries."""

    contract: contract.Contract
    settlement: Settlement | None
    payments: Sequence[Payment]
    recoveries: Sequence[Recovery]

    @property
    def ledger(self) -> Ledger:
        """The ledger; before the settlement nothing is deducted yet."""
        row = self.settlement
        return Ledger(
            fee=Yuan(self.contract.fee),
            deducted=Yuan(row.deducted) if row else NOTHING,
            penalties=Yuan(row.penalties) if row else NOTHING,
            paid=Yuan(sum((each.amount for each in self.payments if each.is_paid), NOTHING)),
            given_back=Yuan(sum((each.amount for each in self.recoveries if each.is_received), NOTHING)),
        )

    @property
    def underway(self) -> Yuan:
        """What was asked for and is neither paid nor returned."""
        return Yuan(sum((each.amount for each in self.payments if each.underway), NOTHING))

    @property
    def confirmed(self) -> bool:
        """Whether the settlement stands."""
        row = self.settlement
        return row is not None and SettlementState(row.state) is SettlementState.CONFIRMED

    @property
    def next_kind(self) -> PaymentKind:
        """Which payment comes next."""
        return PaymentKind.ADVANCE if self.settlement is None else PaymentKind.FINAL

    def owed(self) -> Yuan:
        """How much may be paid in all now, in 元: the agreed advance, then what was earned and not paid."""
        ledger = self.ledger
        if self.settlement is not None:
            return ledger.payable
        advance = advance_of(ledger.fee, self.contract.advance_ratio)
        return max(Yuan(advance - ledger.paid), NOTHING)

    def in_section(self, actor: Actor) -> bool:
        """Whether the actor sits in the section that runs the contract, or none does."""
        return self.contract.in_section(actor)

    def is_firm(self, actor: Actor) -> bool:
        """Whether the actor acts for the firm."""
        return self.contract.is_firm(actor)


def account(row_id: UUID) -> Account:
    """A contract's money, by the contract's id. Raises `NotFound`."""
    return Account(
        contract.contract(row_id),
        of_contract(row_id),
        payments_of(row_id),
        recoveries_of(row_id),
    )


def lock_account(contract_id: UUID) -> Account:
    """A contract's money, held until the transaction ends: nothing is paid twice. Raises `NotFound`."""
    db.session.refresh(contract.contract(contract_id), with_for_update=True)
    return account(contract_id)


def accepted_on(contract_id: UUID, kind: DeliverableKind) -> date | None:
    """The day on which the last deliverable of a kind was accepted; None while one is missing."""
    days = [each.accepted_at for each in deliverable.of_contract(contract_id) if each.which is kind]
    if not days or None in days:
        return None
    return day_of(max(each for each in days if each is not None))


def plans_missing(row: contract.Contract) -> list[str]:
    """The subjects whose plan is not accepted yet."""
    accepted = {
        str(each.subject_id)
        for each in deliverable.of_contract(row.id)
        if each.which is DeliverableKind.PLAN and each.accepted_at is not None
    }
    return [each["name"] for each in row.objects if each["id"] not in accepted]


def request_facts(found: Account, amount: Yuan) -> RequestFacts:
    """Everything the rules ask before a payment is asked for."""
    kind = found.next_kind
    return RequestFacts(
        kind=kind,
        effective=found.contract.signed_at is not None and found.contract.settled_at is None,
        plans_missing=plans_missing(found.contract) if kind is PaymentKind.ADVANCE else (),
        settled=found.settlement is not None,
        confirmed=found.confirmed,
        underway=found.underway > 0,
        amount=amount,
        most=found.owed(),
    )


def payment_facts(row: Payment, *, by: Actor, reason: str | None = None) -> PaymentFacts:
    """Everything the rules ask about a payment, at this moment."""
    return PaymentFacts(
        requester_id=row.requester_id,
        requester_section=row.requester_section,
        actor_id=by.account_id,
        actor_section=by.section_id,
        amount=Yuan(row.amount),
        most=account(row.contract_id).owed(),
        reason=reason,
    )


def settlement_facts(
    row: Settlement, *, by: Actor, penalties: Yuan | None = None, needs_clause: bool = False
) -> SettlementFacts:
    """Everything the rules ask about a settlement, at this moment."""
    taken = Yuan(row.penalties) if penalties is None else penalties
    return SettlementFacts(
        ledger=Ledger(Yuan(row.fee), Yuan(row.deducted), taken, NOTHING),
        computed_by=row.adjusted_by,
        actor_id=by.account_id,
        needs_clause=needs_clause,
    )


@dataclass(frozen=True, slots=True)
class Computed:
    """A settlement as the quality terms make it, with everything it was computed from."""

    quality: Score | None
    vetoed: bool
    deducted: Yuan
    penalties: Yuan
    penalty_lines: list[dict[str, str]]
    basis: dict[str, Any]


def compute(row: contract.Contract) -> Computed | None:
    """质量扣费 and 逾期违约金 of a contract; None while quality or the work itself is not final."""
    known = quality.quality_of(row.id)
    if known is None or not deliverable.is_delivered(row.id):
        return None
    fee = Yuan(row.fee)
    terms = terms_of(row.terms_id)
    shares = equal_shares(fee, len(known.subjects)) if known.subjects else ()
    parts = [
        Part(share, None if each.score is None else Score(each.score))
        for share, each in zip(shares, known.subjects, strict=True)
    ]
    deducted = deduction(fee, known.score, parts, terms, vetoed=known.vetoed)
    late = deliverable.late_workdays(row.id) if row.late_ratio else 0
    penalty = min(late_penalty(fee, late, row.late_ratio, row.late_cap), Yuan(fee - deducted))
    lines = [
        {
            "clause": "合同逾期条款",
            "reason": f"逾期 {late} 个工作日，每个工作日扣合同价款的 {row.late_ratio * 100:.2f}%",
            "amount": f"{penalty}",
        }
    ]
    return Computed(
        known.score,
        known.vetoed,
        deducted,
        penalty,
        lines if penalty else [],
        {
            "tiers": [{"min": f"{tier.min}", "pay_ratio": f"{tier.pay_ratio}"} for tier in terms.tiers],
            "scope": terms.scope.value,
            "parts": [
                {
                    "subject": str(each.subject_id),
                    "quality": None if each.score is None else f"{each.score}",
                }
                for each in known.subjects
            ],
            "late_workdays": late,
            "late_ratio": f"{row.late_ratio}",
            "late_cap": f"{row.late_cap}",
        },
    )


def terms_of(terms_id: UUID) -> PayTerms:
    """质费挂钩 as the contract's quality terms were frozen. Raises `Misconfigured` where they name none."""
    row = commission.terms(terms_id)
    qc = QcRules(
        weight_plan=row.weight_plan,
        weight_report=row.weight_report,
        cutoff=row.cutoff,
        deduct_ratio=row.deduct_ratio,
        scope=Scope(row.scope),
        min_valid_sheets=row.min_valid_sheets,
        trim_extremes=row.trim_extremes,
        scoring_workdays=row.scoring_workdays,
        objection_workdays=row.objection_workdays,
    )
    return pay_terms(qc, FeeRules(tiers_of(row.tiers)))


def due_by(row: contract.Contract, on: date) -> datetime:
    """The last instant at which a payment is in time: the agreed days after acceptance."""
    return pay_by(on, row.payment_days)


SORTS: Mapping[str, Sort] = {
    "name": Sort(Payment.contract_name.expression),
    "amount": Sort(Payment.amount.expression, read_decimal),
    "due": Sort(Payment.due_by.expression, read_instant),
    "touched": Sort(Payment.touched_at.expression, read_instant),
}


def matching(arguments: Mapping[str, str]) -> Select[Payment]:
    """The payments a search asks for: words of contract or firm, a state."""
    rows = select(Payment)
    if words := arguments.get("q", "").strip():
        rows = rows.where(
            Payment.contract_name.icontains(words, autoescape=True)
            | Payment.firm_name.icontains(words, autoescape=True)
        )
    if state := arguments.get("state"):
        rows = rows.where(Payment.state == state)
    return rows


def page_of(arguments: Mapping[str, str], *, path: str, export_url: str = "") -> Listing:
    """One page of the payments, the last touched first."""
    return listing(
        matching(arguments),
        key=Payment.id.expression,
        sorts=SORTS,
        arguments=arguments,
        path=path,
        default="-touched",
        kept=("q", "state"),
        export_url=export_url,
    )


def everything(arguments: Mapping[str, str]) -> list[Payment]:
    """All payments a search asks for, for the workbook."""
    return list(db.session.scalars(matching(arguments).order_by(Payment.touched_at.desc())))


@dataclass(frozen=True, slots=True)
class Standing:
    """A contract in the list of accounts, with what was paid and how its settlement stands."""

    contract: contract.Contract
    settlement: Settlement | None
    paid: Yuan


def standings() -> list[Standing]:
    """Every signed contract that is not closed, with its money; three statements."""
    signed = contract.signed()
    ids = [each.id for each in signed]
    settled = {
        each.contract_id: each
        for each in db.session.scalars(select(Settlement).where(Settlement.contract_id.in_(ids)))
    }
    paid: dict[UUID, Decimal] = {}
    for each in db.session.scalars(select(Payment).where(Payment.contract_id.in_(ids))):
        if each.is_paid:
            paid[each.contract_id] = paid.get(each.contract_id, Decimal(0)) + each.amount
    return [Standing(each, settled.get(each.id), Yuan(paid.get(each.id, NOTHING))) for each in signed]


def derivations(found: Account, *, rule_set: str, json_url: str) -> list[Derivation]:
    """How deduction and payable came about; nothing before the settlement was computed."""
    row = found.settlement
    if row is None:
        return []
    ledger = found.ledger
    made = partial(
        Derivation,
        rule_set=rule_set,
        by=row.confirmer or row.adjuster or "系统计算",
        at=row.confirmed_at or row.computed_at,
        json_url=json_url,
    )
    scored = row.score
    tiers = tiers_of(row.basis["tiers"]) or ()
    whole = row.basis["scope"] == Scope.CONTRACT.value
    ratio = pay_ratio(scored, tiers) if scored is not None and whole else None
    return [
        made(
            name="质量扣费",
            result=f"{row.deducted:,.2f} 元",
            formula="一票否决的全额扣减"
            if row.vetoed
            else (
                "没有抽评的不扣费"
                if scored is None
                else "质量扣费 = 合同价款 × （1 − 支付比例），等于分数线的全额支付"
                if whole
                else "质量扣费 = 各评价对象价款份额 × （1 − 支付比例）之和"
            ),
            inputs=[
                ("合同价款", f"{row.fee:,.2f} 元", "合同"),
                ("质量得分", f"{scored:.2f} 分" if scored is not None else "未抽评", "质量评审"),
                *((f"{tier.min} 分以上支付", f"{tier.pay_ratio * 100:.2f}%", "质量约定") for tier in tiers),
                *(
                    (("支付比例", f"{ratio * 100:.2f}%", "按质量得分对应的档次"),)
                    if ratio is not None
                    else ()
                ),
            ],
            values={"fee": row.fee, "quality": row.quality, "vetoed": row.vetoed, **row.basis},
        ),
        made(
            name="应付",
            result=f"{ledger.payable:,.2f} 元",
            formula="应得 = 合同价款 − 质量扣费 − 其他扣减；应付 = 应得 − 已付 + 已退回",
            inputs=[
                ("合同价款", f"{ledger.fee:,.2f} 元", "合同"),
                ("质量扣费", f"{ledger.deducted:,.2f} 元", "质量约定"),
                ("其他扣减", f"{ledger.penalties:,.2f} 元", "合同条款"),
                ("应得", f"{ledger.earned:,.2f} 元", ""),
                ("已付", f"{ledger.paid:,.2f} 元", "付款记录"),
                ("已退回", f"{ledger.given_back:,.2f} 元", "退款记录"),
            ],
            values={
                "fee": ledger.fee,
                "deducted": ledger.deducted,
                "penalties": ledger.penalties,
                "earned": ledger.earned,
                "paid": ledger.paid,
                "given_back": ledger.given_back,
                "recoverable": ledger.recoverable,
            },
        ),
    ]


def bureau_name() -> str:
    """The bureau that settles."""
    return db.session.scalar(select(Tenant.name).where(Tenant.id == tenant_of_session())) or ""


def deduction_paper(row: Settlement) -> document.Paper:
    """质量扣费通知书: by which score and clause how much is taken from the fee."""
    scored = f"{row.quality:.2f} 分" if row.quality is not None else "未抽评"
    return document.Paper(
        title="质量扣费通知书",
        to=row.firm_name,
        blocks=(
            document.Text(f"根据“{row.contract_name}”合同的质量条款，现将结算结果通知如下。"),
            document.Pairs(
                (
                    ("合同价款", f"{row.fee:,.2f} 元"),
                    ("质量得分", "经核实一票否决" if row.vetoed else scored),
                    ("质量扣费", f"{row.deducted:,.2f} 元"),
                    ("其他扣减", f"{row.penalties:,.2f} 元"),
                    ("应得价款", f"{row.earned:,.2f} 元"),
                    ("质量约定编号", str(row.terms_id)),
                )
            ),
            *(
                (
                    document.Table(
                        ("扣减依据的条款", "事实", "金额（元）"),
                        tuple(
                            (each["clause"], each["reason"], f"{Decimal(each['amount']):,.2f}")
                            for each in row.penalty_lines
                        ),
                    ),
                )
                if row.penalty_lines
                else ()
            ),
        ),
        signed_by=bureau_name(),
        dated=day_of(row.confirmed_at or row.computed_at),
    )


def recovery_paper(row: Recovery, ledger: Ledger) -> document.Paper:
    """退款通知书: what was paid above what was earned."""
    return document.Paper(
        title="退款通知书",
        to=row.firm_name,
        blocks=(
            document.Text(
                f"“{row.contract_name}”合同已经结算。已付价款超过应得价款，请将下列应退款退回本局，并注明合同名称。"
            ),
            document.Pairs(
                (
                    ("应得价款", f"{ledger.earned:,.2f} 元"),
                    ("已付价款", f"{ledger.paid:,.2f} 元"),
                    ("应退款", f"{row.amount:,.2f} 元"),
                )
            ),
        ),
        signed_by=bureau_name(),
        dated=day_of(row.demanded_at),
    )
