"""Plain JSON data, read strictly: every value has a path, and every fault is kept with it.

A reader answers with a stand-in where a value is missing or bad, so that reading goes on to the next fault;
whoever reads must look at `Faults` before using what was read.
"""

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar

from portal.kernel.exact import plain_decimal
from portal.kernel.money import NOTHING, Yuan, yuan_as_typed

E = TypeVar("E", bound=StrEnum)

_NIL = Decimal()
_MISSING = object()


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, and where: a ``path`` such as ``contracts[0].sheets[2].total``; ``$`` is the whole."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}：{self.message}"


class BadCase(ValueError):
    """A case that cannot be replayed; carries every fault."""

    def __init__(self, faults: Collection[Fault]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = tuple(faults)


class Faults:
    """Collects what is wrong while a case is read."""

    def __init__(self) -> None:
        self.found: list[Fault] = []

    def add(self, path: str, message: str) -> None:
        """Keep one fault."""
        self.found.append(Fault(path or "$", message))


def step(path: str, key: str) -> str:
    """The path of ``key`` inside the object at ``path``."""
    plain = key.isascii() and key.replace(".", "").replace("_", "").isalnum()
    if not plain:
        return f"{path}[{json.dumps(key)}]"
    return f"{path}.{key}" if path else key


class _Doubled(dict[str, Any]):
    """A JSON object in which some keys stood twice."""

    def __init__(self, pairs: list[tuple[str, Any]], again: list[str]) -> None:
        super().__init__(pairs)
        self.again = again


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    again = [name for name in dict.fromkeys(names) if names.count(name) > 1]
    return _Doubled(pairs, again) if again else dict(pairs)


def _doubles(raw: object, path: str) -> Iterator[str]:
    if isinstance(raw, dict):
        if isinstance(raw, _Doubled):
            yield from (step(path, name) for name in raw.again)
        for name, value in raw.items():
            yield from _doubles(value, step(path, name))
    elif isinstance(raw, list):
        for index, value in enumerate(raw):
            yield from _doubles(value, f"{path}[{index}]")


def read_json(text: bytes) -> object:
    """A JSON document in UTF-8. Raises `BadCase` when it is none, or when an object names a key twice."""
    try:
        raw: object = json.loads(text.decode("utf-8-sig"), object_pairs_hook=_pairs)
        doubled = [Fault(path, "同一个键写了两次。") for path in _doubles(raw, "")]
    except UnicodeDecodeError as error:
        raise BadCase([Fault("$", "文件不是 UTF-8 编码。")]) from error
    except json.JSONDecodeError as error:
        message = f"不是有效的 JSON：第 {error.lineno} 行第 {error.colno} 列处无法识别。"
        raise BadCase([Fault("$", message)]) from error
    except (RecursionError, ValueError) as error:
        raise BadCase([Fault("$", "不是有效的 JSON：嵌套过深或者数字过长。")]) from error
    if doubled:
        raise BadCase(doubled)
    return raw


class Record:
    """One JSON object at its path; each reader names the key it wants and notes what is wrong with it."""

    def __init__(self, raw: object, path: str, faults: Faults, keys: Collection[str]) -> None:
        self.path = path
        self.faults = faults
        self.sound = isinstance(raw, dict)
        self._raw: dict[str, Any] = raw if isinstance(raw, dict) else {}
        if not self.sound:
            faults.add(path, "必须是一个对象。")
        for name in self._raw:
            if name not in keys:
                faults.add(step(path, name), "没有这个键。")

    def has(self, key: str) -> bool:
        """Whether the key was given at all."""
        return key in self._raw

    def wrong(self, key: str, message: str, at: str = "") -> None:
        """Note a fault at a key of this object, or at the place ``at`` inside its value."""
        self.faults.add(step(self.path, key) + at, message)

    def _take(self, key: str, *, needed: bool) -> Any:
        if key not in self._raw:
            if needed and self.sound:
                self.wrong(key, "缺少这个键。")
            return _MISSING
        return self._raw[key]

    def _text(self, value: object, path: str) -> str:
        if not isinstance(value, str):
            self.faults.add(path, "必须是加引号的文字。")
        elif not value or value != value.strip() or not value.isprintable():
            self.faults.add(path, "不能为空，首尾不能有空格，也不能有不可见字符。")
        else:
            return value
        return ""

    def text(self, key: str, *, needed: bool = True) -> str:
        """A name or an id; empty when missing or bad."""
        value = self._take(key, needed=needed)
        return "" if value is _MISSING else self._text(value, step(self.path, key))

    def texts(self, key: str, *, needed: bool = True) -> tuple[str, ...]:
        """A list of names, each once."""
        names: list[str] = []
        for path, value in self.items(key, needed=needed):
            name = self._text(value, path)
            if name and name in names:
                self.faults.add(path, f"“{name}”重复。")
            names.append(name)
        return tuple(names)

    def items(self, key: str, *, needed: bool = True) -> list[tuple[str, object]]:
        """The items of a list, each with its path."""
        value = self._take(key, needed=needed)
        if value is _MISSING:
            return []
        if not isinstance(value, list):
            self.wrong(key, "必须是一个列表。")
            return []
        path = step(self.path, key)
        return [(f"{path}[{index}]", item) for index, item in enumerate(value)]

    def flag(self, key: str, *, default: bool) -> bool:
        """True or false."""
        value = self._take(key, needed=False)
        if value is _MISSING:
            return default
        if not isinstance(value, bool):
            self.wrong(key, "必须是 true 或 false。")
            return default
        return value

    def choice(self, key: str, options: type[E]) -> E | None:
        """One of the options, None when missing or bad."""
        value = self._take(key, needed=True)
        if value is _MISSING:
            return None
        if not isinstance(value, str) or value not in {option.value for option in options}:
            self.wrong(key, f"只能是 {'、'.join(option.value for option in options)} 之一。")
            return None
        return options(value)

    def whole(self, key: str, low: int, high: int) -> int:
        """A whole number, both bounds inclusive."""
        value = self._take(key, needed=True)
        if value is _MISSING:
            return low
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            self.wrong(key, f"必须是 {low} 到 {high} 之间的整数，不带引号。")
            return low
        return value

    def _decimal(self, value: object, path: str) -> Decimal | None:
        if not isinstance(value, str):
            self.faults.add(path, '必须是加引号的小数，例如 "80.00"。')
            return None
        try:
            return plain_decimal(value)
        except ValueError:
            self.faults.add(path, "不是有效的小数：只能有数字和一个小数点，不能有正负号、指数和空格。")
            return None

    def money(self, key: str, *, needed: bool = True, above_zero: bool = True) -> Yuan | None:
        """An amount in 元 with at most two places; None when missing or bad."""
        value = self._take(key, needed=needed)
        if value is _MISSING or self._decimal(value, step(self.path, key)) is None:
            return None
        try:
            amount = yuan_as_typed(str(value))
        except ValueError:
            self.wrong(key, "金额以元为单位，最多两位小数，整数部分最多十四位。")
            return None
        if above_zero and amount == NOTHING:
            self.wrong(key, "金额应大于 0。")
            return None
        return amount

    def points(self, value: object, path: str, maximum: Decimal) -> Decimal:
        """Points from 0 to ``maximum``, exact; 0 when bad."""
        number = self._decimal(value, path)
        if number is not None and number > maximum:
            self.faults.add(path, f"分数应在 0 到 {maximum.normalize():f} 之间。")
        return number or _NIL

    def total(self, key: str) -> Decimal:
        """The points of one sheet, 0–100."""
        value = self._take(key, needed=True)
        return _NIL if value is _MISSING else self.points(value, step(self.path, key), Decimal(100))

    def ratio(self, key: str, *, needed: bool = False) -> Decimal | None:
        """A ratio from 0 to 1, exact; None when missing or bad."""
        value = self._take(key, needed=needed)
        number = None if value is _MISSING else self._decimal(value, step(self.path, key))
        if number is not None and number > 1:
            self.wrong(key, "比例应在 0 到 1 之间。")
            return None
        return number

    def record(self, key: str, keys: Collection[str]) -> "Record":
        """The object under a key; an empty one when missing or bad."""
        value = self._take(key, needed=True)
        if value is _MISSING:
            return Record(_MISSING, step(self.path, key), Faults(), keys)
        return Record(value, step(self.path, key), self.faults, keys)

    def raw(self) -> dict[str, Any]:
        """The object as it stands, for a reader with rules of its own."""
        return self._raw
