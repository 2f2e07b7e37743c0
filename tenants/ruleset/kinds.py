"""How one value of a rule set is written: as plain JSON data, as stored text, and as text in a form.

Each kind reads plain data and typed text into a Python value and back; what it cannot read it refuses with
`Wrong`, a Chinese sentence per fault and the place inside the value. National limits are not its business.
Here stand the simple kinds; those made of several values are in `structures`.
"""

import json
import re
import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from portal.kernel.exact import plain_decimal
from portal.kernel.money import Yuan, yuan_as_typed

ONE = Decimal(1)
HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing wrong inside a value; ``at`` is its place, such as ``[0].min``, or empty."""

    at: str
    message: str


class Wrong(ValueError):
    """A value that cannot be read; carries every flaw found in it."""

    def __init__(self, *flaws: Flaw) -> None:
        super().__init__(flaws)
        self.flaws = flaws

    @classmethod
    def because(cls, message: str, at: str = "") -> "Wrong":
        """The common case: one sentence."""
        return cls(Flaw(at, message))


class Kind(ABC):
    """The kind (类型) of a value. ``hint`` tells a person how to type it."""

    hint: str

    @abstractmethod
    def from_plain(self, raw: object) -> Any:
        """Read JSON data. Raises `Wrong`."""

    def to_plain(self, value: Any) -> object:
        """The JSON data of ``value``, always written the same way."""
        return value

    @abstractmethod
    def from_form(self, typed: str) -> Any:
        """Read what a person typed, already normalised by `tidy`. Raises `Wrong`."""

    @abstractmethod
    def to_form(self, value: Any) -> str:
        """The text that stands in the field of the form."""

    def from_text(self, text: str) -> Any:
        """Read stored text: a string as it is, everything else as JSON. Raises `Wrong`."""
        try:
            return self.from_plain(json.loads(text))
        except ValueError as error:
            raise error if isinstance(error, Wrong) else Wrong.because("存储的内容无法识别。") from error

    def to_text(self, value: Any) -> str:
        """The one canonical text under which ``value`` is stored and compared."""
        return json.dumps(self.to_plain(value), ensure_ascii=False, separators=(",", ":"))


def tidy(typed: str) -> str:
    """Full-width digits and signs become plain ones; blanks at the ends are dropped."""
    return unicodedata.normalize("NFKC", typed).strip()


def shortest(number: Decimal) -> str:
    """A decimal without exponent and without zeros at its end: 0.40 is 0.4, 80.00 is 80."""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def percent(ratio: Decimal) -> str:
    """A ratio as people write it: 0.4 is 40%."""
    return f"{shortest(ratio * 100)}%"


def _decimal(raw: object, example: str) -> Decimal:
    if not isinstance(raw, str):
        message = f'必须写成带引号的小数，例如 "{example}"。'
        raise Wrong.because(message)
    try:
        return plain_decimal(raw)
    except ValueError as error:
        raise Wrong.because("不是有效的小数：只能有数字和一个小数点。") from error


class Line(Kind):
    """A kind whose plain data is one string; it is stored without JSON quotes."""

    def from_text(self, text: str) -> Any:
        return self.from_plain(text)

    def to_text(self, value: Any) -> str:
        return str(self.to_plain(value))


class Ratio(Line):
    """A ratio from 0 to 1, exact."""

    hint = "写小数或百分数，例如 0.4 或 40%"

    def from_plain(self, raw: object) -> Decimal:
        number = _decimal(raw, "0.40")
        if number > ONE:
            raise Wrong.because("比例应在 0 到 1 之间。")
        return number

    def to_plain(self, value: Decimal) -> str:
        return shortest(value)

    def from_form(self, typed: str) -> Decimal:
        if typed.endswith("%"):
            return self.from_plain(shortest(_decimal(typed[:-1].rstrip(), "40") / 100))
        return self.from_plain(typed)

    def to_form(self, value: Decimal) -> str:
        return percent(value)


class Points(Line):
    """Points from 0 to 100, exact."""

    hint = "写 0 到 100 之间的分数，例如 80"

    def from_plain(self, raw: object) -> Decimal:
        number = _decimal(raw, "80.00")
        if number > HUNDRED:
            raise Wrong.because("分数应在 0 到 100 之间。")
        return number

    def to_plain(self, value: Decimal) -> str:
        return shortest(value)

    def from_form(self, typed: str) -> Decimal:
        return self.from_plain(typed.removesuffix("分").rstrip())

    def to_form(self, value: Decimal) -> str:
        return shortest(value)


class Money(Line):
    """An amount in 元, above nothing, at most two places."""

    hint = "单位为元，例如 5,000,000.00"

    def from_plain(self, raw: object) -> Yuan:
        _decimal(raw, "1000.00")
        try:
            amount = yuan_as_typed(str(raw))
        except ValueError as error:
            raise Wrong.because("金额以元为单位，最多两位小数，整数部分最多十四位。") from error
        if not amount:
            raise Wrong.because("金额应大于 0。")
        return amount

    def to_plain(self, value: Yuan) -> str:
        return format(value, "f")

    def from_form(self, typed: str) -> Yuan:
        bare = typed.removesuffix("元").rstrip()
        if "," in bare and not re.fullmatch(r"[0-9]{1,3}(,[0-9]{3})+(\.[0-9]*)?", bare):
            raise Wrong.because("千位分隔符的位置不对。")
        return self.from_plain(bare.replace(",", ""))

    def to_form(self, value: Yuan) -> str:
        return f"{value:,}"


@dataclass(frozen=True, slots=True)
class Whole(Kind):
    """A count or a span: a whole number within bounds, both inclusive."""

    low: int
    high: int

    @property
    def hint(self) -> str:  # type: ignore[override]
        """The bounds in words."""
        return f"写 {self.low} 到 {self.high} 之间的整数"

    def from_plain(self, raw: object) -> int:
        if not isinstance(raw, int) or isinstance(raw, bool):
            raise Wrong.because("必须是整数，不带引号和小数点。")
        if not self.low <= raw <= self.high:
            message = f"应在 {self.low} 到 {self.high} 之间。"
            raise Wrong.because(message)
        return raw

    def from_form(self, typed: str) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", typed):
            raise Wrong.because("请写整数。")
        return self.from_plain(int(typed))

    def to_form(self, value: int) -> str:
        return str(value)


class Flag(Kind):
    """Yes or no."""

    hint = "写“是”或“否”"

    def from_plain(self, raw: object) -> bool:
        if not isinstance(raw, bool):
            raise Wrong.because("必须是 true 或 false。")
        return raw

    def from_form(self, typed: str) -> bool:
        if typed not in {"是", "否"}:
            raise Wrong.because("请写“是”或“否”。")
        return typed == "是"

    def to_form(self, value: bool) -> str:
        return "是" if value else "否"


class Choice(Line):
    """One of a few; each has its code in data and its label on the page."""

    def __init__(self, labels: Mapping[StrEnum, str]) -> None:
        self.labels = labels
        self._codes: dict[str, StrEnum] = {option.value: option for option in labels}
        self.hint = "写" + "或".join(f"“{label}”" for label in labels.values())

    def from_plain(self, raw: object) -> StrEnum:
        if not isinstance(raw, str) or raw not in self._codes:
            message = f"只能是 {'、'.join(self._codes)} 之一。"
            raise Wrong.because(message)
        return self._codes[raw]

    def to_plain(self, value: StrEnum) -> str:
        return value.value

    def from_form(self, typed: str) -> StrEnum:
        by_label = {label: option for option, label in self.labels.items()}
        if typed not in by_label:
            message = f"请{self.hint}。"
            raise Wrong.because(message)
        return by_label[typed]

    def to_form(self, value: StrEnum) -> str:
        return self.labels[value]
