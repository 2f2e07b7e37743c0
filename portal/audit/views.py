"""The auditor's pages: what happened, one event in words, and whether the chain holds."""

from pathlib import Path
from typing import Final
from uuid import UUID

from flask import Blueprint, current_app, g, request, url_for

from portal.access import Permission as P
from portal.audit import queries
from portal.audit.invariants import anchor_files, anchored, own_break
from portal.audit.models import AuditEvent
from portal.audit.queries import Awaited, happening
from portal.audit.rules import Break
from portal.web.guard import acting, allow, current_actor, identity
from portal.web.pages import page
from portal.wording import VERBS
from tenants.db import tenant_of_session

bp = Blueprint("audit", __name__, url_prefix="/t/<tenant>/audit")
GROUP: Final = 8


@bp.get("")
@allow(P.AUDIT_READ)
def events() -> str:
    """What happened in this bureau, newest first."""
    path = url_for("audit.events", tenant=g.seat.tenant_code)
    found = queries.page_of_events(request.args, path=path)
    return page("audit/events.html", listing=found, chosen=request.args, verbs=VERBS)


@bp.get("/<int:seq>")
@allow(P.AUDIT_READ, queries.event_of)
def event(row: AuditEvent) -> str:
    """One event, in words."""
    told = happening(row)
    return page(
        "audit/event.html",
        row=row,
        event=told,
        facts_told=queries.facts_of(told.body, told.verb.partition(".")[0]),
    )


@bp.get("/chain")
@allow(P.AUDIT_READ)
def chain() -> str:
    """The chain's end, to be printed and signed, and on request whether the chain holds."""
    own = str(tenant_of_session())
    seq, end = queries.head(own)
    folder = Path(current_app.config["SETTINGS"].var) / "anchors"
    checked = bool(request.args.get("check"))
    return page(
        "audit/chain.html",
        seq=seq,
        digest=_grouped(end.hex()),
        anchors=[path.stem for path in anchor_files(folder)][-1:],
        checked=checked,
        broken=_broken(own, folder) if checked else None,
    )


def _broken(own: str, folder: Path) -> Break | None:
    try:
        return own_break(own, anchored(folder))
    except ValueError as error:
        return Break(own, 0, f"库外留存的摘要文件 {error} 已被改动")


def _grouped(text: str) -> str:
    return " ".join(text[start : start + GROUP] for start in range(0, len(text), GROUP))


@bp.app_template_global("awaited_here")
def awaited_here() -> list[tuple[Awaited, str]]:
    """Whose turn it is at what the page was opened on, and the way into the post where it is one's own.

    A view may name more that is under way beside it in ``g.opened_with``. A template asks it once.
    """
    opened = getattr(g.get("opened"), "id", None)
    person = identity() if opened else None
    if opened is None or person is None:
        return []
    actor = current_actor()
    also = [
        acting(person, seat)
        for seat in person.seats
        if seat.tenant_id == actor.tenant_id and seat.post_id != actor.post_id
    ]
    return [
        (each, _into(each.post_id))
        for each in queries.awaited([opened, *g.get("opened_with", ())], actor, also)
    ]


def _into(post_id: UUID | None) -> str:
    return url_for("identity.choose_post", post_id=post_id, next=request.path) if post_id else ""
