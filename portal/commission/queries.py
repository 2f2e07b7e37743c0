"""Reading commissions, and the facts their rules are asked with."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from uuid import UUID

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import aliased, joinedload, raiseload

from portal.access import Actor
from portal.commission.lifecycle import CommissionState
from portal.commission.models import Commission, CommissionSubject, Edition, QualityTerms
from portal.commission.rules import (
    REGIME_LABELS,
    CommissionFacts,
    Regime,
    ServiceKind,
    SubjectFacts,
    methods_of,
    regime_of,
)
from portal.kernel.derivation import Derivation
from portal.kernel.errors import NotFound, Stale
from portal.kernel.exact import half_up
from portal.kernel.money import NOTHING, Yuan
from portal.kernel.workdays import day_of
from portal.office import RulesInForce, rules_on
from portal.scoresheet import versions_in_force
from portal.subject import Subject, subjects_for_choice
from portal.unit import Unit, units
from portal.web.listing import Listing, Sort, listing, read_decimal, read_instant, read_int
from tenants.db import db, tenant_of_session
from tenants.models import Tenant

LIVE = (CommissionState.DRAFT.value, CommissionState.SUBMITTED.value, CommissionState.APPROVED.value)
SORTS: Mapping[str, Sort] = {
    "name": Sort(Commission.name.expression),
    "year": Sort(Commission.year.expression, read_int),
    "ceiling": Sort(func.coalesce(Commission.ceiling, 0), read_decimal),
    "touched": Sort(Commission.touched_at.expression, read_instant),
}


def commission(row_id: UUID) -> Commission:
    """The commission, to be acted on. Raises `NotFound`."""
    return _one(select(Commission).where(Commission.id == row_id))


def shown(row_id: UUID) -> Commission:
    """The commission to be read, with its subjects and its bureau in one statement. Raises `NotFound`."""
    whole = joinedload(Commission.lines), joinedload(Commission.bureau)
    return _one(select(Commission).where(Commission.id == row_id).options(*whole))


def terms(row_id: UUID) -> QualityTerms:
    """质量约定 under the id by which contract, round and settlement refer to it. Raises `NotFound`."""
    found = db.session.scalars(select(QualityTerms).where(QualityTerms.id == row_id)).first()
    if found is None:
        raise NotFound
    return found


def _one(rows: Select[Commission]) -> Commission:
    found = db.session.scalars(rows).unique().first()
    if found is None:
        raise NotFound
    return found


def matching(arguments: Mapping[str, str]) -> Select[Commission]:
    """The commissions a search asks for: words of the name, a state, a year."""
    rows = select(Commission)
    if words := arguments.get("q", "").strip():
        rows = rows.where(Commission.name.icontains(words, autoescape=True))
    if (state := arguments.get("state")) in {each.value for each in CommissionState}:
        rows = rows.where(Commission.state == state)
    if (year := arguments.get("year", "")).isdecimal() and len(year) == 4:  # noqa: PLR2004
        rows = rows.where(Commission.year == int(year))
    return rows


def page_of(arguments: Mapping[str, str], *, path: str, export_url: str) -> Listing:
    """One page of the list, the last touched first."""
    return listing(
        matching(arguments).options(raiseload(Commission.terms), raiseload(Commission.lines)),
        key=Commission.id.expression,
        sorts=SORTS,
        arguments=arguments,
        path=path,
        default="-touched",
        kept=("q", "state", "year"),
        export_url=export_url,
    )


def everything(arguments: Mapping[str, str]) -> list[Commission]:
    """All commissions a search asks for, for the workbook."""
    return list(db.session.scalars(matching(arguments).order_by(Commission.touched_at.desc())))


def lock(row: Commission, *, version: int) -> None:
    """Lock the row. Raises `Stale` where its version is not the one that was shown."""
    db.session.refresh(row, with_for_update=True)
    if row.version != version:
        raise Stale


@dataclass(frozen=True, slots=True)
class Choice:
    """A subject as a commission sees it: with the names of its unit and of that unit's department."""

    id: UUID
    name: str
    year: int
    total: Yuan
    unit_name: str
    department: str


