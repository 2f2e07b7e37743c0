"""Sealed bids, the list of commitments frozen at the deadline, and who confirmed the opening."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, LargeBinary, Text, UniqueConstraint, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from portal.access import Permission
from portal.audit import Moved
from portal.bid.lifecycle import STANDING, STATE_LABELS, BidState
from portal.bid.rules import FAULT_LABELS, Fault
from tenants.db import Model, TenantRow, tenant_constraints, within_tenant
from tenants.rowsecurity import TENANT_READ, Protection, Rows, ids, setting, shared_with

_STATES = ", ".join(f"'{state.value}'" for state in BidState)
_STANDING = ", ".join(f"'{state.value}'" for state in STANDING)
_FAULTS = ", ".join(f"'{fault.value}'" for fault in Fault)
BY_SYSTEM = f"{TENANT_READ} AND {setting('kind')} = 'system'"
OWN = f"tenant_id = ANY ({ids('guests')}) AND firm_id = ANY ({ids('parties')})"


class Bid(Moved, Model):
    """响应文件: what a firm offers, sealed to the tender's key; before the opening its firm sees the receipt.

    ``number`` is a pseudonym: nothing outside the row says whose it is before the opening. Written by the
    system alone, for its firm.
    """

    __tablename__ = "bid"
    __protection__ = Protection(
        Rows.CONFIDENTIAL,
        f"({OWN}) OR ({BY_SYSTEM}) OR ({TENANT_READ} AND released_at IS NOT NULL)",
        BY_SYSTEM,
    )

    tender_id: Mapped[UUID]
    firm_id: Mapped[UUID]
    firm_name: Mapped[str] = mapped_column(Text)
    number: Mapped[str] = mapped_column(Text)
    submitted_at: Mapped[datetime]
    submitter_id: Mapped[UUID]
    submitter: Mapped[str] = mapped_column(Text)
    envelope: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    envelope_digest: Mapped[str] = mapped_column(Text)
    commitments: Mapped[dict[str, str]] = mapped_column(JSONB)
    sealed_files: Mapped[list[str]] = mapped_column(JSONB, default=list)
    ended_at: Mapped[datetime | None]
    released_at: Mapped[datetime | None]
    price: Mapped[Decimal | None]
    content: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    nonces: Mapped[dict[str, str] | None] = mapped_column(JSONB(none_as_null=True))
    file_ids: Mapped[list[str | None]] = mapped_column(JSONB, default=list)
    fault: Mapped[str | None] = mapped_column(Text)

    __table_args__ = tenant_constraints(
        within_tenant("tender_id", "tender"),
        CheckConstraint(f"state IN ({_STATES})", name="state"),
        CheckConstraint(f"fault IN ({_FAULTS})", name="fault"),
        CheckConstraint("price > 0", name="price"),
        CheckConstraint(
            "released_at IS NOT NULL OR (price IS NULL AND content IS NULL AND nonces IS NULL)",
            name="sealed_until_released",
        ),
        CheckConstraint("(state = 'opened') = (released_at IS NOT NULL)", name="opened_is_released"),
        CheckConstraint(
            "state <> 'opened' OR fault IS NOT NULL OR (price IS NOT NULL AND content IS NOT NULL)",
            name="opened_is_read",
        ),
        CheckConstraint(
            "(state IN ('replaced', 'withdrawn')) = (ended_at IS NOT NULL)", name="ended_has_time"
        ),
        UniqueConstraint("tenant_id", "tender_id", "number"),
        Index(
            "uq_bid_standing",
            "tenant_id",
            "tender_id",
            "firm_id",
            unique=True,
            postgresql_where=text(f"state IN ({_STANDING})"),
        ),
    )

    @property
    def title(self) -> str:
        """What the inbox would call it; nothing of a bid waits for anybody."""
        return self.number

    @property
    def state_label(self) -> tuple[str, str]:
        """The state in words, and its tone."""
        return STATE_LABELS[BidState(self.state)]

    @property
    def fault_label(self) -> str:
        """Why it could not be read, in words; '' where it could."""
        return FAULT_LABELS[Fault(self.fault)] if self.fault else ""

    def awaits(self) -> Sequence[str]:
        """Nothing: an inbox row would tell who has responded."""
        return ()

    def inbox_party(self, permission: Permission) -> None:
        """Nobody."""
        del permission

    def inbox_due(self, verb: str) -> None:
        """Never."""
        del verb

    def snapshot(self) -> Mapping[str, object]:
        """The bid as the audit chain digests it: the ciphertext's digest stands for what is sealed."""
        return {
            "tender": self.tender_id,
            "number": self.number,
            "envelope": self.envelope_digest,
            "commitments": self.commitments,
            "files": self.sealed_files,
            "released_at": self.released_at,
        }


class BidCommitment(TenantRow, Model):
    """One line of 承诺值清单, frozen at the deadline and read by every invited firm."""

    __tablename__ = "bid_commitment"
    __protection__ = shared_with("readers")

    tender_id: Mapped[UUID]
    number: Mapped[str] = mapped_column(Text)
    commitments: Mapped[dict[str, str]] = mapped_column(JSONB)
    envelope_digest: Mapped[str] = mapped_column(Text)
    frozen_at: Mapped[datetime]
    readers: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), default=list)

    __table_args__ = tenant_constraints(
        within_tenant("tender_id", "tender"), UniqueConstraint("tenant_id", "tender_id", "number")
    )


class TenderOpening(TenantRow, Model):
    """开启确认: an officer who confirmed the opening; written by `portal_confirm_opening` alone."""

    __tablename__ = "tender_opening"
    __protection__ = Protection(Rows.TENANT, TENANT_READ, None, definer=True)

    tender_id: Mapped[UUID]
    account_id: Mapped[UUID]
    confirmed_at: Mapped[datetime]

    __table_args__ = tenant_constraints(
        within_tenant("tender_id", "tender"), UniqueConstraint("tenant_id", "tender_id", "account_id")
    )
