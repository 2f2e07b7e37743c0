"""One function per verb of a commission. Each goes through the setter of moves; none commits."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from portal.access import Actor
from portal.audit import born, record, rewrite_inbox, take
from portal.commission import queries
from portal.commission.lifecycle import COMMISSION, CommissionState
from portal.commission.models import Commission, CommissionSubject, Edition, QualityTerms
from portal.kernel.errors import Invalid, Refused
from portal.kernel.hashing import digest, plain
from portal.kernel.money import Yuan
from portal.kernel.ruling import unless
from portal.kernel.workdays import day_of
from portal.office import RulesInForce, rules_on
from tenants.db import db

FORMS: Final = ("QC_PLAN", "QC_REPORT", "KP_UNIT", "KP_FIN")


@dataclass(frozen=True, slots=True)
class Draft:
    """What a draft says, typed and of the right shape; money in 元, days in Shanghai."""

    name: str
    year: int
    service_kind: str
    assist_only: bool
    commissioner_id: UUID | None
    budget_item: str
    ceiling: Yuan | None
    plan_due_on: date | None
    draft_due_on: date | None
    report_due_on: date | None
    requirements: str
    subjects: tuple[UUID, ...]
    cutoff: Decimal | None
    sample_size: int | None
    experts: int


def draft(data: Draft, *, by: Actor, now: datetime) -> Commission:
    """起草: a new commission in the drafter's section. Raises `Invalid` for a subject that is not there."""
    commission = Commission(
        state=CommissionState.DRAFT.value,
        section_id=by.section_id,
        drafted_by=by.account_id,
        drafter=by.name,
        touched_at=now,
        **_content(data),
    )
    commission.terms = _terms(data, rules_on(day_of(now)))
    db.session.add(commission.terms)
    _choose(commission, data.subjects)
    born(COMMISSION, commission, by=by, now=now)
    return commission


def edit(commission: Commission, data: Draft, *, version: int, by: Actor, now: datetime) -> None:
    """Rewrite a draft. Raises `Refused` when it is no draft any more, `Stale` when somebody saved first."""
    queries.lock(commission, version=version)
    ruling = unless(commission.state != CommissionState.DRAFT.value, "commission.not_draft")
    if not ruling:
        raise Refused(ruling)
    before = digest(commission.snapshot())
    for name, value in _content(data).items():
        setattr(commission, name, value)
    for name, value in _terms_content(data, rules_on(day_of(now))).items():
        setattr(commission.terms, name, value)
    _choose(commission, data.subjects)
    commission.version += 1
    commission.touched_at = now
    db.session.flush()
    record(
        "commission.edit",
        by=by,
        now=now,
        subject_id=commission.id,
        before=before.hex(),
        after=digest(commission.snapshot()).hex(),
    )


def submit(commission: Commission, *, by: Actor, now: datetime) -> None:
    """送审: asks every rule before the approver is bothered. Raises `Refused`."""
    take(COMMISSION, commission, "submit", queries.facts(commission, by=by, now=now), by=by, now=now)


def discard(commission: Commission, *, by: Actor, now: datetime) -> None:
    """作废: a draft nobody needs; it stays on file. Raises `Refused`."""
    take(COMMISSION, commission, "discard", queries.facts(commission, by=by, now=now), by=by, now=now)


def approve(commission: Commission, *, by: Actor, now: datetime) -> Edition:
    """批准: asks every rule again, freezes the terms and keeps the edition whole. Raises `Refused`."""
    facts = queries.facts(commission, by=by, now=now)
    take(
        COMMISSION,
        commission,
        "approve",
        facts,
        by=by,
        now=now,
        changes={"approved_at": now, "approver": by.name, "last_reason": None},
        rule_set=commission.terms.rule_set_id,
        edition=commission.edition,
    )
    commission.terms.frozen_at = now
    content = commission.snapshot()
    edition = Edition(
        commission_id=commission.id,
        number=commission.edition,
        content=plain(content),
        digest=digest(content).hex(),
        approved_by=by.name,
        approved_at=now,
    )
    db.session.add(edition)
    return edition


def return_(commission: Commission, reason: str, *, by: Actor, now: datetime) -> None:
    """退回修改: back to its drafter with a reason. Raises `Refused`."""
    facts = queries.facts(commission, by=by, now=now, reason=reason)
    take(
        COMMISSION,
        commission,
        "return",
        facts,
        by=by,
        now=now,
        changes={"last_reason": reason},
        reason=reason,
    )


