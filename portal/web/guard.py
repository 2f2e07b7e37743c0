"""The one door to every view: who is signed in, in which post, under which scope, and what they may do.

Order of every request: sign-in, body read to its end, scope, row (404), permission (403), form (422),
action (409), one commit. `create_app` refuses to start while a view is not guarded.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from ipaddress import ip_address
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID

from flask import Flask, current_app, g, redirect, request, session, url_for
from flask_login import LoginManager, UserMixin, current_user
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest, HTTPException
from werkzeug.wrappers import Response

from portal.access import OUTSIDE, Actor, Permission, Role, clashes, holds, may
from portal.kernel.errors import NotFound, NotPermitted, Refused, Stale
from portal.kernel.ruling import Ruling, unless
from portal.web import once
from portal.web.forms import has_valid_token
from tenants import scope

PUBLIC: Final = "public"
SIGNED_IN: Final = "signed-in"
ASSETS = frozenset({"static", "bootstrap.static"})
UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})
POST_FIELD = "_post"
SECRET_FIELDS = ("password", "one_time_code")
SIGNATURE = "password"
UNSEEN = frozenset({"carry", "next", "seed", "version"})


@dataclass(frozen=True, slots=True)
class Seat:
    """A post as its holder carries it from request to request."""

    post_id: UUID
    role: Role
    tenant_id: UUID | None = None
    tenant_code: str = ""
    tenant_name: str = ""
    is_demo: bool = False
    section_id: UUID | None = None
    party_id: UUID | None = None
    place: str = ""


@dataclass(frozen=True)
class Identity(UserMixin):  # type: ignore[misc]
    """A person signed in on one browser."""

    account_id: UUID
    name: str
    username: str
    token: str
    must_change: bool
    consented: bool
    seats: tuple[Seat, ...]

    def get_id(self) -> str:
        """What flask-login keeps in the cookie: the sign-in's token, never the account."""
        return self.token


@dataclass(frozen=True, slots=True)
class Hooks:
    """What slices hand to the guard, which may not import them."""

    load: Callable[[str], Identity | None]
    keep_refusal: Callable[[str, Ruling, Actor, datetime, UUID | None], None]
    sign_in_page: Callable[[], tuple[str, int]]
    compared: Callable[[str, str], AbstractContextManager[None]]


def install(app: Flask, hooks: Hooks) -> None:
    """Connect the guard to an application and to the slice that knows accounts."""
    login = LoginManager(app)
    login.user_loader(hooks.load)
    app.extensions["portal_guard"] = hooks
    app.before_request(_refuse_unwritable)


def check_guarded(app: Flask) -> None:
    """Raises `RuntimeError` naming every endpoint without a guard, so that none is ever forgotten."""
    loose = sorted(
        endpoint
        for endpoint, view in app.view_functions.items()
        if endpoint not in ASSETS and not hasattr(view, "portal_guard")
    )
    if loose:
        msg = f"no guard on {', '.join(loose)}"
        raise RuntimeError(msg)


def public(view: Callable[..., Any]) -> Callable[..., Any]:
    """A view for everybody; it sees public rows only."""

    @wraps(view)
    def guarded(**arguments: Any) -> Any:
        with scope.unit_of_work(scope.anonymous()):
            g.now = scope.now()
            _check_form()
            return view(**arguments)

    guarded.portal_guard = PUBLIC  # type: ignore[attr-defined]
    return guarded


def signed_in(view: Callable[..., Any]) -> Callable[..., Any]:
    """A view for every person signed in, about their own things; it sees no tenant's rows."""

    @wraps(view)
    def guarded(**arguments: Any) -> Any:
        person = identity()
        if person is None:
            return _ask_to_sign_in()
        with scope.unit_of_work(scope.account(person.account_id)):
            g.now = scope.now()
            _check_form()
            return view(**arguments)

    guarded.portal_guard = SIGNED_IN  # type: ignore[attr-defined]
    return guarded


