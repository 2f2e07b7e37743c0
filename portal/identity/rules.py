"""What a password, a username and a one-time code must be. Pure; secrets are made by `secrets`, not here."""

import re
from typing import Final

from portal.kernel.ruling import Clause, Ruling, unless

LEVEL_PROTECTION: Final = Clause("GB/T 22239-2019（身份鉴别）")
MIN_PASSWORD: Final = 10
MAX_PASSWORD: Final = 128
CODE_ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CODE_LENGTH: Final = 12
_KINDS = (r"[a-z]", r"[A-Z]", r"[0-9]", r"[^a-zA-Z0-9]")
MIN_KINDS: Final = 3


def password_holds(password: str, username: str) -> Ruling:
    """At least ten characters, three of the four kinds, and not the username inside."""
    kinds = sum(bool(re.search(kind, password)) for kind in _KINDS)
    return (
        unless(
            not MIN_PASSWORD <= len(password) <= MAX_PASSWORD,
            "identity.password_length",
            LEVEL_PROTECTION,
            least=MIN_PASSWORD,
            most=MAX_PASSWORD,
        )
        & unless(kinds < MIN_KINDS, "identity.password_kinds", LEVEL_PROTECTION, least=MIN_KINDS)
        & unless(username.casefold() in password.casefold(), "identity.password_username", LEVEL_PROTECTION)
    )


def code_as_typed(text: str) -> str:
    """A one-time code as it was printed, whatever dashes, blanks and lower case it was typed with."""
    return re.sub(r"[\s\-—]", "", text).upper()


def code_as_printed(code: str) -> str:
    """A one-time code in groups of four, easy to copy from a slip."""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))
