"""Reading the firms a bureau works with, and their lead evaluators."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import contains_eager

from portal.firm.models import Acceptance, Firm, LeadEvaluator, Load, Standing
from portal.firm.rules import FirmKind, FirmSize, LeadLimits
from portal.kernel.errors import Misconfigured, NotFound
from portal.kernel.workdays import day_of
from portal.office import rules_on
from portal.spreadsheet import Masked
from portal.spreadsheet.rules import Fields
from portal.web.listing import Listing, Sort, listing, read_int
from portal.web.search import found
from tenants.db import db, tenant_of_session
from tenants.ruleset import merge, national, parse, texts

FIRM_SORTS: Final[Mapping[str, Sort]] = {
    "name": Sort(Firm.name.expression),
    "staff": Sort(func.coalesce(Firm.staff, 0), read_int),
}
LEAD_SORTS: Final[Mapping[str, Sort]] = {
    "name": Sort(LeadEvaluator.name.expression),
    "firm": Sort(Firm.name.expression),
    "work": Sort(LeadEvaluator.work_years.expression, read_int),
    "evaluation": Sort(LeadEvaluator.evaluation_years.expression, read_int),
}
PROFILE: Final = ("name", "kind", "representative", "address", "staff", "size")


def firm(row_id: UUID) -> Acceptance:
    """The bureau's entry of a firm. Raises `NotFound`."""
    row = db.session.scalar(_entries().where(Acceptance.id == row_id))
    if row is None:
        raise NotFound
    return row


def _entries() -> Select[Acceptance]:
    return (
        select(Acceptance).join(Firm, Firm.id == Acceptance.firm_id).options(contains_eager(Acceptance.firm))
    )


def matching_firms(arguments: Mapping[str, str]) -> Select[Acceptance]:
    """The accepted firms a search asks for: part of the name, initials or credit code; kind, size."""
    rows = _entries()
    if words := arguments.get("q", "").strip():
        texts = (Firm.name.expression, Firm.credit_code.expression)
        rows = rows.where(found(words, *texts, sounds=Firm.initials.expression))
    if (kind := arguments.get("kind")) in {each.value for each in FirmKind}:
        rows = rows.where(Firm.kind == kind)
    if (size := arguments.get("size")) in {each.value for each in FirmSize}:
        rows = rows.where(Firm.size == size)
    return rows


def page_of_firms(arguments: Mapping[str, str], *, path: str, export_url: str) -> Listing:
    """One page of the accepted firms, by name."""
    return listing(
        matching_firms(arguments),
        key=Acceptance.id.expression,
        sorts=FIRM_SORTS,
        arguments=arguments,
        path=path,
        default="name",
        kept=("q", "kind", "size"),
        export_url=export_url,
    )


def all_firms(arguments: Mapping[str, str]) -> list[Acceptance]:
    """All accepted firms a search asks for, by name, for the workbook."""
    return list(db.session.scalars(matching_firms(arguments).order_by(Firm.name)))


def lead_counts(firm_ids: Iterable[UUID]) -> dict[UUID, int]:
    """How many lead evaluators each of these firms has here."""
    asked = select(LeadEvaluator.firm_id, func.count()).where(LeadEvaluator.firm_id.in_(list(firm_ids)))
    counted = db.session.execute(asked.group_by(LeadEvaluator.firm_id))
    return {row[0]: row[1] for row in counted}


def known_firms() -> dict[str, str]:
    """Credit code → name of every firm the bureau has accepted."""
    rows = db.session.execute(
        select(Firm.credit_code, Firm.name).join(Acceptance, Acceptance.firm_id == Firm.id)
    )
    return {row.credit_code: row.name for row in rows}


def registered_elsewhere() -> dict[str, str]:
    """Credit code → name of the firms that other bureaus registered."""
    rows = select(Firm.credit_code, Firm.name).where(Firm.registered_by != tenant_of_session())
    return {row.credit_code: row.name for row in db.session.execute(rows)}


def registered(codes: Iterable[str]) -> dict[str, Firm]:
    """The firms of the platform among these credit codes, whoever registered them."""
    rows = db.session.scalars(select(Firm).where(Firm.credit_code.in_(list(codes))))
    return {row.credit_code: row for row in rows}


def accepted(codes: Iterable[str] | None = None) -> dict[str, Acceptance]:
    """The bureau's entries by credit code; of these codes alone where they are given."""
    rows = _entries()
    if codes is not None:
        rows = rows.where(Firm.credit_code.in_(list(codes)))
    return {row.firm.credit_code: row for row in db.session.scalars(rows)}


def present_firms() -> dict[str, Fields]:
    """Every accepted firm by credit code, as an import compares it."""
    return {
        code: {
            "credit_code": code,
            **{name: getattr(row.firm, name) for name in PROFILE},
            "phone": Masked(row.phone_index, row.phone_masked) if row.phone_index else "",
            "email": row.email,
        }
        for code, row in accepted().items()
    }


def _leads() -> Select[LeadEvaluator]:
    return (
        select(LeadEvaluator)
        .join(Firm, Firm.id == LeadEvaluator.firm_id)
        .options(contains_eager(LeadEvaluator.firm))
    )


def leads_of(firm_id: UUID) -> list[LeadEvaluator]:
    """The lead evaluators of one firm, by name."""
    return list(
        db.session.scalars(_leads().where(LeadEvaluator.firm_id == firm_id).order_by(LeadEvaluator.name))
    )


