"""Formulas of the quality deduction (质量扣费). Source: the contract's quality clause; rule set."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from portal.kernel.exact import Exact
from portal.kernel.money import NOTHING, Yuan, yuan
from portal.kernel.score import Score
from tenants.ruleset import FeeRules, QcRules, Scope, Tier, known


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
