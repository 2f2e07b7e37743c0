"""An award, and the letter each bidder got: the winner its award, every other its own reasons."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Text, UniqueConstraint, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from portal.access import Actor, Permission
from portal.audit import Moved
from portal.award.lifecycle import AWARD_LABELS, LETTER_LABELS, AwardState, LetterState
from portal.kernel.ruling import Clause
from portal.tender.rules.moves import cited
from tenants.db import Model, TenantRow, tenant_constraints, within_tenant
from tenants.rowsecurity import TENANT, shared_with

_STATES = ", ".join(f"'{state.value}'" for state in AwardState)
_LETTER_STATES = ", ".join(f"'{state.value}'" for state in LetterState)


class AwardCandidate(TenantRow, Model):
    """成交候选人 and whoever was found invalid, as the signed report has them."""

    __tablename__ = "award_candidate"
    __protection__ = TENANT

    award_id: Mapped[UUID]
    bid_id: Mapped[UUID]
    firm_id: Mapped[UUID]
    firm_name: Mapped[str] = mapped_column(Text)
    price: Mapped[Decimal | None]
    place: Mapped[int | None]
    reason: Mapped[str] = mapped_column(Text, default="")
    refused_at: Mapped[datetime | None]
    refused_reason: Mapped[str | None] = mapped_column(Text)

    __table_args__ = tenant_constraints(
        within_tenant("award_id", "award"),
        within_tenant("bid_id", "bid"),
        UniqueConstraint("tenant_id", "award_id", "bid_id"),
        UniqueConstraint("tenant_id", "award_id", "place"),
        CheckConstraint("place IS NULL OR price IS NOT NULL", name="ranked_has_price"),
        CheckConstraint("place IS NOT NULL OR reason <> ''", name="unranked_for_a_reason"),
        CheckConstraint("(refused_at IS NULL) = (refused_reason IS NULL)", name="refused_for_a_reason"),
    )

    @property
    def may_win(self) -> bool:
        """Whether they stand in the ranking and have not refused to sign."""
        return self.place is not None and self.refused_at is None


class AwardLetter(Moved, Model):
    """成交通知书, or a firm's own result with its reasons: read by that firm alone among the firms."""

    __tablename__ = "award_letter"
    __protection__ = shared_with("readers")

    award_id: Mapped[UUID]
    tender_id: Mapped[UUID]
    tender_name: Mapped[str] = mapped_column(Text)
    firm_id: Mapped[UUID]
    firm_name: Mapped[str] = mapped_column(Text)
    is_winner: Mapped[bool]
    edition: Mapped[int]
    number: Mapped[str] = mapped_column(Text, default="")
    document_id: Mapped[UUID]
    digest: Mapped[str] = mapped_column(Text)
    content: Mapped[dict[str, Any]] = mapped_column(JSONB)
    sent_at: Mapped[datetime]
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by: Mapped[str | None] = mapped_column(Text)
    readers: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), default=list)

    __table_args__ = tenant_constraints(
        within_tenant("award_id", "award"),
        within_tenant("tender_id", "tender"),
        within_tenant("document_id", "issued_document"),
        UniqueConstraint("tenant_id", "award_id", "firm_id", "edition"),
        CheckConstraint(f"state IN ({_LETTER_STATES})", name="state"),
        CheckConstraint("(state = 'acknowledged') = (acknowledged_at IS NOT NULL)", name="acknowledged_at"),
        Index(
            "uq_award_letter_winner",
            "tenant_id",
            "award_id",
            "edition",
            unique=True,
            postgresql_where=text("is_winner"),
        ),
    )

    @property
    def title(self) -> str:
        """What the inbox calls it."""
        return f"{self.tender_name}：{'成交通知书' if self.is_winner else '采购结果'}"

    @property
    def state_label(self) -> tuple[str, str]:
        """Whether it was acknowledged, in words, and its tone."""
        return LETTER_LABELS[LetterState(self.state)]

    def is_addressed(self, actor: Actor) -> bool:
        """Whether the actor stands for the firm it was written to."""
        return actor.party_id == self.firm_id

    def awaits(self) -> Sequence[str]:
        """Acknowledgement."""
        return ("acknowledge",) if self.state == LetterState.SENT.value else ()

    def inbox_party(self, _permission: Permission) -> UUID:
        """The firm alone."""
        return self.firm_id

    def inbox_due(self, _verb: str) -> None:
        """No clock runs."""
        return

    def snapshot(self) -> Mapping[str, object]:
        """The letter as the audit chain digests it."""
        return {
            "award": self.award_id,
            "firm": self.firm_id,
            "is_winner": self.is_winner,
            "number": self.number,
            "digest": self.digest,
            "acknowledged_at": self.acknowledged_at,
        }


AWARDED_FIRST = (
    AwardLetter.edition.desc(),
    AwardLetter.is_winner.desc(),
    AwardLetter.content["place"].as_integer().nulls_last(),
    AwardLetter.content["price"].as_numeric(16, 2).nulls_last(),
)


