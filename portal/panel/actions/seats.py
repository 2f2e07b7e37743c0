"""Who sits: each member's word to have no interest in any bidder, stepping aside, the substitute."""

from datetime import datetime
from uuid import UUID

from portal import document
from portal.access import Actor
from portal.kernel.errors import Invalid
from portal.kernel.hashing import digest
from portal.kernel.ruling import unless
from portal.panel import queries, rules
from portal.panel.actions.keeping import hold, in_review, keep, require
from portal.panel.models import Panel, PanelMember
from tenants.db import db


def declare(row: Panel, password: str, *, by: Actor, now: datetime) -> None:
    """无利害关系声明, for every firm that bid, signed. Raises `Refused`, `Invalid` for ``password``."""
    held = hold(row)
    require(in_review(held) & rules.may_declare(held.facts(by=by, now=now)))
    firms = [each.firm_name for each in row.findings]
    said = digest({"panel": row.id, "no_interest_in": firms, "member": by.account_id}).hex()
    document.sign("panel", row.id, said, password=password, by=by, now=now)
    member = row.member(by)
    if member is not None:
        member.declared_at = now
    keep(held, "panel.declare", by=by, now=now, firms=firms)


def recuse(row: Panel, reason: str, *, by: Actor, now: datetime) -> None:
    """回避: a member steps aside for a reason; the seat waits for a substitute. Raises `Refused`."""
    held = hold(row)
    require(in_review(held) & rules.may_recuse(held.facts(by=by, now=now, reason=reason)))
    member = row.member(by)
    if member is not None:
        member.recused_at, member.recused_reason, member.declared_at = now, reason, None
    keep(held, "panel.recuse", by=by, now=now, reason=reason)


def replace(row: Panel, post_id: UUID, *, by: Actor, now: datetime) -> str:
    """补选: somebody else who holds a post of the panel takes the empty seat; their name.

    Raises `Refused`, `Invalid` for a post that is not among the substitutes.
    """
    held = hold(row)
    sitting = [each for each in row.members if each.sits]
    require(in_review(held) & unless(len(sitting) >= row.seats, "panel.not_replaceable"))
    chosen = next((each for each in queries.substitutes(row, held.of) if each.post_id == post_id), None)
    if chosen is None:
        raise Invalid("post_id", "panel.unfit_member", name="所选人员")
    needs_chair = not any(each.is_chair for each in sitting)
    last_seat = len(sitting) + 1 == row.seats
    require(unless(needs_chair and last_seat and not chosen.is_chair, "panel.chair_needed"))
    row.members.append(
        PanelMember(
            account_id=chosen.account_id,
            post_id=chosen.post_id,
            role=chosen.role,
            name=chosen.name,
            is_chair=needs_chair and chosen.is_chair,
            place=len(row.members) + 1,
        )
    )
    db.session.flush()
    keep(held, "panel.replace", by=by, now=now, name=chosen.name)
    return chosen.name
