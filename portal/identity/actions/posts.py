"""Accounts, the posts they hold, and the one-time codes that let their holders in for the first time."""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import text

from portal.access import OUTSIDE, ROLE_LABELS, Actor, Role, clashes
from portal.audit import record
from portal.identity import queries
from portal.identity.actions.entrance import store_code
from portal.identity.models import Post
from portal.identity.rules import (
    CODE_ALPHABET,
    CODE_LENGTH,
    USERNAME_PREFIXES,
    code_as_printed,
    username_holds,
)
from portal.kernel.errors import Refused
from portal.kernel.ruling import ALLOWED, unless
from tenants.db import db, tenant_of_session

CODE_DAYS: Final = 14


@dataclass(frozen=True, slots=True)
class Slip:
    """One printed slip: whose, and the code that works once until ``expires_at``."""

    username: str
    name: str
    code: str
    expires_at: datetime
    place: str = ""

    @property
    def printed(self) -> str:
        """The code in groups, easy to copy."""
        return code_as_printed(self.code)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a post is: a section of the bureau, or the outside party it stands for."""

    section_id: UUID | None = None
    party_id: UUID | None = None
    party_name: str = ""


@dataclass(frozen=True, slots=True)
class Invitee:
    """Somebody picked from a register: their name, and the firm, unit or expert they will stand for."""

    name: str
    role: Role
    party_id: UUID
    party_name: str


def issue_code(
    account_id: UUID, username: str, name: str, *, by: Actor | None, now: datetime, place: str = ""
) -> Slip:
    """A one-time code for one account; an earlier unused one stops working."""
    code = "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH))
    until = store_code(account_id, code, days=CODE_DAYS)
    if by is not None:
        record("account.codes", by=by, now=now, subject_id=account_id, username=username, holder=name)
    return Slip(username, name, code, until, place)


def codes_of(people: Sequence[queries.Person], *, by: Actor, now: datetime) -> list[Slip]:
    """One slip for each of a bureau's people.

    Raises `Refused` where another bureau opened an account: whoever holds a code is that person there too.
    """
    ruling = ALLOWED
    for person in people:
        ruling &= unless(person.home != by.tenant_id, "identity.code_elsewhere", name=person.name)
    ruling &= unless(not people, "identity.nobody_picked")
    if not ruling:
        raise Refused(ruling)
    return [
        issue_code(
            person.id,
            person.username,
            person.name,
            by=by,
            now=now,
            place=next((queries.place_of(each) for each in person.posts), ""),
        )
        for person in people
    ]


def codes_for(people: Iterable[Invitee], *, by: Actor, now: datetime) -> list[Slip]:
    """One slip for each of those picked from a register; who has no post for the party yet gets both.

    Print them with ``page("identity/slips.html", slips=…, back=…)``; a code is never shown again.
    Raises `Refused`.
    """
    assert by.tenant_id is not None  # noqa: S101 -- registers are a tenant's, for the type checker
    slips = []
    for each in people:
        account_id = queries.holder_of(each.role, each.party_id)
        if account_id is None:
            username = _free_username(each.role)
            account_id = new_account(username, each.name)
            record("account.open", by=by, now=now, subject_id=account_id, username=username, holder=each.name)
            place = Place(party_id=each.party_id, party_name=each.party_name)
            grant_post(account_id, each.name, each.role, place, tenant_id=by.tenant_id, by=by, now=now)
        slips += codes_of(queries.people([account_id]), by=by, now=now)
    return slips


def _free_username(role: Role) -> str:
    while True:
        username = f"{USERNAME_PREFIXES[role]}{secrets.randbelow(900_000) + 100_000}"
        if not queries.accounts_named([username]):
            return username


def new_account(username: str, name: str, *, password_hash: str | None = None) -> UUID:
    """A new account; without a password it waits for its one-time code. Raises `Refused`: name taken."""
    ruling = username_holds(username) & unless(
        queries.accounts_named([username]), "identity.username_taken", username=username
    )
    if not ruling:
        raise Refused(ruling)
    made = db.session.scalar(
        text("SELECT portal_new_account(:username, :name, :password)"),
        {"username": username, "name": name, "password": password_hash},
    )
    assert isinstance(made, UUID)  # noqa: S101 -- the driver's type, for the type checker
    return made


@dataclass(frozen=True, slots=True)
class Opening:
    """What a security administrator types: who, and the first post here; ``known``: the account exists."""

    username: str
    name: str
    role: Role
    place: Place
    known: bool = False


def open_account(wanted: Opening, *, by: Actor, now: datetime) -> UUID:
    """An account with its first post in the bureau, or a first post here for an account from elsewhere.

    Raises `Refused`.
    """
    if wanted.known:
        account_id = queries.account_named(wanted.username, wanted.name)
        ruling = unless(account_id is None, "identity.no_such_person", username=wanted.username)
        if account_id is None or not ruling:
            raise Refused(ruling)
    else:
        account_id = new_account(wanted.username, wanted.name)
        record(
            "account.open",
            by=by,
            now=now,
            subject_id=account_id,
            username=wanted.username,
            holder=wanted.name,
        )
    grant_post(account_id, wanted.name, wanted.role, wanted.place, tenant_id=by.tenant_id, by=by, now=now)
    return account_id


def seat_expert(party_id: UUID, *, now: datetime) -> bool:
    """An expert asked by this bureau acts in it, too; False where they have no account that may.

    ``party_id`` is the membership, of this bureau's library or of one open to it. Runs as the system.
    """
    found = queries.expert_accounts([party_id])
    here = tenant_of_session()
    if any(each.tenant_id == here and each.party_id == party_id for each in found):
        return True
    for each in found:
        place = Place(party_id=party_id, party_name=each.holder)
        try:
            grant_post(each.account_id, each.holder, Role.EXPERT, place, tenant_id=here, by=None, now=now)
        except Refused:
            continue
        return True
    return False


def grant_post(
    account_id: UUID,
    holder: str,
    role: Role,
    place: Place,
    *,
    tenant_id: UUID | None,
    by: Actor | None,
    now: datetime,
) -> Post:
    """Give a person a post. Raises `Refused` where one person must not hold it beside their others."""
    held = queries.posts_held(account_id, tenant_id)
    here = frozenset(Role(each.role) for each in held)
    reasons = clashes(here, role, elsewhere=queries.roles_elsewhere(account_id, tenant_id))
    same = [
        each
        for each in held
        if each.role == role.value
        and (each.section_id or each.party_id) == (place.section_id or place.party_id)
    ]
    ruling = unless(reasons, "identity.clash", reason="；".join(reasons)) & unless(
        same, "identity.post_held", holder=holder, role=ROLE_LABELS[role]
    )
    if not ruling:
        raise Refused(ruling)
    post = Post(
        account_id=account_id,
        tenant_id=tenant_id,
        role=role.value,
        holder=holder,
        section_id=place.section_id if role not in OUTSIDE else None,
        party_id=place.party_id,
        party_name=place.party_name,
        began_at=now,
    )
    db.session.add(post)
    db.session.flush()
    if by is not None or tenant_id is not None:
        record(
            "account.grant",
            by=by,
            now=now,
            subject_id=account_id,
            tenant_id=tenant_id,
            holder=holder,
            role=role,
            place=place.party_name,
        )
    return post


def end_post(post: Post, *, by: Actor, now: datetime) -> None:
    """End a post; what its holder did stays theirs. Raises `Refused` where nobody could give posts then."""
    ruling = unless(
        post.role == Role.SECURITY_ADMIN.value and len(queries.holders(Role.SECURITY_ADMIN)) == 1,
        "identity.last_security_admin",
    ) & unless(post.ended_at is not None, "identity.post_ended")
    if not ruling:
        raise Refused(ruling)
    post.ended_at = now
    record("account.end_post", by=by, now=now, subject_id=post.account_id, holder=post.holder, role=post.role)


def unlock(person: queries.Person, *, by: Actor, now: datetime) -> None:
    """Let a person locked out by wrong passwords try again at once. Raises `Refused` where none is locked."""
    ruling = unless(person.locked_until is None, "identity.not_locked", name=person.name)
    if not ruling:
        raise Refused(ruling)
    db.session.execute(text("SELECT portal_unlock(:account)"), {"account": person.id})
    record("account.unlock", by=by, now=now, subject_id=person.id, holder=person.name)
