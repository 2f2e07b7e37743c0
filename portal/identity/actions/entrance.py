"""Coming in and going out: passwords, one-time codes, consent. Each leaves an event in the account's chain.

argon2 is slow on purpose (80 ms, 64 MB), so at most a few run at a time in one process.
"""

import secrets
from datetime import datetime
from threading import BoundedSemaphore
from typing import Final
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask import current_app
from sqlalchemy import text

from portal.access import Actor
from portal.audit import record_own
from portal.identity import queries
from portal.identity.models import Consent
from portal.identity.rules import code_as_typed, password_holds
from portal.kernel.errors import Invalid, Refused
from portal.kernel.ruling import Ruling, unless
from portal.kernel.seal import keyed_digest
from tenants.db import db

FAILURES: Final = 5
LOCK_MINUTES: Final = 30
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


def _locked(until: datetime) -> Ruling:
    return unless(blocked=True, code="identity.locked", until=until)


def _attempt(username: str) -> datetime | None:
    """Count an attempt before it is judged, so that many at once count too; the lock it brings if wrong.

    Known and unknown usernames are counted and locked alike. Raises `Refused` while locked.
    """
    admitted, until = queries.attempt(username, limit=FAILURES, minutes=LOCK_MINUTES)
    if not admitted and until is not None:
        raise Refused(_locked(until))
    return until


def sign_in(username: str, password: str, *, now: datetime) -> str:
    """A new sign-in's token. Raises `Refused`: wrong, or locked out by the fifth wrong attempt."""
    until = _attempt(username)
    known = queries.find(username)
    if not _matches(known.password if known else None, password) or known is None:
        ruling = (
            _locked(until)
            if until
            else unless(blocked=True, code="identity.wrong", limit=FAILURES, minutes=LOCK_MINUTES)
        )
        if known is not None:
            record_own(
                "account.sign_in.refused", known.id, known.name, now=now, refusals=[{"code": ruling.codes[0]}]
            )
        raise Refused(ruling)
    return _opened(known.id, known.name, "account.sign_in", now)


def _opened(account_id: UUID, name: str, verb: str, now: datetime) -> str:
    token = secrets.token_urlsafe(32)
    queries.open_sign_in(account_id, token)
    record_own(verb, account_id, name, now=now)
    return token


def sign_out(account_id: UUID, name: str, *, token: str, now: datetime) -> None:
    """End one sign-in."""
    queries.end_sign_in(token)
    record_own("account.sign_out", account_id, name, now=now)


def change_password(username: str, old: str, new: str, *, token: str, now: datetime) -> None:
    """Change one's own password; every other sign-in of the account ends.

    Raises `Refused`; wrong old passwords count towards the lockout as at sign-in.
    """
    until = _attempt(username)
    known = queries.find(username)
    right = _matches(known.password if known else None, old)
    if until and not right:
        raise Refused(_locked(until))
    if right and known is not None:
        queries.forgive(known.id)
    ruling = unless(not right, "identity.wrong_old_password") & password_holds(new, username)
    ruling &= unless(right and old == new, "identity.same_password")
    if not ruling or known is None:
        raise Refused(ruling)
    queries.set_password(known.id, hashed(new), keep=token)
    record_own("account.change_password", known.id, known.name, now=now)


def attest(password: str, *, by: Actor, now: datetime) -> None:
    """A signature's password, given again by whoever is signed in (电子签名法 §13 is not claimed for it).

    Raises `Invalid` for ``password`` where it is wrong, `Refused` while the account is locked; wrong ones
    count towards the lockout.
    """
    own = queries.own_password()
    until = _attempt(own.username)
    if not _matches(own.password, password):
        if until:
            raise Refused(_locked(until))
        record_own(
            "account.attest.refused",
            by.account_id,
            by.name,
            now=now,
            refusals=[{"code": "identity.wrong_password"}],
        )
        raise Invalid("password", "identity.wrong_password")
    queries.forgive(by.account_id)


def code_digest(code: str) -> bytes:
    """How a one-time code is kept: keyed, so that the table alone opens nothing."""
    return keyed_digest(current_app.config["SETTINGS"].index_key, f"code:{code_as_typed(code)}")


def redeem_code(username: str, code: str, password: str, *, now: datetime) -> str:
    """The first sign-in's token: a printed code sets the password. Raises `Refused`."""
    ruling = password_holds(password, username)
    if not ruling:
        raise Refused(ruling)
    until = _attempt(username)
    account_id = queries.redeem(username, code_digest(code), hashed(password))
    known = queries.find(username)
    if account_id is None or known is None:
        raise Refused(
            _locked(until)
            if until
            else unless(blocked=True, code="identity.wrong_code", limit=FAILURES, minutes=LOCK_MINUTES)
        )
    return _opened(account_id, known.name, "account.redeem", now)


def consent(account_id: UUID, name: str, *, now: datetime) -> None:
    """Record that a person accepted the privacy notice in force (个人信息保护法 §17)."""
    db.session.add(Consent(account_id=account_id, notice_version=queries.NOTICE_VERSION, given_at=now))
    record_own("account.consent", account_id, name, now=now, notice_version=queries.NOTICE_VERSION)


def store_code(account_id: UUID, code: str, *, days: int) -> datetime:
    """Keep a one-time code's digest in place of an earlier unused one; the instant until which it works."""
    until = db.session.scalar(
        text("SELECT portal_issue_code(:account, :digest, :days)"),
        {"account": account_id, "digest": code_digest(code), "days": days},
    )
    assert isinstance(until, datetime)  # noqa: S101 -- the driver's type, for the type checker
    return until
