"""How one value of a rule set is written: as plain JSON data, as stored text, and as text in a form.

Each kind reads plain data and typed text into a Python value and back; what it cannot read it refuses with
`Wrong`, a Chinese sentence per fault and the place inside the value. National limits are not its business.
"""

import json
import re
import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from typing import Any

from portal.kernel.exact import plain_decimal
from portal.kernel.money import Yuan, yuan_as_typed
from tenants.ruleset.groups import Band, MonthDay, Reach, Target, Tier

ONE = Decimal(1)
HUNDRED = Decimal(100)
GRADES_OF_FIRMS = ("A", "B", "C")
GRADES_OF_SUBJECTS = ("优", "良", "中")

_BREAK = re.compile(r"[;\n]+")
_LEAP_YEAR = 2024


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


class _Line(Kind):
    """A kind whose plain data is one string; it is stored without JSON quotes."""

    def from_text(self, text: str) -> Any:
        return self.from_plain(text)

    def to_text(self, value: Any) -> str:
        return str(self.to_plain(value))


class Ratio(_Line):
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


class Points(_Line):
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


class Money(_Line):
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


class Choice(_Line):
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


def _gather(raw: object, read: Callable[[object], Any]) -> list[Any]:
    """Read each item of a non-empty JSON list, collecting the flaws of all of them."""
    if not isinstance(raw, list) or not raw:
        raise Wrong.because("必须是至少有一项的列表。")
    found: list[Any] = []
    flaws: list[Flaw] = []
    for index, item in enumerate(raw):
        try:
            found.append(read(item))
        except Wrong as wrong:
            flaws += [Flaw(f"[{index}]{flaw.at}", flaw.message) for flaw in wrong.flaws]
    if flaws:
        raise Wrong(*flaws)
    return found


def _record(raw: object, kinds: Mapping[str, Kind]) -> dict[str, Any]:
    """Read a JSON object with exactly these keys, collecting all flaws."""
    if not isinstance(raw, dict):
        raise Wrong.because("必须是一个对象。")
    found: dict[str, Any] = {}
    flaws = [Flaw(f".{name}", "没有这一项。") for name in raw if name not in kinds]
    for name, kind in kinds.items():
        if name not in raw:
            flaws.append(Flaw(f".{name}", "缺少这一项。"))
            continue
        try:
            found[name] = kind.from_plain(raw[name])
        except Wrong as wrong:
            flaws += [Flaw(f".{name}{flaw.at}", flaw.message) for flaw in wrong.flaws]
    if flaws:
        raise Wrong(*flaws)
    return found


def _rows(typed: str, pattern: re.Pattern[str], example: str) -> list[tuple[str, ...]]:
    """Rows of typed text, parted by semicolons or line ends, each matching ``pattern``."""
    rows = [row.strip() for row in _BREAK.split(typed) if row.strip()]
    matches = [pattern.fullmatch(row) for row in rows]
    strange = [row for row, match in zip(rows, matches, strict=True) if not match]
    if strange or not rows:
        message = (
            f"看不懂“{strange[0] if strange else typed}”，请按“{example}”的样子写，各段之间用分号或换行隔开。"
        )
        raise Wrong.because(message)
    return [match.groups() for match in matches if match]


