"""One-time codes for those in a register: a page to pick them on, hung beside any register's own pages."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, g, request, url_for

from portal.access import ROLE_LABELS
from portal.access import Permission as P
from portal.identity import actions, queries
from portal.identity.actions import Invitee
from portal.web.guard import allow, current_actor
from portal.web.pages import page


def codes_views(
    bp: Blueprint, invitees: Callable[[Mapping[str, str]], list[Invitee]], *, title: str, home: str
) -> None:
    """Hang on ``bp`` the page of those who may be given codes, and the slips of those picked.

    ``invitees`` lists them for a search; ``title`` is the register's name, ``home`` the page of its list.
    """

    @allow(P.ACCOUNT_CODES)
    def ask_codes() -> str:
        found = invitees(request.args)
        return page(
            "identity/pick.html",
            people=found,
            known=queries.usernames_of(found),
            roles=ROLE_LABELS,
            title=title,
            chosen=request.args,
            back=url_for(home, tenant=g.seat.tenant_code),
        )

    @allow(P.ACCOUNT_CODES)
    def codes() -> Any:
        picked = set(request.form.getlist("person"))
        wanted = [each for each in invitees({}) if each.key in picked]
        slips = actions.codes_for(wanted, by=current_actor(), now=g.now)
        return page("identity/slips.html", slips=slips, back=url_for(home, tenant=g.seat.tenant_code))

    bp.get("/codes")(ask_codes)
    bp.post("/codes")(codes)
