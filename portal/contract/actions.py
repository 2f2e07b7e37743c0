"""One function per verb of a contract. Each goes through the setter of moves; none commits."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from portal import award, commission, document, firm
from portal.access import Actor
from portal.audit import announce, born, record, take
from portal.contract import queries
from portal.contract.lifecycle import CONTRACT, ContractEffective, ContractExtended, ContractState
from portal.contract.models import Contract, Extension
from portal.contract.rules import CLAUSES, SIGNING_DAYS, DeliverableKind, quality_clause
from portal.kernel.errors import Invalid, Refused
from portal.kernel.hashing import digest
from portal.kernel.money import Yuan
from portal.kernel.ruling import unless
from portal.kernel.workdays import day_of, end_of
from tenants.db import db
from tenants.scope import elevated


@dataclass(frozen=True, slots=True)
class Awarding:
    """What was awarded to whom, and what the opened bid promised; ``price`` in 元."""

    commission_id: UUID
    tender_id: UUID
    tender_number: str
    tendered_terms_id: UUID
    award_id: UUID
    bid_id: UUID
    firm_id: UUID
    firm_name: str
    price: Yuan
    lead_evaluator: str
    team: tuple[Mapping[str, str], ...]
    onsite_days: int
    sign_days: int = SIGNING_DAYS


@dataclass(frozen=True, slots=True)
class Draft:
    """What the bureau fills in, typed and of the right shape; ratios 0–1, days in Shanghai."""

    plan_due_on: date
    draft_due_on: date
    report_due_on: date
    advance_ratio: Decimal
    payment_days: int
    late_ratio: Decimal
    late_cap: Decimal
    clauses: Mapping[str, str]
    special: str


def draft_from(awarding: Awarding, *, by: Actor | None, now: datetime) -> Contract:
    """起草: what award, bid, tender and commission already say, with the house's clauses for the rest."""
    origin = commission.commission(awarding.commission_id)
    numbers = queries.numbers(origin.terms)
    clauses = {key: text for key, (_, text) in CLAUSES.items()}
    if origin.requirements:
        clauses["service"] = f"{clauses['service']}\n{origin.requirements}"
    row = Contract(
        state=ContractState.DRAFT.value,
        name=origin.name,
        year=origin.year,
        commission_id=origin.id,
        tender_id=awarding.tender_id,
        tender_number=awarding.tender_number,
        award_id=awarding.award_id,
        bid_id=awarding.bid_id,
        section_id=origin.section_id,
        bureau_name=origin.commissioner_name,
        firm_id=awarding.firm_id,
        firm_name=awarding.firm_name,
        subjects={"subjects": queries.subjects_named([line.subject_id for line in origin.lines])},
        terms_id=origin.terms_id,
        tendered_terms_id=awarding.tendered_terms_id,
        quality={"lines": list(quality_clause(numbers)), "forms": dict(numbers.forms)},
        fee=awarding.price,
        awarded=awarding.price,
        advance_ratio=Decimal("0.30"),
        payment_days=30,
        late_ratio=Decimal(0),
        late_cap=Decimal(0),
        lead_evaluator=awarding.lead_evaluator,
        team={"members": [dict(each) for each in awarding.team]},
        onsite_days=awarding.onsite_days,
        plan_due_on=origin.plan_due_on,
        draft_due_on=origin.draft_due_on,
        report_due_on=origin.report_due_on,
        clauses=clauses,
        special="",
        awarded_at=now,
        sign_by=end_of(day_of(now) + timedelta(days=awarding.sign_days)),
        readers=[],
        touched_at=now,
    )
    born(CONTRACT, row, by=by, now=now)
    return row


def edit(row: Contract, data: Draft, *, version: int, by: Actor, now: datetime) -> None:
    """Fill in a draft. Raises `Refused` when it is no draft any more, `Stale` when somebody saved first."""
    queries.lock(row, version=version)
    ruling = unless(row.state != ContractState.DRAFT.value, "contract.not_draft")
    if not ruling:
        raise Refused(ruling)
    if not data.plan_due_on < data.draft_due_on < data.report_due_on:
        raise Invalid("draft_due_on", "contract.dates_order")
    before = digest(row.snapshot())
    for name in Draft.__slots__:
        value = getattr(data, name)
        setattr(row, name, dict(value) if name == "clauses" else value)
    row.version += 1
    row.touched_at = now
    db.session.flush()
    record(
        "contract.edit",
        by=by,
        now=now,
        subject_id=row.id,
        before=before.hex(),
        after=digest(row.snapshot()).hex(),
    )


def offer(row: Contract, *, by: Actor, now: datetime) -> None:
    """送机构确认: from now on the firm reads the very same text. Raises `Refused`."""
    facts = queries.facts(row, by=by, now=now)
    take(
        CONTRACT,
        row,
        "offer",
        facts,
        by=by,
        now=now,
        changes={
            "offered_by": by.account_id,
            "offerer": by.name,
            "offered_at": now,
            "readers": [row.firm_id],
            "last_reason": None,
        },
        content=facts.digest,
    )


def confirm(row: Contract, password: str, *, seen: str, by: Actor, now: datetime) -> None:
    """机构签章: the firm signs the text it has before it. Raises `Refused`, `Invalid` for its password."""
    facts = queries.facts(row, by=by, now=now, seen=seen)
    take(
        CONTRACT,
        row,
        "confirm",
        facts,
        by=by,
        now=now,
        changes={"firm_digest": facts.digest, "firm_signer": by.name, "firm_signed_at": now},
        content=facts.digest,
    )
    document.sign("contract", row.id, facts.digest, password=password, by=by, now=now)