def choices(kept: Sequence[UUID], *, words: str, last: Collection[UUID]) -> list[Choice]:
    """The subjects ``kept`` already, and those that ``words`` find; of these, ``last`` behind the others."""
    return chosen([each.id for each in subjects_for_choice(kept, words=words, last=last)])


def chosen(ids: Sequence[UUID]) -> list[Choice]:
    """The subjects behind ids, in the order of the ids; unknown ones are left out. One statement."""
    department = aliased(Unit)
    found = db.session.execute(
        select(
            Subject.id,
            Subject.name,
            Subject.year,
            Subject.total,
            Unit.name.label("unit_name"),
            department.name.label("department"),
        )
        .join(Unit, Unit.id == Subject.unit_id)
        .join(department, department.id == Unit.department_id)
        .where(Subject.id.in_(ids))
    )
    known = {
        each.id: Choice(each.id, each.name, each.year, Yuan(each.total), each.unit_name, each.department)
        for each in found
    }
    return [known[each] for each in ids if each in known]


def subjects_of(row: Commission) -> list[Choice]:
    """The subjects of a commission, in its order."""
    return chosen([line.subject_id for line in row.lines])


def bureau_name() -> str:
    """The name of the bureau this transaction acts in."""
    return db.session.scalar(select(Tenant.name).where(Tenant.id == tenant_of_session())) or ""


def commissioner_name(unit_id: UUID | None) -> str:
    """The name of the department that commissions, or of the bureau itself."""
    if unit_id is None:
        return bureau_name()
    return next((each.name for each in units() if each.id == unit_id), bureau_name())


def all_units() -> list[Unit]:
    """The bureau's units, by name."""
    return units()


def form_versions(codes: Sequence[str]) -> dict[str, int]:
    """The versions of the form templates in force, to be pinned."""
    return versions_in_force(codes)


def taken(row: Commission) -> dict[UUID, str]:
    """Subjects of ``row`` that another live commission of the same year has, and its name."""
    ids = [line.subject_id for line in row.lines]
    found = db.session.execute(
        select(CommissionSubject.subject_id, Commission.name)
        .join(Commission, Commission.id == CommissionSubject.commission_id)
        .where(
            CommissionSubject.subject_id.in_(ids),
            Commission.id != row.id,
            Commission.year == row.year,
            Commission.service_kind == row.service_kind,
            Commission.state.in_((CommissionState.SUBMITTED.value, CommissionState.APPROVED.value)),
        )
    )
    return {each.subject_id: each.name for each in found}


def same_item_total(row: Commission) -> Yuan:
    """What else is bought under the same budget item and kind in the same year, in 元 (实施条例 §28)."""
    if not row.budget_item:
        return NOTHING
    total = db.session.scalar(
        select(func.coalesce(func.sum(Commission.ceiling), 0)).where(
            Commission.budget_item == row.budget_item,
            Commission.service_kind == row.service_kind,
            Commission.year == row.year,
            Commission.id != row.id,
            Commission.state.in_((CommissionState.SUBMITTED.value, CommissionState.APPROVED.value)),
        )
    )
    return Yuan(Decimal(total or 0).quantize(NOTHING))


