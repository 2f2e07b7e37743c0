"""What each move of a tender asks (政府采购法; 令74, as policy below the threshold)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final
from uuid import UUID

from portal.commission.rules import ORDER_28, Regime, inquiry_is_open
from portal.kernel.money import Yuan
from portal.kernel.ruling import ALLOWED, Clause, Ruling, unless
from portal.kernel.workdays import Calendar, day_of
from portal.tender.rules.deadlines import deadline_holds

LAW_40: Final = Clause("政府采购法", "第四十条")
LAW_60: Final = Clause("政府采购法", "第六十条")
ORDER_74_50: Final = Clause("财政部令第74号", "第五十条")
ORDER_74_23: Final = Clause("财政部令第74号", "第二十三条")
REGULATION_49: Final = Clause("政府采购法实施条例", "第四十九条")
REGULATION_52: Final = Clause("政府采购法实施条例", "第五十二条")
OWN_RULES: Final = Clause("本次询价通知书和本局内控制度")
LEAST_MEMBERS: Final = 3
LEAST_FIRMS: Final = 3


def cited(clause: Clause, *, statutory: bool) -> Clause:
    """The law in a statutory purchase; below the thresholds the bureau's own document and rules."""
    return clause if statutory else OWN_RULES


class Ground(StrEnum):
    """终止采购的情形."""

    TOO_FEW = "too_few"
    VIOLATION = "violation"
    CONDITIONS_GONE = "conditions_gone"
    NOBODY_SIGNS = "nobody_signs"


GROUND_LABELS: Final[dict[Ground, str]] = {
    Ground.TOO_FEW: "响应机构或者符合要求的机构不足规定家数",
    Ground.VIOLATION: "出现影响采购公正的违法、违规行为",
    Ground.CONDITIONS_GONE: "因情况变化，不再符合规定的询价采购情形",
    Ground.NOBODY_SIGNS: "成交机构拒绝签订合同，采购人决定重新开展采购",
}
BEFORE_AN_AWARD: Final = tuple(ground for ground in Ground if ground is not Ground.NOBODY_SIGNS)


