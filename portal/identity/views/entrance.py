"""Coming in, going out, one's own password and consent, and changing the post one acts in."""

import json
from typing import Any, Final
from uuid import UUID

from flask import g, redirect, request, session, url_for
from flask_login import login_user, logout_user
from werkzeug.wrappers import Response

from portal.audit import own_events
from portal.identity import actions, queries
from portal.identity.forms import FirstForm, NoticeForm, PasswordForm, SignInForm
from portal.identity.views.blueprint import bp
from portal.kernel.errors import NotFound, Refused
from portal.web.forms import put_errors
from portal.web.guard import (
    POST_FIELD,
    Identity,
    identity,
    is_local,
    opens,
    public,
    signed_in,
    typed,
    visitor_address,
)
from portal.web.pages import done, page
from portal.wording import say

OWN_EVENTS: Final = 20
LOCKS: Final = ("identity.locked", "identity.locked_address", "identity.locked_username")


def carried_sign_in() -> tuple[str, int]:
    """The answer to a POST whose sign-in had ended: sign in here, and what was typed goes on."""
    form = SignInForm(data={"next": request.full_path.rstrip("?")})
    carried = {"post": request.form.get(POST_FIELD, ""), "fields": list(typed().items(multi=True))}
    return _sign_in_page(form, json.dumps(carried, ensure_ascii=False), had_files=bool(request.files)), 401


def _sign_in_page(form: SignInForm, carry: str, *, had_files: bool = False) -> str:
    return page("identity/sign_in.html", form=form, carry=carry, had_files=had_files)


@bp.get("/sign-in")
@public
def sign_in() -> Any:
    """The way in."""
    if identity() is not None:
        return redirect(url_for("home.front"), 303)
    return _sign_in_page(SignInForm(data={"next": request.args.get("next", "")}), "")


@bp.post("/sign-in")
@public
def enter() -> Any:
    """Check username and password; then go on, or lay out what was typed before."""
    form = SignInForm(request.form)
    carry = request.form.get("carry", "")
    if not form.validate():
        return _sign_in_page(form, carry), 422
    try:
        token = actions.sign_in(
            form.username.data.strip(), form.password.data, address=visitor_address(), now=g.now
        )
    except Refused as error:
        put_errors(form, {"password": "；".join(say(each) for each in error.ruling.refusals)})
        return _sign_in_page(form, carry), 422
    return _welcome(token, form.next.data, carry)


def _welcome(token: str, target: str, carry: str) -> Any:
    person = queries.load(token)
    assert person is not None  # noqa: S101 -- this sign-in was opened a moment ago
    session.clear()
    login_user(person)
    target = target if is_local(target) else url_for("home.front")
    if not carry:
        return redirect(target, 303)
    post, fields = _carried(carry)
    seat = next((each for each in person.seats if str(each.post_id) == post), None)
    if seat is not None:
        session["posts"] = {seat.tenant_code: post}
    return page("identity/resume.html", carried=fields, carried_post=post, action=target)


def _carried(carry: str) -> tuple[str, list[tuple[str, str]]]:
    """The post and the fields that came through sign-in; a carry that is not ours holds nothing."""
    try:
        found = json.loads(carry)
        json.dumps(found, ensure_ascii=False).encode()  # half a character can be spelt, but not shown
        return str(found["post"]), [(str(name), str(value)) for name, value in found["fields"]]
    except (ValueError, TypeError, KeyError, RecursionError):
        return "", []


@bp.post("/sign-out")
@signed_in
def sign_out() -> Response:
    """End this sign-in."""
    person = _person()
    actions.sign_out(person.account_id, person.name, token=person.token, now=g.now)
    logout_user()
    session.clear()
    return done("identity.signed_out", to=url_for("identity.sign_in"))


@bp.get("/first-sign-in")
@public
def first() -> str:
    """The way in with a printed one-time code."""
    return page("identity/first.html", form=FirstForm())


@bp.post("/first-sign-in")
@public
def redeem() -> Any:
    """Redeem the code: it sets the password and signs in."""
    form = FirstForm(request.form)
    if not form.validate():
        return page("identity/first.html", form=form), 422
    username, code = form.username.data.strip(), form.one_time_code.data
    try:
        token = actions.redeem_code(
            username, code, form.new_password.data, address=visitor_address(), now=g.now
        )
    except Refused as error:
        about_code = {*LOCKS, "identity.wrong_code"} & set(error.ruling.codes)
        field = "one_time_code" if about_code else "new_password"
        put_errors(form, {field: "；".join(say(each) for each in error.ruling.refusals)})
        return page("identity/first.html", form=form), 422
    return _welcome(token, "", "")


def _person() -> Identity:
    person = identity()
    if person is None:
        raise NotFound
    return person


def _password_page(form: PasswordForm) -> str:
    person = _person()
    moments = [
        {"what": event.label, "at": event.at, "kind": "refused" if event.was_refused else "done"}
        for event in own_events(person.account_id, limit=OWN_EVENTS)
    ]
    return page("identity/password.html", form=form, person=person, moments=moments)


@bp.get("/account/password")
@signed_in
def password() -> str:
    """One's own password, and what happened to one's account lately."""
    return _password_page(PasswordForm())


@bp.post("/account/password")
@signed_in
def change_password() -> Any:
    """Change it; every other sign-in ends."""
    form, person = PasswordForm(request.form), _person()
    if not form.validate():
        return _password_page(form), 422
    old, new = form.old_password.data, form.new_password.data
    try:
        actions.change_password(person.username, old, new, token=person.token, now=g.now)
    except Refused as error:
        for each in error.ruling.refusals:
            about_old = each.code in {*LOCKS, "identity.wrong_old_password"}
            put_errors(form, {"old_password" if about_old else "new_password": say(each)})
        return _password_page(form), 422
    return done("identity.password_changed", to=url_for("home.front"))


@bp.get("/account/notice")
@signed_in
def notice() -> str:
    """The privacy notice."""
    return page("identity/notice.html", form=NoticeForm(), person=_person(), version=queries.NOTICE_VERSION)


@bp.post("/account/notice")
@signed_in
def consent() -> Response:
    """Accept it."""
    person = _person()
    actions.consent(person.account_id, person.name, now=g.now)
    return done("identity.consented", to=url_for("home.front"))


@bp.get("/account/posts/<uuid:post_id>")
@signed_in
def choose_post(post_id: UUID) -> Response:
    """Act in another of one's own posts from now on, in this browser; stay on a page this post may see."""
    person = _person()
    seat = next((each for each in person.seats if each.post_id == post_id), None)
    if seat is None:
        raise NotFound
    session.setdefault("posts", {})[seat.tenant_code] = str(post_id)
    session.get("supervising", {}).pop(seat.tenant_code, None)
    session.modified = True
    target = request.args.get("next", "")
    if is_local(target) and opens(person, seat, target):
        return redirect(target, 303)
    if not seat.tenant_code:
        return redirect(url_for("home.front"), 303)
    return redirect(url_for("home.home", tenant=seat.tenant_code), 303)
