"""Sealed envelopes: whoever has the public key seals, the private key alone opens; files sealed on arrival.

X25519 agrees on a key with a pair made for this one envelope, HKDF over SM3 derives it, SM4-GCM seals. An
envelope begins with the format's version, the algorithm's id and the key's id, so that both can be changed;
an SM2 device would stand behind the same functions.
"""

import io
import os
from dataclasses import dataclass
from typing import IO, Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from portal.kernel.hashing import canonical, sm3
from portal.kernel.seal import Broken

VERSION: Final = 1
X25519_SM3_SM4_GCM: Final = 1
NONCE_BYTES: Final = 32
SEGMENT: Final = 64 * 1024
FILE_KEY_BYTES: Final = 16

_KEY_ID = 8
_PUBLIC = 32
_IV = 12
_TAG = 16
_HEAD = 2 + _KEY_ID + _PUBLIC + _IV
_PREFIX = 7


def new_key_pair() -> tuple[bytes, bytes]:
    """A fresh pair, public then private, 32 raw bytes each."""
    private = X25519PrivateKey.generate()
    return private.public_key().public_bytes_raw(), private.private_bytes_raw()


def key_id(public: bytes) -> bytes:
    """What an envelope says about whose it is: the first bytes of the public key's digest."""
    return sm3(public)[:_KEY_ID]


def seal_to(public: bytes, plaintext: bytes, context: bytes) -> bytes:
    """Seal for the holder of the private key. ``context`` is not kept and must be given again to open."""
    pair = X25519PrivateKey.generate()
    head = bytes((VERSION, X25519_SM3_SM4_GCM)) + key_id(public) + pair.public_key().public_bytes_raw()
    head += os.urandom(_IV)
    shared = pair.exchange(X25519PublicKey.from_public_bytes(public))
    return head + _encrypted(_derived(shared, head, public), head[-_IV:], plaintext, head + context)


def open_with(private: bytes, sealed: bytes, context: bytes) -> bytes:
    """What was sealed. Raises `Broken` where key, context or a single bit differ."""
    pair = X25519PrivateKey.from_private_bytes(private)
    public = pair.public_key().public_bytes_raw()
    head, rest = sealed[:_HEAD], sealed[_HEAD:]
    known = bytes((VERSION, X25519_SM3_SM4_GCM)) + key_id(public)
    if len(sealed) < _HEAD + _TAG or not head.startswith(known):
        raise Broken
    try:
        shared = pair.exchange(X25519PublicKey.from_public_bytes(head[len(known) : -_IV]))
    except ValueError as error:
        raise Broken from error
    return _decrypted(_derived(shared, head, public), head[-_IV:], rest, head + context)


def _derived(shared: bytes, head: bytes, public: bytes) -> bytes:
    """The SM4 key of one envelope, bound to both public keys."""
    return HKDF(hashes.SM3(), FILE_KEY_BYTES, salt=public, info=b"portal envelope " + head[:-_IV]).derive(
        shared
    )


def _encrypted(key: bytes, iv: bytes, value: bytes, bound: bytes) -> bytes:
    encryptor = Cipher(algorithms.SM4(key), modes.GCM(iv)).encryptor()
    encryptor.authenticate_additional_data(bound)
    sealed = encryptor.update(value) + encryptor.finalize()
    return sealed + encryptor.tag


def _decrypted(key: bytes, iv: bytes, sealed: bytes, bound: bytes) -> bytes:
    if len(sealed) < _TAG:
        raise Broken
    decryptor = Cipher(algorithms.SM4(key), modes.GCM(iv, sealed[-_TAG:])).decryptor()
    decryptor.authenticate_additional_data(bound)
    try:
        return decryptor.update(sealed[:-_TAG]) + decryptor.finalize()
    except InvalidTag as error:
        raise Broken from error


def new_nonce() -> bytes:
    """256 random bits: without them nobody guesses a price from its commitment."""
    return os.urandom(NONCE_BYTES)


def commitment(nonce: bytes, content: object) -> bytes:
    """承诺值: SM3 of the nonce and the canonical spelling of the content.

    Binds whoever gave it, and tells nothing until nonce and content are shown.
    """
    return sm3(nonce + canonical(content).encode())


@dataclass(frozen=True, slots=True)
class FileKey:
    """What opens one sealed file. It lives in memory, and on disk only inside an envelope."""

    key: bytes
    prefix: bytes

    @classmethod
    def fresh(cls) -> "FileKey":
        """A key for one file."""
        return cls(os.urandom(FILE_KEY_BYTES), os.urandom(_PREFIX))

    @classmethod
    def from_hex(cls, text: str) -> "FileKey":
        """The key as `hex` wrote it. Raises `Broken` for anything else."""
        try:
            raw = bytes.fromhex(text)
        except ValueError as error:
            raise Broken from error
        if len(raw) != FILE_KEY_BYTES + _PREFIX:
            raise Broken
        return cls(raw[:FILE_KEY_BYTES], raw[FILE_KEY_BYTES:])

    def hex(self) -> str:
        """The key as text, for the inside of an envelope."""
        return (self.key + self.prefix).hex()

    def seal(self, place: int, segment: bytes, *, last: bool) -> bytes:
        """One segment; its place, and whether it is the last, are authenticated with it."""
        return _encrypted(self.key, self._iv(place, last=last), segment, b"")

    def open(self, place: int, sealed: bytes, *, last: bool) -> bytes:
        """The segment. Raises `Broken` for one changed, moved, or cut off."""
        return _decrypted(self.key, self._iv(place, last=last), sealed, b"")

    def _iv(self, place: int, *, last: bool) -> bytes:
        return self.prefix + place.to_bytes(4, "big") + bytes((last,))


