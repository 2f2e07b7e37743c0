"""The blueprint of the house, and how its pages speak of one another."""

from typing import Any

from flask import Blueprint, g, url_for

from portal.kernel.errors import Invalid
from portal.web.forms import BaseForm, put_errors
from portal.wording import sentence

bp = Blueprint("office", __name__)


def here(endpoint: str, **arguments: Any) -> str:
    """The address of one of the house's pages in the bureau of this request."""
    return url_for(f"office.{endpoint}", tenant=g.seat.tenant_code, **arguments)


def lay_error(form: BaseForm, error: Invalid) -> None:
    """Lay an action's objection on the field that caused it."""
    put_errors(form, {error.field: sentence(error.code, error.facts)})
