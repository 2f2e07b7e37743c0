"""The table of permissions and of posts that one person may not hold together, as a page."""

from portal.access import Permission as P
from portal.identity.rules import duties, separations
from portal.identity.views.blueprint import bp
from portal.web.guard import allow
from portal.web.pages import page


@bp.get("/t/<tenant>/roles")
@allow(P.ROLE_READ)
def roles() -> str:
    """Who may do what."""
    return page("identity/roles.html", duties=duties(), separations=separations())
