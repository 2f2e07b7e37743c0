"""The places of a round: whom each was offered to, what they said, and until when they score."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, Index, Text, UniqueConstraint, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from portal.access import Actor, Permission
from portal.audit import Moved
from portal.quality.lifecycle import DONE_LABEL, SEAT_LABELS, SeatState
from portal.quality.rules import DECLINING_LABELS, Declining
from tenants.db import RATIO, Model, tenant_constraints, within_tenant
from tenants.rowsecurity import shared_with

_STATES = ", ".join(f"'{each}'" for each in SeatState)
_DECLININGS = ", ".join(f"'{each}'" for each in Declining)


class Seat(Moved, Model):
    """席位: one place in a round, offered to one expert, who reads here what must be known of the round."""

    __tablename__ = "seat"
    __protection__ = shared_with("readers")

    round_id: Mapped[UUID]
    draw_id: Mapped[UUID]
    place: Mapped[int]
    expert_id: Mapped[UUID]
    expert_name: Mapped[str] = mapped_column(Text)
    employer: Mapped[str] = mapped_column(Text)
    has_account: Mapped[bool]
    round_name: Mapped[str] = mapped_column(Text)
    firm_name: Mapped[str] = mapped_column(Text)
    work: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    weight_plan: Mapped[Decimal] = mapped_column(RATIO)
    weight_report: Mapped[Decimal] = mapped_column(RATIO)
    scoring_workdays: Mapped[int]
    offered_at: Mapped[datetime]
    offer_until: Mapped[datetime]
    replied_at: Mapped[datetime | None]
    declaration: Mapped[str | None] = mapped_column(Text)
    declining: Mapped[str | None] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(Text)
    score_by: Mapped[datetime | None]
    is_late: Mapped[bool] = mapped_column(default=False)
    sheets: Mapped[int] = mapped_column(default=0)
    handed_in: Mapped[int] = mapped_column(default=0)
    loads: Mapped[bool] = mapped_column(default=False)
    readers: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), default=list)

    __table_args__ = tenant_constraints(
        within_tenant("round_id", "round"),
        within_tenant("draw_id", "draw"),
        UniqueConstraint("tenant_id", "round_id", "expert_id"),
        CheckConstraint(f"state IN ({_STATES})", name="state"),
        CheckConstraint(f"declining IS NULL OR declining IN ({_DECLININGS})", name="declining"),
        CheckConstraint(
            "state <> 'accepted' OR (declaration IS NOT NULL AND score_by IS NOT NULL)",
            name="accepted_declared",
        ),
        CheckConstraint(
            "state NOT IN ('passed', 'recused') OR reason IS NOT NULL", name="ended_for_a_reason"
        ),
        CheckConstraint("handed_in BETWEEN 0 AND sheets", name="handed_in"),
        Index("ix_seat_expert", "tenant_id", "expert_id"),
    )

    @property
    def title(self) -> str:
        """What the inbox calls it."""
        return f"{self.round_name} 专家评审" + (f"（{self.expert_name}）" if self.is_late else "")

    @property
    def state_label(self) -> tuple[str, str]:
        """The state in words, and its tone."""
        return DONE_LABEL if self.is_live and self.is_done else SEAT_LABELS[SeatState(self.state)]

    @property
    def reply_label(self) -> tuple[str, str]:
        """What became of the offer in words, and its tone; whatever was handed in since."""
        return SEAT_LABELS[SeatState(self.state)]

    @property
    def is_live(self) -> bool:
        """Whether the expert sits in the round."""
        return SeatState(self.state) is SeatState.ACCEPTED

    @property
    def is_offered(self) -> bool:
        """Whether the expert is being asked."""
        return SeatState(self.state) is SeatState.OFFERED

    @property
    def is_over(self) -> bool:
        """Whether the seat has ended without a score of this expert's."""
        return not self.is_live and not self.is_offered

    @property
    def is_done(self) -> bool:
        """Whether all of the seat's sheets are in."""
        return bool(self.sheets) and self.handed_in == self.sheets

    @property
    def why(self) -> str:
        """Why the seat ended, in words; empty where it did not."""
        coded = DECLINING_LABELS[Declining(self.declining)] if self.declining else ""
        return "：".join(each for each in (coded, self.reason or "") if each)

    def is_expert(self, actor: Actor) -> bool:
        """Whether the actor is the expert asked."""
        return self.expert_id == actor.party_id

    def awaits(self) -> Sequence[str]:
        """The expert answers the offer; sheets wait for themselves. The organiser sees to whoever is late."""
        if self.is_live and self.is_late and not self.is_done:
            return ("extend",)
        return ("accept",) if self.is_offered else ()

    def inbox_party(self, permission: Permission) -> UUID | None:
        """An offer waits for its expert alone, a late expert for any organiser."""
        return None if permission is Permission.SEAT_EXTEND else self.expert_id

    def inbox_due(self, verb: str) -> datetime | None:
        """An offer goes to the next when its minutes are over."""
        return self.offer_until if verb == "accept" else None

    def snapshot(self) -> Mapping[str, object]:
        """The seat as the audit chain digests it."""
        return {
            "round": self.round_id,
            "draw": self.draw_id,
            "place": self.place,
            "expert": self.expert_id,
            "offer_until": self.offer_until,
            "declaration": self.declaration,
            "declining": self.declining,
            "reason": self.reason,
            "score_by": self.score_by,
        }
