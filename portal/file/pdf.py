"""A PDF looked at in a process of its own, which may die of a bad file without harm: pages counted and drawn.

Run as a program (``python -I pdf.py count FILE`` or ``draw FILE NUMBER WIDTH OUT``) it is that process.
"""

import os
import resource
import secrets
import struct
import subprocess
import sys
import threading
import zlib
from pathlib import Path
from typing import Final

WIDTH: Final = 1240
TALLEST: Final = 4_000
SECONDS: Final = 20
DRAFT: Final = "."
MEMORY: Final = 2 * 1024**3
_turns = threading.BoundedSemaphore(2)


class Unreadable(ValueError):
    """A file no page can be drawn from: broken, locked by a password, or not a PDF at all."""


class Busy(Unreadable):
    """It took too long today; another time it may do."""


def count(path: Path) -> int:
    """The number of pages. Raises `Unreadable`."""
    said = ask(__file__, "count", str(path))
    if not said.isdigit() or int(said) == 0:
        raise Unreadable
    return int(said)


def draw(path: Path, number: int, image: Path) -> None:
    """Draw page ``number`` (from 1) as a PNG into ``image``, unless it is there. Raises `Unreadable`."""
    if image.exists():
        return
    image.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    made = image.with_name(f"{DRAFT}{secrets.token_hex(8)}")
    try:
        ask(__file__, "draw", str(path), str(number), str(WIDTH), str(made))
        made.rename(image)
    finally:
        made.unlink(missing_ok=True)


def is_draft(image: Path) -> bool:
    """Whether a picture was left half-drawn."""
    return image.name.startswith(DRAFT)


def ask(program: str, *arguments: str) -> str:
    """What a program of ours says of a stranger's file. Raises `Unreadable`; `Busy` after too long."""
    with _turns:
        try:
            ended = subprocess.run(  # noqa: S603 -- a program of ours, with paths of our own making
                [sys.executable, "-I", program, *arguments],
                capture_output=True,
                timeout=SECONDS + 10,
                check=False,
                env={"PATH": os.environ.get("PATH", "")},
            )
        except subprocess.TimeoutExpired:
            raise Busy from None
    if ended.returncode:
        raise Unreadable
    return ended.stdout.decode().strip()


def _png(width: int, height: int, rows: bytes) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    drawn = chunk(b"IDAT", zlib.compress(rows, 6))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + drawn + chunk(b"IEND", b"")


def _main(verb: str, path: str, *more: str) -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    import pypdfium2  # noqa: PLC0415 -- only this process loads it

    document = pypdfium2.PdfDocument(path)
    if verb == "count":
        sys.stdout.write(str(len(document)))
        return
    number, width = int(more[0]), int(more[1])
    page = document[number - 1]
    scale = min(width / max(page.get_width(), 1), TALLEST / max(page.get_height(), 1))
    bitmap = page.render(scale=scale, rev_byteorder=True, force_bitmap_format=pypdfium2.raw.FPDFBitmap_BGR)
    pixels, line = bytes(bitmap.buffer), bitmap.width * 3
    rows = b"".join(
        b"\0" + pixels[start : start + line]
        for start in range(0, bitmap.stride * bitmap.height, bitmap.stride)
    )
    Path(more[2]).write_bytes(_png(bitmap.width, bitmap.height, rows))


if __name__ == "__main__":
    _main(*sys.argv[1:])
