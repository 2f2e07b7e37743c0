"""Digests: SM3 over one canonical spelling of a value, so that anybody can compute them again."""

import hashlib
import json
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from uuid import UUID

from portal.kernel.ruling import Clause


def sm3(data: bytes) -> bytes:
    """The 32-byte SM3 digest (GB/T 32905)."""
    return hashlib.new("sm3", data).digest()


def short_id(of: UUID | str) -> str:
    """An id as people read it to each other: its first eight digits, as in 3F2A-9B1C."""
    digits = str(of).upper()
    return f"{digits[:4]}-{digits[4:8]}"


def told_id(of: UUID | str) -> str:
    """An id on paper: as people read it, and whole."""
    return f"{short_id(of)}（全号 {of}）"


def plain(value: object) -> object:  # noqa: PLR0911 -- one answer per kind of value
    """A value as JSON has it: exact numbers as text without idle zeros, instants in ISO 8601, ids as text."""
    if isinstance(value, Enum):
        return plain(value.value)
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, UUID | Clause):
        return str(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        items = [plain(item) for item in value]
        return sorted(items, key=str) if isinstance(value, set | frozenset) else items
    msg = f"{type(value).__name__} has no canonical spelling"
    raise TypeError(msg)


def canonical(value: object) -> str:
    """The one spelling that is digested: sorted keys, no spaces, Chinese as it is."""
    return json.dumps(plain(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest(value: object) -> bytes:
    """SM3 of the canonical spelling."""
    return sm3(canonical(value).encode())
