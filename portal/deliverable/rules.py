"""When a deliverable may be handed in, an opinion heard, a paper handed back; lateness and days on site."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from portal.contract.rules import DeliverableKind
from portal.kernel.ruling import Ruling, unless
from portal.kernel.workdays import Calendar, workdays_between

OPINION_WORKDAYS: Final = 5
LONGEST_VISIT_DAYS: Final = 366


@dataclass(frozen=True, slots=True)
class DeliverableFacts:
    """A deliverable at the moment somebody wants to move it."""

    kind: DeliverableKind
    plan_accepted: bool
    consulted: bool
    under_contract: bool = True
    unclassified: bool = True
    lead_confirmed: bool = True
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class ConsultationFacts:
    """A consultation of a unit at the moment somebody wants to move it; ``due_by`` is inclusive."""

    now: datetime
    due_by: datetime
    opinions: int
    unanswered: Sequence[int] = ()
    unreasoned: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class MaterialFacts:
    """Material at the moment it changes hands: today, the day before which it cannot be, the day typed."""

    today: date
    since: date
    on: date | None = None


@dataclass(frozen=True, slots=True)
class Lateness:
    """One deliverable: what it is, when it was due, when first handed in, and working days between."""

    subject: str
    kind: DeliverableKind
    due_on: date
    handed_on: date | None
    workdays: int


def may_submit(f: DeliverableFacts) -> Ruling:
    """Under a contract in force; the report after the plan was accepted and the unit was heard."""
    is_report = f.kind is DeliverableKind.REPORT
    return (
        unless(not f.under_contract, "deliverable.no_contract")
        & unless(is_report and not f.plan_accepted, "deliverable.plan_first")
        & unless(is_report and not f.consulted, "deliverable.consult_first")
        & unless(is_report and not f.lead_confirmed, "deliverable.lead_unconfirmed")
        & unless(not f.unclassified, "deliverable.classified")
    )


def needs_reason(f: DeliverableFacts) -> Ruling:
    """What goes back says what is missing."""
    return unless(f.reason is None or not f.reason.strip(), "deliverable.no_reason")


def may_state(f: ConsultationFacts) -> Ruling:
    """Opinions are handed in once there are some."""
    return unless(not f.opinions, "consultation.no_opinion")


def may_agree(f: ConsultationFacts) -> Ruling:
    """无意见 is said by who has written none."""
    return unless(f.opinions, "consultation.has_opinions", count=f.opinions)


def may_lapse(f: ConsultationFacts) -> Ruling:
    """Closed as 未反馈 only after the last instant of the unit's time."""
    return unless(f.now <= f.due_by, "consultation.not_lapsed", due_by=f.due_by)


def may_answer(f: ConsultationFacts) -> Ruling:
    """Each opinion is answered; one that is not adopted, with a reason."""
    return unless(f.unanswered, "consultation.unanswered", numbers=f.unanswered) & unless(
        f.unreasoned, "consultation.unreasoned", numbers=f.unreasoned
    )


def may_pass(f: MaterialFacts) -> Ruling:
    """The day is not before what went before it, nor in the future."""
    return unless(
        f.on is not None and not f.since <= f.on <= f.today,
        "material.day",
        since=f.since,
        today=f.today,
    )


def late_workdays(due_on: date, handed_on: date, calendar: Calendar) -> int:
    """逾期: working days after the due day up to the day it was first handed in; 0 in time."""
    return workdays_between(due_on, handed_on, calendar) if handed_on > due_on else 0


def contract_lateness(rows: Iterable[Lateness]) -> int:
    """逾期工作日 of a contract: for each kind the latest of its subjects, then the sum over the kinds."""
    latest: dict[DeliverableKind, int] = {}
    for row in rows:
        latest[row.kind] = max(latest.get(row.kind, 0), row.workdays)
    return sum(latest.values())


def days_on_site(visits: Iterable[tuple[date, date]]) -> int:
    """Calendar days covered by visits (first and last day inclusive), each day once."""
    return len({first + timedelta(days=n) for first, last in visits for n in range((last - first).days + 1)})
