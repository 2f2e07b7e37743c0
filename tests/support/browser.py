"""The browser of the journeys: named by PORTAL_CHROMIUM, the machine's own, or fetched for the tests."""

import os
import shutil
import sys
from pathlib import Path

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)
MISSING = (
    "No browser. As root: apt-get install -y --no-install-recommends chromium fonts-noto-cjk libatomic1;"
    " or name a Chromium in PORTAL_CHROMIUM."
)


def executable() -> str:
    """The program to start. Raises `RuntimeError` that says what to install."""
    found = (
        os.environ.get("PORTAL_CHROMIUM")
        or shutil.which("chromium")
        or str(Path(sys.prefix) / "bin" / "chromium")
    )
    if not os.access(found, os.X_OK):
        raise RuntimeError(MISSING)
    return found
