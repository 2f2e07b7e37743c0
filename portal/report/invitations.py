"""Letting people of the registers in: accounts and printed codes for chosen firms, units and experts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from flask import Blueprint, g, request, url_for
from flask_babel import lazy_gettext as _

from portal import expert, firm, unit
from portal.access import Permission as P
from portal.access import Role
from portal.identity import Invitee, codes_for, open_posts
from portal.kernel.errors import NotFound, Refused
from portal.kernel.ruling import unless
from portal.web.guard import allow, current_actor
from portal.web.pages import page

bp = Blueprint("invitation", __name__)
MOST: Final = 60


@dataclass(frozen=True, slots=True)
class Register:
    """A register people can be let in from: what it is called, and whom it holds."""

    label: str
    everybody: Callable[[], list[Invitee]]


def _firms() -> list[Invitee]:
    known = firm.registered(firm.known_firms())
    return [
        Invitee(each.representative, Role.FIRM_HANDLER, each.id, each.name)
        for each in sorted(known.values(), key=lambda row: row.name)
    ]


def _units() -> list[Invitee]:
    return [
        Invitee(each.contact or each.name, Role.UNIT_HANDLER, each.id, each.name) for each in unit.units()
    ]


def _experts() -> list[Invitee]:
    return [Invitee(each.name, Role.EXPERT, each.id, each.employer) for each in expert.experts()]


REGISTERS: Final[Mapping[str, Register]] = {
    "firms": Register(_("第三方机构"), _firms),
    "units": Register(_("预算单位"), _units),
    "experts": Register(_("本局专家库"), _experts),
}


def _chosen(register: str) -> Register:
    if register not in REGISTERS:
        raise NotFound
    return REGISTERS[register]


@bp.get("/t/<tenant>/invitations/<string:register>")
@allow(P.ACCOUNT_CODES)
def invitations(register: str) -> str:
    """Whom to let in: the register's people, and who of them has an account already."""
    return _page(register)


@bp.post("/t/<tenant>/invitations/<string:register>")
@allow(P.ACCOUNT_CODES)
def invite(register: str) -> str:
    """Accounts, posts and codes for those picked, on slips that are shown this once."""
    picked = set(request.form.getlist("party"))
    chosen = [each for each in _chosen(register).everybody() if str(each.party_id) in picked]
    ruling = unless(not chosen, "identity.nobody_picked")
    if not ruling:
        raise Refused(ruling)
    slips = codes_for(chosen, by=current_actor(), now=g.now)
    back = url_for("invitation.invitations", tenant=g.seat.tenant_code, register=register)
    return page("identity/slips.html", slips=slips, back=back)


def _page(register: str) -> str:
    chosen = _chosen(register)
    words = request.args.get("q", "").strip()
    found = [each for each in chosen.everybody() if words in each.name or words in each.party_name]
    return page(
        "report/invitations.html",
        register=register,
        label=chosen.label,
        people=found[:MOST],
        more=max(0, len(found) - MOST),
        words=words,
        all_picked=bool(request.args.get("all")),
        holders=_holders(),
        registers=[
            (key, each.label, url_for("invitation.invitations", tenant=g.seat.tenant_code, register=key))
            for key, each in REGISTERS.items()
        ],
    )


def _holders() -> dict[UUID | None, Any]:
    """Who stands for which party already."""
    return {post.party_id: post.holder for post in open_posts(g.seat.tenant_id) if post.party_id}
