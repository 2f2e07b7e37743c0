"""Where the bytes are: one tree of files named by their digest. Another store would have the same class."""

import hashlib
import os
import re
import secrets
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, BinaryIO, Final

CHUNK: Final = 1024 * 1024
DIGEST: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Draft:
    """Bytes on the disk that have no name yet."""

    path: Path
    digest: str
    size: int


class Storage:
    """Files by their SM3 digest; what is kept once is never overwritten."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.incoming = root / "incoming"

    @contextmanager
    def draft(self, stream: IO[bytes], *, most: int) -> Iterator[Draft]:
        """What the stream holds, at most one chunk more than ``most``, until the block ends."""
        self.closed()
        path = self.incoming / secrets.token_hex(16)
        digest, size = hashlib.new("sm3"), 0
        try:
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
                while size <= most and (chunk := stream.read(CHUNK)):
                    digest.update(chunk)
                    size += len(chunk)
                    out.write(chunk)
                out.flush()
                os.fsync(out.fileno())
            yield Draft(path, digest.hexdigest(), size)
        finally:
            path.unlink(missing_ok=True)

    def closed(self) -> None:
        """Make the place, closed to others: nobody else of this machine even counts what lies in it."""
        for folder in (self.root, self.incoming):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def settle(self, draft: Draft) -> None:
        """Give the draft its name; the same content kept before stays as it is."""
        path = self.path(draft.digest)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            path.hardlink_to(draft.path)
        except FileExistsError:
            return
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def path(self, digest: str) -> Path:
        """Where content of this digest is, or would be. Raises `ValueError` for what is no digest."""
        if not DIGEST.fullmatch(digest):
            msg = "not a digest"
            raise ValueError(msg)
        return self.root / digest[:2] / digest[2:4] / digest

    def open(self, digest: str) -> BinaryIO:
        """The content of a digest. Raises `FileNotFoundError`."""
        return self.path(digest).open("rb")

    def size(self, digest: str) -> int | None:
        """How many bytes are kept under a digest; None where there are none."""
        path = self.path(digest)
        return path.stat().st_size if path.is_file() else None

    def drop_drafts(self, *, before: datetime) -> int:
        """Remove what was half-written before an instant of the machine's clock; how many there were."""
        left = list(old_files(self.incoming, before=before))
        for path in left:
            path.unlink(missing_ok=True)
        return len(left)

    def untouched(self, *, before: datetime) -> set[str]:
        """The digests of all content that was last written before an instant of the machine's clock."""
        found = (each for each in old_files(self.root, before=before) if each.parent != self.incoming)
        return {each.name for each in found if DIGEST.fullmatch(each.name)}

    def drop(self, digests: Collection[str]) -> None:
        """Remove content for good: only what no row of any bureau refers to."""
        for digest in digests:
            self.path(digest).unlink(missing_ok=True)


def old_files(folder: Path, *, before: datetime) -> Iterator[Path]:
    """The files below a folder last written before an instant of the machine's clock, not of a demo's."""
    for path in folder.rglob("*"):
        try:
            written = path.stat().st_mtime
        except FileNotFoundError:  # gone meanwhile
            continue
        if path.is_file() and written < before.timestamp():
            yield path
