"""The pages of the expert libraries: list, workbook, one expert, sealed values, import."""

from typing import Any

from flask import Blueprint, g, request, url_for
from werkzeug.wrappers import Response

from portal.access import Permission as P
from portal.access import may
from portal.expert import queries
from portal.expert.actions import BANK, EXPERT_REGISTER, IDENTITY, MOBILE
from portal.expert.models import Membership
from portal.expert.rules import CLASS_LABELS, DOMAIN_LABELS
from portal.identity.views import reveal_views
from portal.spreadsheet import handed_out, import_views
from portal.web.guard import allow, current_actor
from portal.web.pages import page

bp = Blueprint("expert", __name__, url_prefix="/t/<tenant>/experts")
import_views(bp, EXPERT_REGISTER, home="expert.experts")
reveal_views(
    bp, queries.expert, {IDENTITY: "身份证号", MOBILE: "手机", BANK: "银行账号"}, home="expert.expert"
)


def _url(endpoint: str, **arguments: Any) -> str:
    return url_for(f"expert.{endpoint}", tenant=g.seat.tenant_code, **arguments)


@bp.get("")
@allow(P.EXPERT_READ)
def experts() -> str:
    """The list over every library open to the bureau."""
    return page(
        "expert/experts.html",
        listing=queries.page_of(request.args, path=_url("experts"), export_url=_url("export")),
        chosen=request.args,
        classes=[(each.value, label) for each, label in CLASS_LABELS.items()],
        domains=[(each.value, label) for each, label in DOMAIN_LABELS.items()],
        libraries=queries.libraries(),
        may_import=may(current_actor(), P.EXPERT_IMPORT),
        may_issue=may(current_actor(), P.ACCOUNT_CODES),
    )


@bp.post("/export")
@allow(P.EXPERT_READ)
def export() -> Response:
    """The list as a workbook, under the same filters; personal numbers stay masked."""
    return handed_out(
        [column.name for column in EXPERT_REGISTER.schema().columns] + ["所属专家库"],
        (
            (
                row.name,
                row.identity_masked,
                row.sex_label,
                row.class_label,
                row.domain_label,
                row.employer,
                row.title,
                row.work_years,
                row.mobile_masked,
                row.email,
                row.is_civil_servant,
                row.bank_masked,
                row.library.name,
            )
            for row in queries.everything(request.args)
        ),
        "评审专家名单",
    )


@bp.get("/<uuid:row_id>")
@allow(P.EXPERT_READ, queries.expert)
def expert(row: Membership) -> str:
    """One expert as a member of a library."""
    actor = current_actor()
    urls = {
        field: _url("ask_reveal", row_id=row.id, field=field) if may(actor, P.PERSONAL_REVEAL) else None
        for field in (IDENTITY, MOBILE, BANK)
    }
    return page("expert/expert.html", row=row, urls=urls, is_own=row.tenant_id == actor.tenant_id)
