"""Coming in: the doors to the secret tables, each a `SECURITY DEFINER` function."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from portal.access import Role
from portal.identity.rules import Door
from portal.kernel.errors import NotFound
from portal.kernel.hashing import sm3
from portal.web.guard import Identity, Seat
from tenants.db import db

IDLE_MINUTES: Final = 30
NOTICE_VERSION: Final = "2026-11"


@dataclass(frozen=True, slots=True)
class Known:
    """An account as sign-in sees it."""

    id: UUID
    name: str
    password: str | None


def _call(statement: str, **arguments: Any) -> Any:
    with db.engine.begin() as connection:
        return connection.execute(text(statement), arguments).mappings().first()


def load(token: str) -> Identity | None:
    """The person behind a sign-in's token; None where it ended or idled longer than `IDLE_MINUTES`."""
    row = _call(
        "SELECT portal_load_sign_in(:token, :idle) AS found", token=sm3(token.encode()), idle=IDLE_MINUTES
    )
    found = row["found"] if row else None
    if found is None:
        return None
    return Identity(
        account_id=UUID(found["account"]),
        name=found["name"],
        username=found["username"],
        token=token,
        must_change=found["must_change"],
        consented=found["consent"] == NOTICE_VERSION,
        seats=tuple(_seat(each) for each in found["posts"]),
    )


def _seat(post: dict[str, Any]) -> Seat:
    def key(name: str) -> UUID | None:
        return UUID(post[name]) if post[name] else None

    return Seat(
        post_id=UUID(post["id"]),
        role=Role(post["role"]),
        tenant_id=key("tenant_id"),
        tenant_code=post["tenant_code"] or "",
        tenant_name=post["tenant_name"] or "",
        is_demo=post["is_demo"],
        section_id=key("section_id"),
        party_id=key("party_id"),
        place=post["place"] or "",
    )


def find(username: str) -> Known | None:
    """The account of a username, if it is open."""
    row = _call("SELECT * FROM portal_find_account(:username)", username=username)
    return Known(row["id"], row["name"], row["password"]) if row else None


@dataclass(frozen=True, slots=True)
class Own:
    """The account of the running scope, for a signature."""

    username: str
    password: str | None


def own_password() -> Own:
    """The username and password hash of whoever the running scope acts for. Raises `NotFound`."""
    row = db.session.execute(text("SELECT username, password FROM portal_own_password()")).one_or_none()
    if row is None:
        raise NotFound
    return Own(row.username, row.password)


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt that was counted, or not admitted; ``door`` is the place, from 0, of the one shut by now."""

    admitted: bool
    door: int | None
    locked_until: datetime | None


def _digests(doors: Sequence[Door]) -> list[bytes]:
    return [sha256(each.key.encode()).digest() for each in doors]


def attempt(doors: Sequence[Door]) -> Attempt:
    """Count an attempt at each of the doors, the narrowest first, unless one of them is shut."""
    row = _call(
        "SELECT * FROM portal_attempt(:digests, :usernames, CAST(:limits AS integer[]),"
        " CAST(:minutes AS integer[]))",
        digests=_digests(doors),
        usernames=[sha256(each.username.encode()).digest() if each.username else None for each in doors],
        limits=[each.limit for each in doors],
        minutes=[each.minutes for each in doors],
    )
    return Attempt(row["admitted"], row["place"] - 1 if row["place"] else None, row["locked_until"])


def forgive(doors: Sequence[Door]) -> None:
    """Take back an attempt that was right, and forget the wrong ones at the narrowest door."""
    _call("SELECT portal_forgive(:digests)", digests=_digests(doors))


def open_sign_in(account_id: UUID, token: str) -> None:
    """Begin a sign-in; only the digest of its token is kept."""
    _call("SELECT portal_open_sign_in(:account, :token)", account=account_id, token=sm3(token.encode()))


def end_sign_in(token: str) -> None:
    """End a sign-in."""
    _call("SELECT portal_end_sign_in(:token)", token=sm3(token.encode()))


def set_password(account_id: UUID, password_hash: str, *, keep: str) -> None:
    """Set a password's hash and end every other sign-in of the account but ``keep``."""
    _call(
        "SELECT portal_set_password(:account, :password, :keep)",
        account=account_id,
        password=password_hash,
        keep=sm3(keep.encode()),
    )


def redeem(username: str, digest: bytes, password_hash: str) -> UUID | None:
    """Use a one-time code to set a password; None where the code does not open this account now."""
    row = _call(
        "SELECT portal_redeem_code(:username, :digest, :password) AS account",
        username=username,
        digest=digest,
        password=password_hash,
    )
    found = row["account"] if row else None
    return found if isinstance(found, UUID) else None
