"""What one cell of an office's spreadsheet means: a reader takes a `Cell` and answers a value or a `Refusal`.

Here belong the ways in which people write numbers, days and names; a schema says which column holds what.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Final

from stdnum.cn import ric, uscc
from stdnum.exceptions import InvalidChecksum, InvalidComponent, InvalidFormat, InvalidLength, ValidationError

from portal.kernel.money import LARGEST, Yuan
from portal.kernel.ruling import Refusal

Raw = str | int | float | bool | date | datetime | time | timedelta

SAFE_DIGITS: Final = 15
UNITS: Final[Mapping[str, Decimal]] = {
    "元": Decimal(1),
    "千元": Decimal(1_000),
    "万元": Decimal(10_000),
    "百万元": Decimal(1_000_000),
    "亿元": Decimal(100_000_000),
}

_CJK = "\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef"
_HALF_WIDTH = {
    code: code - 0xFEE0 for code in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))
}
_INVISIBLE = re.compile(r"[\u0000-\u0008\u000e-\u001f\u007f\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
_BETWEEN_CJK = re.compile(rf"(?<=[{_CJK}]) (?=[{_CJK}])")
_PLAIN = re.compile(r"(\d{1,15}|\d{1,3}(,\d{3}){1,4})(\.\d{1,12})?")
_SEPARATORS = re.compile(r"[、,，;；/|\n]")
_DAY = re.compile(r"(\d{4})(?:[-/.年](\d{1,2})[-/.月](\d{1,2})日?|(\d{2})(\d{2}))")
_MIDNIGHT = re.compile(r"[ T]0?0:00(:00(\.0+)?)?$")
_MOBILE = re.compile(r"1[3-9]\d{9}")
_LANDLINE = re.compile(r"0\d{2,3}-?\d{7,8}(-\d{1,6})?|400-?\d{3}-?\d{4}")
_EMAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,}")
_YES = frozenset("是有√")
_NO = frozenset("否无×")
_CODE = re.compile(r"[0-9A-Za-z][0-9A-Za-z.-]{0,39}")


@dataclass(frozen=True, slots=True)
class Cell:
    """One filled cell: what the workbook holds, and how many 元 one unit of its column is."""

    raw: Raw
    factor: Decimal = UNITS["元"]


Reader = Callable[[Cell], object]


def tidy(text: str) -> str:
    """Text as it was meant: half-width letters and digits, no invisible characters, single inner spaces.

    A space between two Chinese characters (an aligned name) goes; Chinese punctuation stays.
    """
    text = _INVISIBLE.sub("", text.translate(_HALF_WIDTH))
    return _BETWEEN_CJK.sub("", " ".join(text.split()))


def folded(text: str) -> str:
    """The form in which two spellings of one name are equal: no width, no case, no spaces."""
    return "".join(unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)).split()).casefold()


def shown(raw: Raw) -> str:
    """A cell as people see it: no point after whole numbers, fifteen digits, no midnight after a day."""
    if isinstance(raw, bool):
        return "是" if raw else "否"
    if isinstance(raw, float):
        return format(Decimal(format(raw, f".{SAFE_DIGITS}g")), "f")
    if isinstance(raw, datetime):
        return f"{raw:%Y-%m-%d}" if raw.time() == time() else f"{raw:%Y-%m-%d %H:%M:%S}"
    return str(raw)


def _number(cell: Cell) -> Decimal | Refusal:
    """The number in a cell, typed as one or as text with separators or full-width digits. Never a float."""
    raw = cell.raw
    if isinstance(raw, int | float) and not isinstance(raw, bool):
        if abs(raw) >= 10**SAFE_DIGITS:
            return Refusal("spreadsheet.digits_lost")
        return Decimal(shown(raw))
    if not isinstance(raw, str):
        return Refusal("spreadsheet.not_a_number")
    text = folded(raw).lstrip("'").removeprefix("¥").replace("\u2212", "-")
    sign = -1 if text.startswith("-") or (text.startswith("(") and text.endswith(")")) else 1
    text = text.removeprefix("-").removeprefix("(").removesuffix(")") if sign < 0 else text
    if not text.isascii() or not _PLAIN.fullmatch(text):
        return Refusal("spreadsheet.not_a_number")
    return sign * Decimal(text.replace(",", ""))


def _written(cell: Cell) -> str | Refusal:
    """The text in a cell; a number where text belongs is its digits, unless the spreadsheet dropped some."""
    raw = cell.raw
    if isinstance(raw, int | float) and not isinstance(raw, bool) and abs(raw) >= 10**SAFE_DIGITS:
        return Refusal("spreadsheet.digits_lost")
    return tidy(shown(raw).lstrip("'"))


def words(limit: int = 200) -> Reader:
    """Free text of at most ``limit`` characters."""

    def read(cell: Cell) -> str | Refusal:
        text = _written(cell)
        if isinstance(text, str) and len(text) > limit:
            return Refusal("spreadsheet.too_long", facts={"limit": limit, "length": len(text)})
        return text

    return read


def code(cell: Cell) -> str | Refusal:
    """A code of a register: letters, digits, points and hyphens, at most forty."""
    text = _written(cell)
    if isinstance(text, Refusal) or _CODE.fullmatch(text):
        return text
    return Refusal("spreadsheet.not_a_code")


def amount(cell: Cell) -> Yuan | Refusal:
    """Money in 元, exact: the number times its column's unit, not negative, a whole number of fen."""
    number = _number(cell)
    if isinstance(number, Refusal):
        return number
    exact = number * cell.factor
    if exact < 0:
        return Refusal("spreadsheet.amount_negative")
    if exact > LARGEST:
        return Refusal("spreadsheet.amount_too_large")
    fen = exact.quantize(Decimal("0.01"))
    return Yuan(fen) if fen == exact else Refusal("spreadsheet.amount_below_fen")


