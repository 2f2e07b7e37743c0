"""Coming in and going out: passwords, one-time codes, consent. Each leaves an event in the account's chain.

argon2 is slow on purpose (80 ms, 64 MB), so at most a few run at a time in one process.
"""

import logging
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
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
from portal.identity.rules import Door, code_as_typed, doors, password_holds, signing_door
from portal.kernel.errors import Invalid, Refused
from portal.kernel.ruling import ALLOWED, Ruling, unless
from portal.kernel.seal import keyed_digest
from tenants import scope
from tenants.db import db

log = logging.getLogger("portal")
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


def _locked(door: Door, until: datetime | None) -> Ruling:
    return unless(blocked=True, code=door.code, until=until)


@dataclass(frozen=True, slots=True)
class _Tried:
    """An attempt that was admitted, with what it brings should it prove wrong."""

    doors: Sequence[Door]
    locked: Ruling

    def wrong(self, code: str) -> Ruling:
        """The refusal of a wrong one: the lock it brought, or ``code`` with the count that brings one."""
        return self.locked and unless(
            blocked=True, code=code, limit=self.doors[0].limit, minutes=self.doors[0].minutes
        )

    def right(self) -> None:
        """It was no wrong one."""
        queries.forgive(self.doors)


def _attempt(doors: Sequence[Door], *, address: str = "") -> _Tried:
    """Count an attempt before it is judged, so that many at once count too.

    Known and unknown usernames are counted and locked alike. Raises `Refused` while locked.
    """
    found = queries.attempt(doors)
    locked = ALLOWED if found.door is None else _locked(doors[found.door], found.locked_until)
    if not found.admitted:
        raise Refused(locked)
    if found.door is not None and not doors[found.door].username:
        log.warning("sign-in from %s is shut until %s: too many wrong passwords", address, found.locked_until)
    return _Tried(doors, locked)


def sign_in(username: str, password: str, *, address: str, now: datetime) -> str:
    """A new sign-in's token. ``address`` is the visitor's, '' where it is not known.

    Raises `Refused`: wrong, or locked out by too many wrong attempts.
    """
    tried = _attempt(doors(username, address), address=address)
    known = queries.find(username)
    with scope.rested():
        right = _matches(known.password if known else None, password)
    if not right or known is None:
        ruling = tried.wrong("identity.wrong")
        if known is not None:
            record_own(
                "account.sign_in.refused", known.id, known.name, now=now, refusals=[{"code": ruling.codes[0]}]
            )
        raise Refused(ruling)
    return _opened(known.id, known.name, "account.sign_in", tried, now)


def _opened(account_id: UUID, name: str, verb: str, tried: _Tried, now: datetime) -> str:
    token = secrets.token_urlsafe(32)
    tried.right()
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
    tried = _attempt(signing_door(username))
    known = queries.find(username)
    with scope.rested():
        right = _matches(known.password if known else None, old)
    if not right and not tried.locked:
        raise Refused(tried.locked)
    if right:
        tried.right()
    ruling = unless(not right, "identity.wrong_old_password") & password_holds(new, username)
    ruling &= unless(right and old == new, "identity.same_password")
    if not ruling or known is None:
        raise Refused(ruling)
    with scope.rested():
        made = hashed(new)
    queries.set_password(known.id, made, keep=token)
    record_own("account.change_password", known.id, known.name, now=now)


@dataclass(frozen=True, slots=True)
class _Proof:
    """A password that was compared with a hash, and what came of it."""

    password_hash: str | None
    password: str
    right: bool


_proof: ContextVar[_Proof | None] = ContextVar("identity_proof", default=None)


@contextmanager
def compared(username: str, password: str) -> Iterator[None]:
    """Compare a signature's password before the transaction begins that `attest`s it: argon2 locks no row."""
    known = queries.find(username)
    password_hash = known.password if known else None
    mark = _proof.set(_Proof(password_hash, password, _matches(password_hash, password)))
    try:
        yield
    finally:
        _proof.reset(mark)


def _signs(password_hash: str | None, password: str) -> bool:
    proof = _proof.get()
    if proof is not None and (proof.password_hash, proof.password) == (password_hash, password):
        return proof.right
    return _matches(password_hash, password)


def attest(password: str, *, by: Actor, now: datetime) -> None:
    """A signature's password, given again by whoever is signed in (电子签名法 §13 is not claimed for it).

    Raises `Invalid` for ``password`` where it is wrong, `Refused` while the account is locked; wrong ones
    count towards the lockout.
    """
    own = queries.own_password()
    tried = _attempt(signing_door(own.username))
    if not _signs(own.password, password):
        if not tried.locked:
            raise Refused(tried.locked)
        record_own(
            "account.attest.refused",
            by.account_id,
            by.name,
            now=now,
            refusals=[{"code": "identity.wrong_password"}],
        )
        raise Invalid("password", "identity.wrong_password")
    tried.right()


def code_digest(code: str) -> bytes:
    """How a one-time code is kept: keyed, so that the table alone opens nothing."""
    return keyed_digest(current_app.config["SETTINGS"].index_key, f"code:{code_as_typed(code)}")


def redeem_code(username: str, code: str, password: str, *, address: str, now: datetime) -> str:
    """The first sign-in's token: a printed code sets the password. Raises `Refused`."""
    ruling = password_holds(password, username)
    if not ruling:
        raise Refused(ruling)
    tried = _attempt(doors(username, address), address=address)
    with scope.rested():
        made = hashed(password)
    account_id = queries.redeem(username, code_digest(code), made)
    known = queries.find(username)
    if account_id is None or known is None:
        raise Refused(tried.wrong("identity.wrong_code"))
    return _opened(account_id, known.name, "account.redeem", tried, now)


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