def facts(
    row: Commission,
    *,
    by: Actor,
    now: datetime,
    reason: str | None = None,
    subjects: Sequence[Choice] | None = None,
    force: RulesInForce | None = None,
) -> CommissionFacts:
    """Everything the rules ask about, at this moment; ``subjects``, rules in ``force``: if read before."""
    if subjects is None:
        subjects = subjects_of(row)
    others = taken(row)
    return CommissionFacts(
        today=day_of(now),
        kind=ServiceKind(row.service_kind),
        assist_only=row.assist_only,
        subjects=[
            SubjectFacts(
                name=each.name,
                unit_name=each.unit_name,
                department=each.department,
                total=each.total,
                taken_by=others.get(each.id, ""),
            )
            for each in subjects
        ],
        commissioner=row.commissioner_name,
        bureau=row.bureau.name,
        ceiling=Yuan(row.ceiling) if row.ceiling is not None else None,
        plan_due_on=row.plan_due_on,
        draft_due_on=row.draft_due_on,
        report_due_on=row.report_due_on,
        cutoff=row.terms.cutoff,
        tiered=bool(row.terms.tiers),
        same_item_total=same_item_total(row),
        threshold_open=(force or rules_on(day_of(now))).rules.procurement.threshold_open,
        drafter_id=row.drafted_by,
        actor_id=by.account_id,
        reason=reason,
        bought_as=row.bought_as or "",
    )


@dataclass(frozen=True, slots=True)
class Basis:
    """What a purchase stands on: an approved commission, its subjects, and the law that applies to it."""

    id: UUID
    name: str
    year: int
    commissioner: str
    kind_label: str
    approved: bool
    ceiling: Yuan
    same_item_total: Yuan
    threshold_procure: Yuan | None
    threshold_open: Yuan | None
    regime: Regime | None
    methods: tuple[str, ...]
    inquiry_workdays: int
    plan_due_on: date | None
    draft_due_on: date | None
    report_due_on: date | None
    requirements: str
    terms_id: UUID
    terms: Mapping[str, object]
    terms_whole: bool
    subjects: tuple[Choice, ...]


def basis(row_id: UUID, *, now: datetime) -> Basis:
    """The commission as a purchase sees it. Raises `NotFound`, `Misconfigured` without a rule set."""
    return basis_of(commission(row_id), now=now)


def basis_of(row: Commission, *, now: datetime) -> Basis:
    """As `basis`, of a commission that was read already. Raises `Misconfigured`."""
    terms = row.terms
    procurement = rules_on(day_of(now)).rules.procurement
    ceiling = Yuan(row.ceiling or NOTHING)
    regime = regime_of(ceiling, procurement.threshold_procure)
    told = row.snapshot()["terms"]
    return Basis(
        id=row.id,
        name=row.name,
        year=row.year,
        commissioner=row.commissioner_name,
        kind_label=row.kind_label,
        approved=row.state == CommissionState.APPROVED.value,
        ceiling=ceiling,
        same_item_total=same_item_total(row),
        threshold_procure=procurement.threshold_procure,
        threshold_open=procurement.threshold_open,
        regime=regime,
        methods=methods_of(regime, ceiling, procurement.threshold_open),
        inquiry_workdays=procurement.inquiry_min_workdays,
        plan_due_on=row.plan_due_on,
        draft_due_on=row.draft_due_on,
        report_due_on=row.report_due_on,
        requirements=row.requirements,
        terms_id=terms.id,
        terms=told if isinstance(told, Mapping) else {},
        terms_whole=terms.frozen_at is not None and (terms.cutoff is not None or bool(terms.tiers)),
        subjects=tuple(subjects_of(row)),
    )


def bind(row_id: UUID, name: str | None) -> None:
    """Note under which name a commission is out with the firms; None when that ended without an award."""
    db.session.execute(update(Commission).where(Commission.id == row_id).values(bought_as=name))


@dataclass(frozen=True, slots=True)
class Taken:
    """Where a subject is commissioned already: one commission's name, and how many there are."""

    name: str
    count: int


def taken_in(year: int, *, but: UUID | None = None) -> dict[UUID, Taken]:
    """The subjects that are under other live commissions of a year already."""
    found = db.session.execute(
        select(CommissionSubject.subject_id, func.min(Commission.name), func.count())
        .join(Commission, Commission.id == CommissionSubject.commission_id)
        .where(
            Commission.year == year,
            Commission.id != but,
            Commission.state.in_((CommissionState.SUBMITTED.value, CommissionState.APPROVED.value)),
        )
        .group_by(CommissionSubject.subject_id)
    )
    return {subject_id: Taken(name, count) for subject_id, name, count in found}


