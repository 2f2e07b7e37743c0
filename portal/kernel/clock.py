"""The only reader of a clock. The database's clock decides; `now` is then handed on as an argument."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


def machine_now() -> datetime:
    """The machine's clock, for logs and for comparing with the database's; decides nothing."""
    return datetime.now(UTC)
