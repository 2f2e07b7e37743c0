"""How a figure came about: inputs, formula, steps, result and rules, for a page and for a script."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Derivation:
    """One figure. ``inputs`` are (label, value as shown, source); ``values`` are exact, for recomputation."""

    name: str
    result: str
    formula: str
    inputs: Sequence[tuple[str, str, str]]
    values: dict[str, object]
    rule_set: str
    by: str
    at: datetime
    steps: Sequence[str] = ()
    rule_set_url: str = ""
    json_url: str = ""

    def as_plain(self) -> dict[str, object]:
        """What a stranger's script reads."""
        return {
            "name": self.name,
            "formula": self.formula,
            "inputs": self.values,
            "result": self.result,
            "rule_set": self.rule_set,
            "by": self.by,
            "at": self.at,
        }
