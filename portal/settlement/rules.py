"""Formulas of the quality deduction (质量扣费), the ledger of a contract, and when money may move.

Source: the contract's quality clause; rule set. Money is in 元.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Final
from uuid import UUID

from portal.kernel.exact import Exact
from portal.kernel.money import NOTHING, Yuan, yuan
from portal.kernel.ruling import Clause, Ruling, unless
from portal.kernel.score import Score
from portal.kernel.workdays import end_of
from tenants.ruleset import FeeRules, QcRules, Scope, Tier, known

SME_9: Final = Clause("保障中小企业款项支付条例", "第九条")
CONTRACT: Final = Clause("合同约定")
HOUSE: Final = Clause("本局内部控制制度")
SHORTEST_REASON: Final = 4


class PaymentKind(StrEnum):
    """款项: before quality is known, or after the settlement."""

    ADVANCE = "advance"
    FINAL = "final"


PAYMENT_LABELS: Final[dict[PaymentKind, str]] = {
    PaymentKind.ADVANCE: "首付款（方案认可后）",
    PaymentKind.FINAL: "尾款（结算后）",
}


@dataclass(frozen=True, slots=True)
class Part:
    """A subject's share of the fee, in 元 and exact, with its quality; None where it was not scored."""

    share: Exact
    quality: Score | None


@dataclass(frozen=True, slots=True)
class PayTerms:
    """质费挂钩: the tiers of pay, from 0 points up, and what one score decides about."""

    tiers: tuple[Tier, ...]
    scope: Scope


def pay_terms(qc: QcRules, fee: FeeRules) -> PayTerms:
    """The tiers the contract names, else the two around the cutoff; at the cutoff exactly all is paid.

    Raises `Misconfigured` when there is neither.
    """
    if fee.tiers:
        return PayTerms(fee.tiers, qc.scope)
    cutoff = known(qc.cutoff, "qc.cutoff")
    below = (Tier(Decimal(0), 1 - qc.deduct_ratio),) if cutoff else ()
    return PayTerms((*below, Tier(cutoff, Decimal(1))), qc.scope)


def pay_ratio(quality: Score, tiers: Sequence[Tier]) -> Decimal:
    """The share of the fee (0–1) that a rounded quality score earns."""
    return max((tier for tier in tiers if tier.min <= quality), key=lambda tier: tier.min).pay_ratio


def equal_shares(fee: Yuan, count: int) -> tuple[Fraction, ...]:
    """The fee in equal exact parts, for contracts that name no amount per subject."""
    return (Fraction(fee) / count,) * count


def deduction(
    fee: Yuan,
    quality: Score | None,
    parts: Sequence[Part],
    terms: PayTerms,
    *,
    vetoed: bool = False,
) -> Yuan:
    """质量扣费 in 元, from 0 to ``fee``, rounded half up once: fee × (1 − pay ratio).

    By contract, the contract's ``quality`` decides about the whole fee; by subject, each scored part
    about its own share. What was not scored is not deducted from. After a veto the whole fee is deducted.
    """
    if vetoed:
        return fee
    judged = [Part(fee, quality)] if terms.scope is Scope.CONTRACT else parts
    withheld = sum(
        (
            Fraction(part.share) * (1 - Fraction(pay_ratio(part.quality, terms.tiers)))
            for part in judged
            if part.quality is not None
        ),
        Fraction(NOTHING),
    )
    return yuan(withheld)


def payable(fee: Yuan, deducted: Yuan) -> Yuan:
    """应付: what is left of the fee, in 元; fee = deducted + payable to the fen."""
    return Yuan(fee - deducted)


@dataclass(frozen=True, slots=True)
class Ledger:
    """A contract's money: fee = deducted + penalties + earned; earned = paid − given back + balance."""

    fee: Yuan
    deducted: Yuan
    penalties: Yuan
    paid: Yuan
    given_back: Yuan = NOTHING

    @property
    def withheld(self) -> Yuan:
        """What was taken from the fee: for quality, and by other clauses."""
        return Yuan(self.deducted + self.penalties)

    @property
    def earned(self) -> Yuan:
        """应得: the fee less what the contract takes away."""
        return Yuan(self.fee - self.deducted - self.penalties)

    @property
    def balance(self) -> Yuan:
        """Earned less what the firm holds; negative where it was paid too much."""
        return Yuan(self.earned - self.paid + self.given_back)

    @property
    def payable(self) -> Yuan:
        """应付: what is still to be paid, never negative."""
        return max(self.balance, NOTHING)

    @property
    def recoverable(self) -> Yuan:
        """应退: what was paid above what was earned, never negative."""
        return max(Yuan(-self.balance), NOTHING)


def late_penalty(fee: Yuan, workdays: int, ratio: Decimal, cap: Decimal) -> Yuan:
    """逾期违约金 as the contract agreed it: per working day a ``ratio`` of the fee, at most ``cap`` of it."""
    share = min(Fraction(ratio) * workdays, Fraction(cap)) if cap else Fraction(ratio) * workdays
    return yuan(min(share, Fraction(1)) * Fraction(fee))


