"""Persons known as experts, and their memberships of the libraries that bureaus own."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from portal.expert.rules import CLASS_LABELS, DOMAIN_LABELS, SEX_LABELS, Domain, ExpertClass, Sex
from tenants.db import Identified, Model, TenantRow, tenant_constraints
from tenants.models import Tenant
from tenants.rowsecurity import SECRET, TENANT_WRITE, Protection, Rows, ids, setting

_SEXES = ", ".join(f"'{sex.value}'" for sex in Sex)
_CLASSES = ", ".join(f"'{each.value}'" for each in ExpertClass)
_DOMAINS = ", ".join(f"'{domain.value}'" for domain in Domain)


class Expert(Identified, Model):
    """评审专家 as a person, registered once: nothing but the blind index of the identity number.

    Reached through `portal_register_expert` alone, which answers the same id for the same index.
    """

    __tablename__ = "expert"
    __protection__ = SECRET

    identity_index: Mapped[bytes] = mapped_column(LargeBinary, unique=True)


class Membership(TenantRow, Model):
    """入库: a person in the expert library of one bureau, open to the bureaus below it and to those granted.

    Identity number, mobile and bank account are sealed; here stand their masks and blind indexes.
    ``open_load`` counts seats open anywhere: `portal_take_load` and `portal_give_back_load` alone change it.
    """

    __tablename__ = "membership"
    __protection__ = Protection(
        Rows.INHERITED,
        f"tenant_id = ANY ({ids('libraries')}) AND {setting('tenants')} <> ''",
        TENANT_WRITE,
        definer=True,
    )

    expert_id: Mapped[UUID] = mapped_column(ForeignKey("expert.id"))
    identity_index: Mapped[bytes] = mapped_column(LargeBinary)
    name: Mapped[str] = mapped_column(Text)
    initials: Mapped[str] = mapped_column(Text)
    sex: Mapped[str] = mapped_column(Text)
    classes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    domains: Mapped[list[str]] = mapped_column(ARRAY(Text))
    employer: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    work_years: Mapped[int]
    is_civil_servant: Mapped[bool]
    email: Mapped[str] = mapped_column(Text)
    identity_masked: Mapped[str] = mapped_column(Text)
    mobile_masked: Mapped[str] = mapped_column(Text)
    mobile_index: Mapped[bytes] = mapped_column(LargeBinary)
    bank_masked: Mapped[str] = mapped_column(Text, server_default="")
    bank_index: Mapped[bytes | None] = mapped_column(LargeBinary)
    joined_at: Mapped[datetime]
    open_load: Mapped[int] = mapped_column(server_default="0")

    library: Mapped[Tenant] = relationship(
        primaryjoin=lambda: foreign(Membership.tenant_id) == Tenant.id, viewonly=True, lazy="raise"
    )

    __table_args__ = tenant_constraints(
        UniqueConstraint("tenant_id", "expert_id"),
        CheckConstraint(f"sex IN ({_SEXES})", name="sex"),
        CheckConstraint(f"classes <@ ARRAY[{_CLASSES}] AND cardinality(classes) > 0", name="classes"),
        CheckConstraint(f"domains <@ ARRAY[{_DOMAINS}]", name="domains"),
        CheckConstraint("work_years BETWEEN 0 AND 70", name="work_years"),
        CheckConstraint("open_load >= 0", name="open_load"),
        Index("ix_membership_employer", "tenant_id", "employer"),
    )

    @property
    def sex_label(self) -> str:
        """性别 in words."""
        return SEX_LABELS[Sex(self.sex)]

    @property
    def class_label(self) -> str:
        """专家类别 in words."""
        return "、".join(label for each, label in CLASS_LABELS.items() if each.value in self.classes)

    @property
    def domain_label(self) -> str:
        """行业领域 in words, in the order of the library."""
        return "、".join(label for each, label in DOMAIN_LABELS.items() if each.value in self.domains)
