"""The two traces every move leaves: what happened (chained), and what now waits for whom."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Interval, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column, validates

from portal.kernel.ruling import Clause
from tenants.db import Model, TenantRow, tenant_constraints
from tenants.rowsecurity import SECRET, TENANT_READ, TENANT_WRITE, Protection, Rows, ids, setting, words


class ChainHead(Model):
    """The last link of each chain; locked last in a transaction, and only through `portal_audit_head`."""

    __tablename__ = "audit_head"
    __protection__ = SECRET

    chain: Mapped[str] = mapped_column(Text, primary_key=True)
    seq: Mapped[int]
    digest: Mapped[bytes] = mapped_column(LargeBinary)


class AuditEvent(Model):
    """One link: who did what to which row, from which state to which, under which rule, chained by SM3.

    ``chain`` is a tenant's id, or an account's for what belongs to no tenant. Written only by
    `portal_audit_append`; the web's role can read its own tenant's, and change none.
    """

    __tablename__ = "audit_event"
    __protection__ = Protection(
        Rows.TENANT,
        f"({TENANT_READ}) OR (tenant_id IS NULL AND chain = {setting('account')})",
        None,
        definer=True,
    )

    chain: Mapped[str] = mapped_column(Text, primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[UUID | None] = mapped_column(ForeignKey("tenant.id"))
    at: Mapped[datetime]
    verb: Mapped[str] = mapped_column(Text)
    subject_id: Mapped[UUID | None]
    body: Mapped[str] = mapped_column(Text)
    previous: Mapped[bytes] = mapped_column(LargeBinary)
    digest: Mapped[bytes] = mapped_column(LargeBinary)

    __table_args__ = (Index("ix_audit_event_subject", "tenant_id", "subject_id", "seq"),)


class InboxRow(TenantRow, Model):
    """待办: what waits for the holders of a role (``party_id``: of one section, party or post)."""

    __tablename__ = "inbox"
    __protection__ = Protection(
        Rows.TENANT,
        f"({TENANT_READ}) OR (tenant_id = ANY ({ids('guests')}) AND role = ANY ({words('roles')})"
        f" AND (party_id IS NULL OR party_id = ANY ({ids('parties')})))",
        TENANT_WRITE,
        definer=True,
    )

    kind: Mapped[str] = mapped_column(Text)
    subject_id: Mapped[UUID]
    verb: Mapped[str] = mapped_column(Text)
    role: Mapped[str] = mapped_column(Text)
    party_id: Mapped[UUID | None]
    title: Mapped[str] = mapped_column(Text)
    due_by: Mapped[datetime | None]
    since: Mapped[datetime]

    __table_args__ = tenant_constraints(
        Index("ix_inbox_role", "tenant_id", "role", "due_by"),
        Index("ix_inbox_subject", "tenant_id", "subject_id"),
    )


class Alarm(TenantRow, Model):
    """What the clock will do to a row, and when; written by the setter of moves, rung by the scheduler."""

    __tablename__ = "alarm"
    __protection__ = Protection(Rows.TENANT, TENANT_READ, TENANT_WRITE, definer=True)

    kind: Mapped[str] = mapped_column(Text)
    subject_id: Mapped[UUID]
    verb: Mapped[str] = mapped_column(Text)
    due_at: Mapped[datetime]

    __table_args__ = tenant_constraints(
        Index("ix_alarm_due_at", "due_at"),
        Index("ix_alarm_subject", "tenant_id", "subject_id"),
    )


class ClockShift(Model):
    """How far a demo's clock has travelled; changed by `portal_travel` alone, which real bureaus refuse."""

    __tablename__ = "clock_shift"
    __protection__ = SECRET

    one: Mapped[bool] = mapped_column(primary_key=True, default=True)
    ahead: Mapped[timedelta] = mapped_column(Interval)

    __table_args__ = (CheckConstraint("one", name="one_row"),)


class Moved(TenantRow):
    """A row with a lifecycle: its state changes through the setter of moves and in no other way."""

    version: Mapped[int] = mapped_column(default=1)
    touched_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(Text)

    @validates("state")
    def _only_by_setter(self, _key: str, value: str) -> str:
        if self.state is not None and not getattr(self, "_moving", False):
            msg = "the state changes through portal.audit.take alone"
            raise AttributeError(msg)
        return value

    def cites(self, clause: Clause | None) -> Clause | None:
        """The clause kept with a move: the table's, unless this row falls under another rule."""
        return clause

    def set_state(self, value: str) -> None:
        """For the setter of moves."""
        self._moving = True
        try:
            self.state = value
        finally:
            self._moving = False
