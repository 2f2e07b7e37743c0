"""Posts: who holds which, here and elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select, text

from portal.access import ROLE_LABELS, Role
from portal.identity.models import Post
from tenants.db import db, tenant_of_session


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