@dataclass(frozen=True, slots=True)
class BasisFacts:
    """The commission behind a purchase, as it stands now. Money in 元."""

    approved: bool
    terms_id: UUID
    terms_whole: bool
    ceiling: Yuan
    regime: Regime | None
    methods: Collection[str]
    same_item_total: Yuan
    threshold_open: Yuan | None
    plan_due_on: date | None
    elsewhere: str = ""


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of the 询价小组, and why not, where they may not sit on it."""

    account_id: UUID
    name: str
    is_chair: bool
    supervises: bool = False


@dataclass(frozen=True, slots=True)
class TenderFacts:
    """A tender at the moment somebody wants to move it."""

    now: datetime
    basis: BasisFacts
    terms_id: UUID
    ceiling: Yuan
    response_by: datetime | None
    min_workdays: int
    calendar: Calendar
    requirements: Sequence[str]
    members: Sequence[Member]
    invited: int
    barred: Sequence[str]
    drafter_id: UUID
    actor_id: UUID | None
    suspended: bool = False
    bids: int | None = None
    min_quotes: int = LEAST_FIRMS
    reason: str | None = None
    ground: Ground | None = None
    refusals: int = 0
    closed: bool = False
    approved_deadline: datetime | None = None
    seated: Collection[UUID] = field(default_factory=frozenset)

    @property
    def today(self) -> date:
        """The day in Shanghai."""
        return day_of(self.now)


def may_draft(b: BasisFacts) -> Ruling:
    """From an approved commission that no other purchase is running for."""
    return (
        unless(not b.approved, "tender.commission_not_approved")
        & unless(b.elsewhere, "tender.already_bought", name=b.elsewhere)
        & inquiry_is_open(b.regime, b.methods)
    )


def stands_on_commission(f: TenderFacts) -> Ruling:
    """The commission is still approved, on the same terms, and the ceiling within its own."""
    b = f.basis
    return (
        unless(not b.approved, "tender.commission_not_approved")
        & unless(b.approved and b.terms_id != f.terms_id, "tender.terms_changed")
        & unless(not b.terms_whole, "tender.no_quality_terms")
        & unless(f.ceiling <= 0, "tender.no_ceiling")
        & unless(f.ceiling > b.ceiling, "tender.over_ceiling", ceiling=b.ceiling)
        & unless(
            b.threshold_open is not None
            and b.same_item_total > 0
            and b.same_item_total + b.ceiling > b.threshold_open,
            "tender.splitting",
            ORDER_28,
            total=b.same_item_total + b.ceiling,
            threshold=b.threshold_open,
        )
    )


def _by(clause: Clause, f: TenderFacts) -> Clause:
    return cited(clause, statutory=f.basis.regime is Regime.STATUTORY)


def panel_holds(f: TenderFacts) -> Ruling:
    """询价小组: three or a greater odd number, one chair, nobody who buys or who hears complaints."""
    chairs = sum(member.is_chair for member in f.members)
    buying = [member.name for member in f.members if member.account_id == f.drafter_id]
    hearing = [member.name for member in f.members if member.supervises]
    count = len(f.members)
    return (
        unless(count < LEAST_MEMBERS or count % 2 == 0, "tender.panel_size", _by(LAW_40, f), count=count)
        & unless(count and chairs != 1, "tender.panel_chair", count=chairs)
        & unless(buying, "tender.panel_buyer", names=buying)
        & unless(hearing, "tender.panel_supervisor", _by(LAW_60, f), names=hearing)
    )


def invitations_hold(f: TenderFacts) -> Ruling:
    """At least three firms, none of which a rule excludes by now."""
    return unless(f.invited < LEAST_FIRMS, "tender.too_few_firms", _by(LAW_40, f), count=f.invited) & unless(
        f.barred, "tender.firm_barred", firms=list(f.barred)
    )


def deadline_stands(f: TenderFacts) -> Ruling:
    """Enough working days from today, and before the first deliverable is due."""
    late = (
        f.response_by is not None
        and f.basis.plan_due_on is not None
        and day_of(f.response_by) >= f.basis.plan_due_on
    )
    return deadline_holds(
        f.response_by,
        f.today,
        f.min_workdays,
        f.calendar,
        statutory=f.basis.regime is Regime.STATUTORY,
    ) & unless(late, "tender.deadline_after_plan", plan_due_on=f.basis.plan_due_on)


def may_submit(f: TenderFacts) -> Ruling:
    """Complete and lawful before the approver is bothered."""
    return (
        inquiry_is_open(f.basis.regime, f.basis.methods)
        & stands_on_commission(f)
        & unless(not f.requirements, "tender.no_requirements")
        & deadline_stands(f)
        & panel_holds(f)
        & invitations_hold(f)
    )


def may_approve(f: TenderFacts) -> Ruling:
    """Asked again, by somebody who did not draft it."""
    return may_submit(f) & unless(f.drafter_id == f.actor_id, "tender.own_draft")


def may_issue(f: TenderFacts) -> Ruling:
    """Asked a third time: days have passed since. The deadline may be later than approved, never earlier."""
    earlier = (
        f.response_by is not None and f.approved_deadline is not None and f.response_by < f.approved_deadline
    )
    return may_submit(f) & unless(earlier, "tender.earlier_than_approved", approved=f.approved_deadline)


def needs_reason(f: TenderFacts) -> Ruling:
    """Returning, changing, suspending and ending are explained to those who read the file later."""
    return unless(f.reason is None or not f.reason.strip(), "tender.no_reason")


def still_open(f: TenderFacts) -> Ruling:
    """Responses may still come: not past the deadline (which itself is in time), unless the clock stands."""
    return unless(
        is_over(f.response_by, f.now, suspended=f.suspended), "tender.over", response_by=f.response_by
    )


def not_suspended(f: TenderFacts) -> Ruling:
    """A suspended tender stands still."""
    return unless(f.suspended, "tender.suspended")


def may_amend(f: TenderFacts) -> Ruling:
    """A change is told to all before the deadline, and says what changed."""
    return still_open(f) & not_suspended(f) & needs_reason(f)


def may_suspend(f: TenderFacts) -> Ruling:
    """For a reason, and once."""
    return unless(f.suspended, "tender.suspended_already") & needs_reason(f)


def may_suspend_open(f: TenderFacts) -> Ruling:
    """Before the deadline: what is over is not brought to a stand."""
    return still_open(f) & may_suspend(f)


def may_resume(f: TenderFacts) -> Ruling:
    """Only what stands still goes on."""
    return unless(not f.suspended, "tender.not_suspended") & needs_reason(f)


def may_close(f: TenderFacts) -> Ruling:
    """The clock's own move: past the deadline, and not suspended."""
    return not_suspended(f) & unless(
        not is_over(f.response_by, f.now, suspended=False), "tender.not_over", response_by=f.response_by
    )


def may_terminate(f: TenderFacts) -> Ruling:
    """Only on a ground of 令74 §50; too few is counted, not claimed."""
    if f.ground not in BEFORE_AN_AWARD:
        return unless(blocked=True, code="tender.no_ground", clause=_by(ORDER_74_50, f)) & needs_reason(f)
    enough = f.bids is None or f.bids >= f.min_quotes
    too_few = f.ground is Ground.TOO_FEW
    return (
        unless(
            too_few and not f.closed, "tender.still_running", _by(ORDER_74_50, f), response_by=f.response_by
        )
        & unless(
            too_few and f.closed and enough,
            "tender.enough_bids",
            _by(ORDER_74_50, f),
            count=f.bids or 0,
            least=f.min_quotes,
        )
        & needs_reason(f)
    )


def may_fail(f: TenderFacts) -> Ruling:
    """After the award: only when somebody refused to sign, as the award counts them (实施条例 §49)."""
    return unless(not f.refusals, "tender.nobody_refused", _by(REGULATION_49, f)) & needs_reason(f)


def is_over(response_by: datetime | None, now: datetime, *, suspended: bool) -> bool:
    """Whether the deadline has passed; its own instant is still in time."""
    return response_by is not None and not suspended and now > response_by


def splitting_warns(b: BasisFacts, threshold_procure: Decimal | None) -> Ruling:
    """A hint, not a bar: the purchases of one budget item reach the procurement threshold together."""
    whole = b.same_item_total + b.ceiling
    if threshold_procure is None or b.same_item_total <= 0 or whole < threshold_procure:
        return ALLOWED
    return unless(
        blocked=True,
        code="tender.item_reaches_threshold",
        clause=ORDER_28,
        total=whole,
        threshold=threshold_procure,
    )


def may_ask(f: TenderFacts) -> Ruling:
    """An invited firm asks before the deadline."""
    return still_open(f)
