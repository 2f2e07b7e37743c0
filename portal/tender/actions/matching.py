"""同名认定: a person says whether a firm's head and a namesake of theirs are one."""

from datetime import datetime
from uuid import UUID

from portal.access import Actor
from portal.audit import record
from portal.kernel.errors import Invalid, Refused
from portal.kernel.ruling import unless
from portal.tender import queries
from portal.tender.actions.drafting import note_prospects
from portal.tender.models import Tender, TenderNamesake
from portal.tender.rules.prospects import VERDICT_LABELS, Verdict
from tenants.db import db


def match(
    row: Tender, firm_id: UUID, other_id: UUID, verdict: Verdict, reason: str, *, by: Actor, now: datetime
) -> None:
    """Keep what was found of two people of one name, and on what evidence; what was found before is kept.

    Raises `Invalid` where there is no such pair or no reason; `Refused` once the purchase is out, and where
    a telephone number in common leaves nothing to find.
    """
    firm, of = queries.namesake_of(row, firm_id, other_id, now=now)
    if not reason.strip():
        raise Invalid("reason", "tender.no_reason")
    over = row.issued_at is not None or row.ended_at is not None
    ruling = unless(over, "tender.matched_too_late") & unless(
        of.sure, "tender.match_is_sure", person=of.person, other=of.other
    )
    if not ruling:
        raise Refused(ruling)
    key = queries.key_of(firm_id, of)
    before = queries.found_of(key)
    if before is not None:
        before.ended_at = now
        db.session.flush()
    first, person, second = key
    swapped = first != firm_id
    db.session.add(
        TenderNamesake(
            firm_id=first,
            firm_name=of.other if swapped else firm.name,
            person=person,
            kin=of.kin.value,
            other_id=second,
            other_name=firm.name if swapped else of.other,
            verdict=verdict.value,
            reason=reason,
            found_by=by.name,
            found_at=now,
        )
    )
    db.session.flush()
    chosen = [each.firm_id for each in queries.firms(row.id)]
    note_prospects(
        row, [each for each in queries.verdicts(row, chosen=chosen, now=now) if each.chosen], now=now
    )
    record(
        "tender.match",
        by=by,
        now=now,
        subject_id=row.id,
        firm=firm.name,
        other=of.other,
        verdict=VERDICT_LABELS[verdict],
        reason=f"{firm.name}负责人{person}与{of.other}的{person}{VERDICT_LABELS[verdict]}。依据：{reason}",
    )
