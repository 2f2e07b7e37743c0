"""The register of document numbers as a workbook: written here, for `office` lies below the spreadsheets."""

from flask import Blueprint, request
from werkzeug.wrappers import Response

from portal import office
from portal.access import Permission as P
from portal.spreadsheet import handed_out
from portal.web.guard import allow

bp = Blueprint("number", __name__)


@bp.post("/t/<tenant>/numbers/export")
@allow(P.NUMBER_READ)
def export() -> Response:
    """The register under the filters of its page."""
    return handed_out(
        ("文号", "标题", "重号理由", "登记人", "登记时间"),
        (
            (row.written, row.title, row.duplicate_reason or "", row.taken_by, row.taken_at)
            for row in office.numbers(request.args)
        ),
        "文号登记簿",
    )
