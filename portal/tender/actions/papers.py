"""What a tender issues on paper: 询价通知书 to the firms, announcements to everybody."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from portal.access import Actor
from portal.kernel.workdays import day_of
from portal.tender.models import Tender


def inquiry(row: Tender, response_by: datetime, readers: Sequence[UUID], *, by: Actor, now: datetime) -> str:
    """询价通知书 to the invited firms, announced to everybody; its number."""
    del response_by, readers, by
    return f"询价〔{day_of(now).year}〕{row.id.hex[:6]}号"


def ending(row: Tender, reason: str, *, by: Actor, now: datetime) -> None:
    """The announcement that a purchase ended without an award, and why."""
    del row, reason, by, now