def disguised(size: int) -> int:
    """The size a sealed file is filled up to, so that its length tells little: one segment at the least, and
    of a larger number only its first few bits differ (Padmé), at most an eighth more.
    """
    if size <= SEGMENT:
        return SEGMENT
    magnitude = size.bit_length() - 1
    rest = magnitude - magnitude.bit_length()
    return (size + (1 << rest) - 1) >> rest << rest


class SealingStream(io.RawIOBase):
    """A file that is sealed while it is written: ``target`` never holds a byte of it in the clear.

    Written once from front to end, then read and sought in like any file; the first read or seek ends the
    writing and fills the file up to a `disguised` size. At most one segment is in memory.
    """

    def __init__(self, target: IO[bytes], key: FileKey) -> None:
        super().__init__()
        self._target = target
        self._key = key
        self._waiting = bytearray()
        self._written = 0
        self._segments = 0
        self._reader: SealedReader | None = None

    @property
    def file_key(self) -> FileKey:
        """What opens the file; give it to an envelope."""
        return self._key

    @property
    def size(self) -> int:
        """How many bytes in the clear."""
        return self._written

    def readable(self) -> bool:
        """Once written."""
        return True

    def writable(self) -> bool:
        """Until first read."""
        return self._reader is None

    def seekable(self) -> bool:
        """To read again."""
        return True

    def write(self, data: Any, /) -> int:
        """Seal what fills a segment, keep the rest in memory until more comes."""
        if self._reader is not None:
            msg = "what was sealed is not written to again"
            raise io.UnsupportedOperation(msg)
        self._take(data)
        self._written += len(data)
        return len(data)

    def _take(self, data: Any) -> None:
        self._waiting += data
        while len(self._waiting) > SEGMENT:
            self._put(bytes(self._waiting[:SEGMENT]), last=False)
            del self._waiting[:SEGMENT]

    def finish(self) -> None:
        """Seal the last segment; a file that never came to it does not open."""
        if self._reader is None:
            lacking = disguised(self._written) - self._written
            while lacking > 0:
                self._take(bytes(min(lacking, SEGMENT)))
                lacking -= SEGMENT
            self._put(bytes(self._waiting), last=True)
            self._waiting.clear()
            self._target.flush()
            self._reader = SealedReader(self._target, self._key, size=self._written)

    def ciphertext(self) -> IO[bytes]:
        """What was sealed, from its beginning."""
        self.finish()
        self._target.seek(0)
        return self._target

    def _put(self, segment: bytes, *, last: bool) -> None:
        self._target.write(self._key.seal(self._segments, segment, last=last))
        self._segments += 1

    def readinto(self, into: Any, /) -> int:
        """Read what was written, in the clear."""
        self.finish()
        assert self._reader is not None  # noqa: S101 -- finish made it
        return self._reader.readinto(into)

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Go elsewhere to read."""
        self.finish()
        assert self._reader is not None  # noqa: S101 -- finish made it
        return self._reader.seek(offset, whence)

    def tell(self) -> int:
        """Where the next byte is written, or read."""
        return self._written if self._reader is None else self._reader.tell()

    def close(self) -> None:
        """Close the target as well; what was not finished is lost."""
        if not self.closed:
            self._waiting.clear()
            self._target.close()
        super().close()


class SealedReader(io.RawIOBase):
    """A sealed file in the clear, segment by segment; ``size`` bytes of it, what follows only fills it up.

    Raises `Broken` at the first segment that does not open, and for a file shorter than ``size``.
    """

    def __init__(self, source: IO[bytes], key: FileKey, *, size: int) -> None:
        super().__init__()
        self._source = source
        self._key = key
        whole = source.seek(0, io.SEEK_END)
        self._count = max(1, -(-whole // (SEGMENT + _TAG)))
        self._size = size
        if not 0 <= size <= whole - self._count * _TAG:
            raise Broken
        self._at = 0
        self._held: tuple[int, bytes] = (-1, b"")

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always."""
        return True

    def readinto(self, into: Any, /) -> int:
        """Read on, at most to the end of a segment."""
        place = min(self._at // SEGMENT, self._count - 1)
        most = min(len(into), max(0, self._size - self._at))
        part = self._segment(place)[self._at - place * SEGMENT :][:most]
        into[: len(part)] = part
        self._at += len(part)
        return len(part)

    def _segment(self, place: int) -> bytes:
        if self._held[0] != place:
            self._source.seek(place * (SEGMENT + _TAG))
            sealed = self._source.read(SEGMENT + _TAG)
            self._held = (place, self._key.open(place, sealed, last=place == self._count - 1))
        return self._held[1]

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Go elsewhere."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, start + offset)
        return self._at

    def tell(self) -> int:
        """Where the next byte is read."""
        return self._at
