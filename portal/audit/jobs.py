"""Moves of the clock: each alarm that is due, in a transaction of its own, as the system of its bureau."""

import logging
from datetime import timedelta
from typing import Final
from uuid import UUID

from flask import current_app
from sqlalchemy import select, text

from portal.audit.models import Alarm
from portal.kernel.errors import Refused
from tenants import scope
from tenants.db import db

AT_ONCE: Final = 200
AGAIN: Final = timedelta(minutes=10)
_DUE = text("SELECT tenant_id, id FROM portal_due_alarms(:limit)")
log = logging.getLogger("portal.clock")


def ring_due() -> int:
    """Ring every alarm that is due until none is left; how many rang. Several may run at once.

    A move its guard refuses now (a tender is suspended, say) is tried again later.
    """
    rung = 0
    while True:
        with db.engine.begin() as connection:
            due = [(each.tenant_id, each.id) for each in connection.execute(_DUE, {"limit": AT_ONCE})]
        done = sum(_ring(tenant_id, alarm_id) for tenant_id, alarm_id in due)
        rung += done
        if not done:
            return rung


def _ring(tenant_id: UUID, alarm_id: UUID) -> bool:
    try:
        with scope.unit_of_work(scope.system(tenant_id, "clock")):
            alarm = _held(alarm_id)
            if alarm is None:
                return False
            act = current_app.extensions["portal_clockwork"][alarm.kind]
            subject_id, verb = alarm.subject_id, alarm.verb
            db.session.delete(alarm)
            db.session.flush()
            act(subject_id, verb, scope.now())
    except Refused as error:
        log.info("clock: %s", error)
        with scope.unit_of_work(scope.system(tenant_id, "clock")):
            alarm = _held(alarm_id)
            if alarm is not None:
                alarm.due_at = scope.now() + AGAIN
        return False
    return True


def _held(alarm_id: UUID) -> Alarm | None:
    return db.session.scalars(
        select(Alarm).where(Alarm.id == alarm_id).with_for_update(skip_locked=True)
    ).first()
