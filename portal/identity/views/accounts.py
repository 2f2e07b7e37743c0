"""A bureau's people: who they are, which posts they hold, and their one-time codes as printed slips."""

from typing import Any
from uuid import UUID

from flask import g, request, url_for
from werkzeug.wrappers import Response

from portal.access import ROLE_LABELS, Role, may
from portal.access import Permission as P
from portal.identity import actions, queries
from portal.identity.forms import OpenForm, PostForm
from portal.identity.models import Post
from portal.identity.queries import Person
from portal.identity.views.blueprint import bp
from portal.kernel.errors import Refused
from portal.web.forms import put_errors
from portal.web.guard import allow, current_actor, show_refusal
from portal.web.pages import done, page
from portal.wording import say

FIELDS_OF_REFUSALS = {"identity.clash": "role", "identity.post_held": "role"}


def _url(endpoint: str, **arguments: Any) -> str:
    return url_for(f"identity.{endpoint}", tenant=g.seat.tenant_code, **arguments)


def _sections() -> list[tuple[str, str]]:
    return [(str(section.id), section.name) for section in queries.sections()]


def _refuse(form: PostForm, error: Refused) -> None:
    show_refusal(error.ruling)
    for each in error.ruling.refusals:
        put_errors(form, {FIELDS_OF_REFUSALS.get(each.code, "username"): say(each)})


@bp.get("/t/<tenant>/accounts")
@allow(P.ACCOUNT_READ)
def accounts() -> str:
    """Everybody who holds or held a post here."""
    found = queries.page_of_people(request.args, path=_url("accounts"))
    return page(
        "identity/accounts.html",
        listing=found,
        roles=[(role.value, ROLE_LABELS[role]) for role in Role if role is not Role.OPERATOR],
        chosen=request.args,
        all_picked=bool(request.args.get("all")),
        pick_all_url=_url("accounts", **{**request.args.to_dict(), "all": "1"}),
        may_open=may(current_actor(), P.ACCOUNT_OPEN),
        may_issue=may(current_actor(), P.ACCOUNT_CODES),
        tenant_id=current_actor().tenant_id,
    )


@bp.get("/t/<tenant>/accounts/open")
@allow(P.ACCOUNT_OPEN)
def ask_open() -> str:
    """Who is to be given an account."""
    return page("identity/open.html", form=OpenForm(sections=_sections()))


@bp.post("/t/<tenant>/accounts/open")
@allow(P.ACCOUNT_OPEN)
def open_() -> Any:
    """Open it, with its first post."""
    form = OpenForm(request.form, sections=_sections())
    if not form.validate():
        return page("identity/open.html", form=form), 422
    try:
        account_id = actions.open_account(form.opening(), by=current_actor(), now=g.now)
    except Refused as error:
        _refuse(form, error)
        return page("identity/open.html", form=form), 422
    return done("account.open", to=_url("account", row_id=account_id), name=form.name.data.strip())


@bp.get("/t/<tenant>/accounts/<uuid:row_id>")
@allow(P.ACCOUNT_READ, queries.person)
def account(person: Person) -> str:
    """One person: account and posts."""
    return _account_page(person, PostForm(sections=_sections()))


def _account_page(person: Person, form: PostForm) -> str:
    actor = current_actor()
    return page(
        "identity/account.html",
        form=form,
        person=person,
        sections=queries.section_names(),
        roles={role.value: label for role, label in ROLE_LABELS.items()},
        may_grant=may(actor, P.ACCOUNT_GRANT),
        may_end=may(actor, P.ACCOUNT_END_POST),
        may_unlock=may(actor, P.ACCOUNT_UNLOCK),
        may_issue=may(actor, P.ACCOUNT_CODES),
        is_ours=person.home == actor.tenant_id,
    )


@bp.post("/t/<tenant>/accounts/<uuid:row_id>/grant")
@allow(P.ACCOUNT_GRANT, queries.person)
def grant(person: Person) -> Any:
    """Give the person one more post."""
    form = PostForm(request.form, sections=_sections())
    if not form.validate():
        return _account_page(person, form), 422
    actor, role = current_actor(), Role(form.role.data)
    actions.grant_post(
        person.id, person.name, role, form.place(), tenant_id=actor.tenant_id, by=actor, now=g.now
    )
    to = _url("account", row_id=person.id)
    return done("account.grant", to=to, name=person.name, role=ROLE_LABELS[role])


@bp.post("/t/<tenant>/posts/<uuid:row_id>/end-post")
@allow(P.ACCOUNT_END_POST, queries.post)
def end_post(post: Post) -> Response:
    """End a post."""
    actions.end_post(post, by=current_actor(), now=g.now)
    to = _url("account", row_id=post.account_id)
    return done("account.end_post", to=to, name=post.holder, role=ROLE_LABELS[Role(post.role)])


@bp.post("/t/<tenant>/accounts/<uuid:row_id>/unlock")
@allow(P.ACCOUNT_UNLOCK, queries.person)
def unlock(person: Person) -> Response:
    """Let a person locked out try again."""
    actions.unlock(person, by=current_actor(), now=g.now)
    return done("account.unlock", to=_url("account", row_id=person.id), name=person.name)


@bp.post("/t/<tenant>/accounts/codes")
@allow(P.ACCOUNT_CODES)
def codes() -> str:
    """One-time codes for those picked, on slips that are shown this once."""
    slips = actions.codes_of(queries.people(_picked()), by=current_actor(), now=g.now)
    return page("identity/slips.html", slips=slips, back=_url("accounts"))


def _picked() -> list[UUID]:
    found = []
    for text in request.form.getlist("person"):
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found
