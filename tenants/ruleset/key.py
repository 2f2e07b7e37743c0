"""One value of a rule set: what it is called, how it is written, and how well its source is known."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from portal.kernel.ruling import Clause
from tenants.ruleset.groups import Reach
from tenants.ruleset.kinds import Kind, Ratio


class Mark(StrEnum):
    """依据的可靠程度: how well a value's source is known."""

    READ = "read"
    KNOWN = "known"
    VERIFY = "verify"
    SEED = "seed"
    DESIGN = "design"


@dataclass(frozen=True, slots=True)
class Basis:
    """依据: the document behind a national value, and its limits; no ``value`` where nobody can know it."""

    mark: Mark
    value: Any = None
    source: str = ""
    article: str = ""
    effective_on: date | None = None
    floor: Any = None
    ceiling: Any = None

    @property
    def clause(self) -> Clause | None:
        """The clause to show beside a rule; None for everything that is not known to be law."""
        return Clause(self.source, self.article) if self.mark in {Mark.READ, Mark.KNOWN} else None

    def __str__(self) -> str:
        if self.clause:
            return str(self.clause)
        if self.mark is Mark.SEED:
            return f"地方做法：{self.source}"
        return "本系统建议值（依据待核对）" if self.mark is Mark.VERIFY else "本系统建议值"


@dataclass(frozen=True, slots=True)
class Key:
    """One value of a rule set; ``name`` is ``group.key``, ``field`` its name in the group's dataclass."""

    name: str
    label: str
    note: str
    kind: Kind
    unit: str = ""
    field: str = ""
    needed: bool = False
    basis: Basis = Basis(Mark.DESIGN)

    @property
    def group(self) -> str:
        """The group, as named in `RuleSet`."""
        return self.name.partition(".")[0]

    @property
    def attribute(self) -> str:
        """The field of the group's dataclass."""
        return self.field or self.name.partition(".")[2]

    @property
    def optional(self) -> bool:
        """Whether the value may stay unset: it has no national default."""
        return self.basis.value is None

    def shown(self, value: object) -> str:
        """A value as people read it, with its unit; 不设 for None."""
        if value is None:
            return "不设"
        return f"{self.kind.to_form(value)} {self.unit}".strip()

    def beyond(self, value: Any) -> str:
        """The sentence for a value outside the national limits, or nothing."""
        low, high = (value.low, value.high) if isinstance(value, Reach) else (value, value)
        floor, ceiling = self.basis.floor, self.basis.ceiling
        limit = Ratio() if isinstance(value, Reach) else self.kind
        if floor is not None and low < floor:
            return f"不得低于 {limit.to_form(floor)} {self.unit}".rstrip() + f"（{self.basis}）。"
        if ceiling is not None and high > ceiling:
            return f"不得高于 {limit.to_form(ceiling)} {self.unit}".rstrip() + f"（{self.basis}）。"
        return ""
