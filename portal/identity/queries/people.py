"""The people of a bureau as its administrators see them, and accounts by name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, or_, select, text, tuple_
from sqlalchemy.orm import aliased

from portal.access import ROLE_LABELS, Role
from portal.identity.models import Post
from portal.kernel.errors import NotFound
from portal.web.listing import Listing, Sort, listing, read_instant
from tenants.db import db, tenant_of_session


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
