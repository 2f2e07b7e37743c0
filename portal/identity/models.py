"""Accounts (people), the posts they hold, and the secrets that let them in.

`account`, `sign_in`, `failed_sign_in` and `one_time_code` are secret: the web's role has no grant on them and
reaches them only through the functions listed in `portal.identity.queries`.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.access import OUTSIDE, Role
from tenants.db import Identified, Model
from tenants.rowsecurity import PERSONAL, SECRET, TENANT_READ, TENANT_WRITE, Protection, Rows, setting

_ROLES = ", ".join(f"'{role.value}'" for role in Role)
_OUTSIDE = ", ".join(f"'{role.value}'" for role in sorted(OUTSIDE))


class Account(Identified, Model):
    """A person who signs in, with their password as argon2."""

    __tablename__ = "account"
    __protection__ = SECRET

    username: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str] = mapped_column(Text)
    password: Mapped[str | None] = mapped_column(Text)
    must_change: Mapped[bool] = mapped_column(default=False)
    closed_at: Mapped[datetime | None]


class FailedSignIn(Model):
    """Wrong attempts at one door: a username from an address, an address, or a username from anywhere.

    Known and unknown usernames are counted alike, so that a lockout does not tell which exist. Names and
    addresses are kept as SHA-256: what a stranger types here by mistake may be a password. ``username`` is
    whose door it is, for who unlocks it; none for an address.
    """

    __tablename__ = "failed_sign_in"
    __protection__ = SECRET

    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    username: Mapped[bytes | None] = mapped_column(LargeBinary, index=True)
    failures: Mapped[int]
    failed_at: Mapped[datetime] = mapped_column(index=True)
    locked_until: Mapped[datetime | None]


class SignIn(Identified, Model):
    """One sign-in on one browser, found by the digest of its token."""

    __tablename__ = "sign_in"
    __protection__ = SECRET

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    token: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    opened_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class OneTimeCode(Identified, Model):
    """一次性口令: printed on a slip, redeemed once to set a password."""

    __tablename__ = "one_time_code"
    __protection__ = SECRET

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    digest: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    issued_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Post(Identified, Model):
    """岗位: one role somewhere. An outside party's post names the firm, unit or expert it stands for."""

    __tablename__ = "post"
    __protection__ = Protection(
        Rows.TENANT,
        f"({TENANT_READ}) OR account_id::text = {setting('account')}",
        f"({TENANT_WRITE}) OR (tenant_id IS NULL AND {setting('kind')} = 'operator')",
        definer=True,
    )

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    tenant_id: Mapped[UUID | None] = mapped_column(ForeignKey("tenant.id"))
    role: Mapped[str] = mapped_column(Text)
    holder: Mapped[str] = mapped_column(Text)
    section_id: Mapped[UUID | None]
    party_id: Mapped[UUID | None]
    party_name: Mapped[str] = mapped_column(Text, default="")
    began_at: Mapped[datetime] = mapped_column(server_default=text("clock_timestamp()"))
    ended_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("tenant_id", "id"),
        CheckConstraint(f"role IN ({_ROLES})", name="role"),
        CheckConstraint("(role = 'operator') = (tenant_id IS NULL)", name="operator_has_no_tenant"),
        CheckConstraint(f"(role IN ({_OUTSIDE})) = (party_id IS NOT NULL)", name="outside_names_its_party"),
        Index(
            "uq_post_once",
            "tenant_id",
            "account_id",
            "role",
            text("coalesce(section_id, party_id)"),
            unique=True,
            postgresql_nulls_not_distinct=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
    )


class Consent(Identified, Model):
    """同意记录: which version of the privacy notice a person accepted, and when (个人信息保护法 §17)."""

    __tablename__ = "consent"
    __protection__ = Protection(Rows.PERSONAL, PERSONAL.read, PERSONAL.write, definer=True, append_only=True)

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    notice_version: Mapped[str] = mapped_column(Text)
    given_at: Mapped[datetime]


class PersonalDatum(Identified, Model):
    """A sealed personal value (身份证号, 手机, 银行账号): ciphertext, key id; shown by grant and reason."""

    __tablename__ = "personal_datum"
    __protection__ = SECRET

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id"))
    owner_id: Mapped[UUID]
    field: Mapped[str] = mapped_column(Text)
    ciphertext: Mapped[bytes] = mapped_column(LargeBinary)

    __table_args__ = (UniqueConstraint("tenant_id", "owner_id", "field"),)
