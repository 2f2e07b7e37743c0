"""Who may open, examine, ask, judge, conclude and sign, and when; and what the findings come to.

Sources: 政府采购法 §40; 令74 (小组、评审报告); 实施条例 §§41, 43; 财库〔2026〕2号 (异常低价). For purchases
below the thresholds the same steps are the bureau's own rule. The ranking itself is `portal.tender.rules`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Final
from uuid import UUID

from portal.kernel.exact import half_up, mean
from portal.kernel.money import Yuan
from portal.kernel.ruling import Clause, Ruling, unless
from portal.tender.rules import Finding, Method, Quote, Result, Terms, decide
from portal.tender.rules.moves import cited
from tenants.ruleset import LowPriceRules

ORDER_74: Final = Clause("《政府采购非招标采购方式管理办法》（财政部令第74号）")
REPORT: Final = Clause("政府采购法实施条例", "第四十一条")
LOW_PRICE: Final = Clause("财库〔2026〕2号")
RECUSAL: Final = Clause("政府采购法实施条例", "第九条")
SIGNERS: Final = 3


@dataclass(frozen=True, slots=True)
class MemberFacts:
    """A member of the panel: whether they declared to have no interest, step aside, or have signed."""

    account_id: UUID
    name: str
    is_chair: bool = False
    declared: bool = False
    recused: bool = False
    signed: bool = False


@dataclass(frozen=True, slots=True)
class BidFacts:
    """What was found about one opened bid; ``conforming`` is None before the chair recorded it."""

    firm: str
    name: str
    price: Yuan
    intact: bool = True
    conforming: bool | None = None
    justified: bool | None = None
    asked: bool = False
    answered: bool = False
    answer_by: datetime | None = None


@dataclass(frozen=True, slots=True)
class PanelFacts:
    """An opening and review at the moment somebody wants to move it.

    ``received`` is the number of bids frozen at the deadline; ``officer_id`` the account of whoever acts,
    ``first_id`` that of the officer who confirmed first.
    """

    now: datetime
    response_by: datetime
    suspended: bool
    received: int
    min_quotes: int
    officer_id: UUID | None
    first_id: UUID | None
    drafter_id: UUID | None = None
    members: Sequence[MemberFacts] = ()
    bids: Sequence[BidFacts] = ()
    result: Result | None = None
    alerts: Sequence[str] = ()
    reason: str | None = None
    statutory: bool = False

    def law(self, clause: Clause) -> Clause:
        """What is cited where the law says ``clause``."""
        return cited(clause, statutory=self.statutory)


@dataclass(frozen=True, slots=True)
class ExplanationFacts:
    """A question about a low price when the firm answers or the panel decides; ``answer_by`` inclusive."""

    now: datetime
    answer_by: datetime
    text: str = ""
    statutory: bool = False

    def law(self, clause: Clause) -> Clause:
        """What is cited where the law says ``clause``."""
        return cited(clause, statutory=self.statutory)


def sitting(f: PanelFacts) -> list[MemberFacts]:
    """Those who sit: members who did not step aside."""
    return [each for each in f.members if not each.recused]


def not_suspended(f: PanelFacts) -> Ruling:
    """A suspended purchase stands still."""
    return unless(f.suspended, "panel.suspended")


def may_attend(f: PanelFacts) -> Ruling:
    """After the deadline, with enough bids, each officer confirms once."""
    return (
        unless(f.now <= f.response_by, "panel.too_early", f.law(ORDER_74), response_by=f.response_by)
        & not_suspended(f)
        & unless(
            f.now > f.response_by and f.received < f.min_quotes,
            "panel.too_few",
            f.law(ORDER_74),
            count=f.received,
            least=f.min_quotes,
        )
        & unless(f.first_id is not None and f.first_id == f.officer_id, "panel.same_officer")
        & unless(f.drafter_id is not None and f.drafter_id == f.officer_id, "panel.officer_drafted")
    )


def may_open(f: PanelFacts) -> Ruling:
    """Two different officers open together, never one alone."""
    return may_attend(f) & unless(f.first_id is None, "panel.one_officer")


def all_declared(f: PanelFacts) -> Ruling:
    """Nobody examines before every member declared to have no interest in any bidder."""
    waiting = [each.name for each in sitting(f) if not each.declared]
    return unless(waiting, "panel.undeclared", f.law(RECUSAL), members=waiting) & unless(
        len(sitting(f)) < SIGNERS or sum(each.is_chair for each in sitting(f)) != 1, "panel.incomplete"
    )


def may_declare(f: PanelFacts) -> Ruling:
    """Once per member."""
    own = [each for each in sitting(f) if each.account_id == f.officer_id]
    return unless(not own, "panel.not_a_member") & unless(own and own[0].declared, "panel.declared_already")


def may_recuse(f: PanelFacts) -> Ruling:
    """A member steps aside for a reason, until they signed."""
    return unless(
        not [each for each in sitting(f) if each.account_id == f.officer_id], "panel.not_a_member"
    ) & needs_reason(f)


def may_examine(f: PanelFacts) -> Ruling:
    """Conformity is recorded when every member declared, and before anybody was asked about a price."""
    return (
        not_suspended(f) & all_declared(f) & unless(any(each.asked for each in f.bids), "panel.asked_already")
    )


def all_examined(f: PanelFacts) -> Ruling:
    """Each bid has its finding."""
    waiting = [each.name for each in f.bids if each.conforming is None]
    return unless(waiting, "panel.unexamined", firms=waiting)


def may_ask(f: PanelFacts) -> Ruling:
    """Firms whose price is abnormally low are asked once, when all bids were examined."""
    open_ = [each for each in f.bids if each.firm in f.alerts and not each.asked]
    return (
        not_suspended(f)
        & all_declared(f)
        & all_examined(f)
        & unless(not open_, "panel.nothing_to_ask", f.law(LOW_PRICE))
    )


def may_judge(f: PanelFacts) -> Ruling:
    """What was asked is judged; the moment of one bid is `may_judge_bid`'s."""
    return not_suspended(f) & all_declared(f)


