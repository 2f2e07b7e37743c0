"""分歧: how far apart the experts of one deliverable lie. The organiser reads it; it changes no score."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final
from uuid import UUID

from portal.kernel.exact import half_up, mean
from portal.kernel.score import ZERO
from portal.quality.rules.results import Counted
from portal.quality.rules.scores import Stage

FAR: Final = Decimal(15)
APART: Final = Decimal("0.4")
MANY: Final = 3


@dataclass(frozen=True, slots=True)
class ItemSpread:
    """An item on which the points of two experts differ by more than ``APART`` of what it is worth."""

    name: str
    points: Decimal
    low: Decimal
    high: Decimal


@dataclass(frozen=True, slots=True)
class Spread:
    """The totals of one deliverable, 0–100: lowest, mean, highest; who is furthest off, and by how much."""

    subject: UUID
    stage: Stage
    low: Decimal
    mean: Decimal
    high: Decimal
    seat: UUID
    off: Decimal
    items: tuple[ItemSpread, ...]

    @property
    def is_wide(self) -> bool:
        """One expert is more than ``FAR`` points off the mean, or they are apart on ``MANY`` items."""
        return abs(self.off) > FAR or len(self.items) >= MANY


def spread(sheets: Sequence[Counted]) -> Spread | None:
    """How far apart the sheets of one deliverable lie; None for fewer than two."""
    if len(sheets) < 2:  # noqa: PLR2004 -- one is not apart from anybody
        return None
    totals = [each.total for each in sheets]
    middle = mean(totals)
    furthest = max(sheets, key=lambda each: (abs(Fraction(each.total) - middle), each.total))
    return Spread(
        sheets[0].subject,
        sheets[0].stage,
        min(totals),
        half_up(middle),
        max(totals),
        furthest.seat,
        half_up(Fraction(furthest.total) - middle),
        tuple(_items(sheets)),
    )


def spreads(subjects: Sequence[Mapping[str, object]], sheets: Sequence[Counted]) -> list[Spread]:
    """One for each deliverable of each subject that two experts scored, in the order of the round."""
    found = [
        spread([each for each in sheets if str(each.subject) == subject["id"] and each.stage is stage])
        for subject in subjects
        for stage in Stage
    ]
    return [each for each in found if each is not None]


def _items(sheets: Sequence[Counted]) -> list[ItemSpread]:
    apart = []
    for place, line in enumerate(sheets[0].worth.lines):
        given = [each.worth.lines[place].points or ZERO for each in sheets]
        if max(given) - min(given) > line.item.points * APART:
            apart.append(ItemSpread(line.item.name, line.item.points, min(given), max(given)))
    return apart
