"""What the entries of a sheet are worth: points per item, their sum, and what is still wrong or missing.

Entries are plain data that a browser, a column and a script hold alike:
``{"items": {"0": {"taken": [{"deduction": 0, "count": 2, "points": "1", "note": ""}], "reason": ""},
"12": {"points": "7.5", "reason": ""}}, "vetoes": {"1": "evidence"}}``. Keys are places in the form, points
are texts. An item nobody touched has lost nothing; a judgement nobody gave is missing.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from portal.kernel.exact import half_up, plain_decimal
from portal.scoresheet.rules.forms import ZERO, Form, Item, ItemKind

Entries = Mapping[str, Any]
EMPTY: Final[Entries] = {"items": {}, "vetoes": {}}
EXPLAINED: Final = Decimal("0.8")  # 失分超过 20 % 的评分项须写明理由
MOST_TIMES: Final = 99
PLACES: Final = 2
FACTS_BELOW: Final = {"KP_UNIT": Decimal(60)}  # 低于此分须逐项写明事实
LONGEST: Final = 1000


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a sheet cannot be handed in: where (``items.3.points``), the sentence's code, and its facts."""

    path: str
    code: str
    facts: Mapping[str, object]

    @property
    def place(self) -> int | None:
        """The item at fault, None for a veto."""
        kind, place, *_ = self.path.split(".")
        return int(place) if kind == "items" else None


@dataclass(frozen=True, slots=True)
class Taken:
    """A named deduction that was ticked: its place among the item's, how often, points each time, and why."""

    deduction: int
    count: int
    points: Decimal
    note: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """An item with what it got: None while nobody has given it points; ``fixed`` where nobody may."""

    place: int
    item: Item
    points: Decimal | None
    reason: str
    fixed: bool
    source: Decimal | None = None
    taken: tuple[Taken, ...] = ()

    @property
    def lost(self) -> Decimal:
        """The points this item did not get, as far as is known."""
        return ZERO if self.points is None else self.item.points - self.points

    @property
    def silent(self) -> bool:
        """Whether a deduction item keeps its full points because nobody wrote anything on it.

        It may mean 未发现 or 没有看: who fills the sheet says once that it is the former.
        """
        return not (self.fixed or self.lost or self.reason) and self.item.kind is ItemKind.DEDUCT


@dataclass(frozen=True, slots=True)
class Filled:
    """A sheet as far as it is filled."""

    lines: tuple[Line, ...]
    faults: tuple[Fault, ...]
    vetoes: Mapping[int, str]

    @property
    def points(self) -> Decimal:
        """The sum of the items as far as they are known, 0–100, exact."""
        return sum((line.points for line in self.lines if line.points is not None), ZERO)

    @property
    def total(self) -> Decimal:
        """总分: the sum, or 0 where an item of 一票否决 is ticked."""
        return ZERO if self.vetoes else self.points

    @property
    def missing(self) -> tuple[int, ...]:
        """The places of items without points."""
        return tuple(line.place for line in self.lines if line.points is None)

    @property
    def silent(self) -> tuple[int, ...]:
        """The places of items nobody wrote anything on, which keep their full points."""
        return tuple(line.place for line in self.lines if line.silent)

    @property
    def complete(self) -> bool:
        """Whether the sheet may be handed in."""
        return not self.missing and not self.faults

    def faults_at(self, place: int) -> list[Fault]:
        """What is wrong with one item."""
        return [fault for fault in self.faults if fault.place == place]


def fill(
    form: Form,
    entries: Entries,
    *,
    sources: Mapping[str, Decimal] | None = None,
    computed: Mapping[str, Decimal] | None = None,
) -> Filled:
    """What ``entries`` are worth on ``form``; never raises for what was typed, every fault is named.

    ``sources``: totals of other forms by code, folded by their ratio (half up, two places). ``computed``:
    points of objective and system items by the item's name, cut to its range; an objective item that nobody
    computed is filled in by hand, a folded or system item without its value is missing.
    """
    typed = _mapping(entries.get("items"))
    reading = _Reading(sources or {}, computed or {})
    lines = tuple(
        reading.line(place, item, _mapping(typed.get(str(place)))) for place, item in enumerate(form.items)
    )
    vetoes = reading.vetoes(form, _mapping(entries.get("vetoes")))
    if reading.veto_begun and form.vetoes and not vetoes:
        reading.faults.append(Fault("vetoes", "scoresheet.veto_unnamed", {}))
    reading.facts_below(FACTS_BELOW.get(form.code), lines)
    return Filled(lines, tuple(reading.faults), vetoes)


def _mapping(raw: object) -> Mapping[str, Any]:
    return raw if isinstance(raw, Mapping) else {}


def _number(raw: object) -> Decimal | None:
    """A plain decimal with at most two places, as a text; None for anything else."""
    try:
        number = plain_decimal(raw if isinstance(raw, str) else "")
    except ValueError:
        return None
    return number if number == round(number, PLACES) else None


