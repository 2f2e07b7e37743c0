"""The kinds of values that are made of several: tiers, bands, ranges, days, targets, months."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

from tenants.ruleset.groups import Band, MonthDay, Reach, Target, Tier
from tenants.ruleset.kinds import Flaw, Kind, Line, Points, Ratio, Whole, Wrong, percent, shortest

GRADES_OF_FIRMS = ("A", "B", "C")
GRADES_OF_SUBJECTS = ("优", "良", "中")

_BREAK = re.compile(r"[;\n]+")
_LEAP_YEAR = 2024


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


class Days(Line):
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
