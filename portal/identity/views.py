"""Coming in, going out, one's own password and consent, and changing the post one acts in."""

import json
from typing import Any
from uuid import UUID

from flask import Blueprint, g, redirect, request, session, url_for
from flask_login import login_user, logout_user
from werkzeug.wrappers import Response

from portal.identity import actions, queries
from portal.identity.forms import FirstForm, NoticeForm, PasswordForm, SignInForm
from portal.kernel.errors import NotFound, Refused
from portal.web.forms import put_errors
from portal.web.guard import Identity, identity, is_local, public, signed_in, typed
from portal.web.pages import done, page
from portal.wording import say

bp = Blueprint("identity", __name__)


def carried_sign_in() -> tuple[str, int]:
    """The answer to a POST whose sign-in had ended: sign in here, and what was typed goes on."""
    form = SignInForm(data={"next": request.full_path.rstrip("?")})
    carry = json.dumps(list(typed().items(multi=True)), ensure_ascii=False)
    return page("identity/sign_in.html", form=form, carry=carry, had_files=bool(request.files)), 401


@bp.get("/sign-in")
@public
def sign_in() -> Any:
    """The way in."""
    if identity() is not None:
        return redirect(url_for("home.front"), 303)
    return page("identity/sign_in.html", form=SignInForm(request.args), carry="")


@bp.post("/sign-in")
@public
def enter() -> Any:
    """Check username and password; then go on, or lay out what was typed before."""
    form = SignInForm(request.form)
    carry = request.form.get("carry", "")
    if not form.validate():
        return page("identity/sign_in.html", form=form, carry=carry), 422
    try:
        _, token = actions.sign_in(form.username.data.strip(), form.password.data)
    except Refused as error:
        put_errors(form, {"password": "；".join(say(each) for each in error.ruling.refusals)})
        return page("identity/sign_in.html", form=form, carry=carry), 422
    return _welcome(token, form.next.data or "", carry)


def _welcome(token: str, target: str, carry: str) -> Any:
    person = queries.load(token)
    session.clear()
    login_user(person)
    target = target if is_local(target) else url_for("home.front")
    if carry and isinstance(person, Identity) and person.consented and not person.must_change:
        return page("identity/resume.html", carried=_fields(carry), action=target)
    return redirect(target if not carry else url_for("home.front"), 303)


def _fields(carry: str) -> list[tuple[str, str]]:
    try:
        fields = json.loads(carry)
        return [(str(name), str(value)) for name, value in fields]
    except (ValueError, TypeError):
        return []


@bp.post("/sign-out")
@signed_in
def sign_out() -> Response:
    """End this sign-in."""
    person = identity()
    if person is not None:
        queries.end_sign_in(person.token)
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
    try:
        _, token = actions.redeem_code(form.username.data.strip(), form.code.data, form.new_password.data)
    except Refused as error:
        field = "code" if "identity.wrong_code" in error.ruling.codes else "new_password"
        put_errors(form, {field: "；".join(say(each) for each in error.ruling.refusals)})
        return page("identity/first.html", form=form), 422
    return _welcome(token, "", "")


@bp.get("/account/password")
@signed_in
def password() -> str:
    """One's own password."""
    return page("identity/password.html", form=PasswordForm(), person=identity())


@bp.post("/account/password")
@signed_in
def change_password() -> Any:
    """Change it; every other sign-in ends."""
    form, person = PasswordForm(request.form), identity()
    if person is None:
        raise NotFound
    if not form.validate():
        return page("identity/password.html", form=form, person=person), 422
    try:
        actions.change_password(
            person.account_id,
            person.username,
            form.old_password.data,
            form.new_password.data,
            token=person.token,
        )
    except Refused as error:
        for each in error.ruling.refusals:
            field = "old_password" if each.code == "identity.wrong_old_password" else "new_password"
            put_errors(form, {field: say(each)})
        return page("identity/password.html", form=form, person=person), 422
    return done("identity.password_changed", to=url_for("home.front"))


@bp.get("/account/notice")
@signed_in
def notice() -> str:
    """The privacy notice."""
    return page("identity/notice.html", form=NoticeForm(), person=identity(), version=queries.NOTICE_VERSION)


@bp.post("/account/notice")
@signed_in
def consent() -> Response:
    """Accept it."""
    person = identity()
    if person is None:
        raise NotFound
    actions.consent(person.account_id, now=g.now)
    return done("identity.consented", to=url_for("home.front"))


@bp.get("/account/posts/<uuid:post_id>")
@signed_in
def choose_post(post_id: UUID) -> Response:
    """Act in another of one's own posts from now on, in this browser."""
    person = identity()
    seat = next((each for each in person.seats if each.post_id == post_id), None) if person else None
    if seat is None:
        raise NotFound
    session.setdefault("posts", {})[seat.tenant_code] = str(post_id)
    session.get("supervising", {}).pop(seat.tenant_code, None)
    session.modified = True
    if not seat.tenant_code:
        return redirect(url_for("home.front"), 303)
    return redirect(url_for("home.home", tenant=seat.tenant_code), 303)
