"""Keeping firms and lead evaluators: one import each, whole."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import func, update
from sqlalchemy.dialects.postgresql import insert

from portal.access import Permission
from portal.firm import queries, rules
from portal.firm.models import Acceptance, Firm, LeadEvaluator, Load, Standing
from portal.firm.queries import PROFILE
from portal.firm.rules import FIRM_KIND_LABELS, FIRM_SIZE_LABELS, FirmRow, LeadRow, shortfalls
from portal.identity import blind_index, keep_personal, masked
from portal.kernel.ruling import Ruling
from portal.kernel.score import Score
from portal.spreadsheet import Masked, Register, as_seen
from portal.spreadsheet.rules import Fields, Plan, Schema, compare
from portal.web.search import initials
from tenants.db import db, tenant_of_session

PHONE: Final = "phone"


def _firm_schema() -> Schema[FirmRow]:
    return rules.firms(queries.registered_elsewhere())


def _plan_firms(rows: Sequence[FirmRow]) -> Plan[FirmRow]:
    """What the list would do. The public profile of a firm another bureau registered stays as it is."""
    mine = tenant_of_session()
    foreign = {
        code: firm
        for code, firm in queries.registered(row.credit_code for row in rows).items()
        if firm.registered_by != mine
    }

    def seen(row: FirmRow) -> Fields:
        known = foreign.get(row.credit_code)
        profile = {name: getattr(known, name) for name in PROFILE} if known else {}
        phone = Masked(blind_index(PHONE, row.phone), masked(row.phone)) if row.phone else ""
        return as_seen(row, phone=phone, **profile)

    return compare(rows, queries.present_firms(), lambda row: row.credit_code, seen)


def _keep_firms(plan: Plan[FirmRow], now: datetime) -> None:
    """Register what the platform does not know, accept what is new here, change what is the bureau's own."""
    rows = {row.credit_code: row for row in (*plan.added, *(change.after for change in plan.changed))}
    mine = tenant_of_session()
    missing = set(rows) - set(queries.registered(rows))
    for code in sorted(missing):
        row = rows[code]
        values = {
            "id": uuid4(),
            "credit_code": code,
            "initials": initials(row.name),
            "registered_by": mine,
            "registered_at": now,
            **{name: getattr(row, name) for name in PROFILE},
        }
        db.session.execute(insert(Firm).values(values).on_conflict_do_nothing(index_elements=["credit_code"]))
    entries = queries.accepted(rows)
    for code, firm in queries.registered(rows).items():
        row = rows[code]
        if firm.registered_by == mine:
            for name in PROFILE:
                setattr(firm, name, getattr(row, name))
            firm.initials = initials(row.name)
        entry = entries.get(code) or Acceptance(id=uuid4(), firm_id=firm.id, accepted_at=now)
        entry.email, entry.phone_masked = row.email, masked(row.phone)
        entry.phone_index = blind_index(PHONE, row.phone) if row.phone else None
        db.session.add(entry)
        db.session.flush()
        keep_personal(entry.id, PHONE, row.phone)


def _lead_schema() -> Schema[LeadRow]:
    return rules.lead_evaluators(queries.known_firms())


def _plan_leads(rows: Sequence[LeadRow]) -> Plan[LeadRow]:
    return compare(rows, queries.present_leads(), lambda row: (row.credit_code, row.name), as_seen)


def _keep_leads(plan: Plan[LeadRow], _now: datetime) -> None:
    """Write lead evaluators; their firms are known, for the rules asked for them."""
    rows = (*plan.added, *(change.after for change in plan.changed))
    kept = queries.leads_by_key()
    firms = queries.registered(row.credit_code for row in rows)
    for row in rows:
        each = kept.get((row.credit_code, row.name)) or LeadEvaluator(firm_id=firms[row.credit_code].id)
        each.name, each.initials = row.name, initials(row.name)
        each.qualification, each.education = row.qualification, row.education
        each.work_years, each.evaluation_years = row.work_years, row.evaluation_years
        db.session.add(each)
    db.session.flush()


def _flags(now: datetime) -> Callable[[LeadRow], Ruling]:
    return partial(shortfalls, limits=queries.limits(now))


def count_load(firm_id: UUID, delta: int) -> None:
    """Note that a firm took on or finished contracts of this bureau; never below none."""
    db.session.execute(
        insert(Load)
        .values(id=uuid4(), firm_id=firm_id, tenant_id=tenant_of_session(), count=max(delta, 0))
        .on_conflict_do_update(
            index_elements=["tenant_id", "firm_id"], set_={"count": func.greatest(Load.count + delta, 0)}
        )
    )


@dataclass(frozen=True, slots=True)
class Placed:
    """A firm's place of the year as a final ranking gives it; ``rank`` None: too few engagements."""

    firm_id: UUID
    rank: int | None
    grade: str
    score: Score | None
    engagements: int
    quality: Score | None
    vetoed: int = 0


def record_standings(
    year: int, placed: Sequence[Placed], *, basis: str, ranking_id: UUID, edition: int, now: datetime
) -> None:
    """Keep the standings of a final ranking; those of its earlier editions are superseded, not erased."""
    db.session.execute(
        update(Standing)
        .where(Standing.year == year, Standing.superseded_at.is_(None))
        .values(superseded_at=now)
    )
    db.session.add_all(
        Standing(
            firm_id=each.firm_id,
            year=year,
            rank=each.rank,
            grade=each.grade,
            score=each.score,
            engagements=each.engagements,
            vetoed=each.vetoed,
            quality=each.quality,
            basis=basis,
            ranking_id=ranking_id,
            edition=edition,
            recorded_at=now,
        )
        for each in placed
    )
    db.session.flush()


FIRM_REGISTER: Final[Register[FirmRow]] = Register(
    name="firms",
    title="第三方机构",
    permission=Permission.FIRM_IMPORT,
    schema=_firm_schema,
    plan=_plan_firms,
    keep=_keep_firms,
    key=("credit_code", "name"),
    labels={"kind": FIRM_KIND_LABELS, "size": FIRM_SIZE_LABELS},
    private=frozenset({PHONE}),
)
LEAD_REGISTER: Final[Register[LeadRow]] = Register(
    name="lead_evaluators",
    title="主评人",
    permission=Permission.FIRM_IMPORT,
    schema=_lead_schema,
    plan=_plan_leads,
    keep=_keep_leads,
    key=("firm", "name"),
    flags=_flags,
)
