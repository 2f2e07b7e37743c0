"""Who people are: the doors to the secret tables, each a `SECURITY DEFINER` function, and their posts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

from sqlalchemy import exists, func, or_, select, text, tuple_
from sqlalchemy.orm import aliased

from portal.access import ROLE_LABELS, Role
from portal.identity.models import Post
from portal.identity.rules import Door
from portal.kernel.errors import NotFound
from portal.kernel.hashing import sm3
from portal.web.guard import Identity, Seat
from portal.web.listing import Listing, Sort, listing, read_instant
from tenants.db import db, tenant_of_session
from tenants.models import Section, Tenant

IDLE_MINUTES: Final = 30
NOTICE_VERSION: Final = "2026-11"


@dataclass(frozen=True, slots=True)
class Known:
    """An account as sign-in sees it."""

    id: UUID
    name: str
    password: str | None


@dataclass(frozen=True, slots=True)
class Person:
    """An account as its bureau's administrators see it; ``home`` is the bureau that first gave it a post."""

    id: UUID
    username: str
    name: str
    locked_until: datetime | None
    has_password: bool
    last_seen: datetime | None
    home: UUID | None
    posts: tuple[Post, ...]

    @property
    def role_labels(self) -> list[str]:
        """What the person is here now, in words."""
        return [ROLE_LABELS[Role(post.role)] for post in self.posts if post.ended_at is None]


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


def accounts_named(usernames: Sequence[str]) -> dict[str, UUID]:
    """The open accounts among ``usernames``."""
    rows = db.session.execute(
        text("SELECT id, username FROM portal_accounts_named(:names)"), {"names": list(usernames)}
    )
    return {row.username: row.id for row in rows}


def account_named(username: str, name: str) -> UUID | None:
    """The open account of a username, where its person has this name."""
    found: UUID | None = db.session.scalar(
        text("SELECT id FROM portal_accounts_named(ARRAY[:username]) WHERE name = :name"),
        {"username": username, "name": name},
    )
    return found


def people(account_ids: Sequence[UUID]) -> list[Person]:
    """The accounts among ``account_ids`` that hold or held a post in this bureau, in the order given."""
    rows = db.session.execute(
        text("SELECT * FROM portal_accounts_of(CAST(:ids AS uuid[]))"), {"ids": list(account_ids)}
    )
    posts = db.session.scalars(
        select(Post)
        .where(Post.account_id.in_(account_ids), Post.tenant_id == tenant_of_session())
        .order_by(Post.ended_at.desc().nulls_first(), Post.began_at, Post.id)
    ).all()
    found = {
        row.id: Person(
            id=row.id,
            username=row.username,
            name=row.name,
            locked_until=row.locked_until,
            has_password=row.has_password,
            last_seen=row.last_seen,
            home=row.home,
            posts=tuple(post for post in posts if post.account_id == row.id),
        )
        for row in rows
    }
    return [found[each] for each in account_ids if each in found]


def person(row_id: UUID) -> Person:
    """One of the bureau's people. Raises `NotFound`."""
    found = people([row_id])
    if not found:
        raise NotFound
    return found[0]


def post(row_id: UUID) -> Post:
    """A post of this bureau. Raises `NotFound`."""
    found = db.session.scalar(select(Post).where(Post.id == row_id, Post.tenant_id == tenant_of_session()))
    if found is None:
        raise NotFound
    return found


def page_of_people(arguments: Mapping[str, str], *, path: str) -> Listing:
    """One page of the bureau's people, each by their first post here; found by name, username and role."""
    earlier = aliased(Post)
    rows = select(Post).where(
        Post.tenant_id == tenant_of_session(),
        ~exists().where(
            earlier.tenant_id == Post.tenant_id,
            earlier.account_id == Post.account_id,
            tuple_(earlier.began_at, earlier.id) < tuple_(Post.began_at, Post.id),
        ),
    )
    words = arguments.get("q", "").strip()
    if words:
        named = list(accounts_named([words]).values())
        rows = rows.where(or_(Post.holder.icontains(words, autoescape=True), Post.account_id.in_(named)))
    if arguments.get("role"):
        holds = aliased(Post)
        rows = rows.where(
            exists().where(
                holds.tenant_id == Post.tenant_id,
                holds.account_id == Post.account_id,
                holds.role == arguments["role"],
                holds.ended_at.is_(None),
            )
        )
    sorts = {"name": Sort(Post.holder), "began": Sort(Post.began_at, read_instant)}
    found = listing(
        rows, key=Post.id, sorts=sorts, arguments=arguments, path=path, default="name", kept=("q", "role")
    )
    return replace(found, rows=people([row.account_id for row in found.rows]))