def end_edition(row: Commission, reason: str, *, now: datetime) -> None:
    """End the edition in force of a commission."""
    db.session.execute(
        update(Edition)
        .where(Edition.commission_id == row.id, Edition.ended_at.is_(None))
        .values(ended_at=now, ended_reason=reason)
    )


@dataclass(frozen=True, slots=True)
class Counts:
    """How many commissions stand where, for the home."""

    draft: int = 0
    submitted: int = 0
    approved: int = 0


def counts() -> Counts:
    """How many commissions stand where; one statement."""
    found = db.session.execute(select(Commission.state, func.count()).group_by(Commission.state))
    by_state: dict[str, int] = {each[0]: each[1] for each in found}
    return Counts(*(by_state.get(each, 0) for each in LIVE))


def editions(row: Commission) -> list[Edition]:
    """The approved editions, the newest first."""
    return list(
        db.session.scalars(
            select(Edition).where(Edition.commission_id == row.id).order_by(Edition.number.desc())
        )
    )


def derivations(
    row: Commission, subjects: Sequence[Choice], *, now: datetime, json_url: str
) -> list[Derivation]:
    """How the commission's figures came about: the money judged, the law that applies, the money at stake."""
    day = day_of(row.approved_at or now)
    force = rules_on(day)
    total = sum((each.total for each in subjects), Decimal(0))
    ceiling = Yuan(row.ceiling or NOTHING)
    procure, opening = force.rules.procurement.threshold_procure, force.rules.procurement.threshold_open
    regime = regime_of(ceiling, procure)
    others = same_item_total(row)
    made = partial(
        Derivation,
        rule_set=force.label,
        by=row.approver or row.drafter,
        at=row.approved_at or row.touched_at,
        json_url=json_url,
    )
    return [
        made(
            name="评价对象资金总额",
            result=f"{total:,.2f} 元",
            formula="资金总额 = 各评价对象资金总额之和",
            inputs=[(each.name, f"{each.total:,.2f} 元", "评价对象登记") for each in subjects],
            values={each.name: each.total for each in subjects},
        ),
        made(
            name="法律适用",
            result=REGIME_LABELS[regime] if regime else "待定：规则集尚未填写分散采购限额标准",
            formula="最高限价达到分散采购限额标准的，适用政府采购法；未达到的，按内控制度自行采购",
            inputs=[
                ("最高限价", f"{ceiling:,.2f} 元", "本委托"),
                ("分散采购限额标准", f"{procure:,.2f} 元" if procure is not None else "未填写", "规则集"),
                ("公开招标数额标准", f"{opening:,.2f} 元" if opening is not None else "未填写", "规则集"),
                ("同一预算项目当年其他采购", f"{others:,.2f} 元", "本局已送审和已批准的委托"),
            ],
            values={
                "ceiling": ceiling,
                "threshold_procure": procure,
                "threshold_open": opening,
                "same_item": others,
            },
            steps=[f"可用采购方式：{'、'.join(methods_of(regime, ceiling, opening))}"] if regime else [],
        ),
        made(
            name="质量扣费上限",
            result=f"{half_up(ceiling * row.terms.deduct_ratio):,.2f} 元",
            formula="质量得分低于分数线时扣费 = 合同约定委托业务费 × 扣费比例（此处按最高限价估算）",
            inputs=[
                ("最高限价", f"{ceiling:,.2f} 元", "本委托"),
                ("扣费比例", f"{row.terms.deduct_ratio * 100:.2f}%", "质量约定"),
            ],
            values={"ceiling": ceiling, "deduct_ratio": row.terms.deduct_ratio},
        ),
    ]