@dataclass(frozen=True, slots=True)
class Lead:
    """A lead evaluator as others may name them."""

    id: UUID
    name: str
    qualification: str
    work_years: int
    evaluation_years: int

    @property
    def told(self) -> str:
        """What the register says of them, in a line."""
        years = f"从业 {self.work_years} 年，绩效评价 {self.evaluation_years} 年"
        return f"{self.qualification}，{years}" if self.qualification else years


def leads(firm_id: UUID) -> list[Lead]:
    """The lead evaluators of one firm by name, as values."""
    return [
        Lead(each.id, each.name, each.qualification, each.work_years, each.evaluation_years)
        for each in leads_of(firm_id)
    ]


def limits(now: datetime) -> LeadLimits:
    """What this bureau asks of a lead evaluator today: by its rule set, or, before it has one, nationally."""
    try:
        lead = rules_on(day_of(now)).rules.lead
    except Misconfigured:
        lead = parse(texts(merge(national(), on=day_of(now))), strict=False).lead
    return LeadLimits(lead.min_years, lead.min_eval_years)


def matching_leads(arguments: Mapping[str, str], limit: LeadLimits) -> Select[LeadEvaluator]:
    """The lead evaluators a search asks for; ``below`` keeps those short of the years asked."""
    rows = _leads()
    if words := arguments.get("q", "").strip():
        texts = (LeadEvaluator.name.expression, Firm.name.expression)
        rows = rows.where(found(words, *texts, sounds=LeadEvaluator.initials.expression))
    if arguments.get("below") == "yes":
        rows = rows.where(
            (LeadEvaluator.work_years < limit.work_years)
            | (LeadEvaluator.evaluation_years < limit.evaluation_years)
        )
    return rows


def page_of_leads(arguments: Mapping[str, str], limit: LeadLimits, *, path: str, export_url: str) -> Listing:
    """One page of the lead evaluators, by firm."""
    return listing(
        matching_leads(arguments, limit),
        key=LeadEvaluator.id.expression,
        sorts=LEAD_SORTS,
        arguments=arguments,
        path=path,
        default="firm",
        kept=("q", "below"),
        export_url=export_url,
    )


def all_leads(arguments: Mapping[str, str], limit: LeadLimits) -> list[LeadEvaluator]:
    """All lead evaluators a search asks for, by firm and name, for the workbook."""
    return list(db.session.scalars(matching_leads(arguments, limit).order_by(Firm.name, LeadEvaluator.name)))


def leads_by_key() -> dict[tuple[str, str], LeadEvaluator]:
    """Every lead evaluator by credit code and name."""
    return {(row.firm.credit_code, row.name): row for row in db.session.scalars(_leads())}


def present_leads() -> dict[tuple[str, str], Fields]:
    """Every lead evaluator by credit code and name, as an import compares them."""
    plain = ("name", "qualification", "work_years", "evaluation_years", "education")
    return {
        key: {"credit_code": key[0], "firm": row.firm.name, **{field: getattr(row, field) for field in plain}}
        for key, row in leads_by_key().items()
    }


@dataclass(frozen=True, slots=True)
class Profile:
    """An accepted firm as a purchase sees it; ``qualified`` counts lead evaluators with the years asked.

    ``phone_index`` tells equal numbers, never which.
    """

    firm_id: UUID
    name: str
    initials: str
    credit_code: str
    kind_label: str
    size_label: str
    representative: str
    lead_evaluators: int
    qualified: int
    load: int
    phone_masked: str = ""
    phone_index: bytes | None = None


def profiles(now: datetime) -> list[Profile]:
    """Every firm this bureau has accepted, by name; three statements, however many they are."""
    limit = limits(now)
    leads: dict[UUID, list[bool]] = {}
    for each in db.session.scalars(select(LeadEvaluator)):
        enough = each.work_years >= limit.work_years and each.evaluation_years >= limit.evaluation_years
        leads.setdefault(each.firm_id, []).append(enough)
    loads = open_load()
    return [
        Profile(
            firm_id=row.firm_id,
            name=row.firm.name,
            initials=row.firm.initials,
            credit_code=row.firm.credit_code,
            kind_label=row.firm.kind_label,
            size_label=row.firm.size_label,
            representative=row.firm.representative,
            lead_evaluators=len(leads.get(row.firm_id, ())),
            qualified=sum(leads.get(row.firm_id, ())),
            load=loads.get(row.firm_id, 0),
            phone_masked=row.phone_masked,
            phone_index=row.phone_index,
        )
        for row in db.session.scalars(_entries().order_by(Firm.name))
    ]


def open_load() -> dict[UUID, int]:
    """How many contracts each firm is working on for this bureau; firms with none are left out."""
    rows = db.session.execute(select(Load.firm_id, Load.count.label("running")).where(Load.count > 0))
    return {row[0]: row[1] for row in rows}


def standings_of(firm_ids: Iterable[UUID]) -> dict[UUID, list[Standing]]:
    """评级结果 in force of each firm in this bureau, the latest year first; unrated firms are left out."""
    rows = select(Standing).where(Standing.firm_id.in_(set(firm_ids)), Standing.superseded_at.is_(None))
    found: dict[UUID, list[Standing]] = {}
    for each in db.session.scalars(rows.order_by(Standing.year.desc())):
        found.setdefault(each.firm_id, []).append(each)
    return found
