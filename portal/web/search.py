"""Finding a name by a part of it or by the first letters of its sounds (师宗县水务局 by ``szx``)."""

from pypinyin import Style, lazy_pinyin
from sqlalchemy import ColumnElement, or_


def initials(name: str) -> str:
    """The first letter of each character's sound, in lower case; letters and digits stay, signs go."""
    letters = "".join(lazy_pinyin(name, style=Style.FIRST_LETTER)).casefold()
    return "".join(letter for letter in letters if letter.isascii() and letter.isalnum())


def found(words: str, *texts: ColumnElement[str], sounds: ColumnElement[str]) -> ColumnElement[bool]:
    """The condition that one of ``texts`` contains ``words``, or that the initials in ``sounds`` do."""
    return or_(
        *(text.icontains(words, autoescape=True) for text in texts),
        sounds.contains(words.replace(" ", "").casefold(), autoescape=True),
    )
