"""What the pages of a review share: their addresses, and who reads what a firm offers."""

from typing import Any, Final

from flask import Blueprint, g, url_for

from portal.panel.lifecycle import PanelState
from portal.panel.models import Panel
from portal.web.guard import current_actor

bp = Blueprint("panel", __name__, url_prefix="/t/<tenant>")
LARGEST: Final = 20 * 1024 * 1024


def url(endpoint: str, **arguments: Any) -> str:
    """A page of this slice in the bureau one is in."""
    return url_for(f"panel.{endpoint}", tenant=g.seat.tenant_code, **arguments)


def review_of(row: Panel) -> str:
    """The page of the whole review."""
    return url("review", row_id=row.tender_id)


def may_see(row: Panel) -> bool:
    """Contents are for members who declared; for everybody of the bureau once the report is signed."""
    if row.state == PanelState.RANKED.value:
        return True
    own = row.member(current_actor())
    return own is not None and own.declared_at is not None