def correct(commission: Commission, reason: str, *, by: Actor, now: datetime) -> None:
    """更正: the approved edition ends; the next is drafted from it with its own terms. Raises `Refused`."""
    facts = queries.facts(commission, by=by, now=now, reason=reason)
    take(
        COMMISSION,
        commission,
        "correct",
        facts,
        by=by,
        now=now,
        changes={
            "last_reason": reason,
            "edition": commission.edition + 1,
            "drafted_by": by.account_id,
            "drafter": by.name,
            "approved_at": None,
            "approver": None,
        },
        reason=reason,
        edition=commission.edition,
    )
    queries.end_edition(commission, reason, now=now)
    commission.terms = _copied(commission.terms)


def note_purchase(row_id: UUID, *, begun: bool, now: datetime) -> None:
    """A purchase of it was begun, or ended without a contract: whether it still waits for the buyer."""
    row = queries.commission(row_id)
    row.in_purchase = begun
    db.session.flush()
    rewrite_inbox(COMMISSION, row, now=now)


def withdraw(commission: Commission, reason: str, *, by: Actor, now: datetime) -> None:
    """撤回: the commission ends, for a reason that stays on file. Raises `Refused`."""
    facts = queries.facts(commission, by=by, now=now, reason=reason)
    take(
        COMMISSION,
        commission,
        "withdraw",
        facts,
        by=by,
        now=now,
        changes={"last_reason": reason},
        reason=reason,
        edition=commission.edition,
    )
    queries.end_edition(commission, reason, now=now)


def _content(data: Draft) -> dict[str, object]:
    return {
        "name": data.name,
        "year": data.year,
        "service_kind": data.service_kind,
        "assist_only": data.assist_only,
        "commissioner_id": data.commissioner_id,
        "commissioner_name": queries.commissioner_name(data.commissioner_id),
        "budget_item": data.budget_item,
        "ceiling": data.ceiling,
        "plan_due_on": data.plan_due_on,
        "draft_due_on": data.draft_due_on,
        "report_due_on": data.report_due_on,
        "requirements": data.requirements,
    }


def _terms_content(data: Draft, force: RulesInForce) -> dict[str, object]:
    """The quality terms: the tenant's rules of the day, and the cutoff as it was typed."""
    rules = force.rules
    return {
        "weight_plan": rules.qc.weight_plan,
        "weight_report": rules.qc.weight_report,
        "cutoff": data.cutoff,
        "tiers": [plain({"min": tier.min, "pay_ratio": tier.pay_ratio}) for tier in rules.fee.tiers]
        if rules.fee.tiers
        else None,
        "deduct_ratio": rules.qc.deduct_ratio,
        "scope": rules.qc.scope.value,
        "sample_size": data.sample_size,
        "experts": data.experts,
        "min_valid_sheets": rules.qc.min_valid_sheets,
        "trim_extremes": rules.qc.trim_extremes,
        "weight_unit": rules.appraisal.weight_unit,
        "weight_finance": rules.appraisal.weight_finance,
        "scoring_workdays": rules.qc.scoring_workdays,
        "objection_workdays": rules.qc.objection_workdays,
        "forms": queries.form_versions(FORMS),
        "rule_set_id": force.id,
    }


def _terms(data: Draft, force: RulesInForce) -> QualityTerms:
    return QualityTerms(**_terms_content(data, force))


def _copied(terms: QualityTerms) -> QualityTerms:
    kept = {"id", "tenant_id", "frozen_at"}
    return QualityTerms(
        **{
            column.key: getattr(terms, column.key)
            for column in QualityTerms.__table__.columns
            if column.key not in kept
        }
    )


def _choose(commission: Commission, subject_ids: tuple[UUID, ...]) -> None:
    """Set the subjects, in the order chosen. Raises `Invalid` where one is not this bureau's."""
    known = {each.id for each in queries.chosen(subject_ids)}
    if set(subject_ids) - known:
        raise Invalid("subjects", "commission.unknown_subject")
    kept = {line.subject_id: line for line in commission.lines}
    commission.lines = [
        kept.get(subject_id) or CommissionSubject(subject_id=subject_id, place=place)
        for place, subject_id in enumerate(subject_ids, 1)
    ]
    for place, line in enumerate(commission.lines, 1):
        line.place = place
