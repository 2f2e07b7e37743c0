"""The pages of the register of subjects: list, workbook, one subject, import."""

from typing import Any

from flask import Blueprint, g, request, url_for
from werkzeug.wrappers import Response

from portal.access import Permission as P
from portal.access import may
from portal.spreadsheet import handed_out, import_views
from portal.subject import queries
from portal.subject.actions import SUBJECTS
from portal.subject.models import Subject
from portal.subject.rules import BUDGET_LABELS, KIND_LABELS
from portal.unit import by_name
from portal.web.guard import allow, current_actor
from portal.web.pages import page

bp = Blueprint("subject", __name__, url_prefix="/t/<tenant>/subjects")
import_views(
    bp, SUBJECTS, home="subject.subjects", lacks=lambda: None if by_name() else ("预算单位", "unit.units")
)


def _url(endpoint: str, **arguments: Any) -> str:
    return url_for(f"subject.{endpoint}", tenant=g.seat.tenant_code, **arguments)


@bp.get("")
@allow(P.SUBJECT_READ)
def subjects() -> str:
    """The list."""
    return page(
        "subject/subjects.html",
        listing=queries.page_of(request.args, path=_url("subjects"), export_url=_url("export")),
        chosen=request.args,
        kinds=[(kind.value, label) for kind, label in KIND_LABELS.items()],
        budgets=[(budget.value, label) for budget, label in BUDGET_LABELS.items()],
        may_import=may(current_actor(), P.SUBJECT_IMPORT),
    )


@bp.post("/export")
@allow(P.SUBJECT_READ)
def export() -> Response:
    """The list as a workbook that can be imported again, under the same filters."""
    return handed_out(
        [column.name for column in SUBJECTS.schema().columns],
        (
            (
                row.name,
                row.unit_name,
                row.kind_label,
                row.budget_label,
                row.year,
                row.total,
                row.central,
                row.province,
                row.city,
                row.county,
                row.other,
                row.note,
            )
            for row in queries.everything(request.args)
        ),
        "评价对象清单",
    )


@bp.get("/<uuid:row_id>")
@allow(P.SUBJECT_READ, queries.subject)
def subject(row: Subject) -> str:
    """One subject, its unit, and its money by source."""
    others = [each for each in queries.of_unit(row.unit_id) if each.id != row.id]
    return page("subject/subject.html", row=row, others=others)
