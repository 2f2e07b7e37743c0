"""The forms as staff read them, and as they are printed."""

from flask import Blueprint

from portal.access import Permission as P
from portal.scoresheet import queries
from portal.scoresheet.queries import Template
from portal.web.guard import allow
from portal.web.pages import page

bp = Blueprint("scoresheet", __name__, url_prefix="/t/<tenant>/templates")


@bp.get("")
@allow(P.TEMPLATE_READ)
def templates() -> str:
    """The list."""
    return page("scoresheet/templates.html", templates=queries.templates())


@bp.get("/<uuid:row_id>")
@allow(P.TEMPLATE_READ, queries.template_by_id)
def template(found: Template) -> str:
    """One form: how each item gets its points, and the sheet itself."""
    names = {code: raw["name"] for code, raw in queries.shipped().items()}
    return page("scoresheet/template.html", found=found, form_names=names)


@bp.get("/<uuid:row_id>/sheet")
@allow(P.TEMPLATE_READ, queries.template_by_id)
def sheet(found: Template) -> str:
    """The form as an A4 sheet to print and fill in by hand."""
    return page("scoresheet/sheet.html", found=found)
