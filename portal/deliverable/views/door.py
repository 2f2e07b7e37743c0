"""The blueprint of the work, and what its pages share."""

from typing import Any

from flask import Blueprint, g, url_for

from portal.access import STAFF, may
from portal.access import Permission as P
from portal.kernel.machine import Machine
from portal.kernel.ruling import Ruling
from portal.web.forms import put_errors
from portal.web.guard import current_actor
from portal.wording import say, verb_label

bp = Blueprint("deliverable", __name__, url_prefix="/t/<tenant>")


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


def lay(form: Any, ruling: Ruling, fields: dict[str, str], otherwise: str) -> None:
    """Lay a refusal on the fields that caused it."""
    for each in ruling.refusals:
        put_errors(form, {fields.get(each.code, otherwise): say(each)})
