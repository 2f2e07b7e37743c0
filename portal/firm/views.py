"""The pages of firms and of lead evaluators: lists, workbooks, one firm, imports."""

from typing import Any

from flask import Blueprint, g, request, url_for
from werkzeug.wrappers import Response

from portal.access import Permission as P
from portal.access import may
from portal.firm import queries
from portal.firm.actions import FIRM_REGISTER, LEAD_REGISTER, PHONE
from portal.firm.models import Acceptance, LeadEvaluator
from portal.firm.rules import FIRM_KIND_LABELS, FIRM_SIZE_LABELS, LeadLimits, shortfalls
from portal.identity.views import reveal_views
from portal.spreadsheet import handed_out, import_views
from portal.web.guard import allow, current_actor
from portal.web.pages import page
from portal.wording import say

bp = Blueprint("firm", __name__, url_prefix="/t/<tenant>/firms")
leads = Blueprint("lead_evaluator", __name__, url_prefix="/t/<tenant>/lead-evaluators")
import_views(bp, FIRM_REGISTER, home="firm.firms")
import_views(
    leads,
    LEAD_REGISTER,
    home="lead_evaluator.lead_evaluators",
    lacks=lambda: None if queries.known_firms() else ("第三方机构", "firm.firms"),
)
reveal_views(bp, queries.firm, {PHONE: "联系电话"}, home="firm.firm")


def _url(endpoint: str, **arguments: Any) -> str:
    return url_for(endpoint, tenant=g.seat.tenant_code, **arguments)


@bp.get("")
@allow(P.FIRM_READ)
def firms() -> str:
    """The firms this bureau has accepted."""
    found = queries.page_of_firms(request.args, path=_url("firm.firms"), export_url=_url("firm.export"))
    return page(
        "firm/firms.html",
        listing=found,
        lead_counts=queries.lead_counts(row.firm_id for row in found.rows),
        chosen=request.args,
        kinds=[(kind.value, label) for kind, label in FIRM_KIND_LABELS.items()],
        sizes=[(size.value, label) for size, label in FIRM_SIZE_LABELS.items()],
        may_import=may(current_actor(), P.FIRM_IMPORT),
        may_issue=may(current_actor(), P.ACCOUNT_CODES),
    )


@bp.post("/export")
@allow(P.FIRM_READ)
def export() -> Response:
    """The list as a workbook, under the same filters; numbers stay masked."""
    return handed_out(
        [column.name for column in FIRM_REGISTER.schema().columns],
        (
            (
                row.firm.name,
                row.firm.credit_code,
                row.firm.kind_label,
                row.firm.representative,
                row.firm.address,
                row.firm.staff,
                row.firm.size_label,
                row.phone_masked,
                row.email,
            )
            for row in queries.all_firms(request.args)
        ),
        "第三方机构名单",
    )


@bp.get("/<uuid:row_id>")
@allow(P.FIRM_READ, queries.firm)
def firm(row: Acceptance) -> str:
    """One firm: its public profile, the bureau's contact, its lead evaluators."""
    limits = queries.limits(g.now)
    people = [(each, _why(each, limits)) for each in queries.leads_of(row.firm_id)]
    reveal_url = _url("firm.ask_reveal", row_id=row.id, field=PHONE)
    allowed = may(current_actor(), P.PERSONAL_REVEAL)
    return page("firm/firm.html", row=row, people=people, reveal_url=reveal_url if allowed else None)


def _why(lead: LeadEvaluator, limits: LeadLimits) -> list[str]:
    return [say(refusal) for refusal in shortfalls(lead, limits).refusals]


@leads.get("")
@allow(P.FIRM_READ)
def lead_evaluators() -> str:
    """The lead evaluators of the accepted firms, with what each is short of."""
    limits = queries.limits(g.now)
    found = queries.page_of_leads(
        request.args,
        limits,
        path=_url("lead_evaluator.lead_evaluators"),
        export_url=_url("lead_evaluator.export_leads"),
    )
    return page(
        "firm/lead_evaluators.html",
        listing=found,
        reasons={row.id: _why(row, limits) for row in found.rows},
        chosen=request.args,
        may_import=may(current_actor(), P.FIRM_IMPORT),
    )


@leads.post("/export")
@allow(P.FIRM_READ)
def export_leads() -> Response:
    """The list as a workbook, under the same filters."""
    limits = queries.limits(g.now)
    return handed_out(
        [column.name for column in LEAD_REGISTER.schema().columns] + ["提示"],
        (
            (
                row.firm.name,
                row.firm.credit_code,
                row.name,
                row.qualification,
                row.work_years,
                row.evaluation_years,
                row.education,
                "；".join(_why(row, limits)),
            )
            for row in queries.all_leads(request.args, limits)
        ),
        "主评人名单",
    )
