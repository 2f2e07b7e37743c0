"""What broken-off work leaves on the disk: looked for at the start and every night, and removed."""

import logging
from datetime import timedelta
from typing import Final

from portal import bid, file
from portal.kernel.clock import machine_now
from portal.report.invariants import every_tenant
from tenants import scope

HALF_WRITTEN: Final = timedelta(hours=1)
UNREFERRED: Final = timedelta(days=1)
log = logging.getLogger("portal.leftovers")


def sweep_drafts() -> None:
    """Remove what was half-written when a process died; no upload takes an hour to be put down."""
    before = machine_now() - HALF_WRITTEN
    gone = file.sweep_drafts(before=before) + bid.vault().drop_drafts(before=before)
    if gone:
        log.info("removed %s half-written files", gone)


def sweep() -> None:
    """Half-written files, and sealed ones of a bid that was never kept: their keys are gone, no row has them.

    A day is left to what is being submitted. Where the database knows no bureau it is not the one these
    files belong to, and nothing is removed.
    """
    sweep_drafts()
    vault, tenants = bid.vault(), every_tenant()
    loose = vault.untouched(before=machine_now() - UNREFERRED) if tenants else set()
    for tenant_id, _ in tenants if loose else ():
        with scope.entered(scope.system(tenant_id, "sweep sealed files")):
            loose -= bid.sealed_digests()
    vault.drop(loose)
    if loose:
        log.info("removed %s sealed files without a bid", len(loose))
