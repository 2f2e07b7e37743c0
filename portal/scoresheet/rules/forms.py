"""评分表模板: what a form says, and what makes it sound: points that add up, deductions that can be taken.

Points are exact decimals; a form has 100. A folded item takes ``ratio`` of another form's total (折算).
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from itertools import groupby
from typing import Any, Final

from portal.kernel.exact import plain_decimal

FULL: Final = Decimal(100)
HALF: Final = Decimal("0.5")
ZERO: Final = Decimal(0)
POINT_RANGE: Final = re.compile(r"\d\s*[—–-]\s*\d")  # as in 一般6—8分
BANDS: Final = (Decimal("0.9"), Decimal("0.8"), Decimal("0.6"))


class ItemKind(StrEnum):
    """How an item gets its points: who gives them, and from what."""

    DEDUCT = "deduct"
    JUDGEMENT = "judgement"
    FOLDED = "folded"
    OBJECTIVE = "objective"
    SYSTEM = "system"


KIND_LABELS: Final[dict[ItemKind, str]] = {
    ItemKind.DEDUCT: "按扣分事项扣分",
    ItemKind.JUDGEMENT: "分档评判",
    ItemKind.FOLDED: "由其他评分表折算",
    ItemKind.OBJECTIVE: "按填报事实计算",
    ItemKind.SYSTEM: "由系统读取",
}


class Regime(StrEnum):
    """法律适用 a form may be used under."""

    INTERNAL = "INTERNAL"
    STATUTORY = "STATUTORY"


@dataclass(frozen=True, slots=True)
class Deduction:
    """扣分事项: ``least`` to ``most`` points, per occurrence where ``each``; ``veto`` begins a veto."""

    text: str
    each: bool
    least: Decimal
    most: Decimal
    veto: bool = False

    @property
    def shown(self) -> str:
        """As the paper form prints it."""
        points = f"{self.least}" if self.least == self.most else f"{self.least}—{self.most}"
        return f"{self.text}扣{points}分" + ("（启动一票否决程序）" if self.veto else "")


@dataclass(frozen=True, slots=True)
class Item:
    """评分项: one line of the form, worth at most ``points``."""

    group: str
    name: str
    points: Decimal
    full: str
    deduct: str
    kind: ItemKind
    deductions: tuple[Deduction, ...] = ()
    step: Decimal | None = None
    source: str = ""
    ratio: Decimal | None = None

    @property
    def kind_label(self) -> str:
        """The kind in words."""
        return KIND_LABELS[self.kind]

    @property
    def bands(self) -> tuple[tuple[str, str], ...]:
        """优良中差 of a judgement in its own points, as a guide; 以上 includes its number.

        None where the item's own rule says which points are given for what: two scales would disagree.
        """
        if self.kind is not ItemKind.JUDGEMENT or POINT_RANGE.search(self.deduct):
            return ()
        fine, good, fair = (f"{self.points * share:f}".rstrip("0").rstrip(".") for share in BANDS)
        return (
            ("优", f"{fine}—{self.points}"),
            ("良", f"{good} 以上不足 {fine}"),
            ("中", f"{fair} 以上不足 {good}"),
            ("差", f"不足 {fair}"),
        )


@dataclass(frozen=True, slots=True)
class Form:
    """One form as it is pinned in a version: its head, its items in order, its vetoes."""

    code: str
    name: str
    filled_by: str
    target: str
    note: str
    items: tuple[Item, ...]
    vetoes: tuple[str, ...]
    regimes: tuple[Regime, ...]

    def target_with(self, share: str = "") -> str:
        """评分对象 with its ``share`` of the score as a contract pins it.

        What the form itself prints in brackets is an example of a share: terms may say otherwise.
        """
        bare = self.target.partition("（")[0]
        return f"{bare}（{share}）" if share else bare

    @property
    def groups(self) -> tuple[tuple[str, Decimal, tuple[Item, ...]], ...]:
        """一级: each group with its points and its items, as the paper form spans them."""
        runs = ((name, tuple(items)) for name, items in groupby(self.items, key=lambda item: item.group))
        return tuple((name, sum((item.points for item in items), ZERO), items) for name, items in runs)


@dataclass(frozen=True, slots=True)
class FormFault:
    """What is wrong with a form: the path of the value, and the cause."""

    path: str
    cause: str

    def __str__(self) -> str:
        return f"{self.path}: {self.cause}"


class BadForm(ValueError):
    """A form that cannot be used; carries every fault."""

    def __init__(self, faults: Sequence[FormFault]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = tuple(faults)


_ITEM_KEYS: Final = {"group", "group_points", "item", "points", "full", "deduct", "kind"}
_MORE_KEYS: Final[dict[str, set[str]]] = {
    "deduct": {"deductions"},
    "judgement": {"step"},
    "folded": {"source", "ratio"},
    "objective": set(),
    "system": set(),
}
_FORM_KEYS: Final = {"code", "name", "filled_by", "target", "note", "total", "items", "vetoes", "regimes"}


class _Reader:
    """Reads plain data by path and gathers what is wrong, so that all of it is reported at once."""

    def __init__(self) -> None:
        self.faults: list[FormFault] = []

    def unless(self, wrong: object, path: str, cause: str) -> None:
        if wrong:
            self.faults.append(FormFault(path, cause))

    def number(self, raw: object, path: str) -> Decimal:
        """A decimal written as text, or a whole number."""
        try:
            return plain_decimal("" if isinstance(raw, bool | float) else str(raw))
        except ValueError:
            self.faults.append(FormFault(path, "不是数字"))
            return ZERO

    def text(self, raw: Mapping[str, Any], key: str, path: str, *, empty: bool = False) -> str:
        value = raw.get(key, "")
        self.unless(not isinstance(value, str) or not (value or empty), f"{path}.{key}", "缺少文字")
        return str(value)

    def keys(self, raw: Mapping[str, Any], allowed: set[str], path: str) -> None:
        for key in sorted(set(raw) - allowed):
            self.faults.append(FormFault(f"{path}.{key}", "不认识的内容"))


def _deduction(reader: _Reader, raw: Mapping[str, Any], path: str, points: Decimal) -> Deduction:
    reader.keys(raw, {"text", "each", "min", "max", "veto"}, path)
    least, most = reader.number(raw.get("min"), f"{path}.min"), reader.number(raw.get("max"), f"{path}.max")
    reader.unless(not ZERO < least <= most, path, "扣分应大于 0，下限不高于上限")
    reader.unless(most > points, path, "单项扣分超过该项分值")
    reader.unless(not isinstance(raw.get("each"), bool), f"{path}.each", "应为是或否")
    return Deduction(
        reader.text(raw, "text", path), bool(raw.get("each")), least, most, veto=bool(raw.get("veto", False))
    )


def _item(reader: _Reader, raw: Mapping[str, Any], path: str) -> Item | None:
    kind = raw.get("kind")
    if kind not in _MORE_KEYS:
        reader.unless(wrong=True, path=f"{path}.kind", cause="不认识的评分方式")
        return None
    reader.keys(raw, _ITEM_KEYS | _MORE_KEYS[kind], path)
    points = reader.number(raw.get("points"), f"{path}.points")
    reader.unless(points <= 0, f"{path}.points", "分值应大于 0")
    deductions = tuple(
        _deduction(reader, each, f"{path}.deductions[{place}]", points)
        for place, each in enumerate(raw.get("deductions", ()))
    )
    reader.unless(kind == "deduct" and not deductions, f"{path}.deductions", "没有扣分事项")
    step = reader.number(raw.get("step"), f"{path}.step") if kind == "judgement" else None
    reader.unless(step is not None and (not step or points % step), f"{path}.step", "分值不是步长的整数倍")
    ratio = reader.number(raw.get("ratio"), f"{path}.ratio") if kind == "folded" else None
    reader.unless(ratio is not None and ratio * FULL != points, f"{path}.ratio", "满分折算后应等于该项分值")
    return Item(
        group=reader.text(raw, "group", path),
        name=reader.text(raw, "item", path),
        points=points,
        full=reader.text(raw, "full", path, empty=True),
        deduct=reader.text(raw, "deduct", path, empty=True),
        kind=ItemKind(kind),
        deductions=deductions,
        step=step,
        source=reader.text(raw, "source", path) if kind == "folded" else "",
        ratio=ratio,
    )


def form_of(raw: Mapping[str, Any]) -> Form:
    """Read one form from plain data. Raises `BadForm` with every fault by its path."""
    reader = _Reader()
    path = str(raw.get("code", "form"))
    reader.keys(raw, _FORM_KEYS, path)
    items = [
        item
        for place, each in enumerate(raw.get("items", ()))
        if (item := _item(reader, each, f"{path}.items[{place}]"))
    ]
    total = sum((item.points for item in items), ZERO)
    reader.unless(total != FULL, f"{path}.items", f"各项分值合计应为 100，现为 {total}")
    reader.unless(reader.number(raw.get("total"), f"{path}.total") != FULL, f"{path}.total", "总分应为 100")
    _check_groups(reader, raw.get("items", ()), items, path)
    regimes = [each for each in raw.get("regimes", ()) if each in set(Regime)]
    reader.unless(
        not regimes or len(regimes) != len(raw.get("regimes", ())), f"{path}.regimes", "适用范围不明"
    )
    form = Form(
        code=reader.text(raw, "code", path),
        name=reader.text(raw, "name", path),
        filled_by=reader.text(raw, "filled_by", path),
        target=reader.text(raw, "target", path),
        note=reader.text(raw, "note", path, empty=True),
        items=tuple(items),
        vetoes=tuple(map(str, raw.get("vetoes", ()))),
        regimes=tuple(map(Regime, regimes)),
    )
    if reader.faults:
        raise BadForm(reader.faults)
    return form


def _check_groups(
    reader: _Reader, raw: Sequence[Mapping[str, Any]], items: Sequence[Item], path: str
) -> None:
    """A group's items stand together and add up to the points it names; no item stands twice in a group."""
    named = {each.get("group"): each.get("group_points") for each in raw}
    runs = [name for name, _ in groupby(items, key=lambda item: item.group)]
    reader.unless(len(runs) != len(set(runs)), f"{path}.items", "同一级指标的各项没有排在一起")
    for name, points in named.items():
        total = sum((item.points for item in items if item.group == name), ZERO)
        reader.unless(
            total != reader.number(points, f"{path}.{name}"), f"{path}.{name}", "一级指标分值与各项之和不符"
        )
    seen = [(item.group, item.name) for item in items]
    reader.unless(len(seen) != len(set(seen)), f"{path}.items", "同一级指标下有重复的指标")