def whole(low: int, high: int, *suffixes: str) -> Reader:
    """A whole number from ``low`` to ``high``, both included; one of ``suffixes`` may follow it."""

    def read(cell: Cell) -> int | Refusal:
        raw = cell.raw
        if isinstance(raw, str):
            raw = folded(raw)
            raw = next((raw.removesuffix(suffix) for suffix in suffixes if raw.endswith(suffix)), raw)
        number = _number(Cell(raw))
        if isinstance(number, Refusal):
            return number
        if number != int(number):
            return Refusal("spreadsheet.not_whole")
        if not low <= number <= high:
            return Refusal("spreadsheet.out_of_range", facts={"low": low, "high": high})
        return int(number)

    return read


year: Reader = whole(2000, 2100, "年度", "年")


def day(cell: Cell) -> date | Refusal:
    """A calendar day, typed as a date or as text: ``2023-1-5``, ``2023年1月5日``, ``20230105``."""
    raw = cell.raw
    if isinstance(raw, datetime):
        return raw.date()
    if isinstance(raw, date):
        return raw
    text = _written(cell)
    if isinstance(text, Refusal):
        return text
    matched = _DAY.fullmatch(folded(_MIDNIGHT.sub("", text)))
    if not matched:
        return Refusal("spreadsheet.not_a_day")
    try:
        return date(*(int(part) for part in matched.groups() if part is not None))
    except ValueError:
        return Refusal("spreadsheet.no_such_day")


def choice(options: Mapping[str, object]) -> Reader:
    """One of ``options``, by any of its written forms; answers what the form stands for."""
    known = {folded(form): meaning for form, meaning in options.items()}

    def read(cell: Cell) -> object:
        text = _written(cell)
        if isinstance(text, Refusal):
            return text
        return known.get(folded(text)) or Refusal("spreadsheet.not_listed", facts=_listed(text, options))

    return read


def choices(options: Mapping[str, object]) -> Reader:
    """Several of ``options``, separated by 、 and the like; answers a set."""
    known = {folded(form): meaning for form, meaning in options.items()}

    def read(cell: Cell) -> frozenset[object] | Refusal:
        parts = [part for part in _SEPARATORS.split(shown(cell.raw)) if folded(part)]
        strange = next((part for part in parts if folded(part) not in known), None)
        if strange is not None:
            return Refusal("spreadsheet.not_listed", facts=_listed(tidy(strange), options))
        return frozenset(known[folded(part)] for part in parts) or Refusal("spreadsheet.missing")

    return read


def _listed(text: str, options: Mapping[str, object]) -> dict[str, object]:
    """The facts of a refusal: what stood there, and the first written form of each option."""
    first = {meaning: form for form, meaning in reversed(tuple(options.items()))}
    return {"part": text, "options": "、".join(reversed(first.values()))}


def known(names: Iterable[str], code: str) -> Reader:
    """A name of a register, however spaced; answers the register's spelling or refuses with ``code``."""
    spelling = {folded(name): name for name in names}

    def read(cell: Cell) -> str | Refusal:
        text = _written(cell)
        return text if isinstance(text, Refusal) else spelling.get(folded(text), Refusal(code))

    return read


def yes_no(cell: Cell) -> bool | Refusal:
    """是 or 否, by word, tick or truth value."""
    text = _written(cell)
    if isinstance(text, Refusal) or text in _YES | _NO:
        return text if isinstance(text, Refusal) else text in _YES
    return Refusal("spreadsheet.not_yes_or_no")


def _matching(pattern: re.Pattern[str], code: str) -> Reader:
    def read(cell: Cell) -> str | Refusal:
        text = _written(cell)
        if isinstance(text, Refusal):
            return text
        text = folded(text).removeprefix("+86")
        return text if pattern.fullmatch(text) else Refusal(code)

    return read


mobile = _matching(_MOBILE, "spreadsheet.not_a_mobile")
phone = _matching(re.compile(f"{_MOBILE.pattern}|{_LANDLINE.pattern}"), "spreadsheet.not_a_phone")
bank_account = _matching(re.compile(r"[0-9]{12,30}"), "spreadsheet.not_a_bank_account")
email = _matching(_EMAIL, "spreadsheet.not_an_email")


def _checked(validate: Callable[[str], str], codes: Mapping[type[ValidationError], str]) -> Reader:
    """A number with a check digit, refused by what is wrong with it."""

    def read(cell: Cell) -> str | Refusal:
        text = _written(cell)
        if isinstance(text, Refusal):
            return text
        try:
            return validate(folded(text))
        except ValidationError as error:
            return Refusal(codes[type(error)], facts={"length": len(folded(text))})

    return read


credit_code = _checked(
    uscc.validate,
    {
        InvalidLength: "spreadsheet.credit_code_length",
        InvalidFormat: "spreadsheet.credit_code_characters",
        InvalidChecksum: "spreadsheet.credit_code_check_digit",
    },
)
identity_number = _checked(
    ric.validate,
    {
        InvalidLength: "spreadsheet.identity_number_length",
        InvalidFormat: "spreadsheet.identity_number_characters",
        InvalidChecksum: "spreadsheet.identity_number_check_digit",
        InvalidComponent: "spreadsheet.identity_number_component",
    },
)