class Tiers(Kind):
    """Pay by tiers of the quality score: from each ``min`` on, that share of the fee; stored low to high."""

    hint = "例如：0 分起付 0%；60 分起付 80%；80 分起付 95%；90 分起付 100%"
    _typed = re.compile(r"([0-9.]+)[ 分及以上起付:=]+([0-9.]+(?: *%)?)")

    def from_plain(self, raw: object) -> tuple[Tier, ...]:
        def tier(item: object) -> Tier:
            return Tier(**_record(item, {"min": Points(), "pay_ratio": Ratio()}))

        return self._judged(_gather(raw, tier))

    @staticmethod
    def _judged(tiers: list[Tier]) -> tuple[Tier, ...]:
        order = sorted(range(len(tiers)), key=lambda place: tiers[place].min)
        flaws = [Flaw("", "最低一档必须从 0 分起。")] if tiers[order[0]].min else []
        for lower, upper in pairwise(order):
            if tiers[lower].min == tiers[upper].min:
                flaws.append(Flaw(f"[{upper}].min", "两档的起点不能相同。"))
            elif tiers[upper].pay_ratio < tiers[lower].pay_ratio:
                flaws.append(Flaw(f"[{upper}].pay_ratio", "分数高的一档，支付比例不能低于分数低的一档。"))
        if flaws:
            raise Wrong(*flaws)
        return tuple(tiers[place] for place in order)

    def to_plain(self, value: Sequence[Tier]) -> object:
        return [{"min": shortest(tier.min), "pay_ratio": shortest(tier.pay_ratio)} for tier in value]

    def from_form(self, typed: str) -> tuple[Tier, ...]:
        rows = _rows(typed, self._typed, "80 分起付 95%")
        return self._judged([Tier(Points().from_form(low), Ratio().from_form(pay)) for low, pay in rows])

    def to_form(self, value: Sequence[Tier]) -> str:
        return "；".join(f"{shortest(tier.min)} 分起付 {percent(tier.pay_ratio)}" for tier in value)


class Bands(Kind):
    """The least points of each grade, best first; whatever is below the last has the remaining grade."""

    def __init__(self, grades: Sequence[str], lowest: str) -> None:
        self.grades = tuple(grades)
        self.lowest = lowest
        self.hint = f"例如：{self._shown(('90', '80', '60'))}；最低一档以下为 {lowest}"
        self._typed = re.compile(rf"({'|'.join(grades)}) *[:=]? *([0-9.]+) *分?")

    def _shown(self, points: Sequence[str]) -> str:
        return "；".join(f"{grade} {least}" for grade, least in zip(self.grades, points, strict=True))

    def from_plain(self, raw: object) -> tuple[Band, ...]:
        if not isinstance(raw, dict):
            raise Wrong.because("必须是等级到最低分的对应。")
        return self._judged(_record(raw, dict.fromkeys(self.grades, Points())))

    def _judged(self, least: Mapping[str, Decimal]) -> tuple[Band, ...]:
        bands = [Band(grade, least[grade]) for grade in self.grades]
        flaws = [
            Flaw(f".{lower.grade}", f"{lower.grade} 的最低分应低于 {upper.grade} 的最低分。")
            for upper, lower in pairwise(bands)
            if lower.min >= upper.min
        ]
        if flaws:
            raise Wrong(*flaws)
        return tuple(bands)

    def to_plain(self, value: Sequence[Band]) -> object:
        return {band.grade: shortest(band.min) for band in value}

    def from_form(self, typed: str) -> tuple[Band, ...]:
        rows = _rows(typed, self._typed, self._shown(("90", "80", "60")))
        least = {grade: Points().from_form(points) for grade, points in rows}
        if len(least) != len(rows) or len(rows) != len(self.grades):
            message = f"{'、'.join(self.grades)} 各写一次。"
            raise Wrong.because(message)
        return self._judged(least)

    def to_form(self, value: Sequence[Band]) -> str:
        return "；".join(f"{band.grade} {shortest(band.min)}" for band in value)


class Reaches(Kind):
    """From one ratio to another, both inclusive."""

    hint = "例如：10% 至 30%"
    _typed = re.compile(r"([0-9.]+(?: *%)?) *(?:至|到|-|~|—|–) *([0-9.]+(?: *%)?)")

    def from_plain(self, raw: object) -> Reach:
        found = _record(raw, {"low": Ratio(), "high": Ratio()})
        return self._judged(Reach(**found))

    @staticmethod
    def _judged(reach: Reach) -> Reach:
        if reach.low > reach.high:
            raise Wrong.because("下限不能高于上限。", ".low")
        return reach

    def to_plain(self, value: Reach) -> object:
        return {"low": shortest(value.low), "high": shortest(value.high)}

    def from_form(self, typed: str) -> Reach:
        match = self._typed.fullmatch(typed)
        if not match:
            message = f"请按“{self.hint.removeprefix('例如：')}”的样子写。"
            raise Wrong.because(message)
        low, high = match.groups()
        return self._judged(Reach(Ratio().from_form(low), Ratio().from_form(high)))

    def to_form(self, value: Reach) -> str:
        return f"{percent(value.low)} 至 {percent(value.high)}"


