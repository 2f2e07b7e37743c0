"""The doors to the secret tables: each is one `SECURITY DEFINER` function, called outside any scope."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select, text

from portal.access import Role
from portal.identity.models import Post
from portal.kernel.hashing import sm3
from portal.web.guard import Identity, Seat
from tenants.db import db

IDLE_MINUTES: Final = 30
NOTICE_VERSION: Final = "2026-11"


@dataclass(frozen=True, slots=True)
class Known:
    """An account as sign-in sees it; ``at`` is the database's instant of looking."""

    id: UUID
    name: str
    password: str | None
    locked_until: datetime | None
    at: datetime


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
    return Known(row["id"], row["name"], row["password"], row["locked_until"], row["at"]) if row else None


def count_failure(account_id: UUID, *, limit: int, minutes: int) -> datetime | None:
    """Count one failed sign-in; the instant until which the account is now locked, if it is."""
    row = _call(
        "SELECT portal_fail_sign_in(:account, :limit, :minutes) AS until",
        account=account_id,
        limit=limit,
        minutes=minutes,
    )
    until = row["until"] if row else None
    return until if isinstance(until, datetime) else None


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


def accounts_named(usernames: Sequence[str]) -> dict[str, UUID]:
    """The open accounts among ``usernames``."""
    rows = db.session.execute(
        text("SELECT id, username FROM portal_accounts_named(:names)"), {"names": list(usernames)}
    )
    return {row.username: row.id for row in rows}


def open_posts(tenant_id: UUID) -> list[Post]:
    """The posts in force in a tenant, by holder."""
    return list(
        db.session.scalars(
            select(Post)
            .where(Post.tenant_id == tenant_id, Post.ended_at.is_(None))
            .order_by(Post.holder, Post.began_at)
        )
    )


def roles_held(account_id: UUID, tenant_id: UUID | None) -> frozenset[Role]:
    """The roles a person holds in one tenant now."""
    rows = db.session.scalars(
        select(Post.role).where(
            Post.account_id == account_id, Post.tenant_id == tenant_id, Post.ended_at.is_(None)
        )
    )
    return frozenset(Role(role) for role in rows)


def count_posts(tenant_id: UUID) -> int:
    """How many posts are in force."""
    counted = (
        select(func.count()).select_from(Post).where(Post.tenant_id == tenant_id, Post.ended_at.is_(None))
    )
    return db.session.scalar(counted) or 0
