"""A round of scoring, the seats of its experts, their sheets, and what was found about matching employers."""

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
from portal.quality.lifecycle import (
    DONE_LABEL,
    ROUND_AWAITS,
    ROUND_LABELS,
    SEAT_LABELS,
    SHEET_LABELS,
    TOLD,
    RoundState,
    SeatState,
    SheetState,
)
from portal.quality.rules import DECLINING_LABELS, STAGE_LABELS, Declining, Stage, Verdict
from tenants.db import RATIO, SCORE, Model, TenantRow, tenant_constraints, within_tenant
from tenants.rowsecurity import (
    TENANT,
    TENANT_READ,
    TENANT_WRITE,
    Protection,
    Rows,
    ids,
    setting,
    shared_with,
)

_OWN = f"expert_id = ANY ({ids('parties')})"
_SYSTEM = f"{setting('kind')} = 'system'"
SHEETS = Protection(
    Rows.CONFIDENTIAL,
    f"({_OWN}) OR ({TENANT_READ} AND (released_at IS NOT NULL OR {_SYSTEM}))",
    f"{TENANT_WRITE} AND {_SYSTEM}",
)


def _listed(values: Sequence[str]) -> str:
    return ", ".join(f"'{each}'" for each in values)


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
        CheckConstraint(f"state IN ({_listed(list(RoundState))})", name="state"),
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
        CheckConstraint(f"state IN ({_listed(list(SeatState))})", name="state"),
        CheckConstraint(f"declining IS NULL OR declining IN ({_listed(list(Declining))})", name="declining"),
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
    def is_live(self) -> bool:
        """Whether the expert sits in the round."""
        return SeatState(self.state) is SeatState.ACCEPTED

    @property
    def is_offered(self) -> bool:
        """Whether the expert is being asked."""
        return SeatState(self.state) is SeatState.OFFERED

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


class Sheet(Moved, Model):
    """评分表: one expert's points for one deliverable; theirs alone until the round is added up.

    A trigger keeps what was handed in as it was. ``nonce`` keeps its digests from being guessed.
    """

    __tablename__ = "sheet"
    __protection__ = SHEETS

    round_id: Mapped[UUID]
    seat_id: Mapped[UUID]
    expert_id: Mapped[UUID]
    expert_name: Mapped[str] = mapped_column(Text)
    round_name: Mapped[str] = mapped_column(Text)
    firm_name: Mapped[str] = mapped_column(Text)
    subject_id: Mapped[UUID]
    subject_name: Mapped[str] = mapped_column(Text)
    unit_name: Mapped[str] = mapped_column(Text)
    stage: Mapped[str] = mapped_column(Text)
    form_code: Mapped[str] = mapped_column(Text)
    form_version: Mapped[int]
    file_id: Mapped[UUID]
    edition: Mapped[int] = mapped_column(default=1)
    nonce: Mapped[str] = mapped_column(Text)
    entries: Mapped[dict[str, Any]] = mapped_column(JSONB)
    total: Mapped[Decimal | None] = mapped_column(SCORE)
    score_by: Mapped[datetime]
    saved_at: Mapped[datetime | None]
    handed_in_at: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(Text)
    released_at: Mapped[datetime | None]

    __table_args__ = tenant_constraints(
        within_tenant("round_id", "round"),
        within_tenant("seat_id", "seat"),
        within_tenant("subject_id", "subject"),
        within_tenant("file_id", "stored_file"),
        CheckConstraint(f"state IN ({_listed(list(SheetState))})", name="state"),
        CheckConstraint(f"stage IN ({_listed(list(Stage))})", name="stage"),
        CheckConstraint(
            "state <> 'handed_in' OR (total IS NOT NULL AND handed_in_at IS NOT NULL)", name="handed_in_whole"
        ),
        CheckConstraint("state <> 'open' OR total IS NULL", name="open_has_no_total"),
        CheckConstraint("state <> 'void' OR reason IS NOT NULL", name="void_for_a_reason"),
        CheckConstraint("total BETWEEN 0 AND 100", name="total"),
        UniqueConstraint("tenant_id", "seat_id", "subject_id", "stage", "edition"),
        Index("ix_sheet_round", "tenant_id", "round_id"),
        Index("ix_sheet_expert", "tenant_id", "expert_id"),
    )

    @property
    def stage_label(self) -> str:
        """The deliverable scored, in words."""
        return STAGE_LABELS[Stage(self.stage)]

    @property
    def title(self) -> str:
        """What the inbox calls it."""
        return f"{self.subject_name} {self.stage_label}评分表"

    @property
    def state_label(self) -> tuple[str, str]:
        """The state in words, and its tone."""
        return SHEET_LABELS[SheetState(self.state)]

    @property
    def is_open(self) -> bool:
        """Whether it may still be written on."""
        return SheetState(self.state) is SheetState.OPEN

    @property
    def is_void(self) -> bool:
        """Whether it is only kept."""
        return SheetState(self.state) is SheetState.VOID

    @property
    def counts(self) -> bool:
        """Whether it is in and valid."""
        return SheetState(self.state) is SheetState.HANDED_IN

    def is_expert(self, actor: Actor) -> bool:
        """Whether the actor fills it in."""
        return self.expert_id == actor.party_id

    def awaits(self) -> Sequence[str]:
        """The verbs the expert is now expected to do."""
        return ("hand_in",) if self.is_open else ()

    def inbox_party(self, _permission: Permission) -> UUID:
        """A sheet waits for its expert alone."""
        return self.expert_id

    def inbox_due(self, _verb: str) -> datetime:
        """Scoring ends with its last working day."""
        return self.score_by

    def snapshot(self) -> Mapping[str, object]:
        """The sheet as the audit chain digests it: nobody can guess it back from the digest."""
        return {
            "nonce": self.nonce,
            "seat": self.seat_id,
            "subject": self.subject_id,
            "stage": self.stage,
            "form": f"{self.form_code}@{self.form_version}",
            "edition": self.edition,
            "entries": self.entries,
            "total": self.total,
            "score_by": self.score_by,
        }


class EmployerMatch(TenantRow, Model):
    """工作单位匹配: what a person found about an expert's employer and a body of the same or a like name."""

    __tablename__ = "employer_match"
    __protection__ = TENANT

    expert_id: Mapped[UUID]
    expert_name: Mapped[str] = mapped_column(Text)
    employer: Mapped[str] = mapped_column(Text)
    bare: Mapped[str] = mapped_column(Text)
    other_id: Mapped[UUID]
    other_name: Mapped[str] = mapped_column(Text)
    verdict: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    found_by: Mapped[str] = mapped_column(Text)
    found_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    __table_args__ = tenant_constraints(
        CheckConstraint(f"verdict IN ({_listed(list(Verdict))})", name="verdict"),
        Index(
            "uq_employer_match_live",
            "tenant_id",
            "expert_id",
            "bare",
            "other_id",
            unique=True,
            postgresql_where="ended_at IS NULL",
        ),
    )
