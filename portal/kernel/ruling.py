"""A refusal is a value. Rules answer with a `Ruling`; nobody raises, nobody writes a sentence here."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Clause:
    """Where a rule comes from: a document (``source``) and, only where the text was read, its ``article``.

    A clause that is not ``sure`` is kept with the refusal but never shown to a user as law.
    """

    source: str
    article: str = ""
    sure: bool = True

    def __str__(self) -> str:
        return f"{self.source}{self.article}"


@dataclass(frozen=True, slots=True)
class Refusal:
    """One reason why not: a stable ``code`` of the form ``slice.snake``, its clause, and the numbers."""

    code: str
    clause: Clause | None = None
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ruling:
    """All refusals at once; truthy when there is none. ``a & b`` joins two rulings."""

    refusals: tuple[Refusal, ...] = ()

    def __bool__(self) -> bool:
        return not self.refusals

    def __and__(self, other: "Ruling") -> "Ruling":
        return Ruling(self.refusals + other.refusals)

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes, in the order in which the rules were asked."""
        return tuple(refusal.code for refusal in self.refusals)


ALLOWED = Ruling()


def unless(blocked: object, code: str, clause: Clause | None = None, **facts: object) -> Ruling:
    """Allowed unless ``blocked`` is true; then refused with ``code``, clause and facts."""
    return Ruling((Refusal(code, clause, facts),)) if blocked else ALLOWED
