"""Handing sheets out, keeping what is typed, taking them in, and keeping void ones. None commits."""

import secrets
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from portal import deliverable, expert
from portal.access import Actor
from portal.audit import born, record, rewrite_inbox, take
from portal.contract.rules import DeliverableKind
from portal.kernel.errors import Refused
from portal.kernel.workdays import add_workdays, day_of, end_of
from portal.quality import queries
from portal.quality.actions import totals
from portal.quality.lifecycle import SEAT, SHEET, SheetState
from portal.quality.models import Round, Seat, Sheet
from portal.quality.rules import FORMS, Stage, may_write
from portal.scoresheet import EMPTY, Entries, Merge, merge
from tenants.calendar import calendar
from tenants.db import db
from tenants.scope import elevated

NOTED_AGAIN: Final = timedelta(minutes=10)


def hand_out(seat: Seat, *, by: Actor | None, now: datetime) -> None:
    """发表: a sheet for the plan and one for the report of each subject; for the system."""
    row = queries.round_(seat.round_id)
    files = {key: each.id for key, each in deliverable.accepted_files(row.contract_id).items()}
    assert seat.score_by is not None  # noqa: S101 -- the seat was just accepted
    for subject in row.sampled:
        for stage, code in FORMS.items():
            made = Sheet(
                state=SheetState.OPEN.value,
                round_id=row.id,
                seat_id=seat.id,
                expert_id=seat.expert_id,
                expert_name=seat.expert_name,
                round_name=row.name,
                firm_name=row.firm_name,
                subject_id=UUID(subject["id"]),
                subject_name=subject["name"],
                unit_name=subject["unit_name"],
                stage=stage.value,
                form_code=code,
                form_version=row.forms[code],
                file_id=files[UUID(subject["id"]), DeliverableKind(stage.value)],
                nonce=secrets.token_hex(16),
                entries=dict(EMPTY),
                score_by=seat.score_by,
                touched_at=now,
            )
            born(SHEET, made, by=by, now=now)
            seat.sheets += 1
    db.session.flush()


def save(row: Sheet, mine: Entries, base: Entries, *, by: Actor, now: datetime) -> Merge:
    """保存草稿: join what this tab made of ``base`` with what another has saved meanwhile. Raises `Refused`.

    The chain says at most every ten minutes that the sheet is being worked on, never what it says.
    """
    with elevated("sheet.save"):
        kept = queries.sheet(row.id)
        queries.lock(kept)
        seated = queries.seat(kept.seat_id).is_live
        ruling = may_write(queries.sheet_facts(kept, queries.filled(kept), seated=seated, now=now))
        if not kept.is_open:
            ruling = ruling & SHEET.judge("hand_in", SheetState(kept.state), None)
        if not ruling:
            raise Refused(ruling)
        joined = merge(base, mine, kept.entries)
        if joined.entries != kept.entries:
            noted = kept.saved_at is not None and now - kept.saved_at < NOTED_AGAIN
            kept.entries, kept.saved_at = dict(joined.entries), now
            kept.version += 1
            if not noted:
                record("sheet.save", by=by, now=now, subject_id=kept.id)
        db.session.flush()
    db.session.refresh(row)
    return joined


def hand_in(row: Sheet, *, confirmed: bool, by: Actor, now: datetime) -> None:
    """交表: every item scored, every fault mended; locked then. The last one adds the round up.

    ``confirmed``: nothing was found where nothing was written. Raises `Refused`.
    """
    with elevated("sheet.hand_in"):
        queries.lock(queries.round_(row.round_id))
        seated = queries.seat(row.seat_id).is_live
        queries.lock(row)
        worth = queries.filled(row)
    changes: dict[str, Any] = {"total": worth.points, "handed_in_at": now, "saved_at": now}
    facts = queries.sheet_facts(row, worth, seated=seated, now=now, confirmed=confirmed)
    take(SHEET, row, "hand_in", facts, by=by, now=now, changes=changes)
    with elevated("sheet.settle"):
        seat = queries.seat(row.seat_id)
        queries.lock(seat)
        seat.handed_in += 1
        if seat.is_done and seat.loads:
            expert.give_back(seat.expert_id)
            seat.loads = False
        db.session.flush()
        rewrite_inbox(SEAT, seat, now=now)
        totals.settle(seat.round_id, now=now)


def void_all(seat: Seat, reason: str, *, by: Actor | None, now: datetime) -> None:
    """作废: what an expert who left had scored is kept, and counts no more; for the system."""
    for each in queries.sheets_of_seat(seat.id):
        if each.is_open or each.counts:
            take(SHEET, each, "void", None, by=by, now=now, changes={"reason": reason}, reason=reason)


def renew(old: Sheet, row: Round, reason: str, *, by: Actor, now: datetime) -> None:
    """重评: the next edition of a sheet begins where the old one ended; for the system."""
    take(SHEET, old, "void", None, by=by, now=now, changes={"reason": reason}, reason=reason)
    seat = queries.seat(old.seat_id)
    queries.lock(seat)
    today = day_of(now)
    seat.score_by = end_of(add_workdays(today, row.scoring_workdays, calendar(today)))
    seat.handed_in -= 1
    seat.is_late = False
    rewrite_inbox(SEAT, seat, now=now)
    kept = {"id", "tenant_id", "version", "touched_at", "state"}
    whole = {c.key: getattr(old, c.key) for c in Sheet.__table__.columns if c.key not in kept}
    fresh = {
        "state": SheetState.OPEN.value,
        "edition": old.edition + 1,
        "nonce": secrets.token_hex(16),
        "score_by": seat.score_by,
        "total": None,
        "saved_at": None,
        "handed_in_at": None,
        "reason": None,
        "released_at": None,
        "touched_at": now,
    }
    born(SHEET, Sheet(**{**whole, **fresh}), by=by, now=now, stage=Stage(old.stage).value)
