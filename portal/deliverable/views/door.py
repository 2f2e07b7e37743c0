"""The blueprint of the work, and what its pages share."""

from typing import Any

from flask import Blueprint, g, request, url_for

from portal.access import STAFF, may
from portal.access import Permission as P
from portal.deliverable import queries
from portal.kernel.machine import Machine
from portal.kernel.ruling import Ruling
from portal.web.forms import put_errors
from portal.web.guard import current_actor
from portal.wording import say, sentence, verb_label

bp = Blueprint("deliverable", __name__, url_prefix="/t/<tenant>")
LONGEST = 10


def here(endpoint: str, **arguments: Any) -> str:
    """The address of one of the work's pages in the bureau of this request."""
    return url_for(f"deliverable.{endpoint}", tenant=g.seat.tenant_code, **arguments)


def is_staff() -> bool:
    """Whether somebody of the bureau is looking."""
    return current_actor().role in STAFF


def verbs_of(
    machine: Machine, row: Any, facts: object, *, asked: frozenset[str], version: bool = True
) -> list[dict[str, Any]]:
    """What this actor may do with a row, each with the ruling of the moment."""
    actor = current_actor()
    return [
        {
            "label": verb_label(f"{machine.name}.{offer.name}"),
            "url": here(f"ask_{offer.name}" if offer.name in asked else offer.name, row_id=row.id),
            "page": offer.name in asked,
            "version": row.version if version and actor.role in STAFF else None,
            "ruling": offer.ruling,
        }
        for offer in machine.offers(machine.states(row.state), facts)
        if may(actor, P(f"{machine.name}:{offer.name}"), row)
    ]


def as_shown(row: Any) -> Any:
    """Nobody decides on what they have not seen. Raises `Stale` where the page showed an earlier version."""
    shown = request.form.get("version")
    if shown is not None and is_staff():
        number = int(shown) if shown.isascii() and shown.isdecimal() and len(shown) < LONGEST else 0
        queries.lock(row, version=number)
    return row


def lay(form: Any, ruling: Ruling, fields: dict[str, str], otherwise: str) -> None:
    """Lay a refusal on the fields that caused it."""
    for each in ruling.refusals:
        put_errors(form, {fields.get(each.code, otherwise): say(each)})


def moment(each: Any) -> dict[str, Any]:
    """One event of the chain, as the timeline shows it."""
    body = each.body
    refused = each.verb.endswith(".refused")
    return {
        "what": verb_label(each.verb.removesuffix(".refused")),
        "at": each.at,
        "who": each.who,
        "kind": "refused" if refused else "done",
        "detail": body.get("reason")
        or "；".join(sentence(one["code"], one["facts"]) for one in body.get("refusals", ())),
        "clause": body.get("clause"),
    }
