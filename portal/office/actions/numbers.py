"""The register of document numbers: codes, numbers taken without a gap, old numbers entered as they stand."""

from datetime import datetime
from uuid import UUID

from portal.access import Actor
from portal.audit import record
from portal.kernel.errors import Invalid, Refused
from portal.kernel.workdays import day_of
from portal.office.queries import numbers
from portal.office.rules.numbers import Reference, may_register, may_take
from tenants.db import db
from tenants.models import DocumentCode, DocumentNumber


def take_number(code: str, year: int, title: str, by: Actor | None, now: datetime) -> DocumentNumber:
    """取号: the next number of a 代字 in a year. Its row is locked: no two are the same, none is lost.

    Raises `Invalid` for a code nobody opened, `Refused` for one closed or a year gone by.
    """
    held = numbers.code_named(code, lock=True)
    if held is None:
        raise Invalid("code", "office.code_unknown", stem=code)
    ruling = may_take(closed=held.closed_at is not None, year=year, this_year=day_of(now).year, stem=code)
    if not ruling:
        raise Refused(ruling)
    return _enter(
        held, Reference(code, year, numbers.highest(held.id, year) + 1), title, None, by=by, now=now
    )


def register_number(
    reference: Reference, title: str, reason: str, *, by: Actor, now: datetime
) -> DocumentNumber:
    """补登: a number given on paper. Raises `Invalid`: code unknown, year to come, taken without a reason."""
    held = numbers.code_named(reference.code, lock=True)
    if held is None:
        raise Invalid("typed", "office.code_unknown", stem=reference.code)
    same = numbers.same(held.id, reference.year, reference.number)
    ruling = may_register(year=reference.year, this_year=day_of(now).year, taken=bool(same), reason=reason)
    for refusal in ruling.refusals:
        field = "reason" if refusal.code == "office.number_taken" else "typed"
        raise Invalid(field, refusal.code, **refusal.facts)
    return _enter(held, reference, title, reason.strip() if same else None, by=by, now=now)


def _enter(
    held: DocumentCode,
    reference: Reference,
    title: str,
    duplicate_reason: str | None,
    *,
    by: Actor | None,
    now: datetime,
) -> DocumentNumber:
    entry = DocumentNumber(
        code_id=held.id,
        code=reference.code,
        year=reference.year,
        number=reference.number,
        title=title,
        duplicate_reason=duplicate_reason,
        taken_by=by.name if by else "系统",
        taken_at=now,
    )
    db.session.add(entry)
    db.session.flush()
    record(
        "number.take",
        by=by,
        now=now,
        subject_id=entry.id,
        tenant_id=entry.tenant_id,
        number=entry.written,
        title=title,
        duplicate_reason=duplicate_reason,
    )
    return entry


def open_code(code: str, section_id: UUID | None, *, by: Actor | None, now: datetime) -> DocumentCode:
    """启用代字. Raises `Invalid` where it is there already; one that was closed is taken into use again."""
    held = numbers.code_named(code, lock=True)
    if held is not None and held.closed_at is None:
        raise Invalid("code", "office.code_taken", stem=code)
    if held is None:
        held = DocumentCode(code=code)
        db.session.add(held)
    held.section_id, held.closed_at = section_id, None
    db.session.flush()
    record("number.open", by=by, now=now, subject_id=held.id, tenant_id=held.tenant_id, code=code)
    return held


def close_code(held: DocumentCode, *, by: Actor, now: datetime) -> None:
    """停用代字: no new number is taken under it. Raises `Refused` when it is closed."""
    db.session.refresh(held, with_for_update=True)
    year = day_of(now).year
    ruling = may_take(closed=held.closed_at is not None, year=year, this_year=year, stem=held.code)
    if not ruling:
        raise Refused(ruling)
    held.closed_at = now
    record("number.close", by=by, now=now, subject_id=held.id, code=held.code)