def return_(row: Contract, reason: str, *, by: Actor, now: datetime) -> None:
    """机构退回: back to the bureau with remarks. Raises `Refused`."""
    _void(row, "return", reason, by=by, now=now)


def revise(row: Contract, reason: str, *, by: Actor, now: datetime) -> None:
    """收回修改: the bureau changes the text again, so the firm's signature is void. Raises `Refused`."""
    _void(row, "revise", reason, by=by, now=now)


def _void(row: Contract, verb: str, reason: str, *, by: Actor, now: datetime) -> None:
    voided = row.firm_digest
    take(
        CONTRACT,
        row,
        verb,
        queries.facts(row, by=by, now=now, reason=reason),
        by=by,
        now=now,
        changes={"firm_digest": None, "firm_signer": None, "firm_signed_at": None, "last_reason": reason},
        reason=reason,
        voided=voided,
    )


def sign(row: Contract, password: str, *, by: Actor, now: datetime) -> None:
    """财政签章: the contract takes effect, gets its number and document, and is announced.

    Raises `Refused`, `Invalid` for a wrong password.
    """
    facts = queries.facts(row, by=by, now=now)
    take(
        CONTRACT,
        row,
        "sign",
        facts,
        by=by,
        now=now,
        changes={"signer": by.name, "signed_at": now, "last_reason": None},
        content=facts.digest,
    )
    document.sign("contract", row.id, facts.digest, password=password, by=by, now=now)
    issued = document.issue(
        "contract.contract", queries.paper(row), subject_id=row.id, readers=row.readers, by=by, now=now
    )
    row.number = issued.number
    document.publish_notice("contract", queries.announcement(row), subject_id=row.id, by=by, now=now)
    firm.count_load(row.firm_id, +1)
    announce(ContractEffective(row.id), by=by, now=now)


def extend(
    row: Contract, kind: DeliverableKind, new_on: date, reason: str, *, by: Actor, now: datetime
) -> None:
    """延期: one kind of deliverable is due later; the signed date stays on file. Raises `Refused`."""
    old_on = row.due_on(kind)
    take(
        CONTRACT,
        row,
        "extend",
        queries.facts(row, by=by, now=now, reason=reason, old_on=old_on, new_on=new_on),
        by=by,
        now=now,
        kind=kind,
        old_on=old_on,
        new_on=new_on,
        reason=reason,
    )
    made = Extension(
        contract_id=row.id,
        kind=kind.value,
        old_on=old_on,
        new_on=new_on,
        reason=reason.strip(),
        granted_by=by.name,
        granted_at=now,
        readers=list(row.readers),
    )
    db.session.add(made)
    db.session.flush()
    db.session.expire(row, ["extensions"])
    document.issue(
        "contract.extension",
        queries.extension_paper(row, made),
        subject_id=row.id,
        readers=row.readers,
        by=by,
        now=now,
        numbered=False,
    )
    announce(ContractExtended(row.id, kind, new_on), by=by, now=now)


@dataclass(frozen=True, slots=True)
class Filing:
    """Where and when the copy of a contract was filed, outside this system."""

    on: date
    where: str
    note: str


def file(row: Contract, filing: Filing, *, by: Actor, now: datetime) -> None:
    """登记备案: the copy was filed with whom the bureau files it. Raises `Refused`."""
    take(
        CONTRACT,
        row,
        "file",
        queries.facts(row, by=by, now=now, on=filing.on),
        by=by,
        now=now,
        changes={
            "filed_on": filing.on,
            "filed_with": filing.where,
            "filing_note": filing.note,
            "filer": by.name,
        },
        filed_on=filing.on,
        filed_with=filing.where,
    )


def cancel(row: Contract, reason: str, *, by: Actor, now: datetime) -> None:
    """不再签订: the award came to no contract, for a reason that stays on file. Raises `Refused`."""
    _void(row, "cancel", reason, by=by, now=now)
    award.refuse(award.by_id(row.award_id), reason, by=by, now=now)


def complete(row: Contract, *, by: Actor | None, now: datetime) -> None:
    """办结: paid for and appraised. Raises `Refused`."""
    take(CONTRACT, row, "complete", queries.facts(row, by=by, now=now), by=by, now=now)
    firm.count_load(row.firm_id, -1)


def settled(contract_id: UUID, *, by: Actor | None, now: datetime) -> None:
    """Settlement says it is paid for; the last of settlement and appraisal completes the contract."""
    _note(contract_id, "settled_at", by=by, now=now)


def appraised(contract_id: UUID, *, by: Actor | None, now: datetime) -> None:
    """The appraisal says its score is final; the last of settlement and appraisal completes the contract."""
    _note(contract_id, "appraised_at", by=by, now=now)


def _note(contract_id: UUID, name: str, *, by: Actor | None, now: datetime) -> None:
    with elevated("contract.note"):
        row = queries.contract(contract_id)
        setattr(row, name, now)
        db.session.flush()
        if row.settled_at and row.appraised_at and row.state == ContractState.EFFECTIVE.value:
            complete(row, by=by, now=now)