def allow(
    permission: Permission, load: Callable[..., Any] | None = None
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A view for posts with ``permission``; ``load`` finds the row inside the tenant, and the view gets it.

    With ``load`` the URL's arguments go to it and the view gets the row alone; without, the view gets them.
    """

    def guard(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def guarded(tenant: str | None = None, **arguments: Any) -> Any:
            person = identity()
            if person is None:
                return _ask_to_sign_in()
            detour = _detour(person)
            if detour:
                return detour
            actor, bounds = _seated(person, tenant)
            g.actor = actor
            row_id = next((value for value in arguments.values() if isinstance(value, UUID)), None)

            def keep(ruling: Ruling) -> None:
                """A refusal stays in the chain, in a transaction of its own after the rollback."""
                if request.method in UNSAFE and not actor.supervising:
                    with scope.unit_of_work(bounds):
                        verb = permission.value.replace(":", ".")
                        _hooks().keep_refusal(verb, ruling, actor, g.now, row_id)

            try:
                with _signature(person), scope.unit_of_work(bounds):
                    g.now = scope.now()
                    _check_form(actor)
                    answer = _once(lambda: _within(view, load, permission, actor, arguments), guarded, actor)
                    if answer.status_code >= 400:  # noqa: PLR2004 -- HTTP's own border
                        scope.give_up()
            except Refused as error:
                keep(error.ruling)
                raise
            shown = g.pop("refusal_shown", None)
            if shown is not None:
                keep(shown)
            return answer

        guarded.portal_guard = permission  # type: ignore[attr-defined]
        return guarded

    return guard


def _signature(person: Identity) -> AbstractContextManager[None]:
    """A password signed with is compared, slowly, before the transaction that locks rows begins."""
    password = request.form.get(SIGNATURE) if request.method in UNSAFE else None
    return _hooks().compared(person.username, password) if password else nullcontext()


def _once(act: Callable[[], Any], view: Callable[..., Any], actor: Actor) -> Response:
    """The answer of a view; where the very same form was sent before, where that led."""
    if request.method not in UNSAFE or actor.supervising or not once.counts_once(view):
        return current_app.make_response(act())
    sending = once.Sending(actor.account_id)
    answer = sending.earlier()
    if answer is None:
        answer = current_app.make_response(act())
        sending.keep(answer)
    return answer


def _within(
    view: Callable[..., Any],
    load: Callable[..., Any] | None,
    permission: Permission,
    actor: Actor,
    arguments: Mapping[str, Any],
) -> Any:
    if load is None:
        _permit(actor, permission, None)
        return view(**arguments)
    if not holds(actor, permission) and actor.role in OUTSIDE:
        raise NotFound
    row = load(**arguments)
    _permit(actor, permission, row)
    g.opened = row
    return view(row)


def _permit(actor: Actor, permission: Permission, row: object) -> None:
    if actor.supervising and request.method in UNSAFE:
        raise Refused(unless(blocked=True, code="supervision.read_only"))
    if not may(actor, permission, row):
        g.refused_permission = permission
        raise NotPermitted
    if request.method in UNSAFE:
        reasons = clashes(actor.held - {actor.role}, actor.role, elsewhere=actor.elsewhere)
        ruling = unless(reasons, "identity.clash", reason="；".join(reasons))
        if not ruling:
            raise Refused(ruling)


def show_refusal(ruling: Ruling) -> None:
    """For a view that lays a refusal on its own form: the guard keeps it in the chain all the same."""
    g.refusal_shown = ruling


def identity() -> Identity | None:
    """The person signed in, or None."""
    return current_user if isinstance(current_user._get_current_object(), Identity) else None  # noqa: SLF001


def current_actor() -> Actor:
    """Who acts in this request. Raises `NotPermitted` where nobody holds a post."""
    actor = g.get("actor")
    if not isinstance(actor, Actor):
        raise NotPermitted
    return actor


def _hooks() -> Hooks:
    hooks = current_app.extensions["portal_guard"]
    assert isinstance(hooks, Hooks)  # noqa: S101 -- set by `install`, for the type checker
    return hooks


def _detour(person: Identity) -> Response | None:
    """The first sign-in leads through the privacy notice, and a password set by others through its change."""
    if not person.consented:
        return redirect(url_for("identity.notice"), 303)
    if person.must_change:
        return redirect(url_for("identity.password"), 303)
    return None


def _seated(person: Identity, tenant: str | None) -> tuple[Actor, scope.Scope]:
    """The post this person acts in under this URL, and its scope. Raises `NotFound` where they have none."""
    entered: dict[str, dict[str, str]] = session.get("supervising", {})
    chosen: dict[str, str] = session.get("posts", {})
    if tenant is not None and tenant in entered:
        seat = next((each for each in person.seats if str(each.post_id) == entered[tenant]["post"]), None)
        if seat is not None and seat.role is Role.SUPERVISOR:
            county = UUID(entered[tenant]["tenant"])
            g.seat = Seat(seat.post_id, seat.role, county, tenant, entered[tenant]["name"], seat.is_demo)
            g.supervised_from = seat.tenant_code
            return acting(person, g.seat, supervising=True), scope.supervisor(
                person.account_id, seat.post_id, county
            )
    seats = [each for each in person.seats if each.tenant_code == (tenant or "")]
    if not seats:
        raise NotFound
    g.seat = next((each for each in seats if str(each.post_id) == chosen.get(tenant or "")), seats[0])
    return acting(person, g.seat), scope.post(person.account_id, g.seat.post_id)


def acting(person: Identity, seat: Seat, *, supervising: bool = False) -> Actor:
    """The person as they act in one of their posts."""
    return Actor(
        account_id=person.account_id,
        name=person.name,
        post_id=seat.post_id,
        role=seat.role,
        tenant_id=seat.tenant_id,
        section_id=seat.section_id,
        party_id=seat.party_id,
        place=seat.place,
        supervising=supervising,
        held=frozenset(each.role for each in person.seats if each.tenant_id == seat.tenant_id),
        elsewhere=frozenset(each.role for each in person.seats if each.tenant_id != seat.tenant_id),
    )


def _check_form(actor: Actor | None = None) -> None:
    """A form carries its token and its post. Raises `Stale`, which keeps what was typed."""
    if request.method not in UNSAFE:
        return
    _refuse_foreign()
    if not has_valid_token(request.form):
        raise Stale(cause="portal.expired_form")
    carried = request.form.get(POST_FIELD)
    if actor is not None and carried and carried != str(actor.post_id):
        raise Stale(cause="portal.stale")


def _refuse_unwritable() -> None:
    """No table holds a NUL, and no person types one. Raises `BadRequest`."""
    fields = (*request.args.items(multi=True), *request.form.items(multi=True))
    names = (each.filename or "" for each in request.files.values())
    if any("\0" in text for text in (request.path, *names, *(text for field in fields for text in field))):
        raise BadRequest


def _refuse_foreign() -> None:
    """What another site's page sends is not laid out to be sent again: its reader never typed it."""
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc != request.host:
        raise BadRequest


def visitor_address() -> str:
    """Where the visitor is; '' where only the proxy's address is known, or this machine's own."""
    told = request.remote_addr or ""
    try:
        own = ip_address(told).is_loopback
    except ValueError:
        own = True
    return "" if own else told


def _ask_to_sign_in() -> Any:
    """A GET comes back to its page after sign-in; a POST carries what was typed through it."""
    if request.method in UNSAFE:
        _refuse_foreign()
        with scope.unit_of_work(scope.anonymous()):
            g.now = scope.now()
            return _hooks().sign_in_page()
    return redirect(url_for("identity.sign_in", next=request.full_path.rstrip("?")), 303)


def typed() -> MultiDict[str, str]:
    """What the person typed into the form of this request, without tokens and passwords."""
    return MultiDict(
        (name, value)
        for name, value in request.form.items(multi=True)
        if name not in {"csrf_token", POST_FIELD} and not any(secret in name for secret in SECRET_FIELDS)
    )


def readable(fields: Sequence[tuple[str, str]]) -> list[str]:
    """Of what a form carried, what its person would know again: words and numbers, not keys of choices."""
    return [value for name, value in fields if value.strip() and name not in UNSEEN and not _is_key(value)]


def _is_key(value: str) -> bool:
    if re.fullmatch(r"[a-z_]+", value):
        return True
    try:
        UUID(value)
    except ValueError:
        return False
    return True


def opens(person: Identity, seat: Seat, path: str) -> bool:
    """Whether ``path`` is a page of the post's bureau that its role may see, whosever its row is."""
    try:
        endpoint, arguments = current_app.url_map.bind("").match(urlsplit(path).path, method="GET")
    except HTTPException:
        return False
    permission = getattr(current_app.view_functions[endpoint], "portal_guard", None)
    return (
        isinstance(permission, Permission)
        and arguments.get("tenant", "") == seat.tenant_code
        and holds(acting(person, seat), permission)
    )


def is_local(path: str) -> bool:
    """Whether this is a path of our own, safe to send a browser to after sign-in."""
    parts = urlsplit(path)
    return path.startswith("/") and not path.startswith("//") and not parts.netloc and "\\" not in path
