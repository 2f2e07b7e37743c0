"""National < prefecture < tenant: who states which value, on what document, from which day on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from tenants.ruleset.keys import KEYS

NATIONAL = "national"


@dataclass(frozen=True, slots=True)
class Stated:
    """A value as one layer states it: stored ``text`` (empty unsets an optional key) and its document."""

    text: str
    source: str = ""
    article: str = ""
    effective_on: date | None = None

    def to_stored(self) -> dict[str, str]:
        """The statement as JSON data; what is not said is left out."""
        day = self.effective_on.isoformat() if self.effective_on else ""
        said = {"source": self.source, "article": self.article, "effective_on": day}
        return {"text": self.text} | {name: value for name, value in said.items() if value}

    @classmethod
    def from_stored(cls, stored: Mapping[str, str]) -> "Stated":
        """The statement that `to_stored` wrote."""
        day = stored.get("effective_on")
        return cls(
            stored["text"],
            stored.get("source", ""),
            stored.get("article", ""),
            date.fromisoformat(day) if day else None,
        )


@dataclass(frozen=True, slots=True)
class Layer:
    """The values one authority states; ``name`` tells which (`NATIONAL`, or a tenant's code)."""

    name: str
    values: Mapping[str, Stated] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Effective:
    """The value that holds for a key, and the layer that stated it."""

    stated: Stated
    layer: str


@dataclass(frozen=True, slots=True)
class Change:
    """One key that differs between two rule sets; None where it is unset."""

    key: str
    before: str | None
    after: str | None


def national() -> Layer:
    """The lowest layer: the national values of the register."""
    return Layer(
        NATIONAL,
        {
            name: Stated(
                key.kind.to_text(key.basis.value), key.basis.source, key.basis.article, key.basis.effective_on
            )
            for name, key in KEYS.items()
            if not key.optional
        },
    )


def merge(*layers: Layer, on: date | None = None) -> dict[str, Effective]:
    """What holds when each layer is laid over the one before it, in the order of the register.

    With ``on``, a tenant's value that takes effect later than that day is passed over; national values, which
    say since when a rule is law, hold in any case, so that no key is left without one.
    """
    top: dict[str, Effective] = {}
    for layer in layers:
        for name, stated in layer.values.items():
            later = on is not None and stated.effective_on is not None and stated.effective_on > on
            if not later or layer.name == NATIONAL:
                top[name] = Effective(stated, layer.name)
    return {name: top[name] for name in KEYS if name in top}


def texts(effective: Mapping[str, Effective]) -> dict[str, str]:
    """The stored form of what holds: key to canonical text, unset keys left out."""
    return {name: item.stated.text for name, item in effective.items() if item.stated.text}


def diff(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[Change, ...]:
    """The keys whose stored texts differ, in the order of the register."""
    return tuple(
        Change(name, before.get(name) or None, after.get(name) or None)
        for name in KEYS
        if (before.get(name) or None) != (after.get(name) or None)
    )