class _Reading:
    """Reads the entries item by item and gathers what is wrong with them."""

    def __init__(self, sources: Mapping[str, Decimal], computed: Mapping[str, Decimal]) -> None:
        self.sources = sources
        self.computed = computed
        self.faults: list[Fault] = []
        self.veto_begun = False
        self.explained: set[int] = set()

    def line(self, place: int, item: Item, typed: Mapping[str, Any]) -> Line:
        """One item."""
        reason = str(typed.get("reason") or "").strip()[:LONGEST]
        if item.kind is ItemKind.FOLDED:
            source = self.sources.get(item.source)
            points = None if source is None else half_up(source * (item.ratio or ZERO))
            return Line(place, item, points, reason, fixed=True, source=source)
        if item.name in self.computed or item.kind is ItemKind.SYSTEM:
            known = self.computed.get(item.name)
            points = None if known is None else min(max(known, ZERO), item.points)
            return Line(place, item, points, reason, fixed=True)
        taken: tuple[Taken, ...] = ()
        if item.kind is ItemKind.DEDUCT:
            taken = tuple(self._taken(place, item, typed))
            lost = sum((each.points * each.count for each in taken), ZERO)
            points = max(item.points - lost, ZERO)
        else:
            points = self._given(place, item, typed)
        if reason:
            self.explained.add(place)
        if points is not None and points < item.points * EXPLAINED and place not in self.explained:
            self._fault(f"items.{place}.reason", "scoresheet.reason_missing", item=item.name)
        return Line(place, item, points, reason, fixed=False, taken=taken)

    def _taken(self, place: int, item: Item, typed: Mapping[str, Any]) -> Iterator[Taken]:
        """The ticked deductions; what they take is cut off at zero points only by the item."""
        taken = typed.get("taken")
        for each in taken if isinstance(taken, list) else ():
            row = _mapping(each)
            index, count = row.get("deduction", -1), row.get("count", "")
            path = f"items.{place}.taken.{index}"
            counted = isinstance(count, int) and not isinstance(count, bool)
            if not isinstance(index, int) or not 0 <= index < len(item.deductions) or not counted:
                self._fault(path, "scoresheet.unreadable", item=item.name)
                continue
            deduction = item.deductions[index]
            most = MOST_TIMES if deduction.each else 1
            if not 0 <= count <= most:
                self._fault(path, "scoresheet.count", item=item.name, deduction=deduction.text, most=most)
                continue
            if not count:
                continue
            points = _number(row.get("points"))
            if points is None or not deduction.least <= points <= deduction.most:
                self._fault(
                    path,
                    "scoresheet.deduction_points",
                    item=item.name,
                    deduction=deduction.text,
                    least=deduction.least,
                    most=deduction.most,
                )
                continue
            self.veto_begun |= deduction.veto
            note = str(row.get("note") or "").strip()[:LONGEST]
            if note:
                self.explained.add(place)
            yield Taken(index, count, points, note)

    def _given(self, place: int, item: Item, typed: Mapping[str, Any]) -> Decimal | None:
        """The points of a judgement, in its steps; of an objective item filled in by hand, to two places."""
        raw = typed.get("points")
        if raw is None or raw == "":
            return None
        points = _number(raw)
        if points is None or points > item.points or (item.step and points % item.step):
            self._fault(
                f"items.{place}.points",
                "scoresheet.points",
                item=item.name,
                most=item.points,
                step=item.step or Decimal("0.01"),
            )
            return None
        return points

    def vetoes(self, form: Form, typed: Mapping[str, Any]) -> dict[int, str]:
        """The items of 一票否决 that are ticked, with their evidence."""
        ticked: dict[int, str] = {}
        for key, evidence in typed.items():
            place = int(key) if key.isascii() and key.isdigit() else len(form.vetoes)
            if place >= len(form.vetoes):
                self._fault(f"vetoes.{key}", "scoresheet.unreadable", item=key)
                continue
            ticked[place] = str(evidence or "").strip()[:LONGEST]
            if not ticked[place]:
                self._fault(f"vetoes.{key}", "scoresheet.veto_evidence", veto=form.vetoes[place])
        return ticked

    def facts_below(self, limit: Decimal | None, lines: tuple[Line, ...]) -> None:
        """Below the form's limit every loss is explained, however small."""
        total = sum((line.points for line in lines if line.points is not None), ZERO)
        if limit is None or total >= limit or any(line.points is None for line in lines):
            return
        told = {fault.path for fault in self.faults}
        for line in lines:
            path = f"items.{line.place}.reason"
            if line.lost > 0 and not line.fixed and line.place not in self.explained and path not in told:
                self._fault(path, "scoresheet.fact_missing", item=line.item.name, limit=limit)

    def _fault(self, path: str, code: str, **facts: object) -> None:
        self.faults.append(Fault(path, code, facts))


@dataclass(frozen=True, slots=True)
class Merge:
    """Two tabs joined: the entries, and the keys where both changed the same item and ``mine`` was kept."""

    entries: Entries
    conflicts: tuple[str, ...]


def merge(base: Entries, mine: Entries, theirs: Entries) -> Merge:
    """Join what two tabs made of ``base``, item by item; the tab that saves now wins a clash."""
    joined: dict[str, dict[str, Any]] = {}
    conflicts: list[str] = []
    for part in ("items", "vetoes"):
        old, own, other = (_mapping(each.get(part)) for each in (base, mine, theirs))
        joined[part] = {}
        for key in sorted({*old, *own, *other}, key=lambda each: (len(each), each)):
            was, now, there = old.get(key), own.get(key), other.get(key)
            kept = there if now == was else now
            if kept is not None:
                joined[part][key] = kept
            if was not in (now, there) and now != there:
                conflicts.append(f"{part}.{key}")
    return Merge(joined, tuple(conflicts))


def lead_days_points(present: int, agreed: int, points: Decimal) -> Decimal:
    """现场到岗: days present ÷ days agreed × the item's points, at most those; half up, two places.

    Raises ``ValueError`` unless some days were agreed.
    """
    if agreed <= 0 or present < 0:
        msg = "days on site are counted from zero, of at least one agreed"
        raise ValueError(msg)
    return min(half_up(Fraction(present, agreed) * Fraction(points)), points)
