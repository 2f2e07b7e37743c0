"""Sections (科室/股室): opened, renamed, given duties, closed; never deleted, for documents name them."""

from datetime import datetime

from portal.access import Actor
from portal.audit import record
from portal.kernel.errors import Invalid, Refused
from portal.office.queries import house
from portal.office.rules.house import may_close_section
from tenants.db import db
from tenants.models import Section


def open_section(name: str, duties: str, *, by: Actor, now: datetime) -> Section:
    """设立科室. Raises `Invalid` where a section in use has the name."""
    _check_name(name, None)
    section = Section(name=name, duties=duties)
    db.session.add(section)
    db.session.flush()
    record("section.open", by=by, now=now, subject_id=section.id, name=name, duties=duties)
    return section


def edit_section(section: Section, name: str, duties: str, *, by: Actor, now: datetime) -> None:
    """Rename a section or change its duties. Raises `Invalid`, and `Refused` when it is closed."""
    db.session.refresh(section, with_for_update=True)
    ruling = may_close_section(closed=section.closed_at is not None, holders=(), codes=())
    if not ruling:
        raise Refused(ruling)
    _check_name(name, section)
    record(
        "section.edit",
        by=by,
        now=now,
        subject_id=section.id,
        before={"name": section.name, "duties": section.duties},
        after={"name": name, "duties": duties},
    )
    section.name, section.duties = name, duties


def close_section(section: Section, *, by: Actor, now: datetime) -> None:
    """撤销科室. Raises `Refused` while somebody holds a post in it or a document code is its own."""
    db.session.refresh(section, with_for_update=True)
    ruling = may_close_section(
        closed=section.closed_at is not None,
        holders=house.holders_in(section.id),
        codes=house.codes_of(section.id),
    )
    if not ruling:
        raise Refused(ruling)
    section.closed_at = now
    record("section.close", by=by, now=now, subject_id=section.id, name=section.name)


def _check_name(name: str, keeper: Section | None) -> None:
    found = house.section_named(name)
    if found is not None and found is not keeper:
        raise Invalid("name", "office.section_taken", name=name)
