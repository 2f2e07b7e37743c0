"""The files of a bid: looked at in memory, laid sealed into the vault, and read back at the opening."""

import io
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from hashlib import new as new_digest
from typing import Any, BinaryIO, cast

from werkzeug.datastructures import FileStorage

from portal import file
from portal.access import Actor
from portal.bid import queries
from portal.bid.models import Bid
from portal.bid.rules import LARGEST_FILE, MOST_FILES
from portal.file.rules import DOCX, PDF, clean_name, kind_of, may_keep
from portal.kernel.envelope import FileKey, SealedReader, SealingStream
from portal.kernel.errors import Invalid
from portal.kernel.seal import Broken

_CHUNK = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file as it arrived: sealed already."""

    name: str
    stream: SealingStream


@dataclass(frozen=True, slots=True)
class Laid:
    """A file laid into the vault: its draft there, its key, and what is told of it inside the envelope."""

    draft: Any
    key: str
    told: Mapping[str, Any]


def lay(files: Sequence[Attachment], drafts: ExitStack) -> list[Laid]:
    """Each file looked at and laid into the vault, as a draft that ends with ``drafts``. Raises `Invalid`."""
    if len(files) > MOST_FILES:
        raise Invalid("files", "bid.too_many_files", most=MOST_FILES)
    return [_laid(each, drafts) for each in files]


def _laid(attachment: Attachment, drafts: ExitStack) -> Laid:
    """Look at a file in memory, and lay its ciphertext into the vault. Raises `Invalid`."""
    stream = attachment.stream
    kind, fault = kind_of(cast(BinaryIO, io.BufferedReader(_Shared(stream))))
    ruling = may_keep(size=stream.size, most=LARGEST_FILE, kind=kind, kinds=(PDF, DOCX), fault=fault)
    for refusal in ruling.refusals:
        raise Invalid("files", refusal.code, **refusal.facts)
    assert kind is not None  # noqa: S101 -- ruled out just above, for the type checker
    clear = new_digest("sm3")
    stream.seek(0)
    while chunk := stream.read(_CHUNK):
        clear.update(chunk)
    draft = drafts.enter_context(queries.vault().draft(stream.ciphertext(), most=2 * LARGEST_FILE))
    told = {"name": clean_name(attachment.name, kind), "size": stream.size, "sm3": clear.hexdigest()}
    return Laid(draft, stream.file_key.hex(), told)


class _Shared(io.RawIOBase):
    """A view of a stream that, when closed, leaves the stream open."""

    def __init__(self, stream: SealingStream) -> None:
        super().__init__()
        self._stream = stream
        stream.seek(0)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, into: Any, /) -> int:
        return self._stream.readinto(into)

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        return self._stream.tell()


def kept(row: Bid, told: Mapping[str, Any], key: str, sealed: str, *, by: Actor, now: datetime) -> str | None:
    """A sealed attachment among the files its firm and the staff may read; None where it cannot be read."""
    try:
        with queries.vault().open(sealed) as ciphertext:
            clear = io.BufferedReader(SealedReader(ciphertext, FileKey.from_hex(key), size=int(told["size"])))
            upload = FileStorage(cast(BinaryIO, clear), filename=told["name"])
            stored = file.keep(upload, readers=[row.firm_id], most=LARGEST_FILE, by=by, now=now, as_is=True)
    except (Broken, OSError, Invalid):
        return None
    return str(stored.id) if stored.digest == told["sm3"] else None
