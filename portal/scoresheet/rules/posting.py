"""A sheet as fields of a page: how each is called, what it shows, and what was posted as entries again."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from portal.kernel.clock import SHANGHAI
from portal.scoresheet.rules.filling import EMPTY, Entries, Filled, Line, Merge
from portal.scoresheet.rules.forms import Deduction, Form, ItemKind
from portal.wording import sentence

_FULL_WIDTH = str.maketrans("０１２３４５６７８９．。", "0123456789..")


@dataclass(frozen=True, slots=True)
class Taken:
    """A deduction as a line of the page: its two fields, and what stands in them."""

    deduction: Deduction
    name: str
    count: str
    points: str

    @property
    def fixed(self) -> bool:
        """Whether the points are the form's, not the filler's."""
        return self.deduction.least == self.deduction.most

    @property
    def said(self) -> str:
        """As a filled form prints it."""
        times = f"×{self.count}" if self.deduction.each else ""
        return f"{self.deduction.text}扣{self.points}分{times}"


@dataclass(frozen=True, slots=True)
class Row:
    """An item as the page shows it; ``wanting`` says that it has no points yet, empty where it has."""

    line: Line
    name: str
    taken: tuple[Taken, ...]
    points: str
    reason: str
    faults: tuple[str, ...]
    wanting: str

    @property
    def kind(self) -> str:
        """How it is filled: ``fixed`` by the system, by ``deduct``ions, or by ``points`` typed."""
        if self.line.fixed:
            return "fixed"
        return "deduct" if self.line.item.kind is ItemKind.DEDUCT else "points"


@dataclass(frozen=True, slots=True)
class Veto:
    """An item of 一票否决 as the page shows it."""

    name: str
    text: str
    ticked: bool
    evidence: str


@dataclass(frozen=True, slots=True)
class Laid:
    """A whole sheet laid out: groups of rows, vetoes, what is wrong, and what was shown as plain text."""

    form: Form
    filled: Filled
    groups: tuple[tuple[str, Decimal, tuple[Row, ...]], ...]
    vetoes: tuple[Veto, ...]
    faults: tuple[tuple[str, str], ...]
    base: str


def laid_out(form: Form, entries: Entries, filled: Filled) -> Laid:
    """The sheet for a page; ``base`` goes with it and comes back, so that two tabs can be joined."""
    fields = fields_of(form, entries)
    faults: dict[int | None, list[str]] = {}
    for fault in filled.faults:
        faults.setdefault(fault.place, []).append(sentence(fault.code, fault.facts))
    missing = {place: _wanting(filled.lines[place]) for place in filled.missing if place not in faults}
    rows = iter(
        [_row(line, fields, faults.get(line.place, []), missing.get(line.place, "")) for line in filled.lines]
    )
    groups = tuple((name, points, tuple(next(rows) for _ in items)) for name, points, items in form.groups)
    vetoes = tuple(
        Veto(f"v{place}", text, f"v{place}" in fields, fields.get(f"v{place}-evidence", ""))
        for place, text in enumerate(form.vetoes)
    )
    listed = [
        (f"i{place}" if place is not None else "vetoes", text)
        for place, texts in sorted(faults.items(), key=lambda each: (each[0] is None, each[0] or 0))
        for text in texts
    ]
    wanted = [(f"i{place}", text) for place, text in missing.items()]
    return Laid(form, filled, groups, vetoes, (*wanted, *listed), _plain(entries))


def _wanting(line: Line) -> str:
    code = "scoresheet.source_missing" if line.fixed else "scoresheet.not_given"
    return sentence(code, {"item": line.item.name})


def _row(line: Line, fields: Mapping[str, str], faults: list[str], wanting: str) -> Row:
    name = f"i{line.place}"
    taken = tuple(
        Taken(
            each,
            f"{name}-d{index}",
            fields.get(f"{name}-d{index}", ""),
            fields.get(f"{name}-d{index}-points", f"{each.least}"),
        )
        for index, each in enumerate(line.item.deductions)
    )
    return Row(line, name, taken, fields.get(f"{name}-points", ""), line.reason, tuple(faults), wanting)


def fields_of(form: Form, entries: Entries) -> dict[str, str]:
    """The fields of a page that are not empty, by name, from entries."""
    return dict(_fields(form, entries))


def _fields(form: Form, entries: Entries) -> Iterator[tuple[str, str]]:
    for key, typed in entries.get("items", {}).items():
        if not key.isdigit() or int(key) >= len(form.items):
            continue
        for each in typed.get("taken", ()):
            yield f"i{key}-d{each['deduction']}", str(each["count"])
            yield f"i{key}-d{each['deduction']}-points", str(each["points"])
        if typed.get("points"):
            yield f"i{key}-points", str(typed["points"])
        if typed.get("reason"):
            yield f"i{key}-reason", str(typed["reason"])
    for key, evidence in entries.get("vetoes", {}).items():
        yield f"v{key}", "1"
        yield f"v{key}-evidence", str(evidence)


def entries_read(form: Form, fields: Mapping[str, str]) -> Entries:
    """Entries from the fields of a posted page, in one shape only; what cannot be read stays as typed."""
    items: dict[str, Any] = {}
    for place, item in enumerate(form.items):
        name = f"i{place}"
        taken = [
            {
                "deduction": index,
                "count": _count(fields.get(f"{name}-d{index}", "")),
                "points": _points(fields.get(f"{name}-d{index}-points", ""), each),
                "note": "",
            }
            for index, each in enumerate(item.deductions)
            if _count(fields.get(f"{name}-d{index}", "")) != 0
        ]
        typed: dict[str, Any] = {
            "taken": taken,
            "points": "" if item.deductions else _plain_number(fields.get(f"{name}-points", "")),
            "reason": _lines(fields.get(f"{name}-reason", "")),
        }
        kept = {key: value for key, value in typed.items() if value}
        if kept:
            items[str(place)] = kept
    vetoes = {
        str(place): _lines(fields.get(f"v{place}-evidence", ""))
        for place in range(len(form.vetoes))
        if fields.get(f"v{place}")
    }
    return {"items": items, "vetoes": vetoes}


def _plain_number(text: str) -> str:
    return text.strip().translate(_FULL_WIDTH)


def _count(text: str) -> int | str:
    plain = _plain_number(text)
    if not plain:
        return 0
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) < 6 else plain  # noqa: PLR2004


def _points(text: str, deduction: Deduction) -> str:
    return _plain_number(text) or f"{deduction.least}"


def _lines(text: str) -> str:
    return "\n".join(text.strip().splitlines())


def _plain(entries: Entries) -> str:
    return json.dumps(entries, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def typed_base(fields: Mapping[str, str]) -> Entries:
    """What the page had shown when typing began; nothing where it carries none that can be read."""
    try:
        base = json.loads(fields.get("base", ""))
    except ValueError:
        return EMPTY
    whole = isinstance(base, dict) and all(isinstance(base.get(part), dict) for part in EMPTY)
    return base if whole else EMPTY


def draft_answer(form: Form, mine: Entries, joined: Merge, filled: Filled, *, at: datetime) -> dict[str, Any]:
    """What `sheet.js` is told after an autosave: when, the sums, what is wrong, what another tab changed."""
    own, now = fields_of(form, mine), fields_of(form, joined.entries)
    laid = laid_out(form, joined.entries, filled)
    return {
        "saved_at": at.astimezone(SHANGHAI).strftime("%H:%M:%S"),
        "base": laid.base,
        "fields": {name: now.get(name, "") for name in {*own, *now} if own.get(name) != now.get(name)},
        "points": {str(line.place): _told(line.points) for line in filled.lines},
        "total": _told(filled.total),
        "open": len({place for place, _ in laid.faults}),
        "faults": [list(each) for each in laid.faults],
        "clash": bool(joined.conflicts),
    }


def _told(points: Decimal | None) -> str:
    return "" if points is None else f"{points.normalize():f}"
