"""Sealing values: SM4-GCM under a named key, and a keyed index for looking a sealed value up.

Each sealed value begins with the key's id and the algorithm's, so that keys and algorithms can be changed.
Software ciphers only; a cipher device stands behind the same two classes.
"""

import os
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

SM4_GCM: Final = 1
_NONCE = 12
_TAG = 16


class Broken(ValueError):
    """The sealed value was changed, or another key sealed it."""


@dataclass(frozen=True, slots=True)
class Sealer:
    """Seals and opens with one 16-byte SM4 key; ``key_id`` (0–255) is written into every value."""

    key: bytes
    key_id: int = 1

    def seal(self, value: bytes, *, context: bytes = b"") -> bytes:
        """Key id ‖ algorithm ‖ nonce ‖ tag ‖ ciphertext; ``context`` must be given again to open."""
        nonce = os.urandom(_NONCE)
        encryptor = Cipher(algorithms.SM4(self.key), modes.GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(context)
        sealed = encryptor.update(value) + encryptor.finalize()
        return bytes((self.key_id, SM4_GCM)) + nonce + encryptor.tag + sealed

    def open(self, sealed: bytes, *, context: bytes = b"") -> bytes:
        """The value. Raises `Broken` where key, context or a single bit differ."""
        if len(sealed) < 2 + _NONCE + _TAG or sealed[0] != self.key_id or sealed[1] != SM4_GCM:
            raise Broken
        nonce, tag = sealed[2 : 2 + _NONCE], sealed[2 + _NONCE : 2 + _NONCE + _TAG]
        decryptor = Cipher(algorithms.SM4(self.key), modes.GCM(nonce, tag)).decryptor()
        decryptor.authenticate_additional_data(context)
        try:
            return decryptor.update(sealed[2 + _NONCE + _TAG :]) + decryptor.finalize()
        except InvalidTag as error:
            raise Broken from error


def keyed_digest(key: bytes, value: str) -> bytes:
    """HMAC-SM3: equal values have equal digests, and without the key nobody can guess from a digest."""
    mac = hmac.HMAC(key, hashes.SM3())
    mac.update(value.encode())
    return mac.finalize()
