"""The ranking of a year, each firm's place in each edition of it, and objections to it."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from portal.access import Actor, Permission
from portal.audit import Moved
from portal.kernel.workdays import end_of
from portal.ranking.lifecycle import OBJECTION_LABELS, STATE_LABELS, ObjectionState, RankingState
from portal.ranking.rules import FINDING_LABELS, Finding
from tenants.db import SCORE, Model, TenantRow, tenant_constraints, within_tenant
from tenants.rowsecurity import shared_with

_STATES = ", ".join(f"'{state.value}'" for state in RankingState)
_OBJECTION_STATES = ", ".join(f"'{state.value}'" for state in ObjectionState)
_FINDINGS = ", ".join(f"'{each.value}'" for each in Finding)


class Ranking(Moved, Model):
    """年度排名: one per bureau and year; the firms in it read it once it is public for objections."""

    __tablename__ = "ranking"
    __protection__ = shared_with("readers")

    year: Mapped[int]
    edition: Mapped[int] = mapped_column(default=1)
    rule_set_id: Mapped[UUID]
    rule_label: Mapped[str] = mapped_column(Text)
    rules: Mapped[dict[str, Any]] = mapped_column(JSONB)
    missing: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    ranked: Mapped[int]
    figures: Mapped[str] = mapped_column(Text)
    collected_at: Mapped[datetime]
    drafted_by: Mapped[UUID]
    drafter: Mapped[str] = mapped_column(Text)
    publisher: Mapped[str | None] = mapped_column(Text)
    published_at: Mapped[datetime | None]
    publicity_until: Mapped[date | None]
    finaliser: Mapped[str | None] = mapped_column(Text)
    final_at: Mapped[datetime | None]
    concluded_at: Mapped[datetime | None]
    upheld_at: Mapped[datetime | None]
    last_reason: Mapped[str | None] = mapped_column(Text)
    unread: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), default=list)
    readers: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), default=list)

    __table_args__ = tenant_constraints(
        UniqueConstraint("tenant_id", "year"),
        CheckConstraint(f"state IN ({_STATES})", name="state"),
        CheckConstraint("(state = 'draft') = (publicity_until IS NULL)", name="public_until_a_day"),
        CheckConstraint("(state = 'final') = (final_at IS NOT NULL)", name="final_has_time"),
    )

    @property
    def title(self) -> str:
        """What the inbox calls it."""
        return f"{self.year} 年度第三方机构排名"

    @property
    def state_label(self) -> tuple[str, str]:
        """The state in words, and its tone."""
        return STATE_LABELS[RankingState(self.state)]

    @property
    def is_public(self) -> bool:
        """Whether the firms may see it."""
        return self.published_at is not None

    @property
    def is_final(self) -> bool:
        """Whether it stands."""
        return self.final_at is not None

    def is_ranked(self, actor: Actor) -> bool:
        """Whether the actor acts for a firm that stands in it."""
        return actor.party_id in self.readers

    def awaits(self) -> Sequence[str]:
        """Who is waited for: each firm to look, then the bureau to end it or to correct it."""
        state = RankingState(self.state)
        if state is RankingState.DRAFT:
            return ("publish",) if self.ranked else ()
        if state is RankingState.FINAL:
            return ()
        over = self.concluded_at is not None
        looking = ("acknowledge",) if self.unread and not over else ()
        if self.upheld_at is not None:
            return (*looking, "correct")
        return (*looking, "finalise") if over else looking

    def inbox_party(self, permission: Permission) -> list[UUID] | None:
        """The firms that have not looked yet; else whoever approves in this bureau."""
        return list(self.unread) if permission is Permission.RANKING_ACKNOWLEDGE else None

    def inbox_due(self, verb: str) -> datetime | None:
        """A firm looks, and objects, by the last day of publicity; the bureau has no date."""
        if verb != "acknowledge" or self.publicity_until is None:
            return None
        return end_of(self.publicity_until)

    def snapshot(self) -> Mapping[str, object]:
        """The ranking as the audit chain digests it; its rows by their digest."""
        return {
            "year": self.year,
            "edition": self.edition,
            "rule_set": self.rule_set_id,
            "rules": self.rules,
            "missing": self.missing,
            "figures": self.figures,
            "publicity_until": self.publicity_until,
        }


class RankingRow(TenantRow, Model):
    """One firm in one edition: its place, and the engagements it came about from. The firm reads its own."""

    __tablename__ = "ranking_row"
    __protection__ = shared_with("readers")

    ranking_id: Mapped[UUID]
    edition: Mapped[int]
    place: Mapped[int]
    firm_id: Mapped[UUID] = mapped_column(ForeignKey("firm.id"))
    firm_name: Mapped[str] = mapped_column(Text)
    rank: Mapped[int | None]
    grade: Mapped[str] = mapped_column(Text, default="")
    score: Mapped[Decimal | None] = mapped_column(SCORE)
    engagements: Mapped[int]
    quality: Mapped[Decimal | None] = mapped_column(SCORE)
    on_time: Mapped[int]
    works: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    readers: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), default=list)

    __table_args__ = tenant_constraints(
        within_tenant("ranking_id", "ranking"),
        UniqueConstraint("tenant_id", "ranking_id", "edition", "firm_id"),
        CheckConstraint("engagements > 0 AND on_time BETWEEN 0 AND engagements", name="counts"),
        CheckConstraint("(rank IS NULL) = (score IS NULL)", name="ranked_is_scored"),
        Index("ix_ranking_row_firm", "tenant_id", "firm_id"),
    )

    @property
    def vetoed(self) -> int:
        """How many of its engagements were vetoed (一票否决), by the experts' round or the appraisal."""
        return sum(work["vetoed"] for work in self.works)


