"""How the web server runs: few processes, many threads, so that slow uploads do not block the others."""

import os
from pathlib import Path
from typing import Any

from tenants import server as embedded

bind = f"127.0.0.1:{os.environ.get('PORT', '8000')}"
worker_class = "gthread"
workers = int(os.environ.get("PORTAL_WORKERS", "2"))
threads = 32
timeout = 60
graceful_timeout = 60  # after a reload the old process finishes the uploads that are under way
control_socket_disable = True


def post_worker_init(worker: Any) -> None:
    """Let the clock ring in every process; one leads at a time."""
    from portal.scheduler import keep_clock  # noqa: PLC0415 -- after the fork, with the application

    keep_clock(worker.wsgi)


def on_exit(_arbiter: object) -> None:
    """Stop the embedded database with the last program that uses it; one of its own goes on untouched."""
    directory = Path(os.environ.get("PORTAL_VAR", "var")) / "postgres"
    if not os.environ.get("DATABASE_URL") and (directory / "data").exists():
        cluster = embedded.at(directory)
        if cluster.answers() and cluster.connections() == 0:
            cluster.stop()