def advance_of(fee: Yuan, ratio: Decimal) -> Yuan:
    """首付款: the agreed share of the fee, rounded half up to the fen."""
    return yuan(Fraction(fee) * Fraction(ratio))


def carried_over(advance: Yuan, asked: Yuan, earned: Yuan) -> Yuan:
    """并入尾款的首付款, in 元: what of the agreed ``advance`` was never asked for and is still earned.

    ``asked``: what was asked for as first payment and not returned. After the settlement there is no first
    payment any more; what is left of it is paid with the rest.
    """
    return max(min(Yuan(advance - asked), Yuan(earned - asked)), NOTHING)


def pay_by(accepted_on: date, days: int) -> datetime:
    """The last instant of the ``days``-th day after acceptance (calendar days), inclusive."""
    return end_of(accepted_on + timedelta(days=days))


@dataclass(frozen=True, slots=True)
class SettlementFacts:
    """A settlement at the moment somebody wants to move it."""

    ledger: Ledger
    computed_by: UUID | None
    actor_id: UUID
    penalty: Yuan = NOTHING
    reason: str | None = None
    needs_clause: bool = False


def may_adjust(f: SettlementFacts) -> Ruling:
    """A penalty has its clause in the contract, and takes no more than is left of the fee."""
    return unless(f.ledger.earned < 0, "settlement.more_than_fee", CONTRACT, fee=f.ledger.fee) & unless(
        f.needs_clause, "settlement.no_clause", CONTRACT
    )


def may_confirm(f: SettlementFacts) -> Ruling:
    """By somebody who put no penalty into it."""
    return unless(f.computed_by == f.actor_id, "settlement.own_adjustment", HOUSE) & unless(
        f.ledger.earned < 0, "settlement.more_than_fee", CONTRACT, fee=f.ledger.fee
    )


@dataclass(frozen=True, slots=True)
class RequestFacts:
    """A payment somebody wants to ask for."""

    kind: PaymentKind
    effective: bool
    plans_missing: Sequence[str]
    settled: bool
    confirmed: bool
    underway: bool
    amount: Yuan
    most: Yuan


def may_request(f: RequestFacts) -> Ruling:
    """首付款 once every plan is accepted and before the settlement; 尾款 once the settlement is confirmed."""
    advance = f.kind is PaymentKind.ADVANCE
    return (
        unless(not f.effective, "payment.contract_not_effective")
        & unless(advance and f.plans_missing, "payment.plans_missing", CONTRACT, subjects=f.plans_missing)
        & unless(advance and f.settled, "payment.advance_too_late", CONTRACT)
        & unless(not advance and not f.confirmed, "payment.not_settled", CONTRACT)
        & unless(f.underway, "payment.underway", HOUSE)
        & unless(not f.underway and f.most <= 0, "payment.nothing_payable")
        & unless(
            f.most > 0 and not f.underway and not NOTHING < f.amount <= f.most,
            "payment.too_much",
            CONTRACT,
            most=f.most,
        )
    )


@dataclass(frozen=True, slots=True)
class PaymentFacts:
    """A payment at the moment somebody wants to move it."""

    requester_id: UUID
    requester_section: UUID | None
    actor_id: UUID
    actor_section: UUID | None
    amount: Yuan
    most: Yuan
    reason: str | None = None


def may_check(f: PaymentFacts) -> Ruling:
    """复核 by another person of another section; the amount is asked again."""
    same = f.requester_id == f.actor_id or f.requester_section == f.actor_section
    return unless(same, "payment.same_section", HOUSE) & still_owed(f)


def may_pay(f: PaymentFacts) -> Ruling:
    """Who asked for the money does not record it as paid; more than is owed is never paid."""
    return unless(f.requester_id == f.actor_id, "payment.own_request", HOUSE) & still_owed(f)


def still_owed(f: PaymentFacts) -> Ruling:
    """What was asked for is still owed: a settlement in between may have made it less."""
    return unless(f.amount > f.most, "payment.too_much", CONTRACT, most=f.most)


def needs_reason(f: PaymentFacts) -> Ruling:
    """Asked in full only where a reason was given; the button alone shows whether it may be given."""
    return unless(f.reason is not None and len(f.reason.strip()) < SHORTEST_REASON, "payment.no_reason")


@dataclass(frozen=True, slots=True)
class RecoveryFacts:
    """Money that is to come back, at the moment somebody wants to move it."""

    seen: bool


def may_acknowledge(f: RecoveryFacts) -> Ruling:
    """The firm says once that it has read what it has to give back."""
    return unless(f.seen, "recovery.already_acknowledged")


def tiers_of(raw: Sequence[Mapping[str, str]] | None) -> tuple[Tier, ...] | None:
    """质费挂钩 tiers as the quality terms keep them."""
    if not raw:
        return None
    return tuple(Tier(Decimal(each["min"]), Decimal(each["pay_ratio"])) for each in raw)
