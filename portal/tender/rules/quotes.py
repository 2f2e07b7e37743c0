"""Formulas of a tender: which quotes count, which prices are abnormally low, who ranks where.

Sources: 政府采购法; 令74 (询价: the lowest conforming price); 214号 (price score); 财库〔2026〕2号
(abnormally low price); 财库〔2020〕46号 (price deduction for small firms). All intermediate values are exact.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from portal.kernel.exact import half_up, mean
from portal.kernel.money import Yuan
from portal.kernel.score import Score, score
from tenants.ruleset import LowPriceRules


class Method(StrEnum):
    """采购方式 whose bids are ranked by formula: 询价 and 竞争性评审."""

    INQUIRY = "inquiry"
    COMPETITIVE_REVIEW = "competitive_review"


class Finding(StrEnum):
    """What the quotes of a tender come to."""

    AWARDED = "awarded"
    TERMINATED = "terminated"
    NEEDS_EXPLANATION = "needs_explanation"
    TIED = "tied"


TOO_FEW_QUOTES = "too_few_quotes"
TIE_NEEDS_DRAW = "tie_needs_draw"


@dataclass(frozen=True, slots=True)
class Quote:
    """报价: a firm's raw ``price`` (the contract's price) and what was found about its bid.

    ``justified`` is the panel's finding on an abnormally low price, None before there is one; ``technical``
    holds one total per member of the panel.
    """

    firm: str
    price: Yuan
    conforming: bool = True
    small: bool = False
    late: bool = False
    withdrawn: bool = False
    justified: bool | None = None
    technical: tuple[Decimal, ...] = ()


@dataclass(frozen=True, slots=True)
class Terms:
    """What the tender document lays down. ``price_weight`` (0–1) is None for an inquiry."""

    method: Method
    ceiling: Yuan | None = None
    price_weight: Decimal | None = None
    sme_deduction: Decimal = Decimal(0)
    tie_order: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ranked:
    """One quote in its place; scores are None for an inquiry. ``evaluated_price`` is exact, in 元."""

    quote: Quote
    evaluated_price: Fraction
    price_score: Score | None = None
    technical_score: Score | None = None
    total: Score | None = None

    @property
    def merit(self) -> tuple[Fraction, ...]:
        """Sorts best first: total, then evaluated price, then technical score (214号: 报价, 技术指标)."""
        if self.total is None or self.technical_score is None:
            return (self.evaluated_price,)
        return (Fraction(-self.total), self.evaluated_price, Fraction(-self.technical_score))


@dataclass(frozen=True, slots=True)
class Shortlist:
    """The quotes left after the low-price review; ``finding`` is None while they may be ranked."""

    quotes: tuple[Quote, ...] = ()
    alerts: tuple[str, ...] = ()
    finding: Finding | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """The finding on a tender, with the firms in order; ``winner`` is the first where it is awarded."""

    finding: Finding
    alerts: tuple[str, ...] = ()
    ranked: tuple[Ranked, ...] = ()
    reason: str | None = None

    @property
    def winner(self) -> Quote | None:
        """The quote that gets the award, at its raw price."""
        return self.ranked[0].quote if self.finding is Finding.AWARDED else None


def technical_maximum(price_weight: Decimal) -> Decimal:
    """The points a member may give for the technical part: what the price leaves of 100."""
    return (1 - price_weight) * 100


def is_valid(quote: Quote, ceiling: Yuan | None) -> bool:
    """有效报价: on time, not withdrawn, conforming, and not above the ceiling (equal is within)."""
    within = ceiling is None or quote.price <= ceiling
    return within and quote.conforming and not quote.late and not quote.withdrawn


def low_price_alerts(quotes: Sequence[Quote], ceiling: Yuan | None, rules: LowPriceRules) -> tuple[str, ...]:
    """异常低价: firms whose raw price is *below* (not at) one of three lines, in the order of the quotes.

    The lines: mean of all × r1; for the lowest, second lowest × r2; ceiling × r3 (财库〔2026〕2号).
    """
    prices = sorted(quote.price for quote in quotes)
    lines = [mean(prices) * Fraction(rules.mean)] if prices else []
    if ceiling is not None:
        lines.append(Fraction(ceiling) * Fraction(rules.ceiling))
    alone_low = len(prices) > 1 and Fraction(prices[0]) < Fraction(prices[1]) * Fraction(rules.second)
    return tuple(
        quote.firm
        for quote in quotes
        if any(quote.price < line for line in lines) or (alone_low and quote.price == prices[0])
    )


def shortlist(terms: Terms, quotes: Sequence[Quote], *, min_quotes: int, rules: LowPriceRules) -> Shortlist:
    """The valid quotes that may be ranked, or why none may.

    Fewer than ``min_quotes`` terminates, before and after the panel threw out unjustified low prices; alerts
    are not computed anew for the rest. A low price nobody has judged yet waits for its explanation.
    """
    valid = tuple(quote for quote in quotes if is_valid(quote, terms.ceiling))
    if len(valid) < min_quotes:
        return Shortlist(finding=Finding.TERMINATED)
    alerts = low_price_alerts(valid, terms.ceiling, rules)
    if any(quote.firm in alerts and quote.justified is None for quote in valid):
        return Shortlist(alerts=alerts, finding=Finding.NEEDS_EXPLANATION)
    left = tuple(quote for quote in valid if quote.firm not in alerts or quote.justified)
    if len(left) < min_quotes:
        return Shortlist(alerts=alerts, finding=Finding.TERMINATED)
    return Shortlist(left, alerts)


def evaluated_price(quote: Quote, sme_deduction: Decimal) -> Fraction:
    """The exact price used to compare, in 元: a small firm's raw price less the deduction."""
    return Fraction(quote.price) * (1 - Fraction(sme_deduction) if quote.small else 1)


