"""The worker's clock put ahead for a while, and what falls due rung; the machine's own time again after."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import psycopg
from flask import Flask

from portal.audit import ring_due


@contextmanager
def travelling(
    owner_url: str, application: Flask, *, ringing: bool = True
) -> Iterator[Callable[[timedelta], int]]:
    """A function that puts the clock ahead by so much and rings; how many rang comes back.

    Not ``ringing``, it leaves to each deed to notice the hour, and other bureaus' alarms alone.
    """
    url = owner_url.replace("+psycopg", "")

    def go(more: timedelta) -> int:
        with psycopg.connect(url) as owner:
            owner.execute(
                "INSERT INTO clock_shift VALUES (true, %s) ON CONFLICT (one)"
                " DO UPDATE SET ahead = clock_shift.ahead + EXCLUDED.ahead",
                (more,),
            )
        if not ringing:
            return 0
        with application.app_context():
            return ring_due()

    try:
        yield go
    finally:
        with psycopg.connect(url) as owner:
            owner.execute("DELETE FROM clock_shift")