class RankingObjection(Moved, Model):
    """排名异议: what a firm says against its place, and what the bureau found."""

    __tablename__ = "ranking_objection"
    __protection__ = shared_with("readers")

    ranking_id: Mapped[UUID]
    year: Mapped[int]
    edition: Mapped[int]
    firm_id: Mapped[UUID] = mapped_column(ForeignKey("firm.id"))
    firm_name: Mapped[str] = mapped_column(Text)
    said: Mapped[str] = mapped_column(Text)
    filed_by: Mapped[str] = mapped_column(Text)
    filed_at: Mapped[datetime]
    answer_by: Mapped[datetime]
    finding: Mapped[str | None] = mapped_column(Text)
    answer: Mapped[str | None] = mapped_column(Text)
    answerer: Mapped[str | None] = mapped_column(Text)
    answered_at: Mapped[datetime | None]
    readers: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), default=list)

    __table_args__ = tenant_constraints(
        within_tenant("ranking_id", "ranking"),
        CheckConstraint(f"state IN ({_OBJECTION_STATES})", name="state"),
        CheckConstraint(f"finding IN ({_FINDINGS})", name="finding"),
        CheckConstraint(
            "(state = 'answered') = (finding IS NOT NULL AND answer IS NOT NULL AND answered_at IS NOT NULL)",
            name="answered_whole",
        ),
        Index(
            "uq_ranking_objection_open",
            "tenant_id",
            "ranking_id",
            "firm_id",
            unique=True,
            postgresql_where=text("state = 'open'"),
        ),
    )

    @property
    def title(self) -> str:
        """What the inbox calls it."""
        return f"{self.firm_name}对 {self.year} 年度排名的异议"

    @property
    def state_label(self) -> tuple[str, str]:
        """The state in words, and its tone."""
        return OBJECTION_LABELS[ObjectionState(self.state)]

    @property
    def finding_label(self) -> str:
        """What came of it, in words; empty while it waits."""
        return FINDING_LABELS[Finding(self.finding)] if self.finding else ""

    def awaits(self) -> Sequence[str]:
        """The verbs somebody is now expected to do."""
        return () if self.finding else ("answer",)

    def inbox_party(self, _permission: Permission) -> UUID | None:
        """Whoever handles or approves in this bureau."""
        return None

    def inbox_due(self, _verb: str) -> datetime | None:
        """When it is to be answered."""
        return self.answer_by

    def snapshot(self) -> Mapping[str, object]:
        """The objection as the audit chain digests it."""
        return {
            "ranking": self.ranking_id,
            "edition": self.edition,
            "firm": self.firm_id,
            "said": self.said,
            "finding": self.finding,
            "answer": self.answer,
        }