def sections() -> list[Section]:
    """The bureau's open sections."""
    return list(
        db.session.scalars(
            select(Section)
            .where(Section.tenant_id == tenant_of_session(), Section.closed_at.is_(None))
            .order_by(Section.name)
        )
    )


def section_names() -> dict[UUID, str]:
    """The names of all the bureau's sections, closed ones too."""
    rows = db.session.execute(
        select(Section.id, Section.name).where(Section.tenant_id == tenant_of_session())
    )
    return {row.id: row.name for row in rows}


def place_of(each: Post) -> str:
    """Where a post is, in words, as far as the post itself says."""
    party = each.party_name if each.party_name != each.holder else ""
    return f"{party} {ROLE_LABELS[Role(each.role)]}".strip()


def open_posts(tenant_id: UUID) -> list[Post]:
    """The posts in force in a tenant, by holder."""
    return list(
        db.session.scalars(
            select(Post)
            .where(Post.tenant_id == tenant_id, Post.ended_at.is_(None))
            .order_by(Post.holder, Post.began_at)
        )
    )


def posts_as(*roles: Role) -> list[Post]:
    """The posts in force in this bureau with one of ``roles``, by holder."""
    return list(
        db.session.scalars(
            select(Post)
            .where(
                Post.tenant_id == tenant_of_session(),
                Post.role.in_([role.value for role in roles]),
                Post.ended_at.is_(None),
            )
            .order_by(Post.holder, Post.began_at)
        )
    )


@dataclass(frozen=True, slots=True)
class ExpertAccount:
    """An account that acts as an expert somewhere; ``member_id`` is the membership that was asked about."""

    member_id: UUID
    party_id: UUID
    account_id: UUID
    holder: str
    tenant_id: UUID


def expert_accounts(member_ids: Sequence[UUID]) -> list[ExpertAccount]:
    """The accounts of experts of the libraries open to this bureau, wherever they hold their posts."""
    rows = db.session.execute(
        text("SELECT * FROM portal_expert_accounts(:members)"),
        {"members": list(member_ids)},
    )
    return [ExpertAccount(*row) for row in rows]


def experts_with_account(member_ids: Sequence[UUID]) -> set[UUID]:
    """Which experts can answer an offer themselves."""
    return {each.member_id for each in expert_accounts(member_ids)}


def posts_held(account_id: UUID, tenant_id: UUID | None) -> list[Post]:
    """The posts a person holds in one tenant now."""
    return list(
        db.session.scalars(
            select(Post).where(
                Post.account_id == account_id, Post.tenant_id == tenant_id, Post.ended_at.is_(None)
            )
        )
    )


def roles_held(account_id: UUID, tenant_id: UUID | None) -> frozenset[Role]:
    """The roles a person holds in one tenant now."""
    return frozenset(Role(post.role) for post in posts_held(account_id, tenant_id))


def roles_elsewhere(account_id: UUID, tenant_id: UUID | None) -> frozenset[Role]:
    """The roles a person holds now in all other bureaus together; which bureaus is nobody's business here."""
    rows = db.session.scalars(
        text("SELECT role FROM portal_roles_elsewhere(:account, :tenant)"),
        {"account": account_id, "tenant": tenant_id},
    )
    return frozenset(Role(role) for role in rows)


def holders(role: Role) -> set[UUID]:
    """The accounts that hold a role in this bureau now."""
    return set(
        db.session.scalars(
            select(Post.account_id).where(
                Post.tenant_id == tenant_of_session(), Post.role == role.value, Post.ended_at.is_(None)
            )
        )
    )


def holder_of(role: Role, party_id: UUID) -> UUID | None:
    """The account that stands for a party in a role in this bureau now."""
    return db.session.scalar(
        select(Post.account_id)
        .where(
            Post.tenant_id == tenant_of_session(),
            Post.role == role.value,
            Post.party_id == party_id,
            Post.ended_at.is_(None),
        )
        .order_by(Post.began_at)
        .limit(1)
    )


def count_posts(tenant_id: UUID) -> int:
    """How many posts are in force."""
    counted = (
        select(func.count()).select_from(Post).where(Post.tenant_id == tenant_id, Post.ended_at.is_(None))
    )
    return db.session.scalar(counted) or 0


def county(code: str) -> Tenant:
    """A bureau below this one, by its code. Raises `NotFound`."""
    found = next((each for each in counties(tenant_of_session()) if each.code == code), None)
    if found is None:
        raise NotFound
    return found


def counties(tenant_id: UUID) -> list[Tenant]:
    """The bureaus below a bureau, at any depth, by code."""
    below = select(Tenant.id).where(Tenant.parent_id == tenant_id).cte("below", recursive=True)
    below = below.union(select(Tenant.id).where(Tenant.parent_id == below.c.id))
    return list(db.session.scalars(select(Tenant).where(Tenant.id.in_(select(below))).order_by(Tenant.code)))
