"""For whom and under which rules: regions, tenants, sections, calendar, rule sets, document numbers."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from tenants.db import Identified, Model, TenantRow, tenant_constraints, within_tenant
from tenants.rowsecurity import (
    BY_OPERATOR,
    INHERITED,
    PERSONAL,
    REGISTER,
    SIGNED_IN,
    TENANT,
    TENANT_READ,
    TENANT_WRITE,
    Protection,
    Rows,
    ids,
)


class Region(Model):
    """行政区划 (GB/T 2260): six digits, a name, and the region above."""

    __tablename__ = "region"
    __protection__ = REGISTER

    code: Mapped[str] = mapped_column(Text, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    parent_code: Mapped[str | None] = mapped_column(ForeignKey("region.code"))

    __table_args__ = (CheckConstraint("code ~ '^[1-9][0-9]{5}$'", name="code"),)


class Tenant(Identified, Model):
    """财政局: one bureau, under its region's code; its parent is the nearest bureau above it in the tree."""

    __tablename__ = "tenant"
    __protection__ = Protection(Rows.REGISTER, SIGNED_IN, BY_OPERATOR, definer=True)

    code: Mapped[str] = mapped_column(ForeignKey("region.code"), unique=True)
    name: Mapped[str] = mapped_column(Text)
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("tenant.id"))
    is_demo: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    opened_at: Mapped[datetime] = mapped_column(server_default=text("clock_timestamp()"))


class Section(TenantRow, Model):
    """科室/股室 with its duties; closed, never deleted, for documents name it."""

    __tablename__ = "section"
    __protection__ = Protection(Rows.TENANT, TENANT.read, TENANT.write, definer=True)

    name: Mapped[str] = mapped_column(Text)
    duties: Mapped[str] = mapped_column(Text, default="")
    closed_at: Mapped[datetime | None]

    __table_args__ = tenant_constraints(
        Index(
            "uq_section_open_name",
            "tenant_id",
            "name",
            unique=True,
            postgresql_where=text("closed_at IS NULL"),
        )
    )


class LibraryGrant(TenantRow, Model):
    """授权: the owner opens its expert library to a bureau outside its own tree, until it ends the grant."""

    __tablename__ = "library_grant"
    __protection__ = Protection(
        Rows.TENANT, f"({TENANT_READ}) OR grantee_id = ANY ({ids('tenants')})", TENANT_WRITE, definer=True
    )

    grantee_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id"))
    opened_by: Mapped[str] = mapped_column(Text)
    opened_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    __table_args__ = tenant_constraints(
        CheckConstraint("grantee_id <> tenant_id", name="grantee_is_another"),
        Index(
            "uq_library_grant_open",
            "tenant_id",
            "grantee_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
    )


class CalendarDay(Model):
    """工作日历: whether people work on a day, by the State Council's notice named in ``source``."""

    __tablename__ = "calendar_day"
    __protection__ = REGISTER

    day: Mapped[date] = mapped_column(primary_key=True)
    is_workday: Mapped[bool]
    source: Mapped[str] = mapped_column(Text)


class RuleSetVersion(TenantRow, Model):
    """规则集: one version of a tenant's rules. ``own`` is what the tenant typed; ``whole`` the merged set,
    stored when published and immutable from then on.
    """

    __tablename__ = "rule_set"
    __protection__ = INHERITED

    version: Mapped[int]
    effective_on: Mapped[date]
    own: Mapped[dict[str, Any]] = mapped_column(JSONB)
    whole: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    note: Mapped[str] = mapped_column(Text, default="")
    drafted_by: Mapped[str] = mapped_column(Text, default="")
    drafter_id: Mapped[UUID | None]
    published_by: Mapped[str | None] = mapped_column(Text)
    published_at: Mapped[datetime | None]

    __table_args__ = tenant_constraints(
        UniqueConstraint("tenant_id", "version"),
        CheckConstraint("(published_at IS NULL) = (whole IS NULL)", name="published_is_whole"),
        Index(
            "uq_rule_set_one_draft", "tenant_id", unique=True, postgresql_where=text("published_at IS NULL")
        ),
    )


class DocumentCode(TenantRow, Model):
    """发文机关代字, such as 师财绩, and the section that uses it. Its row is the lock of its counters."""

    __tablename__ = "document_code"
    __protection__ = TENANT

    code: Mapped[str] = mapped_column(Text)
    section_id: Mapped[UUID | None]
    closed_at: Mapped[datetime | None]

    __table_args__ = tenant_constraints(
        UniqueConstraint("tenant_id", "code"),
        CheckConstraint("code ~ '^[一-龥]{2,10}$'", name="code"),
        within_tenant("section_id", "section"),
    )


class DocumentNumber(TenantRow, Model):
    """文号 代字〔年份〕序号号: gapless per code and year; a duplicate stands only with its reason."""

    __tablename__ = "document_number"
    __protection__ = Protection(Rows.TENANT, TENANT.read, TENANT.write, append_only=True)

    code_id: Mapped[UUID]
    code: Mapped[str] = mapped_column(Text)
    year: Mapped[int]
    number: Mapped[int]
    title: Mapped[str] = mapped_column(Text)
    duplicate_reason: Mapped[str | None] = mapped_column(Text)
    taken_by: Mapped[str] = mapped_column(Text)
    taken_at: Mapped[datetime]

    __table_args__ = tenant_constraints(
        within_tenant("code_id", "document_code"),
        CheckConstraint("number >= 1", name="number"),
        CheckConstraint("year BETWEEN 1949 AND 2999", name="year"),
        Index(
            "uq_document_number_once",
            "tenant_id",
            "code_id",
            "year",
            "number",
            unique=True,
            postgresql_where=text("duplicate_reason IS NULL"),
        ),
    )

    @property
    def written(self) -> str:
        """The number as it is printed (GB/T 9704-2012)."""
        return f"{self.code}〔{self.year}〕{self.number}号"


class FormUse(Model):
    """A form that was sent, by its keyed digest, and the page it led to: sent again it is not done again."""

    __tablename__ = "form_use"
    __protection__ = PERSONAL

    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    used_at: Mapped[datetime]
    led_to: Mapped[str | None] = mapped_column(Text)