def may_judge_bid(f: ExplanationFacts, *, answered: bool) -> Ruling:
    """The panel decides once the firm answered, or its time has passed."""
    return unless(
        not answered and f.now <= f.answer_by, "panel.answer_awaited", f.law(LOW_PRICE), answer_by=f.answer_by
    )


def may_draw(f: PanelFacts) -> Ruling:
    """Lots are drawn where equal lowest prices share the first place, as the tender document says."""
    tied = f.result is not None and f.result.finding is Finding.TIED
    return not_suspended(f) & all_declared(f) & unless(not tied, "panel.not_tied")


def may_conclude(f: PanelFacts) -> Ruling:
    """The report is drawn up when everything is found and somebody is first."""
    unjudged = [
        each.name for each in f.bids if each.firm in f.alerts and each.conforming and each.justified is None
    ]
    finding = f.result.finding if f.result else None
    return (
        not_suspended(f)
        & all_declared(f)
        & all_examined(f)
        & unless(unjudged, "panel.unjudged", f.law(LOW_PRICE), firms=unjudged)
        & unless(finding is Finding.TIED, "panel.tied")
        & unless(finding is Finding.TERMINATED, "panel.too_few_valid", f.law(ORDER_74), least=f.min_quotes)
    )


def may_put_name(f: PanelFacts) -> Ruling:
    """Each member signs once."""
    own = [each for each in sitting(f) if each.account_id == f.officer_id]
    return (
        not_suspended(f)
        & unless(not own, "panel.not_a_member")
        & unless(own and own[0].signed, "panel.signed_already")
    )


def may_sign(f: PanelFacts) -> Ruling:
    """The report is whole when the last member signs; until then each signature is a fact."""
    left = [each.name for each in sitting(f) if not each.signed and each.account_id != f.officer_id]
    return may_put_name(f) & unless(left, "panel.unsigned", f.law(REPORT), members=left)


def may_terminate(f: PanelFacts) -> Ruling:
    """Too few bids were received, or too few are left that conform: counted, not claimed."""
    short = f.now > f.response_by and f.received < f.min_quotes
    left = f.result is not None and f.result.finding is Finding.TERMINATED
    return (
        unless(f.now <= f.response_by, "panel.too_early", f.law(ORDER_74), response_by=f.response_by)
        & unless(f.now > f.response_by and not short and not left, "panel.enough", f.law(ORDER_74))
        & needs_reason(f)
    )


def needs_reason(f: PanelFacts) -> Ruling:
    """What is undone or ended is explained to those who read the file later."""
    return unless(f.reason is None or not f.reason.strip(), "panel.no_reason")


def may_reopen(f: PanelFacts) -> Ruling:
    """A report not yet signed by all goes back for a reason; its signatures are void."""
    return not_suspended(f) & needs_reason(f)


def may_answer(f: ExplanationFacts) -> Ruling:
    """The firm explains its price in writing until its time is over (inclusive)."""
    return unless(f.now > f.answer_by, "panel.answer_late", f.law(LOW_PRICE), answer_by=f.answer_by) & unless(
        not f.text.strip(), "panel.no_answer"
    )


def is_over(f: ExplanationFacts) -> Ruling:
    """The clock closes a question nobody answered."""
    return unless(f.now <= f.answer_by, "panel.answer_awaited", f.law(LOW_PRICE), answer_by=f.answer_by)


def answer_by(asked_at: datetime, minutes: int) -> datetime:
    """Until when a firm may explain; ``minutes`` is the rule set's, at least thirty."""
    return asked_at + timedelta(minutes=minutes)


def terms_of(ceiling: Yuan | None, tie_order: Sequence[str]) -> Terms:
    """An inquiry: the lowest conforming price, equal ones in the order drawn."""
    return Terms(Method.INQUIRY, ceiling=ceiling, tie_order=tuple(tie_order))


def quotes_of(bids: Sequence[BidFacts]) -> tuple[Quote, ...]:
    """The opened bids as the formulas take them; one that cannot be read never conforms."""
    return tuple(
        Quote(
            each.firm, each.price, conforming=bool(each.conforming) and each.intact, justified=each.justified
        )
        for each in bids
    )


def result_of(
    bids: Sequence[BidFacts],
    ceiling: Yuan | None,
    tie_order: Sequence[str],
    *,
    min_quotes: int,
    rules: LowPriceRules,
) -> Result | None:
    """What the findings come to; None while a bid is not yet examined."""
    if any(each.conforming is None for each in bids):
        return None
    return decide(terms_of(ceiling, tie_order), quotes_of(bids), min_quotes=min_quotes, rules=rules)


def tied_firms(result: Result) -> tuple[str, ...]:
    """The firms that share the first place."""
    first = result.ranked[0].merit if result.ranked else None
    return tuple(row.quote.firm for row in result.ranked if row.merit == first)


def low_price_lines(
    prices: Sequence[Yuan], ceiling: Yuan | None, rules: LowPriceRules
) -> Mapping[str, Decimal]:
    """The three lines below which a price is explained, to the fen, for the page; exact ones decide."""
    lines: dict[str, Decimal] = {}
    if prices:
        lines["mean"] = half_up(mean(prices) * Fraction(rules.mean))
    if len(prices) > 1:
        lines["second"] = half_up(Fraction(sorted(prices)[1]) * Fraction(rules.second))
    if ceiling is not None:
        lines["ceiling"] = half_up(Fraction(ceiling) * Fraction(rules.ceiling))
    return lines
