"""Signing in and out, passwords, one-time codes, accounts, posts, consent, and sealed personal data.

argon2 is slow on purpose (80 ms, 64 MB), so at most a few run at a time in one process.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime
from threading import BoundedSemaphore
from typing import Final
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask import current_app
from sqlalchemy import text

from portal.access import GRANTS, ROLE_LABELS, Actor, Permission, Role, clashes
from portal.audit import record
from portal.identity import queries
from portal.identity.models import Consent, Post
from portal.identity.rules import CODE_ALPHABET, CODE_LENGTH, code_as_typed, password_holds
from portal.kernel.errors import Refused
from portal.kernel.ruling import unless
from portal.kernel.seal import Sealer, keyed_digest
from tenants.db import db

FAILURES: Final = 5
LOCK_MINUTES: Final = 30
CODE_DAYS: Final = 14
_hasher = PasswordHasher()
_DUMMY: Final = _hasher.hash("nobody's password")
_slots = BoundedSemaphore(4)


def hashed(password: str) -> str:
    """The argon2 hash of a password."""
    with _slots:
        return _hasher.hash(password)


def _matches(password_hash: str | None, password: str) -> bool:
    """Takes as long for an unknown account as for a known one."""
    with _slots:
        try:
            return _hasher.verify(password_hash or _DUMMY, password) and password_hash is not None
        except (VerificationError, InvalidHashError):
            return False


def sign_in(username: str, password: str) -> tuple[UUID, str]:
    """The account and a new sign-in's token. Raises `Refused`: wrong, or locked out after five failures."""
    known = queries.find(username)
    locked = known is not None and known.locked_until is not None and known.locked_until > known.at
    matches = _matches(known.password if known else None, password)
    if locked and known is not None:
        raise Refused(unless(blocked=True, code="identity.locked", until=known.locked_until))
    if known is None or not matches:
        until = queries.count_failure(known.id, limit=FAILURES, minutes=LOCK_MINUTES) if known else None
        now_locked = known is not None and until is not None and until > known.at
        raise Refused(
            unless(now_locked, "identity.locked", until=until)
            if now_locked
            else unless(blocked=True, code="identity.wrong", limit=FAILURES, minutes=LOCK_MINUTES)
        )
    token = secrets.token_urlsafe(32)
    queries.open_sign_in(known.id, token)
    return known.id, token


def change_password(account_id: UUID, username: str, old: str, new: str, *, token: str) -> None:
    """Change one's own password; every other sign-in of the account ends. Raises `Refused`."""
    known = queries.find(username)
    right = _matches(known.password if known else None, old)
    ruling = unless(not right, "identity.wrong_old_password") & password_holds(new, username)
    ruling &= unless(right and old == new, "identity.same_password")
    if not ruling:
        raise Refused(ruling)
    queries.set_password(account_id, hashed(new), keep=token)


def code_digest(code: str) -> bytes:
    """How a one-time code is kept: keyed, so that the table alone opens nothing."""
    return keyed_digest(current_app.config["SETTINGS"].index_key, f"code:{code_as_typed(code)}")


def redeem_code(username: str, code: str, password: str) -> tuple[UUID, str]:
    """The first sign-in: a printed code sets the password and opens a sign-in. Raises `Refused`."""
    ruling = password_holds(password, username)
    if not ruling:
        raise Refused(ruling)
    known = queries.find(username)
    account_id = queries.redeem(username, code_digest(code), hashed(password))
    if account_id is None:
        if known is not None:
            queries.count_failure(known.id, limit=FAILURES, minutes=LOCK_MINUTES)
        raise Refused(unless(blocked=True, code="identity.wrong_code"))
    token = secrets.token_urlsafe(32)
    queries.open_sign_in(account_id, token)
    return account_id, token


def consent(account_id: UUID, *, now: datetime) -> None:
    """Record that a person accepted the privacy notice in force (个人信息保护法 §17)."""
    db.session.add(Consent(account_id=account_id, notice_version=queries.NOTICE_VERSION, given_at=now))