class Award(Moved, Model):
    """成交: what the buyer decides on the signed report, and what was sent and announced."""

    __tablename__ = "award"
    __protection__ = TENANT

    tender_id: Mapped[UUID]
    panel_id: Mapped[UUID]
    tender_name: Mapped[str] = mapped_column(Text)
    statutory: Mapped[bool] = mapped_column(default=False)
    report_digest: Mapped[str] = mapped_column(Text)
    ranked_at: Mapped[datetime]
    award_by: Mapped[datetime]
    edition: Mapped[int] = mapped_column(default=1)
    bid_id: Mapped[UUID | None]
    firm_id: Mapped[UUID | None]
    firm_name: Mapped[str | None] = mapped_column(Text)
    price: Mapped[Decimal | None]
    place: Mapped[int | None]
    ground: Mapped[str | None] = mapped_column(Text)
    ground_file_id: Mapped[UUID | None]
    letter_number: Mapped[str | None] = mapped_column(Text)
    decided_by: Mapped[str | None] = mapped_column(Text)
    awarded_at: Mapped[datetime | None]

    candidates: Mapped[list[AwardCandidate]] = relationship(
        primaryjoin=lambda: foreign(AwardCandidate.award_id) == Award.id,
        order_by=(AwardCandidate.place.nulls_last(), AwardCandidate.price),
        lazy="selectin",
        cascade="all, delete-orphan",
    )
    letters: Mapped[list[AwardLetter]] = relationship(
        primaryjoin=lambda: foreign(AwardLetter.award_id) == Award.id,
        order_by=AWARDED_FIRST,
        lazy="selectin",
    )

    __table_args__ = tenant_constraints(
        within_tenant("tender_id", "tender"),
        within_tenant("panel_id", "panel"),
        within_tenant("bid_id", "bid"),
        within_tenant("ground_file_id", "stored_file"),
        UniqueConstraint("tenant_id", "tender_id"),
        CheckConstraint(f"state IN ({_STATES})", name="state"),
        CheckConstraint(
            "(state = 'awarded') = (awarded_at IS NOT NULL) AND (state = 'awarded') = (bid_id IS NOT NULL)"
            " AND (state = 'awarded') = (price IS NOT NULL) AND (state = 'awarded') = (firm_id IS NOT NULL)",
            name="awarded_is_whole",
        ),
        CheckConstraint(
            "place IS NULL OR place = 1 OR edition > 1"
            " OR (ground IS NOT NULL AND ground_file_id IS NOT NULL)",
            name="passed_over_on_a_ground",
        ),
    )

    @property
    def title(self) -> str:
        """What the inbox calls it."""
        return self.tender_name

    @property
    def state_label(self) -> tuple[str, str]:
        """The state in words, and its tone."""
        return AWARD_LABELS[AwardState(self.state)]

    @property
    def is_pending(self) -> bool:
        """Whether the buyer has still to decide."""
        return self.state == AwardState.PENDING.value

    @property
    def is_deemed(self) -> bool:
        """视为确定: chosen by the lapse of time, not by the buyer."""
        return self.awarded_at is not None and self.decided_by is None

    @property
    def first_left(self) -> AwardCandidate | None:
        """The best placed of those who may still win; the candidates come by their place."""
        return next((each for each in self.candidates if each.may_win), None)

    @property
    def is_refused(self) -> bool:
        """Whether somebody who was awarded would not sign: the buyer takes the next, or buys anew."""
        return any(each.refused_at is not None for each in self.candidates)

    @property
    def lapses_at(self) -> datetime | None:
        """Until when (inclusive) the buyer is free to choose; afterwards the first is chosen for them.

        None after a refusal to sign: then the buyer chooses between the next and a new purchase.
        """
        return self.award_by if self.edition == 1 else None

    def is_overdue(self, now: datetime) -> bool:
        """Whether the buyer let the days pass."""
        return self.is_pending and now > self.award_by

    def cites(self, clause: Clause | None) -> Clause | None:
        """The law in a statutory purchase; else what the bureau's own document promised."""
        return clause and cited(clause, statutory=self.statutory)

    def awaits(self) -> Sequence[str]:
        """The buyer's decision, or the end of a purchase nobody signs."""
        if not self.is_pending:
            return ()
        return ("decide",) if self.first_left else ("fail",)

    def inbox_party(self, _permission: Permission) -> None:
        """Every buyer of the bureau."""
        return

    def inbox_due(self, _verb: str) -> datetime:
        """Until when the buyer decides."""
        return self.award_by

    def snapshot(self) -> Mapping[str, object]:
        """The award as the audit chain digests it."""
        return {
            "tender": self.tender_id,
            "statutory": self.statutory,
            "report": self.report_digest,
            "award_by": self.award_by,
            "bid": self.bid_id,
            "firm": self.firm_id,
            "price": self.price,
            "place": self.place,
            "ground": self.ground,
            "number": self.letter_number,
            "awarded_at": self.awarded_at,
        }
