"""The pair of keys of a tender: firms seal to the public one; the private one opens, and does no more."""

from uuid import UUID

from flask import current_app
from sqlalchemy.exc import ProgrammingError

from portal.kernel.envelope import new_key_pair
from portal.kernel.errors import Refused
from portal.kernel.ruling import unless
from portal.kernel.seal import Broken, Sealer
from portal.tender import queries
from tenants import scope


def new_keys(tender_id: UUID) -> tuple[bytes, bytes]:
    """A public key, and its private one wrapped by the installation's master key."""
    public, private = new_key_pair()
    return public, _sealer().seal(private, context=_context(tender_id))


def private_key(tender_id: UUID) -> bytes:
    """The private key, for the opening alone.

    Raises `NotFound`, and `Refused` where the database does not give it out or the master key is another.
    """
    try:
        with scope.elevated("tender.key"):
            wrapped = queries.wrapped_key(tender_id)
        return _sealer().open(wrapped, context=_context(tender_id))
    except ProgrammingError as error:
        raise Refused(unless(blocked=True, code="tender.key_withheld")) from error
    except Broken as error:
        raise Refused(unless(blocked=True, code="tender.key_lost")) from error


def _sealer() -> Sealer:
    return Sealer(current_app.config["SETTINGS"].master_key)


def _context(tender_id: UUID) -> bytes:
    return f"tender-key:{tender_id}".encode()