class Days(_Line):
    """A day that comes every year, written ``09-30``."""

    hint = "写月和日，例如 09-30"

    def from_plain(self, raw: object) -> MonthDay:
        if not isinstance(raw, str) or not re.fullmatch(r"[0-9]{2}-[0-9]{2}", raw):
            raise Wrong.because("必须写成 09-30 这样的月和日。")
        month, day = map(int, raw.split("-"))
        try:
            date(_LEAP_YEAR, month, day)
        except ValueError as error:
            raise Wrong.because("没有这一天。") from error
        return MonthDay(month, day)

    def to_plain(self, value: MonthDay) -> str:
        return str(value)

    def from_form(self, typed: str) -> MonthDay:
        match = re.fullmatch(r"([0-9]{1,2}) *(?:-|月) *([0-9]{1,2}) *日?", typed)
        return self.from_plain("-".join(part.zfill(2) for part in match.groups()) if match else typed)

    def to_form(self, value: MonthDay) -> str:
        return str(value)


class Targets(Kind):
    """Progress of spending that must be reached by a day of the year, earliest first."""

    hint = "例如：09-30 达到 80%；11-30 达到 95%"
    _typed = re.compile(r"([0-9]{1,2} *[-月] *[0-9]{1,2} *日?)[ 前达到:=]+([0-9.]+(?: *%)?)")

    def from_plain(self, raw: object) -> tuple[Target, ...]:
        def target(item: object) -> Target:
            return Target(**_record(item, {"by": Days(), "ratio": Ratio()}))

        return self._judged(_gather(raw, target))

    @staticmethod
    def _judged(targets: list[Target]) -> tuple[Target, ...]:
        order = sorted(range(len(targets)), key=lambda place: targets[place].by)
        flaws = []
        for earlier, later in pairwise(order):
            if targets[earlier].by == targets[later].by:
                flaws.append(Flaw(f"[{later}].by", "同一天只能写一次。"))
            elif targets[later].ratio < targets[earlier].ratio:
                flaws.append(Flaw(f"[{later}].ratio", "后一个日期的进度不能低于前一个。"))
        if flaws:
            raise Wrong(*flaws)
        return tuple(targets[place] for place in order)

    def to_plain(self, value: Sequence[Target]) -> object:
        return [{"by": str(target.by), "ratio": shortest(target.ratio)} for target in value]

    def from_form(self, typed: str) -> tuple[Target, ...]:
        rows = _rows(typed, self._typed, "09-30 达到 80%")
        return self._judged([Target(Days().from_form(by), Ratio().from_form(ratio)) for by, ratio in rows])

    def to_form(self, value: Sequence[Target]) -> str:
        return "；".join(f"{target.by} 达到 {percent(target.ratio)}" for target in value)


class Months(Kind):
    """Months of the year, in order."""

    hint = "例如：7、10"

    def from_plain(self, raw: object) -> tuple[int, ...]:
        months = _gather(raw, Whole(1, 12).from_plain)
        if len(set(months)) != len(months):
            raise Wrong.because("同一个月只能写一次。")
        return tuple(sorted(months))

    def to_plain(self, value: Sequence[int]) -> object:
        return list(value)

    def from_form(self, typed: str) -> tuple[int, ...]:
        parts = [part.strip().removesuffix("月") for part in re.split(r"[、,; ]+", typed) if part.strip()]
        return self.from_plain([Whole(1, 12).from_form(part) for part in parts])

    def to_form(self, value: Sequence[int]) -> str:
        return "、".join(map(str, value))
