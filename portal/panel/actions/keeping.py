"""What the acts of officers and members share: the row held, the rules asked, the trace left."""

from dataclasses import dataclass
from datetime import datetime

from portal import tender
from portal.access import Actor
from portal.audit import record, rewrite_inbox
from portal.kernel.errors import Refused
from portal.kernel.hashing import digest
from portal.kernel.ruling import Ruling, unless
from portal.office import RulesInForce
from portal.panel import queries
from portal.panel.lifecycle import PANEL, PanelState
from portal.panel.models import Panel
from portal.panel.rules import PanelFacts
from portal.tender import Tender
from portal.tender.rules import Finding
from tenants.db import db


@dataclass(frozen=True, slots=True)
class Held:
    """An opening and review, locked, with its tender and the rules of that tender."""

    row: Panel
    of: Tender
    force: RulesInForce
    before: str

    def facts(self, *, by: Actor | None, now: datetime, reason: str | None = None) -> PanelFacts:
        """What the rules ask about, as it is under the lock."""
        return queries.facts(self.row, self.of, self.force, by=by, now=now, reason=reason)


def hold(row: Panel) -> Held:
    """Lock the row and read it anew."""
    queries.lock(row)
    of = tender.tender(row.tender_id)
    return Held(row, of, queries.rules_of(of), digest(row.snapshot()).hex())


def require(ruling: Ruling) -> None:
    """Raises `Refused` with every reason."""
    if not ruling:
        raise Refused(ruling)


def in_review(held: Held) -> Ruling:
    """Findings change while the panel reviews, and at no other time."""
    state = PanelState(held.row.state)
    return unless(
        state is not PanelState.REVIEWING, "machine.out_of_turn", aggregate="panel", state=state.value
    )


def keep(held: Held, verb: str, *, by: Actor, now: datetime, **body: object) -> None:
    """Leave the trace of an act that is no move: version, event, and what now waits for whom."""
    row = held.row
    db.session.flush()
    found = queries.result(row, held.of, held.force)
    row.too_few = found is not None and found.finding is Finding.TERMINATED
    row.version += 1
    row.touched_at = now
    db.session.flush()
    record(
        verb,
        by=by,
        now=now,
        subject_id=row.id,
        tenant_id=row.tenant_id,
        before=held.before,
        after=digest(row.snapshot()).hex(),
        **body,
    )
    rewrite_inbox(PANEL, row, now=now)
