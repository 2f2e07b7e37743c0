"""The facts the rules of a tender are asked with: read anew for a deed, or as noted for a page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from portal import commission
from portal.access import Role
from portal.commission import Basis
from portal.commission.rules import Regime
from portal.identity import posts_as
from portal.kernel.money import Yuan, yuan
from portal.kernel.workdays import Calendar, day_of
from portal.tender.lifecycle import ENDED, T, state_at
from portal.tender.models import Tender
from portal.tender.queries.prospects import Prospect, firms, verdicts
from portal.tender.queries.tenders import bids
from portal.tender.queries.told import Lines, Seated, members
from portal.tender.rules.moves import BasisFacts, Ground, Member, TenderFacts
from tenants.calendar import calendar
from tenants.db import db


@dataclass(frozen=True, slots=True)
class Whole:
    """What the rules look at beside the tender itself, read anew for a deed."""

    basis: BasisFacts
    prospects: Sequence[Prospect]
    members: Sequence[Seated]
    supervisors: frozenset[UUID]
    days: Calendar
    bids: int | None


def whole(row: Tender, *, now: datetime) -> Whole:
    """Everything the rules need; before the issue the verdicts on the firms are taken anew."""
    chosen = [each.firm_id for each in firms(row.id)]
    return Whole(
        basis=basis_facts(commission.basis(row.commission_id, now=now), row_id=row.id),
        prospects=verdicts(row, chosen=chosen, now=now) if row.issued_at is None else [],
        members=members(row.id),
        supervisors=frozenset(each.account_id for each in posts_as(Role.COMPLAINT_OFFICER)),
        days=calendar(day_of(now)),
        bids=bids(row.id) if row.issued_at else None,
    )


def at_a_glance(
    row: Tender, told: Lines, days: Calendar, *, by: UUID, now: datetime, counted: int | None
) -> TenderFacts:
    """The facts a page greys its buttons by: as they were noted; the deed itself asks everything anew."""
    chosen = [each for each in told.prospects if each.chosen]
    return _facts(
        row,
        Whole(
            basis=noted(row),
            prospects=(),
            members=[
                Seated(each.account_id, each.post_id, each.name, each.is_chair) for each in told.members
            ],
            supervisors=frozenset(),
            days=days,
            bids=counted,
        ),
        by=by,
        now=now,
        reason="…",
        ground=Ground.TOO_FEW if _too_few(row, counted, now) else Ground.VIOLATION,
        invited=len(chosen),
        barred=[each.firm_name for each in chosen if each.exclusions],
    )


def _too_few(row: Tender, counted: int | None, now: datetime) -> bool:
    return counted is not None and counted < row.min_quotes and state_at(row, now) is T.CLOSED


def noted(row: Tender) -> BasisFacts:
    """The commission as it was when the purchase was drafted from it."""
    kept = row.basis
    opening = kept["threshold_open"]
    return BasisFacts(
        approved=True,
        terms_id=row.terms_id,
        terms_whole=True,
        ceiling=yuan(kept["ceiling"]),
        regime=Regime(kept["regime"]) if kept["regime"] else None,
        methods=kept["methods"],
        same_item_total=yuan(kept["same_item_total"]),
        threshold_open=yuan(opening) if opening is not None else None,
        plan_due_on=row.plan_due_on,
    )


def basis_facts(basis: Basis, *, row_id: UUID | None = None) -> BasisFacts:
    """The commission as the rules see it; another live purchase of it by name."""
    elsewhere = db.session.scalar(
        select(Tender.name).where(
            Tender.commission_id == basis.id,
            Tender.state.not_in([each.value for each in ENDED]),
            *([Tender.id != row_id] if row_id else []),
        )
    )
    return BasisFacts(
        approved=basis.approved,
        terms_id=basis.terms_id,
        terms_whole=basis.terms_whole,
        ceiling=basis.ceiling,
        regime=basis.regime,
        methods=basis.methods,
        same_item_total=basis.same_item_total,
        threshold_open=basis.threshold_open,
        plan_due_on=basis.plan_due_on,
        elsewhere=elsewhere or "",
    )


def facts(
    row: Tender,
    *,
    by: UUID | None,
    now: datetime,
    seen: Whole | None = None,
    reason: str | None = None,
    ground: Ground | None = None,
    response_by: datetime | None = None,
    valid: int | None = None,
) -> TenderFacts:
    """Everything the rules ask about at this moment; ``seen`` where it was read already.

    ``response_by`` stands in for the row's own where it is about to change; ``valid`` is the panel's count.
    """
    seen = seen or whole(row, now=now)
    chosen = [each for each in seen.prospects if each.chosen]
    return _facts(
        row,
        seen,
        by=by,
        now=now,
        reason=reason,
        ground=ground,
        response_by=response_by,
        valid=valid,
        invited=len(chosen),
        barred=[each.profile.name for each in chosen if not each.ruling],
    )


def plain_facts(
    row: Tender, *, by: UUID | None, now: datetime, days: Calendar, reason: str | None = None
) -> TenderFacts:
    """The facts of a move that looks at the tender alone (clock, suspension, questions)."""
    seen = Whole(noted(row), (), (), frozenset(), days, None)
    return _facts(row, seen, by=by, now=now, reason=reason)


def _facts(
    row: Tender,
    seen: Whole,
    *,
    by: UUID | None,
    now: datetime,
    reason: str | None = None,
    ground: Ground | None = None,
    response_by: datetime | None = None,
    valid: int | None = None,
    invited: int = 0,
    barred: Sequence[str] = (),
) -> TenderFacts:
    return TenderFacts(
        now=now,
        basis=seen.basis,
        terms_id=row.terms_id,
        ceiling=Yuan(row.ceiling),
        response_by=response_by or row.response_by,
        min_workdays=row.min_workdays,
        calendar=seen.days,
        requirements=row.requirements,
        members=[
            Member(each.account_id, each.name, each.is_chair, each.account_id in seen.supervisors)
            for each in seen.members
        ],
        invited=invited,
        barred=barred,
        drafter_id=row.drafted_by,
        actor_id=by,
        suspended=row.suspended_at is not None,
        bids=valid if valid is not None else seen.bids,
        min_quotes=row.min_quotes,
        reason=reason,
        ground=ground,
        closed=state_at(row, now) in {T.CLOSED, T.OPENED},
        approved_deadline=row.approved_deadline,
    )
