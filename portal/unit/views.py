"""The pages of the register of units: list, workbook, one unit, import."""

from typing import Any

from flask import Blueprint, g, request, url_for
from werkzeug.wrappers import Response

from portal.access import Permission as P
from portal.access import may
from portal.identity.views import reveal_views
from portal.spreadsheet import handed_out, import_views
from portal.unit import queries
from portal.unit.actions import PHONE, UNITS
from portal.unit.models import Unit
from portal.web.guard import allow, current_actor
from portal.web.pages import page

bp = Blueprint("unit", __name__, url_prefix="/t/<tenant>/units")
import_views(bp, UNITS, home="unit.units")
reveal_views(bp, queries.unit, {PHONE: "联系电话"}, home="unit.unit")


def _url(endpoint: str, **arguments: Any) -> str:
    return url_for(f"unit.{endpoint}", tenant=g.seat.tenant_code, **arguments)


@bp.get("")
@allow(P.UNIT_READ)
def units() -> str:
    """The list."""
    return page(
        "unit/units.html",
        listing=queries.page_of(request.args, path=_url("units"), export_url=_url("export")),
        chosen=request.args,
        may_import=may(current_actor(), P.UNIT_IMPORT),
        may_issue=may(current_actor(), P.ACCOUNT_CODES),
    )


@bp.post("/export")
@allow(P.UNIT_READ)
def export() -> Response:
    """The list as a workbook, under the same filters; numbers stay masked."""
    return handed_out(
        ("单位编码", "单位名称", "主管部门", "联系人", "联系电话"),
        (
            (row.code, row.name, row.department.name, row.contact, row.phone_masked)
            for row in queries.everything(request.args)
        ),
        "预算单位名单",
    )


@bp.get("/<uuid:row_id>")
@allow(P.UNIT_READ, queries.unit)
def unit(row: Unit) -> str:
    """One unit, its department, and the units below it."""
    return page(
        "unit/unit.html",
        row=row,
        below=queries.below(row),
        reveal_url=_url("ask_reveal", row_id=row.id, field=PHONE)
        if may(current_actor(), P.PERSONAL_REVEAL)
        else None,
    )
