"""What every page has around its content, and the two ways a view answers: `page` and `done`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from uuid import UUID

from flask import current_app, g, redirect, render_template, request, send_file, session, url_for
from werkzeug.wrappers import Response

from portal.access import GRANTS, ROLE_LABELS, Actor, Permission, holds
from portal.web.forms import BaseForm
from portal.web.guard import Identity, Seat, acting, identity
from portal.wording import notice


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the navigation; shown to posts that hold its permission."""

    label: str
    endpoint: str
    permission: Permission


@dataclass(frozen=True, slots=True)
class Chrome:
    """What `create_app` hands to the pages: the navigation, and who counts what waits."""

    navigation: Sequence[tuple[str, Sequence[Entry]]]
    waiting: Callable[[Sequence[Actor]], list[int]]
    idle_minutes: int


def page(template: str, **context: Any) -> str:
    """Render a page inside the house: head, navigation, notices, server time."""
    context.setdefault("form", None)
    g.token = str(BaseForm().csrf_token.current_token)
    return render_template(template, **_around(), **context)


def done(code: str, *, to: str, **facts: object) -> Response:
    """After a deed: leave a notice and go to ``to`` by GET (303)."""
    session.setdefault("notices", []).append(("done", notice(code, facts)))
    session.modified = True
    return redirect(to, 303)


def kept(*, to: str) -> Response:
    """After a draft was kept that its own page speaks of: go to ``to``; the browser drops its copy."""
    session["kept"] = True
    return redirect(to, 303)


def attachment(content: bytes, name: str) -> Response:
    """A file to keep, never rendered from our own origin; its name stands on one line."""
    return send_file(BytesIO(content), as_attachment=True, download_name=" ".join(name.split()))


def _around() -> dict[str, Any]:
    person = identity()
    actor: Actor | None = g.get("actor")
    seat: Seat | None = g.get("seat")
    chrome: Chrome = current_app.extensions["portal_chrome"]
    in_tenant = bool(seat and seat.tenant_code)
    posts, waiting_count = _posts(chrome, person, actor, seat) if person else ([], None)
    return {
        "actor": _shown(person, actor) if person else None,
        "tenant": {"name": seat.tenant_name, "code": seat.tenant_code} if seat and in_tenant else None,
        "is_demo": bool(seat and seat.is_demo) or bool(g.get("shows_demo")),
        "posts": posts,
        "nav": _navigation(chrome, actor, seat) if actor and seat else [],
        "waiting_count": waiting_count,
        "notices": session.pop("notices", []),
        "kept": session.pop("kept", False),
        "server_now": g.get("now"),
        "idle_minutes": chrome.idle_minutes if person else None,
        "links": {
            "home": url_for("home.front"),
            "inbox": url_for("home.home", tenant=seat.tenant_code) if seat and in_tenant else None,
            "account": url_for("identity.password") if person else None,
            "sign_out": url_for("identity.sign_out") if person else None,
            "sign_in": url_for("identity.sign_in"),
            "leave": _leave(seat) if actor and actor.supervising and seat else None,
        },
    }


def _leave(seat: Seat) -> str:
    return url_for("identity.leave_county", tenant=g.supervised_from, code=seat.tenant_code)


def _shown(person: Identity, actor: Actor | None) -> dict[str, str]:
    return {
        "name": person.name,
        "post_label": _post_of(actor, person) if actor else "",
        "account_key": str(person.account_id),
    }


def _post_of(actor: Actor, person: Identity) -> str:
    return ROLE_LABELS[actor.role] if actor.place == person.name else actor.label


def _posts(
    chrome: Chrome, person: Identity, actor: Actor | None, seat: Seat | None
) -> tuple[list[dict[str, Any]], int | None]:
    """The person's other posts, and how much waits for this one and those of the bureau; None unasked."""
    others = [each for each in person.seats if seat is None or each.post_id != seat.post_id]
    near = [each for each in others if seat and each.tenant_code == seat.tenant_code]
    counts: dict[UUID, int] = {}
    if actor and actor.tenant_id and not actor.supervising and not g.get("asks_nothing"):
        asked = [actor, *(acting(person, each) for each in near)]
        counts = dict(zip((each.post_id for each in asked), chrome.waiting(asked), strict=True))
    refused: Permission | None = g.get("refused_permission")
    roles = {grant.role for grant in GRANTS[refused]} if refused else set()
    here = request.full_path.rstrip("?") if request.method == "GET" else None
    shown = [
        {
            "label": _post_label(each, bureau=each not in near),
            "url": url_for("identity.choose_post", post_id=each.post_id, next=here if each in near else None),
            "waiting": counts.get(each.post_id, 0),
            "may": each in near and each.role in roles,
        }
        for each in others
    ]
    return shown, counts.get(actor.post_id, 0) if actor and counts else None


def _post_label(seat: Seat, *, bureau: bool) -> str:
    where = (seat.tenant_name or "平台") if bureau else ""
    return " · ".join(part for part in (where, ROLE_LABELS[seat.role], seat.place) if part)


def _navigation(chrome: Chrome, actor: Actor, seat: Seat) -> list[dict[str, Any]]:
    groups = []
    for label, entries in chrome.navigation:
        items = []
        for entry in entries:
            if not holds(actor, entry.permission):
                continue
            rule_arguments: dict[str, Any] = {"tenant": seat.tenant_code} if seat.tenant_code else {}
            url = url_for(entry.endpoint, **rule_arguments)
            items.append(
                {
                    "label": entry.label,
                    "url": url,
                    "active": request.path == url or request.path.startswith(f"{url}/"),
                }
            )
        if items:
            groups.append({"label": label, "items": items})
    return groups
