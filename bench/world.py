"""What is measured on: 200 tenants, 200,000 commissions, 10,000 of them in the bureau whose pages are loaded.

The bureau and one of its commissions come about by the actions their people would call; the mass is written by
the superuser of the throw-away cluster in one statement per table.
"""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Final
from uuid import UUID

import psycopg

from portal import commission
from portal.access import Role
from portal.commission import Draft
from portal.kernel.money import yuan
from portal.kernel.workdays import day_of
from tenants import scope
from tests.quality.makers import a_seated_round
from tests.support.world import Bureau, a_bureau, a_subject, a_unit, publish_rules
from tests.tender.makers import a_market, an_issued_tender

TENANTS: Final = 200
COMMISSIONS: Final = 200_000
OWN: Final = 10_000
WAITING: Final = 15
SUBJECTS: Final = 30
MASS: Final = (
    """
    INSERT INTO region (code, name) SELECT (800000 + n)::text, '示范' || n || '县'
    FROM generate_series(1, %(others)s) n
    """,
    """
    INSERT INTO tenant (id, code, name)
    SELECT gen_random_uuid(), code, name || '财政局' FROM region WHERE code LIKE '8%%'
    """,
    """
    CREATE TEMPORARY TABLE mass AS
    SELECT gen_random_uuid() AS id, gen_random_uuid() AS terms_id, t.id AS tenant_id, n,
        CASE WHEN t.id = %(own)s THEN %(section)s::uuid END AS section_id,
        now() - n * interval '7 minutes' AS touched_at
    FROM tenant t, LATERAL generate_series(1, CASE WHEN t.id = %(own)s THEN %(own_rows)s
        ELSE %(other_rows)s END) n
    """,
    """
    INSERT INTO quality_terms (id, tenant_id, weight_plan, weight_report, cutoff, deduct_ratio, scope, experts,
        min_valid_sheets, trim_extremes, weight_unit, weight_finance, scoring_workdays, objection_workdays, forms,
        rule_set_id)
    SELECT m.terms_id, m.tenant_id, weight_plan, weight_report, cutoff, deduct_ratio, scope, experts,
        min_valid_sheets, trim_extremes, weight_unit, weight_finance, scoring_workdays, objection_workdays, forms,
        rule_set_id
    FROM mass m, quality_terms t WHERE t.id = %(terms)s
    """,
    """
    INSERT INTO commission (id, tenant_id, version, touched_at, state, name, year, service_kind, assist_only,
        commissioner_name, section_id, budget_item, ceiling, plan_due_on, draft_due_on, report_due_on,
        requirements, terms_id, edition, drafted_by, drafter, approved_at, approver, in_purchase)
    SELECT id, tenant_id, 1, touched_at, 'approved', '第' || n || '批项目支出绩效评价', 2020 + n %% 7, 'evaluation', false,
        '示范县财政局', section_id, '', 50000 + n * 10, DATE '2026-12-20', DATE '2027-02-20', DATE '2027-03-20',
        '', terms_id, 1, gen_random_uuid(), '经办人', touched_at, '审批人', false FROM mass
    """,
    """
    INSERT INTO commission_subject (id, tenant_id, commission_id, subject_id, place)
    SELECT gen_random_uuid(), m.tenant_id, m.id, s.id, place
    FROM mass m, LATERAL (
        SELECT id, row_number() OVER () AS place FROM unnest(%(subjects)s::uuid[]) WITH ORDINALITY AS u(id, at)
        WHERE (at + m.n) %% 10 = 0
    ) s WHERE m.tenant_id = %(own)s
    """,
    """
    INSERT INTO inbox (id, tenant_id, kind, subject_id, verb, role, party_id, title, since)
    SELECT gen_random_uuid(), tenant_id, 'commission', id, 'submit', 'handler', section_id,
        '第' || n || '批项目支出绩效评价', touched_at
    FROM mass WHERE tenant_id = %(own)s AND n <= %(waiting)s
    """,
)


@dataclass(frozen=True, slots=True)
class Desks:
    """A score sheet that is being filled, and a purchase that is out: where they are, and who opens them."""

    scoring: Bureau
    sheet_id: UUID
    expert: str
    market: Bureau
    tender_id: UUID
    buyer: str
    firm_id: UUID
    firm: str


@dataclass(frozen=True, slots=True)
class World:
    """Where the pages are, and who loads them."""

    bureau: Bureau
    username: str
    commission_id: UUID
    rows: int
    desks: Desks


def build(superuser: psycopg.Connection) -> World:
    """Fill the migrated, empty database; to be called inside an application's context."""
    bureau = a_bureau(roles=(Role.HANDLER, Role.APPROVER))
    publish_rules(bureau)
    unit_id = a_unit(bureau)
    subjects = [a_subject(bureau, unit_id) for _ in range(SUBJECTS)]
    commission_id, terms_id = _approved(bureau, subjects[:4])
    desks = _desks()
    numbers = {
        "others": TENANTS - 1,
        "own": bureau.id,
        "section": bureau.section_id,
        "own_rows": OWN - 1,
        "other_rows": (COMMISSIONS - OWN) // (TENANTS - 1) + 1,
        "terms": terms_id,
        "subjects": subjects,
        "waiting": WAITING,
    }
    for statement in MASS:
        superuser.execute(statement, numbers)
    superuser.execute("VACUUM ANALYZE")
    counted = superuser.execute("SELECT count(*) FROM commission").fetchone()
    handler = bureau.people[Role.HANDLER].username
    return World(bureau, handler, commission_id, counted[0] if counted else 0, desks)


def _desks() -> Desks:
    case = a_seated_round()
    member = case.seats("accepted")[0]
    issued = an_issued_tender(a_market(firms=12))
    firm = issued.firms[0]
    return Desks(
        case.bureau,
        case.sheet_ids(member)[0],
        case.experts[member].username,
        issued.market.bureau,
        issued.id,
        issued.market.buyer.username,
        firm.id,
        firm.handler.username,
    )


def _approved(bureau: Bureau, subjects: list[UUID]) -> tuple[UUID, UUID]:
    handler, approver = bureau.people[Role.HANDLER], bureau.people[Role.APPROVER]
    with scope.unit_of_work(handler.scope):
        now = scope.now()
        today = day_of(now)
        row = commission.draft(
            Draft(
                name=f"{today.year}年财政重点绩效评价",
                year=today.year,
                service_kind="evaluation",
                assist_only=False,
                commissioner_id=None,
                budget_item="",
                ceiling=yuan(Decimal(180000)),
                plan_due_on=today + timedelta(days=20),
                draft_due_on=today + timedelta(days=60),
                report_due_on=today + timedelta(days=80),
                requirements="主评人到场不少于五天；报告问题须附底稿索引。",
                subjects=tuple(subjects),
                cutoff=Decimal(80),
                sample_size=None,
                experts=3,
            ),
            by=handler.actor,
            now=now,
        )
        row_id, terms_id = row.id, row.terms.id
    with scope.unit_of_work(handler.scope):
        commission.submit(commission.commission(row_id), by=handler.actor, now=scope.now())
    with scope.unit_of_work(approver.scope):
        commission.approve(commission.commission(row_id), by=approver.actor, now=scope.now())
    return row_id, terms_id