def forms_of(raw: Sequence[Mapping[str, Any]]) -> tuple[Form, ...]:
    """Read a whole set of forms: each by itself, then that every folded item points at a form of the set.

    Raises `BadForm`.
    """
    forms = tuple(map(form_of, raw))
    codes = [form.code for form in forms]
    reader = _Reader()
    reader.unless(len(codes) != len(set(codes)), "forms", "有重复的评分表代码")
    for form in forms:
        for place, item in enumerate(form.items):
            astray = item.kind is ItemKind.FOLDED and item.source not in set(codes) - {form.code}
            reader.unless(astray, f"{form.code}.items[{place}].source", "折算的来源表不存在")
    if reader.faults:
        raise BadForm(reader.faults)
    return forms


def in_order(forms: Sequence[Any], code: Callable[[Any], str]) -> list[Any]:
    """Forms in the order of their use, from the plan to the expert; unknown ones last."""
    place = {each: number for number, each in enumerate(ORDER)}
    return sorted(forms, key=lambda form: (place.get(code(form), len(place)), code(form)))


ORDER: Final = (
    "QC_PLAN",
    "QC_REPORT",
    "KP_UNIT",
    "KP_FIN",
    "QC_LEADER",
    "QC_DAILY",
    "SELECT_SCORE",
    "PRE_EVAL",
    "EXPERT_PERF",
)