def price_score(evaluated: Fraction, lowest: Fraction, price_weight: Decimal) -> Score:
    """价格分: lowest ÷ evaluated × weight × 100 (214号), rounded half up to 2 places."""
    return score(lowest / evaluated * Fraction(price_weight) * 100)


def technical_score(totals: Sequence[Decimal]) -> Score:
    """技术分: the mean of the members' totals, rounded half up to 2 places."""
    return score(mean(totals))


def rank(terms: Terms, quotes: Sequence[Quote]) -> tuple[Ranked, ...]:
    """The quotes, best first. Equal ones stand in the drawn order, then by the firm's id."""
    prices = {quote.firm: evaluated_price(quote, terms.sme_deduction) for quote in quotes}
    rows = []
    for quote in quotes:
        evaluated = prices[quote.firm]
        if terms.price_weight is None:
            rows.append(Ranked(quote, evaluated))
            continue
        money = price_score(evaluated, min(prices.values()), terms.price_weight)
        skill = technical_score(quote.technical)
        rows.append(Ranked(quote, evaluated, money, skill, Score(money + skill)))
    drawn = {firm: place for place, firm in enumerate(terms.tie_order)}
    return tuple(
        sorted(rows, key=lambda row: (row.merit, drawn.get(row.quote.firm, len(drawn)), row.quote.firm))
    )


def decide(terms: Terms, quotes: Sequence[Quote], *, min_quotes: int, rules: LowPriceRules) -> Result:
    """What the quotes come to. A tie at the top is decided only by a draw that names all who share it."""
    listed = shortlist(terms, quotes, min_quotes=min_quotes, rules=rules)
    if listed.finding:
        reason = TOO_FEW_QUOTES if listed.finding is Finding.TERMINATED else None
        return Result(listed.finding, listed.alerts, reason=reason)
    ranked = rank(terms, listed.quotes)
    top = [row for row in ranked if row.merit == ranked[0].merit]
    if len(top) > 1 and not {row.quote.firm for row in top} <= set(terms.tie_order):
        return Result(Finding.TIED, listed.alerts, ranked, TIE_NEEDS_DRAW)
    return Result(Finding.AWARDED, listed.alerts, ranked)


def shown_price(row: Ranked) -> Yuan:
    """The evaluated price as printed: rounded to the fen. The comparison used the exact one."""
    return Yuan(half_up(row.evaluated_price))
