"""Personal values: sealed when kept, found by a keyed index, shown by grant with a reason on record."""

from datetime import datetime
from uuid import UUID

from flask import current_app
from sqlalchemy import text

from portal.access import GRANTS, Actor, Permission
from portal.audit import record
from portal.identity.rules import reason_holds
from portal.kernel.errors import Refused
from portal.kernel.seal import Sealer, keyed_digest
from tenants.db import db


def _sealer() -> Sealer:
    return Sealer(current_app.config["SETTINGS"].master_key)


def _context(owner_id: UUID, field: str) -> bytes:
    return f"{owner_id}:{field}".encode()


def blind_index(field: str, value: str) -> bytes:
    """What an equality search compares instead of a personal value; ``field`` keeps kinds apart."""
    return keyed_digest(current_app.config["SETTINGS"].index_key, f"{field}:{value}")


def keep_personal(owner_id: UUID, field: str, value: str | None) -> None:
    """Seal a personal value of a row of this tenant; None removes it."""
    sealed = _sealer().seal(value.encode(), context=_context(owner_id, field)) if value else None
    db.session.execute(
        text("SELECT portal_keep_personal(:owner, :field, :sealed)"),
        {"owner": owner_id, "field": field, "sealed": sealed},
    )


def reveal_personal(
    tenant_id: UUID, owner_id: UUID, field: str, reason: str, *, by: Actor, now: datetime
) -> str | None:
    """Show one personal value to a post with the grant; the reason typed stays in the audit chain.

    Raises `Refused` without a reason; the database itself refuses posts without the grant.
    """
    ruling = reason_holds(reason)
    if not ruling:
        raise Refused(ruling)
    sealed = db.session.scalar(
        text("SELECT portal_reveal_personal(:tenant, :owner, :field, :roles)"),
        {
            "tenant": tenant_id,
            "owner": owner_id,
            "field": field,
            "roles": [grant.role.value for grant in GRANTS[Permission.PERSONAL_REVEAL]],
        },
    )
    record("personal.reveal", by=by, now=now, subject_id=owner_id, field=field, reason=reason.strip())
    return _sealer().open(bytes(sealed), context=_context(owner_id, field)).decode() if sealed else None
