"""The pair of keys of a tender: firms seal to the public one; the private one opens, and does no more."""

from uuid import UUID

from flask import current_app

from portal.kernel.envelope import new_key_pair
from portal.kernel.seal import Sealer
from portal.tender import queries
from tenants import scope


def new_keys(tender_id: UUID) -> tuple[bytes, bytes]:
    """A public key, and its private one wrapped by the installation's master key."""
    public, private = new_key_pair()
    return public, _sealer().seal(private, context=_context(tender_id))


def private_key(tender_id: UUID) -> bytes:
    """The private key, for the opening alone. Raises `NotFound`."""
    with scope.elevated("tender.key"):
        wrapped = queries.wrapped_key(tender_id)
    return _sealer().open(wrapped, context=_context(tender_id))


def _sealer() -> Sealer:
    return Sealer(current_app.config["SETTINGS"].master_key)


def _context(tender_id: UUID) -> bytes:
    return f"tender-key:{tender_id}".encode()
