"""A prefecture enters one of its counties to read, and leaves it again."""

from typing import Any

from flask import g, session, url_for
from werkzeug.wrappers import Response

from portal.access import Permission as P
from portal.identity import actions, queries
from portal.identity.views.blueprint import bp
from portal.web.guard import allow, current_actor
from portal.web.pages import done, page
from tenants.db import tenant_of_session
from tenants.models import Tenant


@bp.get("/t/<tenant>/counties")
@allow(P.SUPERVISION_READ)
def counties() -> str:
    """The bureaus below this one."""
    return page("identity/counties.html", counties=queries.counties(tenant_of_session()))


@bp.post("/t/<tenant>/counties/<code>/enter")
@allow(P.SUPERVISION_ENTER, queries.county)
def enter_county(county: Tenant) -> Any:
    """Look into one, read only, until leaving or signing out."""
    actor = current_actor()
    actions.enter(county, by=actor, now=g.now)
    session.setdefault("supervising", {})[county.code] = {
        "post": str(actor.post_id),
        "tenant": str(county.id),
        "name": county.name,
    }
    session.modified = True
    return done("supervision.enter", to=url_for("home.home", tenant=county.code), county=county.name)


@bp.post("/t/<tenant>/counties/<code>/leave")
@allow(P.SUPERVISION_LEAVE, queries.county)
def leave_county(county: Tenant) -> Response:
    """Stop looking into it."""
    actions.leave(county, by=current_actor(), now=g.now)
    session.get("supervising", {}).pop(county.code, None)
    session.modified = True
    return done("supervision.leave", to=url_for(".counties", tenant=g.seat.tenant_code), county=county.name)
