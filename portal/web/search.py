"""Names by their sounds: found by the first letters (师宗县水务局 by ``szx``), listed in their order."""

from functools import lru_cache

from pypinyin import Style, lazy_pinyin
from sqlalchemy import ColumnElement, or_


def initials(name: str) -> str:
    """The first letter of each character's sound, in lower case; letters and digits stay, signs go."""
    letters = "".join(lazy_pinyin(name, style=Style.FIRST_LETTER)).casefold()
    return "".join(letter for letter in letters if letter.isascii() and letter.isalnum())


@lru_cache(maxsize=10_000)  # a list of 300 firms is sorted for each of their bids
def by_sound(name: str) -> tuple[str, ...]:
    """按拼音: the place of a name in a list, character by character; the same on every database server."""
    return (*lazy_pinyin(name), name)


def found(words: str, *texts: ColumnElement[str], sounds: ColumnElement[str]) -> ColumnElement[bool]:
    """The condition that one of ``texts`` contains ``words``, or that the initials in ``sounds`` do."""
    return or_(
        *(text.icontains(words, autoescape=True) for text in texts),
        sounds.contains(words.replace(" ", "").casefold(), autoescape=True),
    )