@dataclass(frozen=True, slots=True)
class Slip:
    """One printed slip: whose, and the code that works once until ``expires_at``."""

    username: str
    name: str
    code: str
    expires_at: datetime


def issue_code(account_id: UUID, username: str, name: str, *, by: Actor | None, now: datetime) -> Slip:
    """A one-time code for one account; an earlier unused one stops working."""
    code = "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH))
    until = db.session.scalar(
        text("SELECT portal_issue_code(:account, :digest, :days)"),
        {"account": account_id, "digest": code_digest(code), "days": CODE_DAYS},
    )
    if by is not None:
        record("account.codes", by=by, now=now, subject_id=account_id, username=username)
    return Slip(username, name, code, until)


def new_account(username: str, name: str, *, password: str | None = None) -> UUID:
    """A new account; without a password it waits for its one-time code. Raises `Refused`: name taken."""
    taken = queries.accounts_named([username])
    if taken:
        raise Refused(unless(blocked=True, code="identity.username_taken", username=username))
    made = db.session.scalar(
        text("SELECT portal_new_account(:username, :name, :password)"),
        {"username": username, "name": name, "password": hashed(password) if password else None},
    )
    assert isinstance(made, UUID)  # noqa: S101 -- the driver's type, for the type checker
    return made


@dataclass(frozen=True, slots=True)
class Place:
    """Where a post is: a section of the bureau, or the outside party it stands for."""

    section_id: UUID | None = None
    party_id: UUID | None = None
    party_name: str = ""


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
    held = queries.roles_held(account_id, tenant_id)
    reasons = clashes(held, role)
    ruling = unless(reasons, "identity.clash", reason="；".join(reasons))
    if not ruling:
        raise Refused(ruling)
    post = Post(
        account_id=account_id,
        tenant_id=tenant_id,
        role=role.value,
        holder=holder,
        section_id=place.section_id,
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
            subject_id=post.id,
            tenant_id=tenant_id,
            holder=holder,
            role=role,
            role_label=ROLE_LABELS[role],
        )
    return post


def end_post(post: Post, *, by: Actor, now: datetime) -> None:
    """End a post; what its holder did stays theirs."""
    post.ended_at = now
    record("account.end_post", by=by, now=now, subject_id=post.id, holder=post.holder, role=post.role)


def _sealer() -> Sealer:
    return Sealer(current_app.config["SETTINGS"].master_key)


def blind_index(field: str, value: str) -> bytes:
    """What an equality search compares instead of a personal value; ``field`` keeps kinds apart."""
    return keyed_digest(current_app.config["SETTINGS"].index_key, f"{field}:{value}")


def keep_personal(owner_id: UUID, field: str, value: str | None) -> None:
    """Seal a personal value of a row of this tenant; None removes it."""
    context = f"{owner_id}:{field}".encode()
    db.session.execute(
        text("SELECT portal_keep_personal(:owner, :field, :sealed)"),
        {
            "owner": owner_id,
            "field": field,
            "sealed": _sealer().seal(value.encode(), context=context) if value else None,
        },
    )


def reveal_personal(
    tenant_id: UUID, owner_id: UUID, field: str, reason: str, *, by: Actor, now: datetime
) -> str | None:
    """Show one personal value to a post with the grant; the reason typed stays in the audit chain."""
    ruling = unless(len(reason.strip()) < 4, "identity.reveal_needs_reason")  # noqa: PLR2004
    if not ruling:
        raise Refused(ruling)
    sealed = db.session.scalar(
        text("SELECT portal_reveal_personal(:tenant, :owner, :field, :roles)"),
        {
            "tenant": tenant_id,
            "owner": owner_id,
            "field": field,
            "roles": [grant.role.value for grant in GRANTS[Permission.PERSONAL_REVEAL]],
        },
    )
    record("personal.reveal", by=by, now=now, subject_id=owner_id, field=field, reason=reason.strip())
    return _sealer().open(bytes(sealed), context=f"{owner_id}:{field}".encode()).decode() if sealed else None
