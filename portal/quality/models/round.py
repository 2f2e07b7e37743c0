"""A round of scoring: the work of one contract, its result, and the firm's objection to it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from portal.access import Actor, Permission
from portal.audit import Moved
from portal.quality.lifecycle import ROUND_AWAITS, ROUND_LABELS, TOLD, RoundState
from tenants.db import RATIO, SCORE, Model, tenant_constraints, within_tenant
from tenants.rowsecurity import shared_with

_STATES = ", ".join(f"'{each}'" for each in RoundState)


class Round(Moved, Model):
    """会审（一轮）: the experts of one contract score its plans and reports; the firm reads it once told."""

    __tablename__ = "round"
    __protection__ = shared_with("readers")

    contract_id: Mapped[UUID]
    tender_id: Mapped[UUID]
    name: Mapped[str] = mapped_column(Text)
    year: Mapped[int]
    section_id: Mapped[UUID | None]
    firm_id: Mapped[UUID] = mapped_column(ForeignKey("firm.id"))
    firm_name: Mapped[str] = mapped_column(Text)
    terms_id: Mapped[UUID]
    rule_set_id: Mapped[UUID]
    subjects: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    sample_size: Mapped[int | None]
    places: Mapped[int]
    min_valid_sheets: Mapped[int]
    trim_extremes: Mapped[bool]
    weight_plan: Mapped[Decimal] = mapped_column(RATIO)
    weight_report: Mapped[Decimal] = mapped_column(RATIO)
    scoring_workdays: Mapped[int]
    objection_workdays: Mapped[int]
    forms: Mapped[dict[str, int]] = mapped_column(JSONB)
    sampled_at: Mapped[datetime | None]
    draw_id: Mapped[UUID | None]
    unfilled: Mapped[int] = mapped_column(default=0)
    scored_at: Mapped[datetime | None]
    result: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    quality_score: Mapped[Decimal | None] = mapped_column(SCORE)
    plan_mean: Mapped[Decimal | None] = mapped_column(SCORE)
    report_mean: Mapped[Decimal | None] = mapped_column(SCORE)
    vetoed: Mapped[bool | None]
    veto_reason: Mapped[str | None] = mapped_column(Text)
    veto_ruler: Mapped[str | None] = mapped_column(Text)
    notified_at: Mapped[datetime | None]
    objection_by: Mapped[datetime | None]
    objected_at: Mapped[datetime | None]
    objector: Mapped[str | None] = mapped_column(Text)
    objection: Mapped[str | None] = mapped_column(Text)
    objection_file_id: Mapped[UUID | None]
    answered_at: Mapped[datetime | None]
    answerer: Mapped[str | None] = mapped_column(Text)
    answer: Mapped[str | None] = mapped_column(Text)
    concurrer: Mapped[str | None] = mapped_column(Text)
    final_at: Mapped[datetime | None]
    readers: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), default=list)

    __table_args__ = tenant_constraints(
        within_tenant("contract_id", "contract"),
        within_tenant("terms_id", "quality_terms"),
        within_tenant("section_id", "section"),
        within_tenant("draw_id", "draw"),
        within_tenant("objection_file_id", "stored_file"),
        UniqueConstraint("tenant_id", "contract_id"),
        CheckConstraint(f"state IN ({_STATES})", name="state"),
        CheckConstraint("places > 0 AND min_valid_sheets > 0", name="places"),
        CheckConstraint(
            "state NOT IN ('scored', 'notified', 'objected', 'final') OR scored_at IS NOT NULL",
            name="scored_has_time",
        ),
        CheckConstraint(
            "state NOT IN ('notified', 'objected', 'final') OR notified_at IS NOT NULL",
            name="notified_has_time",
        ),
        CheckConstraint("(objected_at IS NULL) = (objection IS NULL)", name="objection_has_reason"),
        CheckConstraint("(state = 'final') = (final_at IS NOT NULL)", name="final_has_time"),
        CheckConstraint("vetoed IS NULL OR veto_reason IS NOT NULL", name="veto_has_reason"),
        Index("ix_round_touched", "tenant_id", "touched_at", "id"),
        Index("ix_round_year", "tenant_id", "year", "state"),
    )

    @property
    def title(self) -> str:
        """What the inbox calls it."""
        return f"{self.name} 会审"

    @property
    def state_label(self) -> tuple[str, str]:
        """The state in words, and its tone."""
        return ROUND_LABELS[RoundState(self.state)]

    @property
    def is_told(self) -> bool:
        """Whether the firm has been told the result."""
        return RoundState(self.state) in TOLD

    @property
    def sampled(self) -> list[dict[str, Any]]:
        """The subjects that are scored; all of them where the terms sample none."""
        return [each for each in self.subjects if each["sampled"]]

    @property
    def to_sample(self) -> bool:
        """Whether the sample has still to be drawn."""
        return self.sampled_at is None

    @property
    def reports_of_veto(self) -> list[dict[str, Any]]:
        """Each item of 一票否决 that an expert has reported, with the evidence."""
        return list((self.result or {}).get("vetoes", ()))

    @property
    def fewer_experts(self) -> str:
        """Why the mean is of fewer sheets than there were places, in words; empty where it is not."""
        there = len((self.result or {}).get("experts", ()))
        if not 0 < there < self.places:
            return ""
        return f"应由 {self.places} 位专家评分，名单已全部问到，实有 {there} 位；按实有的有效评分表平均"

    @property
    def why_zero(self) -> str:
        """Why the score is nought whatever the experts gave, in words; empty where it is not."""
        return "审批人已确认一票否决，质量得分为零" if self.vetoed else ""

    @property
    def veto_open(self) -> bool:
        """Whether a report of 一票否决 waits for its ruling."""
        return bool(self.reports_of_veto) and self.vetoed is None

    def is_firm(self, actor: Actor) -> bool:
        """Whether the actor acts for the firm that was scored."""
        return self.firm_id == actor.party_id

    def awaits(self) -> Sequence[str]:
        """The verbs somebody is now expected to do."""
        state = RoundState(self.state)
        if state is RoundState.PLANNED and self.to_sample:
            return ("sample",)
        if state is RoundState.SCORED and self.veto_open:
            return ("veto",)
        if state is RoundState.SCORING and self.unfilled:
            return ("supplement",)
        return ROUND_AWAITS.get(state, ())

    def inbox_party(self, permission: Permission) -> UUID | None:
        """An objection is the firm's own to make; the rest waits for the organiser and the approver."""
        return self.firm_id if permission is Permission.ROUND_OBJECT else None

    def inbox_due(self, verb: str) -> datetime | None:
        """The firm objects before its days are over."""
        return self.objection_by if verb == "object" else None

    def snapshot(self) -> Mapping[str, object]:
        """The round as the audit chain digests it; points only once the round is scored."""
        return {
            "contract": self.contract_id,
            "terms": self.terms_id,
            "forms": self.forms,
            "sampled": [each["id"] for each in self.sampled],
            "draw": self.draw_id,
            "result": self.result,
            "quality_score": self.quality_score,
            "vetoed": self.vetoed,
            "objection": self.objection,
            "answer": self.answer,
        }
